"""Hospitals that keep their rows, and questions of them."""

from functools import partial

import pytest

from datasets.analyses import actions as analyses
from datasets.analyses.work import analyse
from datasets.models import Analysis
from datasets.releases import actions as releases
from members.models import Notification
from portal.jobs.running import Context, JobFailed, claim, end, succeed
from tests.factories import (
    DatasetFactory,
    MembershipFactory,
    StudySiteFactory,
    UserFactory,
    table_version,
)
from tests.factories.analyses import job_of, run_analysis


def patients(rows, shift):
    """Each with an age and a weight."""
    return {
        "age": ("integer", [30 + (7 * k + shift) % 41 for k in range(rows)]),
        "weight": ("number", [60.0 + (11 * k + 3 * shift) % 37 for k in range(rows)]),
    }


def computed(analysis):
    """A worker computes the analysis; what comes back ends it."""
    job = claim(job_of(analysis).pk)
    try:
        return partial(succeed, job, analyse(job, Context(job)))
    except JobFailed as failure:
        return partial(end, job, "failed", failure.error)


def run_meanwhile(analysis, happens):
    """A worker computes the analysis, something happens, and then the worker ends."""
    ends = computed(analysis)
    happens()
    assert ends()
    return Analysis.objects.get(pk=analysis.pk)


class Hospitals:
    """Versions by site, their keepers, and answers over them."""

    def __init__(self, project):
        self.project = project
        self.asker = MembershipFactory(
            project=project, role="contributor", user=UserFactory(name="Ada Asker")
        ).user
        self.reader = MembershipFactory(project=project, role="reader").user
        self.keepers = {}
        self.versions = {}

    def bring(self, name, access="summaries", policy="person", rows=120):
        """A version of a new dataset at a site of this name, with a keeper of its own."""
        keeper = MembershipFactory(
            project=self.project, role="contributor", user=UserFactory(name=f"{name} Keeper")
        ).user
        columns = patients(rows, len(self.versions))
        dataset = DatasetFactory(
            project=self.project,
            site=StudySiteFactory(project=self.project, name=name, country="USA"),
            title=f"{name} patients",
            access=access,
            release_policy=policy,
            created_by=keeper,
        )
        self.keepers[name] = keeper
        self.versions[name] = table_version(columns, dataset=dataset)
        return self.versions[name]

    def one_more(self, name):
        """A version with one patient more."""
        last, shift = self.versions[name], list(self.versions).index(name)
        self.versions[name] = table_version(
            patients(last.rows + 1, shift), dataset=last.dataset, number=last.number + 1
        )

    def dataset(self, name):
        return self.versions[name].dataset

    def ask(self, *names, method="describe", parameters=None, by=None, purpose=""):
        """A question of these sites, answered."""
        versions = [self.versions[name] for name in names or self.versions]
        analysis = analyses.start(
            project=self.project,
            title="How old are they?",
            method=method,
            inputs=[{"dataset": one.dataset_id, "version": one.number} for one in versions],
            parameters=parameters or {"variables": ["age"], "by": "site"},
            purpose=purpose,
            by=by or self.asker,
        )
        return self.run(analysis)

    def run(self, analysis):
        run_analysis(analysis)
        return Analysis.objects.get(pk=analysis.pk)


REGRESSION = {"outcome": "weight", "terms": ["age"], "family": "gaussian"}


@pytest.fixture
def hospitals(project, no_lease_is_extended):
    return Hospitals(project)


def inbox(user, **conditions):
    open_lines = Notification.objects.filter(recipient=user, done_at=None, **conditions)
    return list(open_lines.order_by("pk").values_list("text", flat=True))


def decide(hospitals, analysis, decision="release", name="Cleveland"):
    return releases.decide(
        release=analysis.releases.get(dataset=hospitals.dataset(name)),
        decision=decision,
        reason="Because.",
        by=hospitals.keepers[name],
    )
