"""The keeper's queue, as pages and over the API."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from datasets.models import Release
from tests.factories import DatasetFactory, MembershipFactory, ReleaseFactory

pytestmark = pytest.mark.django_db


def text_of(response):
    return " ".join(response.content.decode().split())


def test_the_queue_is_empty_in_words(page, hospitals):
    assert "Nothing waits for you." in text_of(page(hospitals.asker).get("/releases/"))


def test_the_queue_shows_the_output_the_reason_and_what_stays(page, hospitals):
    hospitals.bring("Cleveland")
    analysis = hospitals.ask(purpose="For the ward’s report.")
    release = analysis.releases.get()
    reader = page(hospitals.keepers["Cleveland"])
    assert f'href="/releases/{release.pk}/"' in text_of(reader.get("/releases/"))
    html = text_of(reader.get(f"/releases/{release.pk}/"))
    for said in (
        "How old are they?",
        "Ada Asker",
        "For the ward’s report.",
        "120 rows hold 1 variable",
        "a person releases each output of these data",
        "Groups, levels and counts of at least 5 people.",
        "What stays here",
        "The rules held nothing of this output back.",
        "at least three organisations",
    ):
        assert said in html, said
    assert 'value="in_part"' not in html


def test_the_page_of_the_dataset_and_home_lead_to_the_queue(page, project, lead):
    keeper = MembershipFactory(project=project, role="contributor").user
    dataset = DatasetFactory(project=project, access="summaries", created_by=keeper)
    ReleaseFactory(dataset=dataset, analysis__project=project, analysis__title="How old?")
    url = dataset.get_absolute_url()
    queue = f"/releases/?dataset={dataset.pk}"
    html = text_of(page(keeper).get(url))
    assert queue in html
    assert "1 output waits for you" in html
    assert 'href="/releases/"' in text_of(page(keeper).get("/"))
    assert "How old?" in text_of(page(keeper).get(queue))
    assert queue not in text_of(page(lead).get(url))
    assert 'href="/releases/"' not in text_of(page(lead).get("/"))


def test_the_page_decides(page, hospitals):
    hospitals.bring("Cleveland")
    release = hospitals.ask().releases.get()
    reader = page(hospitals.keepers["Cleveland"])
    url = f"/releases/{release.pk}/"
    refused = reader.post(url, {"decision": "withhold", "reason": ""})
    assert refused.status_code == 422
    assert "Say why: whoever asked reads it." in text_of(refused)
    assert reader.post(url, {"decision": "in_part"}).status_code == 422
    assert reader.post(url, {}).status_code == 422
    done = reader.post(url, {"decision": "withhold", "reason": "Too few women."})
    assert done["Location"] == "/releases/"
    release.refresh_from_db()
    assert (release.outcome, release.reason) == ("refused", "Too few women.")
    html = text_of(reader.get(url))
    assert "Too few women." in html
    assert 'name="decision"' not in html


def test_somebody_else_decided_meanwhile(page, hospitals, lead):
    hospitals.bring("Cleveland", "controlled")
    release = hospitals.ask().releases.get()
    url = f"/releases/{release.pk}/"
    assert page(lead).post(url, {"decision": "release"}).status_code == 302
    keeper = page(hospitals.keepers["Cleveland"])
    assert keeper.post(url, {"decision": "release"}).status_code == 422
    assert "Lea Lead" in text_of(keeper.get(url))
    release.refresh_from_db()
    assert release.decided_by == lead


def test_a_second_person_sees_the_output_and_not_what_stays(page, hospitals, lead):
    hospitals.bring("Cleveland", policy="two_persons")
    release = hospitals.ask().releases.get()
    url = f"/releases/{release.pk}/"
    assert page(lead).get(url).status_code == 404
    keeper = page(hospitals.keepers["Cleveland"])
    assert keeper.post(url, {"decision": "release"}).status_code == 302
    assert "It is the turn of Lea Lead." in text_of(page(hospitals.keepers["Cleveland"]).get(url))
    html = text_of(page(lead).get(url))
    assert "120 rows hold 1 variable" in html
    assert "What stays here" not in html
    assert page(lead).post(url, {"decision": "release"}).status_code == 302
    release.refresh_from_db()
    assert release.outcome == "released"


def test_the_call_lists_shows_and_decides(api, hospitals, lead):
    hospitals.bring("Cleveland")
    analysis = hospitals.ask(purpose="For a talk.")
    call = api(hospitals.keepers["Cleveland"])
    (line,) = call.get("/api/v1/releases/?outcome=held").data["results"]
    assert (line["analysis"], line["site"], line["purpose"]) == (
        analysis.pk,
        "Cleveland",
        "For a talk.",
    )
    assert call.get("/api/v1/releases/?outcome=released").data["results"] == []
    assert api(lead).get("/api/v1/releases/").data["results"] == []
    url = f"/api/v1/releases/{line['id']}/"
    shown = call.get(url).data
    assert shown["decisions"] == ["release", "withhold"]
    assert shown["result"]["rows"] == 120
    assert shown["kept_back"] == []
    refused = call.post(f"{url}decide/", {"decision": "withhold"}, format="json")
    assert refused.status_code == 400
    assert [one["field"] for one in refused.data["errors"]] == ["reason"]
    done = call.post(f"{url}decide/", {"decision": "release"}, format="json")
    assert (done.status_code, done.data["outcome"]) == (200, "released")
    again = call.post(f"{url}decide/", {"decision": "release"}, format="json")
    assert (again.status_code, again.data["code"]) == (409, "already_decided")


def many(hospitals, count):
    dataset = hospitals.dataset("Cleveland")
    ReleaseFactory.create_batch(
        count, dataset=dataset, analysis__project=hospitals.project, outcome="held"
    )


@pytest.mark.parametrize("address", ["/releases/", "/api/v1/releases/"])
def test_the_queue_asks_the_database_as_often_for_a_hundred(api, page, hospitals, address):
    hospitals.bring("Cleveland")
    keeper = hospitals.keepers["Cleveland"]
    client = (api if address.startswith("/api") else page)(keeper)
    numbers = []
    for more in (1, 9, 90):
        many(hospitals, more)
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        numbers.append(len(asked))
    assert Release.objects.count() == 100
    assert len(set(numbers)) == 1, numbers
    assert numbers[0] <= 12


@pytest.mark.parametrize("rules", ["standard", "strict", "sums_only"])
def test_where_rules_are_chosen_they_are_read(page, hospitals, rules):
    hospitals.bring("Cleveland")
    keeper = page(hospitals.keepers["Cleveland"])
    dataset = hospitals.dataset("Cleveland")
    html = text_of(keeper.get(f"{dataset.get_absolute_url()}edit/"))
    assert "The rules of each profile" in html
    assert "Rules alone keep the curious away." in html
    assert "Fewest people behind any number" in html
    sent = {
        "site": dataset.site.pk,
        "title": dataset.title,
        "access": "summaries",
        "threshold": 5,
        "disclosure_rules": rules,
    }
    assert keeper.post(f"{dataset.get_absolute_url()}edit/", sent).status_code == 302
    dataset.refresh_from_db()
    # A form sent without it changes nothing of who releases.
    assert (dataset.disclosure_rules, dataset.release_policy) == (rules, "person")
