"""A decision on what was held brings a run of it: by whom, and whom it holds up meanwhile."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from datasets.analyses import actions as analyses
from datasets.releases import actions as releases
from portal.jobs import actions as jobs
from projects.memberships import actions as memberships
from tests.datasets.releases.conftest import computed, run_meanwhile
from tests.datasets.releases.test_held_questions import decide, inbox, regression, tried
from tests.factories import MembershipFactory, ReleaseFactory
from tests.factories.analyses import job_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def analysis(hospitals):
    """A question of which everything is held."""
    for name in ("Cleveland", "Rome"):
        hospitals.bring(name)
        regression(hospitals, name)
        hospitals.one_more(name)
    return regression(hospitals)


def written_once_the_trail_is_locked(asked):
    """The tables that are written to from then on until the transaction ends."""
    said = [one["sql"] for one in asked]
    locked = next(k for k, sql in enumerate(said) if "pg_advisory_xact_lock" in sql)
    written = [re.match(r'(?:UPDATE|INSERT INTO) "[a-z]+_([a-z]+)"', sql) for sql in said[locked:]]
    return {one[1] for one in written if one}


def test_a_decision_holds_nobody_up_while_it_goes_on(hospitals, analysis):
    """The trail is written after everything else."""
    with CaptureQueriesContext(connection) as asked:
        decide(hospitals, analysis)
    assert written_once_the_trail_is_locked(asked) == {"auditevent", "auditscope"}


@pytest.mark.parametrize("decided_first", [True, False], ids=["an answer", "none"])
def test_what_a_worker_adds_by_itself_holds_nobody_up(hospitals, analysis, decided_first):
    """It stands in the trail as what people do, and is written there last."""
    if decided_first:
        decide(hospitals, analysis)
    else:
        jobs.retry(job=job_of(analysis), by=hospitals.asker)
    ends = computed(analysis)
    decide(hospitals, analysis, name="Rome")
    with CaptureQueriesContext(connection) as asked:
        assert ends()
    assert written_once_the_trail_is_locked(asked) == {"auditevent", "auditscope"}


@pytest.mark.parametrize("whole", [True, False], ids=["nothing came", "an answer came"])
def test_what_nobody_may_run_any_more_is_told_and_not_lost(page, hospitals, lead, whole):
    """Who asked and who decided are gone before the worker ends."""
    hospitals.bring("Cleveland", "controlled")
    if not whole:
        hospitals.bring("Oslo", "project")
    regression(hospitals, "Cleveland")
    hospitals.one_more("Cleveland")
    analysis = regression(hospitals)
    if whole:
        jobs.retry(job=job_of(analysis), by=hospitals.asker)
    else:
        analysis = analyses.rerun(analysis=analysis, by=hospitals.asker)
        ReleaseFactory(
            analysis=analysis,
            dataset=hospitals.dataset("Cleveland"),
            contributes=False,
            held=[{"rule": "row_sets", "text": "It differs by 1 row from an earlier question."}],
        )

    def decided_and_gone():
        decide(hospitals, analysis)
        for person in (hospitals.keepers["Cleveland"], hospitals.asker):
            memberships.leave(project=hospitals.project, by=person)

    ended = run_meanwhile(analysis, decided_and_gone)
    assert ended.state == ("failed" if whole else "succeeded")
    share = ended.releases.get(dataset=hospitals.dataset("Cleveland"))
    assert (share.outcome, share.contributes) == ("released", False)
    (told,) = inbox(lead, kind="release.not_run")
    assert "neither who asked nor who decided may run it any more: run it again." in told
    html = " ".join(page(lead).get(share.get_absolute_url()).text.split())
    assert "These data are released, and no run has them yet." in html
    if whole:
        jobs.retry(job=job_of(ended), by=lead)
        again = tried(ended)
    else:
        again = hospitals.run(analyses.rerun(analysis=ended, by=lead))
    share = again.releases.get(dataset=hospitals.dataset("Cleveland"))
    assert (share.outcome, share.contributes) == ("released", True), "nobody is asked again"
    assert inbox(lead, kind="release.not_run") == [], "it stayed there for ever"


@pytest.fixture
def not_run(hospitals, lead):
    """A question that was released and that neither who asked nor who decided may run again."""
    hospitals.bring("Cleveland", "controlled")
    regression(hospitals, "Cleveland")
    hospitals.one_more("Cleveland")
    analysis = regression(hospitals)
    jobs.retry(job=job_of(analysis), by=hospitals.asker)

    def decided_and_gone():
        decide(hospitals, analysis)
        for person in (hospitals.keepers["Cleveland"], hospitals.asker):
            memberships.leave(project=hospitals.project, by=person)

    ended = run_meanwhile(analysis, decided_and_gone)
    assert inbox(lead, kind="release.not_run")
    return ended


def test_what_is_withheld_since_asks_nobody_to_run_it(hospitals, lead, not_run):
    releases.decide(release=not_run.releases.get(), decision="withhold", reason="No.", by=lead)
    assert inbox(lead, kind="release.not_run") == []


def test_who_may_run_it_no_more_is_not_asked_to(hospitals, lead, not_run):
    other = MembershipFactory(project=hospitals.project, role="lead").user
    membership = lead.memberships.get(project=hospitals.project)
    memberships.change_role(membership=membership, role="reader", by=other)
    assert inbox(lead, kind="release.not_run") == []


def told_to_keeper(page, hospitals, analysis, name="Cleveland"):
    share = analysis.releases.get(dataset=hospitals.dataset(name))
    return " ".join(page(hospitals.keepers[name]).get(share.get_absolute_url()).text.split())


def released_in_vain(hospitals, access="summaries"):
    """A held question that its keeper released, and that the rules then refuse for its few rows."""
    hospitals.bring("Cleveland", access, rows=4)
    regression(hospitals)
    hospitals.one_more("Cleveland")
    held = regression(hospitals)
    decide(hospitals, held)
    return held


def test_who_released_a_question_that_the_rules_then_refuse_reads_so(page, hospitals):
    """The page said that somebody runs it again, who had done so long ago."""
    held = released_in_vain(hospitals)
    assert "It is being computed once more with these data" in told_to_keeper(page, hospitals, held)
    assert tried(held).state == "failed"
    told = told_to_keeper(page, hospitals, held)
    assert "no answer came: what the rules let leave carries none" in told
    assert "no run has them yet" not in told
    (line,) = inbox(hospitals.keepers["Cleveland"], kind="release.nothing")
    assert line.endswith("and no answer came: what the rules let leave carries none.")


def test_who_left_since_is_told_nothing_of_what_came(hospitals):
    """The line came to their inbox all the same, with a link to a page that they may not see."""
    held = released_in_vain(hospitals, "controlled")
    memberships.leave(project=hospitals.project, by=hospitals.keepers["Cleveland"])
    assert tried(held).state == "failed"
    assert inbox(hospitals.keepers["Cleveland"], kind="release.nothing") == []


def test_who_leaves_after_that_has_no_line_of_it(hospitals):
    """It stayed in their inbox, and led to a page that they may not see."""
    held = released_in_vain(hospitals, "controlled")
    assert tried(held).state == "failed"
    keeper = hospitals.keepers["Cleveland"]
    assert inbox(keeper, kind="release.nothing")
    memberships.leave(project=hospitals.project, by=keeper)
    assert inbox(keeper, kind="release.nothing") == []


def test_who_released_beside_others_reads_whether_the_run_has_it(api, page, hospitals):
    """And so does whoever asked: the first run said that later ones have it."""
    hospitals.bring("Cleveland", rows=4)
    hospitals.bring("Oslo", "project")
    regression(hospitals, "Cleveland")
    hospitals.one_more("Cleveland")
    held = regression(hospitals)
    decide(hospitals, held)
    again = hospitals.run(held.reruns.get())
    assert again.state == "succeeded"
    told = told_to_keeper(page, hospitals, held)
    assert "it has nothing of them either: their rules let nothing of this question leave" in told
    assert "which has them" not in told
    (line,) = inbox(hospitals.keepers["Cleveland"], kind="release.nothing")
    assert line.endswith("and the rules of these data let nothing of it leave.")
    read = api(hospitals.asker).get(f"/api/v1/analyses/{held.pk}/").data["warnings"]
    codes = {one["code"]: one["message"] for one in read}
    assert "released_since" not in codes
    assert codes["withheld_by_site"].startswith("What Cleveland would add was released after")
    seen = " ".join(page(hospitals.asker).get(held.get_absolute_url()).text.split())
    assert codes["withheld_by_site"] in seen


def test_who_released_first_reads_that_others_still_decide(page, hospitals):
    for name, rows in (("Cleveland", 4), ("Rome", 120)):
        hospitals.bring(name, rows=rows)
        regression(hospitals, name)
        hospitals.one_more(name)
    held = regression(hospitals)
    decide(hospitals, held)
    assert tried(held).state == "failed"
    assert "and waits for the keepers of others" in told_to_keeper(page, hospitals, held)
    assert inbox(hospitals.keepers["Cleveland"], kind="release.nothing") == [], "not yet"


def test_of_each_site_released_since_it_is_told_whether_a_run_has_it(page, hospitals):
    """Of the second one nothing was said while a later run had the first one alone."""
    hospitals.bring("Oslo", "project")
    for name in ("Cleveland", "Rome"):
        hospitals.bring(name)
        regression(hospitals, name)
        hospitals.one_more(name)
    first = regression(hospitals)
    decide(hospitals, first)
    hospitals.run(first.reruns.get())
    decide(hospitals, first, name="Rome")
    said = " ".join(page(hospitals.asker).get(first.get_absolute_url()).text.split())
    assert "What was held for Cleveland is released since" in said
    assert "What Cleveland adds was released after" not in said
    assert "What Rome adds was released after this answer was computed" in said


@pytest.fixture
def withheld(hospitals):
    """Cleveland withheld an answer of which Rome's share is still held."""
    for name in ("Cleveland", "Rome"):
        hospitals.bring(name)
    regression(hospitals, "Rome")
    hospitals.one_more("Rome")
    analysis = regression(hospitals)
    decide(hospitals, analysis, "withhold")
    return analysis


def test_releasing_beside_what_was_withheld_asks_nobody_again(page, hospitals, withheld):
    """Rome's page said that the project reads it; Cleveland was asked again what it refused."""
    told = told_to_keeper(page, hospitals, withheld, "Rome")
    assert "Release: for now the answer stays closed, since Cleveland withheld it" in told
    assert "the project reads it as shown below" not in told
    assert "The answer is closed: Cleveland withheld it. Once these data are released" in told
    decide(hospitals, withheld, name="Rome")
    assert not withheld.reruns.exists()
    assert inbox(hospitals.keepers["Cleveland"], kind="release.held") == []
    told = told_to_keeper(page, hospitals, withheld, "Rome")
    assert "no run has them yet" in told
    # Whoever asks once more asks Cleveland anew, and Rome no more.
    again = hospitals.run(analyses.rerun(analysis=withheld, by=hospitals.asker))
    shares = dict(again.releases.values_list("dataset__site__name", "outcome"))
    assert shares == {"Cleveland": "held", "Rome": "released"}


def test_what_is_withheld_while_a_run_goes_on_is_withheld_of_it(hospitals):
    for name in ("Cleveland", "Rome"):
        hospitals.bring(name)
    regression(hospitals, "Rome")
    hospitals.one_more("Rome")
    analysis = regression(hospitals)
    decide(hospitals, analysis, name="Rome")
    again = run_meanwhile(
        analysis.reruns.get(), lambda: decide(hospitals, analysis, "withhold", "Cleveland")
    )
    share = again.releases.get(dataset=hospitals.dataset("Cleveland"))
    assert (share.outcome, share.decision, share.reason) == ("refused", "withhold", "Because.")
    assert inbox(hospitals.keepers["Cleveland"], kind="release.held") == []
