"""What people and workers do to the same answer at the same time, each on its own connection."""

from functools import partial

import pytest
from django.db import transaction

from datasets.analyses import actions as analyses
from datasets.datasets import actions as datasets
from datasets.models import Analysis, Release
from datasets.releases import actions as releases
from portal.common.exceptions import Conflict
from tests.datasets.releases.conftest import REGRESSION, computed
from tests.meanwhile import Meanwhile, at_once

pytestmark = pytest.mark.django_db(transaction=True)


def asked(hospitals, *versions):
    return analyses.start(
        project=hospitals.project,
        title="How old are they?",
        method="describe",
        inputs=[{"dataset": one.dataset_id, "version": one.number} for one in versions],
        parameters={"variables": ["age"]},
        by=hospitals.asker,
    )


@pytest.mark.parametrize("policy", ["gate", "person"])
def test_data_that_close_while_an_answer_is_kept_hold_it(hospitals, policy):
    version = hospitals.bring("Cleveland", "project", policy=policy)
    analysis = asked(hospitals, version)
    end = computed(analysis)
    keeper = hospitals.keepers["Cleveland"]
    with transaction.atomic():
        assert end()
        closing = Meanwhile(
            lambda: datasets.change(dataset=version.dataset, access="summaries", by=keeper)
        )
        assert closing.waits(), "it has to wait for an answer that is not kept yet"
    assert closing.ended().access == "summaries"
    assert analysis.releases.get().outcome == "held"
    assert not Analysis.objects.answered_to(hospitals.reader).filter(pk=analysis.pk).exists()


def test_an_answer_waits_for_data_that_are_closing(hospitals):
    version = hospitals.bring("Cleveland", "project", policy="gate")
    analysis = asked(hospitals, version)
    end = computed(analysis)
    keeper = hospitals.keepers["Cleveland"]
    with transaction.atomic():
        datasets.change(dataset=version.dataset, access="summaries", by=keeper)
        ending = Meanwhile(end)
        assert ending.waits(), "whether its data are closed is not known yet"
    assert ending.ended()
    assert analysis.releases.get().outcome == "held"


def test_two_keepers_decide_on_one_question_at_the_same_time(hospitals, lead):
    """Both runs of it are held; whoever decides on one closes the other."""
    hospitals.bring("Cleveland", "controlled")
    hospitals.bring("Oslo", "project")
    hospitals.ask("Cleveland", method="regression", parameters=REGRESSION)
    hospitals.one_more("Cleveland")
    first = hospitals.ask(method="regression", parameters=REGRESSION)
    second = hospitals.run(analyses.rerun(analysis=first, by=hospitals.asker))
    shares = [one.releases.get(outcome="held") for one in (first, second)]
    people = [hospitals.keepers["Cleveland"], lead]

    def decide(share, by):
        return releases.decide(release=share, decision="withhold", reason="No.", by=by)

    wrong = at_once([partial(decide, *one) for one in zip(shares, people, strict=True)])
    assert [type(one) for one in wrong] == [Conflict]
    told = Release.objects.filter(pk__in=[one.pk for one in shares])
    assert list(told.values_list("outcome", "reason")) == [("refused", "No.")] * 2
