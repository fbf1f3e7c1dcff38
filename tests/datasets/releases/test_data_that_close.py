"""Data that close after answers were made of them: their keepers are asked."""

import pytest

from datasets.analyses import actions as analyses
from datasets.datasets import actions as datasets
from datasets.models import Analysis, Release
from datasets.releases import actions as releases
from members.models import Notification
from projects.memberships import actions as memberships
from tests.datasets.releases.conftest import decide, inbox, run_meanwhile

pytestmark = pytest.mark.django_db


def test_data_that_close_ask_their_keeper_once(page, hospitals):
    hospitals.bring("Cleveland", "project")
    for _ in range(3):
        hospitals.ask()
    keeper = hospitals.keepers["Cleveland"]
    Notification.objects.all().delete()
    datasets.change(dataset=hospitals.dataset("Cleveland"), access="summaries", by=keeper)
    assert inbox(keeper) == ["3 earlier answers over Cleveland patients wait for you"]
    (line,) = Notification.objects.filter(recipient=keeper)
    assert "How old are they?" in page(keeper).get(line.url).content.decode()
    for release in Release.objects.filter(outcome="held"):
        assert inbox(keeper), "until the last one is decided"
        releases.decide(release=release, decision="release", by=keeper)
    assert inbox(keeper) == []


def test_data_that_are_called_otherwise_ask_nobody_again(hospitals):
    hospitals.bring("Cleveland", "project")
    hospitals.ask()
    keeper = hospitals.keepers["Cleveland"]
    datasets.change(dataset=hospitals.dataset("Cleveland"), access="summaries", by=keeper)
    Notification.objects.all().delete()
    datasets.change(dataset=hospitals.dataset("Cleveland"), title="Patients", by=keeper)
    assert inbox(keeper) == []


@pytest.mark.parametrize("policy", ["person", "two_persons"])
def test_data_that_open_and_close_again_ask_again(hospitals, lead, policy):
    hospitals.bring("Cleveland", policy=policy)
    analysis = hospitals.ask()
    keeper = hospitals.keepers["Cleveland"]
    if policy == "two_persons":
        decide(hospitals, analysis)
    dataset = hospitals.dataset("Cleveland")
    datasets.change(dataset=dataset, access="project", by=keeper)
    for person in (keeper, lead):
        assert inbox(person, action_label="Decide") == []
    datasets.change(dataset=dataset, access="summaries", by=keeper)
    waits = {
        "person": "1 earlier answer over Cleveland patients waits for you",
        "two_persons": "“How old are they?” waits for a second person: Cleveland patients",
    }[policy]
    assert inbox(lead if policy == "two_persons" else keeper, action_label="Decide") == [waits]


def test_who_no_longer_decides_is_asked_no_more_of_what_closed(hospitals, lead):
    hospitals.bring("Cleveland", "project")
    hospitals.ask()
    keeper = hospitals.keepers["Cleveland"]
    datasets.change(dataset=hospitals.dataset("Cleveland"), access="summaries", by=keeper)
    membership = keeper.memberships.get(project=hospitals.project)
    memberships.change_role(membership=membership, role="reader", by=lead)
    assert inbox(keeper, action_label="Decide") == []


def test_data_that_close_while_a_question_runs_wait_whatever_the_policy(hospitals):
    """Its rows were read while they were open, so no gate looked at what came."""
    version = hospitals.bring("Cleveland", "project", policy="gate")
    analysis = analyses.start(
        project=hospitals.project,
        title="How old are they?",
        method="describe",
        inputs=[{"dataset": version.dataset_id, "version": version.number}],
        parameters={"variables": ["age"]},
        by=hospitals.asker,
    )
    keeper = hospitals.keepers["Cleveland"]
    run_meanwhile(
        analysis,
        lambda: datasets.change(dataset=version.dataset, access="summaries", by=keeper),
    )
    assert analysis.releases.get().outcome == "held"
    assert not Analysis.objects.answered_to(hospitals.asker).filter(pk=analysis.pk).exists()
