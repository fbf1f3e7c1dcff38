"""What is pooled gives no site back: of those whose rules release alone anybody asks, and
subtracts them."""

from contextlib import contextmanager

import pytest
from django.db import connection
from django.db.models.signals import post_init
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from datasets.analyses import actions as analyses
from datasets.choices import ReleaseDecision, ReleaseOutcome
from datasets.datasets import actions as datasets
from datasets.models import Analysis, AnalysisInput, Release
from datasets.releases.same import withheld_before
from members.models import Notification
from portal.common.exceptions import Invalid
from projects.study_sites import actions as study_sites
from tests.datasets.releases.conftest import decide, inbox
from tests.factories.analyses import AnalysisFactory, AnalysisInputFactory, ReleaseFactory

pytestmark = pytest.mark.django_db

AGES = {"variables": ["age"]}

WAITS = "“How old are they?” waits for you before it leaves Cleveland patients"


def test_a_site_is_not_pooled_with_others_whose_rules_release_alone(api, hospitals):
    """Rows and mean of the first came out exactly: those of the pool less those of the others, each
    asked by itself."""
    for name, policy in (("Cleveland", "person"), ("Oslo", "gate"), ("Rome", "gate")):
        hospitals.bring(name, policy=policy)
    with pytest.raises(Invalid, match="a person decides for at least three organisations"):
        decide(hospitals, hospitals.ask(parameters=AGES), "in_part")
    for name in ("Lima", "Hue"):
        hospitals.bring(name)
    decide(hospitals, hospitals.ask(parameters=AGES), "in_part")


def test_rules_let_nothing_go_of_which_a_person_released_a_pool_alone(hospitals):
    hospitals.bring("Cleveland", policy="gate")
    for name in ("Oslo", "Rome"):
        hospitals.bring(name)
    decide(hospitals, hospitals.ask(parameters=AGES), "withhold")
    decide(hospitals, hospitals.ask(parameters=AGES), "in_part")
    alone = hospitals.ask("Cleveland", parameters=AGES)
    assert alone.releases.get().outcome == "held"
    decide(hospitals, alone)
    assert hospitals.ask("Cleveland", parameters=AGES).releases.get().outcome == "released"


def test_what_was_decided_before_is_found_at_the_same_cost_beside_many(hospitals):
    """It is looked for under a lock; each earlier question was read, and hashed anew."""
    cleveland = hospitals.bring("Cleveland", policy="gate")
    asked = hospitals.ask(parameters=AGES)
    pinned = asked.inputs.get()
    costs = []
    for count in (1, 10, 100):
        for _ in range(count - Release.objects.filter(decision="withhold").count()):
            earlier = AnalysisFactory(
                project=asked.project, parameters=asked.parameters, variables=asked.variables
            )
            AnalysisInputFactory(
                analysis=earlier, version=cleveland, rules=pinned.rules, domains=pinned.domains
            )
            ReleaseFactory(
                analysis=earlier,
                dataset=cleveland.dataset,
                outcome=ReleaseOutcome.REFUSED,
                decision=ReleaseDecision.WITHHOLD,
                decided_at=timezone.now(),
                decided_by=hospitals.keepers["Cleveland"],
            )
        read = []
        with (
            reading(Analysis, AnalysisInput, Release, into=read),
            CaptureQueriesContext(connection) as queries,
        ):
            assert withheld_before(asked, [cleveland.dataset_id]) == {cleveland.dataset_id}
        costs.append((len(queries), len(read)))
    assert costs[0] == costs[1] == costs[2], costs
    assert costs[0][0] <= 2, costs


@contextmanager
def reading(*models, into):
    """Every row of these that is read meanwhile."""

    def add(sender, instance, **_):
        into.append(instance)

    for model in models:
        post_init.connect(add, sender=model)
    yield
    for model in models:
        post_init.disconnect(add, sender=model)


def read_by(api, user, analysis):
    return api(user).get(f"/api/v1/analyses/{analysis.pk}/").data["result"]


@pytest.fixture
def pooled(hospitals):
    """An answer over three hospitals of which Cleveland gave only what is pooled."""
    for name in ("Cleveland", "Oslo", "Rome"):
        hospitals.bring(name)
    analysis = hospitals.ask(parameters=AGES)
    for name, decision in (("Cleveland", "in_part"), ("Oslo", "release"), ("Rome", "release")):
        decide(hospitals, analysis, decision, name)
    return analysis


def to_rules(hospitals, *names):
    """Their keepers let the rules release by themselves from now on."""
    for name in names:
        dataset = hospitals.dataset(name)
        datasets.change(dataset=dataset, release_policy="gate", by=hospitals.keepers[name])


def test_a_pool_hides_no_longer_among_others_whose_rules_release_since(
    api, page, hospitals, pooled
):
    """Whoever asks these by themselves subtracts them: Cleveland’s rows came out exactly."""
    reader, keeper = hospitals.reader, hospitals.keepers["Cleveland"]
    assert read_by(api, reader, pooled)["rows"] == 360
    to_rules(hospitals, "Oslo", "Rome")
    assert read_by(api, reader, pooled) is None
    share = pooled_share(pooled, hospitals)
    assert (share.outcome, share.decision) == ("held", "")
    assert inbox(keeper) == [WAITS]
    assert "Release in part:" not in page(keeper).get(share.get_absolute_url()).text
    again = hospitals.run(analyses.rerun(analysis=pooled, by=hospitals.asker))
    assert again.releases.get(dataset=hospitals.dataset("Cleveland")).outcome == "held"
    assert read_by(api, reader, again) is None


def test_a_second_person_confirms_no_pool_that_hides_no_longer(hospitals, lead):
    """They could neither confirm it nor release all of it: withholding alone was left."""
    hospitals.bring("Cleveland", policy="two_persons")
    for name in ("Oslo", "Rome"):
        hospitals.bring(name)
    analysis = hospitals.ask(parameters=AGES)
    share = decide(hospitals, analysis, "in_part")
    assert share.waits_for_second
    to_rules(hospitals, "Oslo")
    share = pooled_share(analysis, hospitals)
    assert (share.outcome, share.decision, share.decided_by) == ("held", "", None)
    assert inbox(hospitals.keepers["Cleveland"]) == [WAITS]
    assert inbox(lead, url=share.get_absolute_url()) == [], "no second person is waited for"


def test_many_that_hide_no_longer_are_told_in_one_line(hospitals, pooled):
    """Each had a line of its own, and cost as many queries as the first."""
    keeper, costs = hospitals.keepers["Cleveland"], []
    share = pooled_share(pooled, hospitals)
    for count in (2, 12):
        Notification.objects.all().delete()
        oslo = hospitals.dataset("Oslo")
        datasets.change(dataset=oslo, release_policy="person", by=hospitals.keepers["Oslo"])
        for _ in range(count - Analysis.objects.count()):
            copied(pooled)
        Release.objects.filter(dataset=share.dataset).update(
            outcome="released",
            decision="in_part",
            decided_by=keeper,
            decided_at=timezone.now(),
        )
        with CaptureQueriesContext(connection) as queries:
            to_rules(hospitals, "Oslo")
        costs.append(len(queries))
        assert inbox(keeper) == [f"{count} earlier answers over Cleveland patients wait for you"]
        assert Release.objects.filter(dataset=share.dataset, outcome="held").count() == count
    assert (costs[1] - costs[0]) / 10 <= 6, "its row, and its place in the trail"


def pooled_share(analysis, hospitals):
    return analysis.releases.get(dataset=hospitals.dataset("Cleveland"))


def copied(analysis):
    """The same answer once more."""
    more = AnalysisFactory(project=analysis.project)
    for share in analysis.releases.all():
        share.pk, share._state.adding, share.analysis = None, True, more
        share.save()


def test_a_pool_that_still_hides_is_read_on(api, hospitals, pooled):
    hospitals.bring("Lima")
    more = hospitals.ask(parameters=AGES)
    for name, decision in (("Cleveland", "in_part"), ("Lima", "release")):
        decide(hospitals, more, decision, name)
    for share in more.releases.filter(outcome="held"):
        decide(hospitals, more, "release", share.dataset.site.name)
    to_rules(hospitals, "Oslo")
    assert read_by(api, hospitals.reader, more)["rows"] == 480
    assert read_by(api, hospitals.reader, pooled) is None


def test_sites_that_turn_out_to_be_one_organisation_hide_nothing(api, lead, hospitals, pooled):
    """Neither when it is read nor when it runs again, which repeats every number."""
    for name in ("Oslo", "Rome"):
        site = hospitals.dataset(name).site
        study_sites.change(site=site, institution="One Trust", by=lead)
    assert read_by(api, hospitals.reader, pooled) is None
    share = pooled_share(pooled, hospitals)
    assert (share.outcome, share.decision) == ("held", ""), "it was closed, and nobody was asked"
    assert inbox(hospitals.keepers["Cleveland"]) == [WAITS]
    again = hospitals.run(analyses.rerun(analysis=pooled, by=hospitals.asker))
    assert again.agrees
    assert again.releases.get(dataset=hospitals.dataset("Cleveland")).outcome == "held"
