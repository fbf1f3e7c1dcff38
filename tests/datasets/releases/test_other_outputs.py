"""A decision holds for the output that it was made on: not for another pool, nor for what other
rules let go."""

import pytest

from datasets.analyses import actions as analyses
from datasets.choices import RELEASE_TRANSITIONS
from datasets.datasets import actions as datasets
from datasets.models import Analysis
from members.models import AuditEvent
from tests.datasets.releases.conftest import REGRESSION, decide, inbox

pytestmark = pytest.mark.django_db

AGES = {"variables": ["age"]}


@pytest.fixture
def held(hospitals):
    """Cleveland's share is held beside those of three others, of which Lima's is held as well."""

    def asked(*others):
        for name in ("Cleveland", "Oslo", "Rome", "Bern", *others):
            hospitals.bring(name)
        for name in ("Cleveland", *others):
            hospitals.ask(name, parameters=AGES)
            hospitals.one_more(name)
        return hospitals.ask(parameters=AGES)

    return asked


def share(hospitals, analysis, name="Cleveland"):
    return analysis.releases.get(dataset=hospitals.dataset(name))


def run_since(hospitals, first):
    return hospitals.run(Analysis.objects.filter(rerun_of=first).latest("pk"))


def loosen(hospitals, threshold):
    cleveland = hospitals.dataset("Cleveland")
    cleveland.refresh_from_db()
    datasets.change(dataset=cleveland, threshold=threshold, by=hospitals.keepers["Cleveland"])


def test_a_held_share_released_in_part_is_so_in_the_run_that_it_brings(hospitals, held):
    first = held()
    decide(hospitals, first, "in_part")
    brought = run_since(hospitals, first)
    assert share(hospitals, brought).outcome == "released"
    assert share(hospitals, brought).decision == "in_part"
    again = hospitals.run(analyses.rerun(analysis=brought, by=hospitals.asker))
    assert share(hospitals, again).outcome == "released", "the same pool"
    decide(hospitals, brought, "withhold")
    outcomes = {share(hospitals, one).outcome for one in (first, brought, again)}
    assert outcomes == {"refused"}, "of one output the last word counts in every run"


def test_a_held_share_released_in_part_is_decided_anew_of_another_pool(hospitals, held):
    first = held("Lima")
    decide(hospitals, first, "in_part")
    brought = run_since(hospitals, first)
    assert share(hospitals, brought).outcome == "released"
    decide(hospitals, first, name="Lima")
    wider = run_since(hospitals, first)
    assert share(hospitals, wider).outcome == "held"
    assert inbox(hospitals.keepers["Cleveland"], kind="release.held")


def test_a_word_on_a_held_share_is_none_on_the_same_in_another_pool(hospitals, held):
    first = held("Lima")
    decide(hospitals, first, name="Lima")
    wider = run_since(hospitals, first)
    assert share(hospitals, wider).held
    decide(hospitals, first, "in_part")
    assert share(hospitals, wider).outcome == "held"


@pytest.mark.parametrize("loosened", ["before", "after"])
def test_a_word_on_a_held_share_holds_for_the_rules_it_was_looked_at_by(hospitals, loosened):
    """Until somebody decides, what is held is computed by the rules of the day."""
    hospitals.bring("Cleveland")
    loosen(hospitals, 10)
    hospitals.ask(parameters=AGES)
    hospitals.one_more("Cleveland")
    alone = hospitals.ask(parameters=AGES)
    if loosened == "before":
        loosen(hospitals, 3)
    decide(hospitals, alone)
    waited = len(inbox(hospitals.keepers["Cleveland"], kind="release.held"))
    if loosened == "after":
        loosen(hospitals, 3)
    answered = hospitals.run(alone)
    assert answered.state == "succeeded"
    expected = {"before": ("released", "release"), "after": ("held", "")}[loosened]
    assert expected[0] in {"released", *RELEASE_TRANSITIONS["released"]}, "a step of its states"
    assert (share(hospitals, answered).outcome, share(hospitals, answered).decision) == expected
    anew = AuditEvent.objects.filter(action="release.held_anew").values_list("before", flat=True)
    was = {"outcome": "released", "decision": "release"}
    assert list(anew) == ([was] if loosened == "after" else []), "the trail says why it waits"
    asked = len(inbox(hospitals.keepers["Cleveland"], kind="release.held")) - waited
    assert asked == (loosened == "after"), "nobody is asked twice of one output"
    again = hospitals.run(analyses.rerun(analysis=answered, by=hospitals.asker))
    assert share(hospitals, again).outcome == expected[0]


def test_rules_let_nothing_go_that_was_withheld_and_is_spelled_otherwise(hospitals):
    """To name one variable more, or to compare a site with nobody, took a refusal back."""
    hospitals.bring("Cleveland", policy="gate")
    decide(hospitals, hospitals.ask(parameters=AGES), "withhold")
    for spelled in (
        {"variables": ["weight", "age"]},
        {"variables": ["age"], "by": "site"},
    ):
        assert share(hospitals, hospitals.ask(parameters=spelled)).outcome == "held", spelled
    model = hospitals.ask(method="regression", parameters=REGRESSION)
    assert share(hospitals, model).outcome == "held", "it asks for the ages, and for weights"
    weights = hospitals.ask(parameters={"variables": ["weight"]})
    assert share(hospitals, weights).outcome == "released"
    decide(hospitals, model)
    again = hospitals.ask(method="regression", parameters=REGRESSION)
    assert share(hospitals, again).outcome == "released", "a person let it go since"
    assert share(hospitals, hospitals.ask(parameters=AGES)).outcome == "held"
