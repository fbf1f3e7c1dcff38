"""What was held for a site and released brings a run with it: that becomes the answer, and who
released their share of the first run is not asked once more."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from datasets.analyses import actions as analyses
from datasets.analyses.result import newest_answer
from datasets.datasets import actions as datasets
from datasets.domains import actions as domains
from members.models import Notification
from projects.models import StudySite
from tests.datasets.releases.conftest import REGRESSION, decide, inbox
from tests.pages import text_at

pytestmark = pytest.mark.django_db

AGES = {"variables": ["age"]}


@pytest.fixture
def first(hospitals):
    """Cleveland's share is held, a person of Rome is to release theirs, Oslo's is open."""
    for name, access in (("Cleveland", "summaries"), ("Rome", "summaries"), ("Oslo", "project")):
        hospitals.bring(name, access)
    hospitals.ask("Cleveland", method="regression", parameters=REGRESSION)
    hospitals.one_more("Cleveland")
    return hospitals.ask(method="regression", parameters=REGRESSION)


@pytest.fixture
def fuller(hospitals, first):
    """The run with Cleveland's share, once everybody released theirs."""
    decide(hospitals, first, name="Rome")
    decide(hospitals, first, name="Cleveland")
    return hospitals.run(first.reruns.get())


def share(hospitals, analysis, name):
    return analysis.releases.get(dataset=hospitals.dataset(name))


def told(api, user, analysis):
    return api(user).get(f"/api/v1/analyses/{analysis.pk}/").data


@pytest.mark.parametrize("before", [True, False], ids=["released before", "released after"])
def test_one_release_is_enough_for_the_runs_without_and_with_a_site(hospitals, first, before):
    if before:
        decide(hospitals, first, name="Rome")
    decide(hospitals, first, name="Cleveland")
    again = hospitals.run(first.reruns.get())
    if not before:
        (asked,) = inbox(hospitals.keepers["Rome"])
        assert asked, "of one output keepers hear once"
        decide(hospitals, first, name="Rome")
    assert {one.outcome for one in again.releases.all()} == {"released"}
    assert share(hospitals, again, "Rome").decided_by == hospitals.keepers["Rome"]
    assert inbox(hospitals.keepers["Rome"]) == []


@pytest.mark.parametrize("decision", ["release", "withhold"])
def test_one_word_is_enough_for_a_run_that_began_meanwhile(hospitals, decision):
    hospitals.bring("Cleveland")
    analysis = hospitals.ask()
    colleague = hospitals.keepers["Cleveland"]
    again = hospitals.run(analyses.rerun(analysis=analysis, by=colleague))
    assert len(inbox(colleague, kind="release.held")) == 1
    decide(hospitals, analysis, decision)
    outcome = {"release": "released", "withhold": "refused"}[decision]
    assert again.releases.get().outcome == outcome
    assert inbox(colleague, kind="release.held") == []
    lines = inbox(colleague, kind=f"release.{outcome}")
    assert len(lines) == 1, "whoever ran it again is told as well"


def test_a_release_that_is_taken_back_is_taken_back_of_the_same_output_everywhere(
    api, hospitals, first, fuller
):
    assert told(api, hospitals.asker, first)["result"]
    decide(hospitals, fuller, "withhold", name="Rome")
    for one in (first, fuller):
        assert told(api, hospitals.asker, one)["result"] is None
    lines = inbox(hospitals.asker, kind="release.refused")
    assert len(lines) == 1, "whoever asked is told once"


def test_what_is_released_in_part_is_decided_anew_of_another_pool(hospitals):
    for name in ("Cleveland", "Oslo", "Rome", "Lima"):
        hospitals.bring(name)
    hospitals.ask("Cleveland", method="regression", parameters=REGRESSION)
    hospitals.one_more("Cleveland")
    first = hospitals.ask(method="regression", parameters=REGRESSION)
    decide(hospitals, first, "in_part", name="Oslo")
    decide(hospitals, first, name="Cleveland")
    again = hospitals.run(first.reruns.get())
    assert share(hospitals, again, "Oslo").outcome == "held"


def test_rules_that_changed_make_it_another_output(hospitals, first):
    decide(hospitals, first, name="Rome")
    rome = hospitals.dataset("Rome")
    datasets.change(dataset=rome, threshold=10, by=hospitals.keepers["Rome"])
    decide(hospitals, first, name="Cleveland")
    again = hospitals.run(first.reruns.get())
    assert share(hospitals, again, "Rome").outcome == "held"


@pytest.mark.parametrize("was_held", [True, False])
def test_what_looser_rules_let_go_of_a_released_question_is_looked_at(hospitals, was_held):
    """Of a question that was held once a rerun was told whatever the rules let go by then."""
    hospitals.bring("Cleveland")
    hospitals.bring("Oslo", "project")
    cleveland, keeper = hospitals.dataset("Cleveland"), hospitals.keepers["Cleveland"]
    datasets.change(dataset=cleveland, threshold=10, by=keeper)
    if was_held:
        hospitals.ask("Cleveland", parameters=AGES)
        hospitals.one_more("Cleveland")
    first = hospitals.ask(parameters=AGES)
    decide(hospitals, first)
    if was_held:
        brought = hospitals.run(first.reruns.get())
        assert share(hospitals, brought, "Cleveland").outcome == "released"
    cleveland.refresh_from_db()
    datasets.change(dataset=cleveland, threshold=3, by=keeper)
    again = hospitals.run(analyses.rerun(analysis=first, by=hospitals.asker))
    assert share(hospitals, again, "Cleveland").outcome == "held"


@pytest.mark.parametrize("is_rerun", [True, False])
def test_rules_let_nothing_go_that_a_person_withheld(hospitals, is_rerun):
    """To run it again, or to ask the same once more, took the refusal back."""
    hospitals.bring("Cleveland", policy="gate")
    first = hospitals.ask()
    assert share(hospitals, first, "Cleveland").outcome == "released"
    decide(hospitals, first, "withhold")

    def asked():
        if is_rerun:
            return hospitals.run(analyses.rerun(analysis=first, by=hospitals.asker))
        return hospitals.ask()

    again = asked()
    assert share(hospitals, again, "Cleveland").outcome == "held"
    assert inbox(hospitals.keepers["Cleveland"], kind="release.held")
    decide(hospitals, again)
    assert share(hospitals, asked(), "Cleveland").outcome == "released"
    other = hospitals.ask(parameters={"variables": ["weight"]})
    assert share(hospitals, other, "Cleveland").outcome == "released", "another question"


def test_the_fuller_run_becomes_the_answer_of_the_project(page, api, lead, hospitals, first):
    decide(hospitals, first, name="Rome")
    assert newest_answer(hospitals.asker, hospitals.project)["analysis"] == first
    analyses.put_first(analysis=first, by=lead)
    decide(hospitals, first, name="Cleveland")
    again = hospitals.run(first.reruns.get())
    hospitals.run(analyses.rerun(analysis=again, by=hospitals.asker))
    assert newest_answer(hospitals.asker, hospitals.project)["analysis"] == again
    overview = text_at(page(hospitals.asker), f"/projects/{hospitals.project.slug}/")
    assert again.get_absolute_url() in overview
    assert f'"{first.get_absolute_url()}"' not in overview
    assert "Answer put first" in overview, "the question stands first, whichever run answers it"
    assert "Held for Cleveland" not in overview
    address = again.get_absolute_url()
    with CaptureQueriesContext(connection) as asked:
        assert "Put it first no longer" in text_at(page(lead), address)
    shares = '"contributes" AS "releases__contributes", "datasets_release"."held"'
    assert sum(shares in one["sql"] for one in asked) == 1, "which sites its runs have"
    call = f"/api/v1{address}first/"
    assert api(lead).delete(call).status_code == 204
    assert told(api, lead, first)["stands_first"] is False
    assert api(lead).put(call).data["stands_first"] is True


def test_a_later_run_with_a_site_more_differs_in_no_numbers(api, page, hospitals, first, fuller):
    read = told(api, hospitals.asker, fuller)
    assert (read["agrees"], read["differences"]) == (None, None)
    assert (read["joined"], read["compared_with"]) == (["Cleveland"], None)
    third = hospitals.run(analyses.rerun(analysis=fuller, by=hospitals.asker))
    read = told(api, hospitals.asker, third)
    assert (read["agrees"], read["differences"]) == (True, [])
    assert (read["joined"], read["compared_with"]) == (["Cleveland"], fuller.pk)
    assert read["rerun_of"] == first.pk
    said = text_at(page(hospitals.asker), third.get_absolute_url())
    assert "Every number agrees to 10⁻⁸ with" in said
    found = text_at(page(hospitals.asker), fuller.get_absolute_url())
    assert "Reproduced" in found
    assert "Reproduced" not in text_at(page(hospitals.asker), first.get_absolute_url())
    assert told(api, hospitals.asker, first)["joined"] == []


def test_a_run_that_lacks_a_site_that_the_first_has_says_so(api, page, hospitals):
    """Their keeper declared something since, by which two patients more are left out."""
    for name, access in (("Cleveland", "summaries"), ("Oslo", "project")):
        hospitals.bring(name, access)
    first = hospitals.ask(method="regression", parameters=REGRESSION)
    decide(hospitals, first)
    declared = [{"column": "age", "low": 0, "high": 69}]
    keeper = hospitals.keepers["Cleveland"]
    domains.declare(dataset=hospitals.dataset("Cleveland"), domains=declared, by=keeper)
    again = hospitals.run(analyses.rerun(analysis=first, by=hospitals.asker))
    assert share(hospitals, again, "Cleveland").held
    read = told(api, hospitals.asker, again)
    assert (read["agrees"], read["differences"], read["joined"]) == (None, None, [])
    said = text_at(page(hospitals.asker), again.get_absolute_url())
    assert "It has nothing of Cleveland, whose share that run has" in said
    said = text_at(page(hospitals.asker), first.get_absolute_url())
    assert "Without Cleveland, held there" in said


def test_nothing_says_that_it_is_held_once_it_was_decided(api, page, hospitals, first):
    decide(hospitals, first, name="Rome")

    def said():
        codes = {
            one["code"]: one["message"] for one in told(api, hospitals.asker, first)["warnings"]
        }
        return codes, text_at(page(hospitals.asker), first.get_absolute_url())

    codes, html = said()
    assert codes["held_by_site"].startswith("Held for Cleveland’s decision")
    assert codes["held_by_site"].replace("’", "’") in html
    decide(hospitals, first, name="Cleveland")
    codes, html = said()
    assert "held_by_site" not in codes
    assert codes["released_since"] == (
        "What Cleveland adds was released after this answer was computed: later runs alone can "
        "have it."
    )
    assert "Held for Cleveland" not in html
    assert codes["released_since"] in html
    hospitals.run(first.reruns.get())
    _, html = said()
    assert "a later run</a> has it" in html
    assert codes["released_since"] not in html, "it is said once"
    StudySite.objects.filter(name="Cleveland").update(name="Cleveland Clinic")
    _, html = said()
    assert "held for Cleveland Clinic is released since" in html
    assert codes["released_since"] not in html, "nor under the name that the site had then"


def test_when_an_output_came_is_told_to_the_minute_alone(api, hospitals):
    """Its keeper reads no rows of the others, whose rows its time would tell of."""
    hospitals.bring("Cleveland")
    hospitals.ask()
    client = api(hospitals.keepers["Cleveland"])
    (line,) = client.get("/api/v1/releases/").data["results"]
    (asked,) = Notification.objects.filter(kind="release.held")
    for moment in (line["created_at"], line["updated_at"], asked.created_at.isoformat()):
        assert moment[16:22] in (":00Z", ":00+00"), moment


def test_nothing_says_that_it_is_held_once_it_was_withheld(api, hospitals, first):
    decide(hospitals, first, name="Rome")
    decide(hospitals, first, "withhold", name="Cleveland")
    warnings = told(api, hospitals.asker, first)["warnings"]
    codes = {one["code"]: one["message"] for one in warnings}
    assert "held_by_site" not in codes
    assert codes["kept_by_site"] == "Cleveland withholds what it would add to this answer."
