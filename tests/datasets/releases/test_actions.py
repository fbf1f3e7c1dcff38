"""Held, released, refused: who decides on an output, and what it brings."""

import pytest

from datasets.analyses import actions as analyses
from datasets.analyses.titles import title_of
from datasets.choices import ReleaseDecision
from datasets.datasets import actions as datasets
from datasets.models import Analysis, Column, Release
from datasets.releases import actions as releases
from members.models import AuditEvent, Notification
from portal.common.exceptions import Conflict, Invalid, NotAllowed
from tests.datasets.releases.conftest import REGRESSION
from tests.factories import MembershipFactory, StudySiteFactory, table_version

pytestmark = pytest.mark.django_db


def held(analysis):
    return analysis.releases.get(outcome="held")


def inbox(user, **conditions):
    return list(
        Notification.objects.filter(recipient=user, done_at=None, **conditions)
        .order_by("pk")
        .values_list("text", flat=True)
    )


@pytest.mark.parametrize(
    ("access", "policy", "outcome"),
    [
        ("summaries", "person", "held"),
        ("controlled", "person", "held"),
        ("controlled", "two_persons", "held"),
        ("summaries", "gate", "released"),
        ("controlled", "gate", "released"),
    ],
)
def test_an_answer_waits_where_the_policy_asks_for_a_person(hospitals, access, policy, outcome):
    hospitals.bring("Cleveland", access, policy)
    analysis = hospitals.ask()
    assert analysis.state == "succeeded"
    (release,) = analysis.releases.all()
    assert (release.outcome, release.policy, release.contributes) == (outcome, policy, True)


@pytest.mark.parametrize("access", ["open", "registered", "project"])
def test_nobody_releases_what_everybody_who_asks_may_read(hospitals, access):
    hospitals.bring("Cleveland", access)
    assert not hospitals.ask().releases.exists()


def test_what_the_rules_keep_whole_is_refused_by_nobody_and_closes_nothing(hospitals):
    hospitals.bring("Cleveland", rows=4)
    hospitals.bring("Oslo", "project")
    analysis = hospitals.ask()
    (release,) = analysis.releases.all()
    assert (release.outcome, release.contributes, release.decided_by) == ("refused", False, None)
    assert Analysis.objects.answered_to(hospitals.reader).filter(pk=analysis.pk).exists()
    with pytest.raises(Conflict, match="The rules of this dataset decided"):
        releases.decide(release=release, decision="release", by=hospitals.keepers["Cleveland"])


def test_the_keeper_releases_and_all_are_told(hospitals):
    hospitals.bring("Cleveland")
    analysis = hospitals.ask()
    keeper = hospitals.keepers["Cleveland"]
    assert inbox(keeper) == [
        "“How old are they?” waits for you before it leaves Cleveland patients"
    ]
    assert inbox(hospitals.asker) == [
        "“How old are they?” is computed; its data’s keepers look at it before you do."
    ]
    release = releases.decide(release=held(analysis), decision="release", by=keeper)
    assert (release.outcome, release.decision, release.decided_by) == (
        "released",
        "release",
        keeper,
    )
    assert inbox(keeper) == []
    # That its keepers look at it first is over.
    assert inbox(hospitals.asker) == ["“How old are they?” is released to you."]
    event = AuditEvent.objects.get(action="release.decided")
    assert event.after["outcome"] == "released"
    assert {scope.kind for scope in event.scopes.all()} == {"project", "dataset"}


def test_the_asker_is_told_once_the_last_site_decided(hospitals):
    hospitals.bring("Cleveland")
    hospitals.bring("Oslo")
    analysis = hospitals.ask()
    for number, name in enumerate(("Cleveland", "Oslo")):
        told = [text for text in inbox(hospitals.asker) if "released to you" in text]
        assert told == []
        release = analysis.releases.get(dataset=hospitals.dataset(name))
        releases.decide(release=release, decision="release", by=hospitals.keepers[name])
        readable = Analysis.objects.answered_to(hospitals.asker).filter(pk=analysis.pk)
        assert readable.exists() is bool(number)
    assert "“How old are they?” is released to you." in inbox(hospitals.asker)


def test_withholding_needs_a_reason_of_which_the_asker_is_told(hospitals):
    hospitals.bring("Cleveland")
    analysis = hospitals.ask()
    keeper = hospitals.keepers["Cleveland"]
    with pytest.raises(Invalid) as refused:
        releases.decide(release=held(analysis), decision="withhold", reason=" ", by=keeper)
    assert refused.value.errors == {"reason": ["Say why: whoever asked reads it."]}
    release = releases.decide(
        release=held(analysis), decision="withhold", reason="Too few women.", by=keeper
    )
    assert (release.outcome, release.decision) == ("refused", "withhold")
    assert inbox(hospitals.asker)[-1] == "Cleveland withholds “How old are they?”, and says why."


def test_only_who_keeps_the_data_and_reads_the_rows_decides(hospitals, lead):
    hospitals.bring("Cleveland")
    steward = MembershipFactory(project=hospitals.project, role="steward").user
    release = held(hospitals.ask())
    for person in (lead, steward, hospitals.asker, hospitals.reader):
        with pytest.raises(NotAllowed):
            releases.decide(release=release, decision="release", by=person)
        assert release not in Release.objects.visible_to(person)


def test_stewards_and_leads_decide_on_controlled_data(hospitals, lead):
    hospitals.bring("Cleveland", "controlled")
    release = held(hospitals.ask())
    assert release in Release.objects.visible_to(lead)
    assert releases.decide(release=release, decision="release", by=lead).outcome == "released"


def test_a_second_person_confirms_where_the_data_ask_for_two(hospitals, lead):
    hospitals.bring("Cleveland", policy="two_persons")
    analysis = hospitals.ask()
    keeper = hospitals.keepers["Cleveland"]
    release = releases.decide(release=held(analysis), decision="release", by=keeper)
    assert (release.outcome, release.decision) == ("held", "release")
    assert not Analysis.objects.answered_to(hospitals.asker).filter(pk=analysis.pk).exists()
    assert inbox(lead) == ["“How old are they?” waits for a second person: Cleveland patients"]
    with pytest.raises(NotAllowed, match="A second person decides"):
        releases.decide(release=release, decision="release", by=keeper)
    with pytest.raises(Invalid, match="Confirm what the first person decided"):
        releases.decide(release=release, decision="in_part", by=lead)
    release = releases.decide(release=release, decision="release", by=lead)
    assert (release.outcome, release.decided_by, release.confirmed_by) == (
        "released",
        keeper,
        lead,
    )
    assert inbox(lead) == []


def test_who_asked_is_no_second_person(hospitals, lead):
    hospitals.bring("Cleveland", policy="two_persons")
    analysis = hospitals.ask(by=lead)
    keeper = hospitals.keepers["Cleveland"]
    release = releases.decide(release=held(analysis), decision="release", by=keeper)
    with pytest.raises(NotAllowed, match="A second person decides"):
        releases.decide(release=release, decision="release", by=lead)


def test_the_second_person_may_withhold(hospitals, lead):
    hospitals.bring("Cleveland", policy="two_persons")
    keeper = hospitals.keepers["Cleveland"]
    release = releases.decide(release=held(hospitals.ask()), decision="release", by=keeper)
    release = releases.decide(release=release, decision="withhold", reason="No.", by=lead)
    assert (release.outcome, release.decision, release.decided_by) == ("refused", "withhold", lead)


def test_who_comes_second_reads_who_decided(hospitals, lead):
    hospitals.bring("Cleveland", "controlled")
    release = held(hospitals.ask())
    releases.decide(release=release, decision="release", by=hospitals.keepers["Cleveland"])
    with pytest.raises(Conflict, match="Cleveland Keeper decided on this output"):
        releases.decide(release=release, decision="release", by=lead)


def test_a_release_is_taken_back(hospitals):
    hospitals.bring("Cleveland")
    analysis = hospitals.ask()
    keeper = hospitals.keepers["Cleveland"]
    release = releases.decide(release=held(analysis), decision="release", by=keeper)
    readable = Analysis.objects.answered_to(hospitals.reader).filter(pk=analysis.pk)
    assert readable.exists()
    releases.decide(release=release, decision="withhold", reason="A patient left.", by=keeper)
    assert not readable.exists()


def test_in_part_takes_three_organisations_that_keep_their_rows(hospitals):
    for name, access in (("Cleveland", "summaries"), ("Oslo", "summaries"), ("Rome", "project")):
        hospitals.bring(name, access)
    analysis = hospitals.ask(method="regression", parameters=REGRESSION)
    release = analysis.releases.get(dataset=hospitals.dataset("Cleveland"))
    with pytest.raises(Invalid, match="at least three organisations"):
        releases.decide(release=release, decision="in_part", by=hospitals.keepers["Cleveland"])


def test_a_method_without_a_pool_is_not_released_in_part(hospitals):
    for name in ("Cleveland", "Oslo", "Rome"):
        hospitals.bring(name)
    analysis = hospitals.ask(method="correlation", parameters={"variables": ["age", "weight"]})
    release = analysis.releases.get(dataset=hospitals.dataset("Cleveland"))
    with pytest.raises(Invalid, match="no answer that is only pooled"):
        releases.decide(release=release, decision="in_part", by=hospitals.keepers["Cleveland"])


def test_the_same_numbers_need_no_second_release(hospitals):
    hospitals.bring("Cleveland")
    analysis = hospitals.ask()
    keeper = hospitals.keepers["Cleveland"]
    releases.decide(release=held(analysis), decision="release", reason="Fine.", by=keeper)
    again = hospitals.run(analyses.rerun(analysis=analysis, by=hospitals.asker))
    (release,) = again.releases.all()
    assert (release.outcome, release.decided_by, release.reason) == ("released", keeper, "Fine.")


def test_the_same_numbers_wait_as_long_as_the_first(hospitals):
    hospitals.bring("Cleveland")
    analysis = hospitals.ask()
    again = hospitals.run(analyses.rerun(analysis=analysis, by=hospitals.asker))
    assert held(again)


def test_the_question_is_asked_again_without_what_was_withheld(hospitals):
    hospitals.bring("Cleveland")
    hospitals.bring("Oslo", "project")
    analysis = hospitals.ask(purpose="For a talk.")
    with pytest.raises(Conflict, match="Nothing of this answer was withheld"):
        releases.ask_without(analysis=analysis, by=hospitals.asker)
    releases.decide(
        release=held(analysis),
        decision="withhold",
        reason="No.",
        by=hospitals.keepers["Cleveland"],
    )
    again = hospitals.run(releases.ask_without(analysis=analysis, by=hospitals.asker))
    assert [one.site for one in again.inputs.all()] == ["Oslo"]
    assert (again.parameters, again.purpose) == (analysis.parameters, "For a talk.")
    assert again.result["rows"] == 120
    Analysis.objects.update(title="")
    unnamed = releases.ask_without(
        analysis=Analysis.objects.get(pk=analysis.pk), by=hospitals.asker
    )
    assert title_of(unnamed) == "How are the values of age spread? (Oslo)", "of the sites it asks"


def test_a_question_that_has_no_answer_without_it_says_so_in_pages_words(hospitals):
    """Only a page asks so, and it called a variable by its code."""
    hospitals.bring("Cleveland")
    oslo = hospitals.bring("Oslo", "project")
    columns = {"age": ("integer", [40] * 120), "weight": ("number", [*range(120)])}
    hospitals.versions["Oslo"] = table_version(
        columns, dataset=oslo.dataset, number=oslo.number + 1
    )
    Column.objects.filter(name="age").update(label="Age at entry")
    analysis = hospitals.ask(method="regression", parameters=REGRESSION)
    keeper = hospitals.keepers["Cleveland"]
    releases.decide(release=held(analysis), decision="withhold", reason="No.", by=keeper)
    with pytest.raises(Invalid, match="no answer: age at entry is the same in every row"):
        releases.ask_without(analysis=analysis, by=hospitals.asker)


def test_what_the_ledger_held_passes_once_it_is_released(hospitals):
    hospitals.bring("Cleveland", policy="gate")
    hospitals.bring("Oslo", "project")
    hospitals.ask("Cleveland", method="regression", parameters=REGRESSION)
    hospitals.one_more("Cleveland")
    analysis = hospitals.ask(method="regression", parameters=REGRESSION)
    release = held(analysis)
    assert release.contributes is False
    assert [one["people"] for one in release.held] == [1]
    releases.decide(release=release, decision="release", by=hospitals.keepers["Cleveland"])
    again = Analysis.objects.get(rerun_of=analysis)
    assert again.created_by == hospitals.asker
    again = hospitals.run(again)
    share = again.releases.get(dataset=hospitals.dataset("Cleveland"))
    assert (share.outcome, share.contributes) == ("released", True)
    assert again.result["n"] > analysis.result["n"]


@pytest.mark.parametrize("policy", ["person", "gate"])
def test_data_that_close_close_earlier_answers(hospitals, lead, policy):
    """Whatever lets new ones go: no gate looked at these."""
    hospitals.bring("Cleveland", "project", policy=policy)
    analysis = hospitals.ask()
    readable = Analysis.objects.answered_to(hospitals.reader).filter(pk=analysis.pk)
    assert readable.exists()
    keeper = hospitals.keepers["Cleveland"]
    datasets.change(dataset=hospitals.dataset("Cleveland"), access="summaries", by=keeper)
    assert not readable.exists()
    releases.decide(release=held(analysis), decision=ReleaseDecision.RELEASE, by=keeper)
    assert readable.exists()


def test_data_that_open_ask_nobody(hospitals):
    hospitals.bring("Cleveland")
    analysis = hospitals.ask()
    keeper = hospitals.keepers["Cleveland"]
    datasets.change(dataset=hospitals.dataset("Cleveland"), access="project", by=keeper)
    assert inbox(keeper, kind="release.held") == []
    assert not Release.objects.visible_to(keeper).waiting().exists()
    assert Analysis.objects.answered_to(hospitals.asker).filter(pk=analysis.pk).exists()


@pytest.mark.parametrize(
    ("rules", "policy"),
    [("standard", "person"), ("strict", "two_persons"), ("sums_only", "person")],
)
def test_who_releases_is_usual_for_the_rules(lead, project, rules, policy):
    made = datasets.create(
        project=project,
        site=StudySiteFactory(project=project),
        title="Ward",
        access="summaries",
        disclosure_rules=rules,
        by=lead,
    )
    assert made.release_policy == policy


def test_who_does_not_read_the_rows_does_not_let_the_rules_release(hospitals, lead):
    hospitals.bring("Cleveland")
    dataset = hospitals.dataset("Cleveland")
    with pytest.raises(NotAllowed):
        datasets.change(dataset=dataset, release_policy="gate", by=lead)
    datasets.change(dataset=dataset, release_policy="two_persons", by=lead)
    dataset.refresh_from_db()
    assert dataset.release_policy == "two_persons"
