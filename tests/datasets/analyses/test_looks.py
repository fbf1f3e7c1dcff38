"""An estimate whose checks fail is hidden until somebody looks, by name and with a reason."""

import pytest

from datasets.analyses import actions as analyses
from members.models import AuditEvent
from portal.common.exceptions import InvalidTransition, NotAllowed
from portal.jobs.running import claim_and_run
from tests.datasets.analyses.test_result_page import AGES, shifted, study, text_of
from tests.factories import MembershipFactory, UserFactory
from tests.factories.analyses import job_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lease_is_extended")]


def test_an_estimate_whose_checks_fail_is_looked_at_by_name_and_with_a_reason(page, lead, project):
    reader = MembershipFactory(project=project, role="reader").user
    thin = [age if k in (1, 5, 6, 10, 12) else None for k, age in enumerate(AGES)]
    analysis = study(project, lead, shifted(0) | {"Hue": thin, "Lima": thin})
    url = f"/analyses/{analysis.pk}/"
    estimate = "resting pulse was"
    places = [url, f"/projects/{project.slug}/analyses/", f"/projects/{project.slug}/"]
    for person in (lead, reader):
        for place in places:
            shown = page(person).get(place).text
            assert estimate not in shown, place
            assert "resting pulse hardly differed" not in shown, place
            # Why stands there instead; who reads no rows is not told how many lack a value.
            assert ("46% of all rows lack a value" in shown) is (person == lead), place
        html = page(person).get(url).text
        for part in ("for-h", "one-h"):
            assert part not in html, "no figure and no table of it either"
        assert page(person).get(f"{url}tables/coefficients.csv").status_code == 404
        assert "coefficients.csv" not in html
    assert 'name="reason"' not in page(reader).get(url).text
    with pytest.raises(NotAllowed):
        analyses.look(analysis=analysis, reason="Because.", by=reader)
    asker = MembershipFactory(project=project, role="contributor").user
    refused = page(asker).post(f"{url}look/", {"reason": "  "})
    assert refused.status_code == 422
    assert "Say why: your words stay with the answer." in refused.text
    assert estimate not in refused.text
    done = page(asker).post(f"{url}look/", {"reason": "To plan the next study."})
    assert done["Location"] == f"{url}#ans-h"
    for place in places:
        for person in (lead, reader):
            # To the reader it is told rounded, and is 0.
            told = estimate if person == lead else "resting pulse hardly differed"
            assert told in page(person).get(place).text, place
    html = text_of(page(lead).get(url).text)
    assert f"{asker.name} looked on" in html
    assert "To plan the next study." in html
    assert page(lead).get(f"{url}tables/coefficients.csv").status_code == 200
    event = AuditEvent.objects.get(action="analysis.looked_at")
    assert (event.actor_id, event.after) == (asker.pk, {"look": analysis.looks.get().pk})


def test_who_looks_over_the_api_says_why_as_on_the_page(api, page, lead, project):
    reader = MembershipFactory(project=project, role="reader").user
    thin = [age if k in (1, 5, 6, 10, 12) else None for k, age in enumerate(AGES)]
    analysis = study(project, lead, shifted(0) | {"Hue": thin, "Lima": thin})
    url = f"/api/v1/analyses/{analysis.pk}/"
    assert api(reader).get(url).data["looks"] == []
    body = {"reason": "To plan the next study."}
    assert api(reader).post(f"{url}look/", body).status_code == 403
    for empty in ({}, {"reason": "  "}):
        refused = api(lead).post(f"{url}look/", empty)
        assert refused.status_code == 400
        assert [one["field"] for one in refused.json()["errors"]] == ["reason"]
    made = api(lead).post(f"{url}look/", body)
    assert made.status_code == 201
    for looks in (made.data["looks"], api(reader).get(url).data["looks"]):
        [one] = looks
        assert (one["created_by"], one["reason"]) == (lead.name, body["reason"])
    assert "resting pulse hardly differed" in page(reader).get(f"/analyses/{analysis.pk}/").text


def test_the_answer_in_words_is_a_call_s_as_well(api, lead, project):
    fine = study(project, lead, shifted(0, 5, 9))
    read = api(lead).get(f"/api/v1/analyses/{fine.pk}/").data
    assert read["sentence"] == read["result"]["answer"]["text"] != ""
    inputs = [{"dataset": one["dataset"], "version": one["version"]} for one in read["inputs"]]
    described = analyses.start(
        project=project,
        title="How old?",
        method="describe",
        inputs=inputs,
        parameters={"variables": ["age"], "by": None},
        by=lead,
    )
    assert api(lead).get(f"/api/v1/analyses/{described.pk}/").data["sentence"] == ""
    assert claim_and_run(job_of(described).pk)
    described.refresh_from_db()
    said = api(lead).get(f"/api/v1/analyses/{described.pk}/").data["sentence"]
    assert said == "48 rows hold 1 variable."


def test_nothing_is_looked_at_over_the_api_where_nothing_is_hidden(api, lead, project):
    url = f"/api/v1/analyses/{study(project, lead, shifted(0, 5, 9)).pk}/"
    assert api(lead).post(f"{url}look/", {"reason": "Why not?"}).status_code == 409
    assert api(lead).get(url).data["looks"] == []


def test_only_who_may_ask_looks_and_only_where_checks_fail(page, lead, project):
    fine = study(project, lead, shifted(0, 5, 9))
    with pytest.raises(InvalidTransition):
        analyses.look(analysis=fine, reason="Why not?", by=lead)
    stranger = UserFactory()
    with pytest.raises(NotAllowed):
        analyses.look(analysis=fine, reason="Why not?", by=stranger)


def test_of_several_reasons_each_is_a_sentence_of_its_own(page, lead, project):
    thin = [age if k in (1, 5, 6, 10, 12) else None for k, age in enumerate(AGES)]
    analysis = study(project, lead, {"Oslo": thin, "Hue": [None] * len(AGES)})
    html = page(lead).get(f"/analyses/{analysis.pk}/").text
    reasons = html.split('class="answer-sentence"')[1].split("</p>")[0]
    assert reasons.count("<strong>") > 1
    assert "</strong><strong>" not in reasons
