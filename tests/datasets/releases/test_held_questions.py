"""What the ledger holds is decided once, also where nothing of the question came."""

import re
from datetime import timedelta

import pytest
from django.db.models import F

from datasets.analyses.standing import usual_waits
from datasets.datasets import actions as datasets
from datasets.domains import actions as domains
from datasets.models import Analysis, Domain, Release
from datasets.releases import actions as releases
from datasets.releases.behind import with_what_is_held
from members.models import Notification
from portal.common.exceptions import Conflict
from portal.jobs import actions as jobs
from projects.memberships import actions as memberships
from tests.datasets.releases.conftest import REGRESSION, decide, inbox, run_meanwhile
from tests.factories.analyses import job_of, run_analysis

pytestmark = pytest.mark.django_db

HELD = "“How old are they?” is held: its data’s keepers decide before anything of it leaves."
WAITS = "“How old are they?” waits for you before it leaves Cleveland patients"


def regression(hospitals, *names):
    return hospitals.ask(*names, method="regression", parameters=REGRESSION)


def tried(analysis):
    """The same analysis, once a worker took it again."""
    run_analysis(analysis)
    return Analysis.objects.get(pk=analysis.pk)


@pytest.fixture
def beside(hospitals):
    """A question held at Cleveland, where a person releases, and answered by Oslo alone."""
    hospitals.bring("Cleveland")
    hospitals.bring("Oslo", "project")
    regression(hospitals, "Cleveland")
    hospitals.one_more("Cleveland")
    Notification.objects.all().delete()
    return regression(hospitals)


@pytest.fixture
def alone(hospitals):
    """A question of which everything is held."""
    hospitals.bring("Cleveland")
    hospitals.ask("Cleveland", method="regression", parameters=REGRESSION)
    hospitals.one_more("Cleveland")
    Notification.objects.all().delete()
    return regression(hospitals)


def test_one_decision_covers_the_run_that_it_brings(api, hospitals, beside):
    keeper = hospitals.keepers["Cleveland"]
    assert inbox(keeper) == [WAITS]
    decide(hospitals, beside)
    assert inbox(keeper) == []
    again = hospitals.run(Analysis.objects.get(rerun_of=beside))
    share = again.releases.get(dataset=hospitals.dataset("Cleveland"))
    assert (share.outcome, share.contributes, share.decided_by) == ("released", True, keeper)
    assert inbox(keeper) == [], "nothing is asked twice"
    told = api(hospitals.reader).get(f"/api/v1/analyses/{again.pk}/").data
    assert told["result"]["n"] > beside.result["n"]
    third = hospitals.run(releases.analyses.rerun(analysis=again, by=hospitals.asker))
    assert third.releases.get(dataset=hospitals.dataset("Cleveland")).outcome == "released"


def test_an_answer_without_what_was_held_leads_to_the_run_that_has_it(page, api, hospitals, beside):
    """It went on saying that a site decides, and of the run with its share that numbers differ."""
    decide(hospitals, beside)
    again = hospitals.run(Analysis.objects.get(rerun_of=beside))
    seen = page(hospitals.asker).get(beside.get_absolute_url()).text
    said = " ".join(seen.split())
    to_it = f'released since: <a href="{again.get_absolute_url()}">a later run</a> has it.'
    assert f"What was held for Cleveland is {to_it}" in said
    assert "With Cleveland, released since" in said
    later = " ".join(page(hospitals.asker).get(again.get_absolute_url()).text.split())
    assert "It has what was held for Cleveland and is released since" in later
    for html in (said, later):
        assert "numbers differ" not in html
    assert "a later run" not in later
    listed = " ".join(page(hospitals.asker).get("/projects/heart/analyses/").text.split())
    (marked,) = re.findall(r"<tr>(?:(?!</tr>).)*A later run</a> has Cleveland, too", listed)
    assert f'class="row-link" href="{beside.get_absolute_url()}"' in marked
    assert f'<a href="{again.get_absolute_url()}">A later run' in marked
    client = api(hospitals.asker)
    lines = client.get("/api/v1/projects/heart/analyses/").data["results"]
    (one,) = (line["later_run"] for line in lines if line["later_run"])
    assert (one["id"], one["joined"]) == (again.pk, ["Cleveland"])
    for run, later_run in ((beside, one), (again, None)):
        assert client.get(f"/api/v1{run.get_absolute_url()}").data["later_run"] == later_run
    third = hospitals.run(releases.analyses.rerun(analysis=again, by=hospitals.asker))
    assert (third.compared_with, third.agrees) == (again, True), "and not with the first"


def test_a_decision_that_was_taken_back_covers_nothing(hospitals, beside):
    decide(hospitals, beside)
    again = hospitals.run(Analysis.objects.get(rerun_of=beside))
    decide(hospitals, again, "withhold")
    third = hospitals.run(releases.analyses.rerun(analysis=again, by=hospitals.asker))
    assert third.releases.get(dataset=hospitals.dataset("Cleveland")).outcome == "held"


def test_two_persons_decide_once(hospitals, lead):
    hospitals.bring("Cleveland", policy="two_persons")
    hospitals.bring("Oslo", "project")
    regression(hospitals, "Cleveland")
    hospitals.one_more("Cleveland")
    held = regression(hospitals)
    assert decide(hospitals, held).outcome == "held"
    release = held.releases.get(dataset=hospitals.dataset("Cleveland"))
    releases.decide(release=release, decision="release", by=lead)
    again = hospitals.run(Analysis.objects.get(rerun_of=held))
    share = again.releases.get(dataset=hospitals.dataset("Cleveland"))
    assert (share.outcome, share.confirmed_by) == ("released", lead)


def test_the_keeper_sees_what_the_decision_lets_go(page, api, hospitals, beside):
    """Before it is added to anything, the output is computed for whoever decides on it."""
    keeper = hospitals.keepers["Cleveland"]
    release = beside.releases.get(dataset=hospitals.dataset("Cleveland"))
    url = f"/releases/{release.pk}/"
    html = " ".join(page(keeper).get(url).content.decode().split())
    assert "effect by region and site" in html
    assert (
        "1 rule of these data holds it back; the others are looked at once it is added </summary>"
        in html
    )
    seen = api(keeper).get(f"/api/v1{url}").data["result"]
    assert {one["site"] for one in seen["by_site"]} == {"Cleveland", "Oslo"}
    decide(hospitals, beside)
    again = hospitals.run(Analysis.objects.get(rerun_of=beside))
    assert again.get_absolute_url() in page(keeper).get(url).content.decode()
    answered = api(hospitals.asker).get(f"/api/v1/analyses/{again.pk}/").data["result"]
    assert answered == seen


def test_what_another_released_in_part_is_only_pooled_for_who_keeps_the_held(api, page, hospitals):
    for name in ("Cleveland", "Oslo", "Rome", "Lima"):
        hospitals.bring(name)
    regression(hospitals, "Cleveland")
    hospitals.one_more("Cleveland")
    analysis = regression(hospitals)
    decide(hospitals, analysis, "in_part", name="Oslo")
    keeper = hospitals.keepers["Cleveland"]
    release = analysis.releases.get(dataset=hospitals.dataset("Cleveland"))
    assert release.held
    output = api(keeper).get(f"/api/v1/releases/{release.pk}/").data
    [told] = output["held_by"]
    assert output["held"] == [{"rule": "row_sets", "risk": "Differencing", "text": told}]
    seen = output["result"]
    assert seen["n"] > 3 * 120, "with the held share in it"
    assert not seen.get("by_site")
    html = page(keeper).get(f"/releases/{release.pk}/").content.decode()
    assert "Oslo released what is pooled, and nothing of single sites." in html
    assert "Risk: the difference of two answers is about few people." in html
    assert html.count("from an earlier question: “How old are they?” of version") == 1


@pytest.mark.parametrize("held", [("Cleveland", "Rome"), ("Cleveland", "Rome", "Lima")])
def test_as_many_decisions_as_sites_that_are_held(hospitals, held):
    hospitals.bring("Oslo", "project")
    for name in held:
        hospitals.bring(name)
        regression(hospitals, name)
        hospitals.one_more(name)
    Notification.objects.all().delete()
    first = run = regression(hospitals)
    for name in held:
        keeper = hospitals.keepers[name]
        assert len(inbox(keeper)) == 1, "nobody is asked twice"
        decide(hospitals, first, name=name)
        run = hospitals.run(Analysis.objects.filter(rerun_of=first).latest("pk"))
        assert inbox(keeper) == []
    assert not Release.objects.filter(analysis__in=[first, run], outcome="held").exists()
    shares = run.releases.filter(dataset__in=[hospitals.dataset(name) for name in held])
    assert {(one.outcome, one.contributes) for one in shares} == {("released", True)}
    assert len(shares) == len(held)
    assert Analysis.objects.filter(rerun_of=first).count() == len(held)


def test_what_is_declared_meanwhile_is_not_what_was_decided(hospitals, beside):
    """The run that a release brings asks what the keeper looked at."""
    keeper = hospitals.keepers["Cleveland"]
    dataset = hospitals.dataset("Cleveland")
    declared = [{"column": "age", "low": 0, "high": 120}]
    domains.declare(dataset=dataset, domains=declared, by=keeper)
    decide(hospitals, beside)
    again = hospitals.run(Analysis.objects.get(rerun_of=beside))
    share = again.releases.get(dataset=dataset)
    assert (share.outcome, share.contributes) == ("released", True)
    assert inbox(keeper) == []
    third = hospitals.run(releases.analyses.rerun(analysis=beside, by=hospitals.asker))
    assert third.releases.get(dataset=dataset).outcome == "held", "that is another question"


def test_what_was_open_and_is_guarded_since_has_what_is_declared_of_it(hospitals, beside):
    """Nobody declared anything when the question was asked, and nobody decided on that."""
    oslo, keeper = hospitals.dataset("Oslo"), hospitals.keepers["Oslo"]
    datasets.change(dataset=oslo, access="summaries", by=keeper)
    declared = [{"column": "age", "low": 0, "high": 50}]
    domains.declare(dataset=oslo, domains=declared, by=keeper)
    release = beside.releases.get(dataset=hospitals.dataset("Cleveland"))
    previewed = with_what_is_held(release, hospitals.keepers["Cleveland"])
    Domain.objects.filter(dataset=oslo).delete()
    undeclared = with_what_is_held(release, hospitals.keepers["Cleveland"])
    assert previewed.result["n"] < undeclared.result["n"]
    domains.declare(dataset=oslo, domains=declared, by=keeper)
    decide(hospitals, beside)
    again = Analysis.objects.get(rerun_of=beside)
    pinned = again.inputs.get(version__dataset=oslo).domains
    assert [(one["column"], one["high"]) for one in pinned["columns"]] == [("age", 50)]


def test_a_second_person_confirms_what_the_first_could_decide(hospitals, lead):
    hospitals.bring("Cleveland", policy="two_persons")
    hospitals.bring("Oslo", "project")
    regression(hospitals, "Cleveland")
    hospitals.one_more("Cleveland")
    held = regression(hospitals)
    decide(hospitals, held)
    membership = hospitals.keepers["Cleveland"].memberships.get(project=hospitals.project)
    memberships.change_role(membership=membership, role="reader", by=lead)
    release = held.releases.get(dataset=hospitals.dataset("Cleveland"))
    releases.decide(release=release, decision="release", by=lead)
    again = hospitals.run(Analysis.objects.get(rerun_of=held))
    assert again.releases.get(dataset=hospitals.dataset("Cleveland")).outcome == "released"


def test_nothing_is_left_to_ask_where_all_was_withheld(hospitals, alone):
    decide(hospitals, alone, "withhold")
    with pytest.raises(Conflict, match="Every dataset of this question was withheld"):
        releases.ask_without(analysis=alone, by=hospitals.asker)


def test_what_a_repeated_answer_took_over_tells_no_usual_wait(hospitals):
    hospitals.bring("Cleveland")
    analysis = hospitals.ask()
    decide(hospitals, analysis)
    day = timedelta(days=1)
    analysis.releases.update(
        created_at=F("created_at") - 14 * day, decided_at=F("decided_at") - 10 * day
    )
    for _ in range(3):
        hospitals.run(releases.analyses.rerun(analysis=analysis, by=hospitals.asker))
    (usual,) = usual_waits([hospitals.dataset("Cleveland")])
    assert usual.days == 4


def test_what_is_held_whole_waits_for_its_keeper_and_is_no_failure(api, page, hospitals, alone):
    assert alone.state == "failed"
    assert inbox(hospitals.asker) == [HELD]
    assert inbox(hospitals.keepers["Cleveland"]) == [WAITS]
    release = alone.releases.get()
    assert (release.outcome, release.contributes) == ("held", False)
    assert api(hospitals.asker).get(f"/api/v1/analyses/{alone.pk}/").data["release"]["status"] == (
        "held"
    )
    html = page(hospitals.asker).get(alone.get_absolute_url()).content.decode()
    assert "Waits for its keeper: this answer is not released yet." in html
    assert "Cleveland Keeper" in html


def test_who_decides_reads_that_the_rules_would_let_nothing_leave(api, page, hospitals):
    hospitals.bring("Cleveland", rows=4)
    regression(hospitals)
    hospitals.one_more("Cleveland")
    held = regression(hospitals)
    release = held.releases.get()
    assert release.outcome == "held"
    html = page(hospitals.keepers["Cleveland"]).get(f"/releases/{release.pk}/").content.decode()
    said = " ".join(html.split())
    assert "carries no answer, whatever you decide. To release it tells whoever asked" in said
    assert "Release: whoever asked is told that no answer comes" in said
    for other in ("the project reads it as shown", "What the project sees", "too many rows"):
        assert other not in said
    decide(hospitals, held)
    refused = tried(held)
    assert (refused.state, job_of(refused).error["code"]) == ("failed", "not_estimable")


def test_released_it_is_answered_at_the_same_address(api, hospitals, alone):
    decide(hospitals, alone)
    answered = tried(alone)
    assert answered.state == "succeeded"
    assert not Analysis.objects.filter(rerun_of=alone).exists()
    share = answered.releases.get()
    assert (share.outcome, share.contributes, share.held) == ("released", True, [])
    assert api(hospitals.reader).get(f"/api/v1/analyses/{alone.pk}/").data["result"]["n"] == 120
    assert inbox(hospitals.keepers["Cleveland"]) == []


def test_a_decision_while_it_is_tried_again_is_not_lost(hospitals, alone):
    jobs.retry(job=job_of(alone), by=hospitals.asker)
    told = len(inbox(hospitals.asker))
    again = run_meanwhile(alone, lambda: decide(hospitals, alone))
    assert again.state == "queued", "what was decided meanwhile is added"
    assert len(inbox(hospitals.asker)) == told, "nobody is told that it is held"
    answered = tried(alone)
    share = answered.releases.get()
    assert answered.state == "succeeded"
    assert (share.outcome, share.contributes, share.held) == ("released", True, [])


def test_a_decision_while_another_share_is_added_is_not_lost(hospitals):
    for name in ("Cleveland", "Rome"):
        hospitals.bring(name)
        regression(hospitals, name)
        hospitals.one_more(name)
    analysis = regression(hospitals)
    decide(hospitals, analysis)
    answered = run_meanwhile(analysis, lambda: decide(hospitals, analysis, name="Rome"))
    assert answered.state == "succeeded"
    assert answered.result["n"] < 2 * 120
    both = hospitals.run(Analysis.objects.get(rerun_of=analysis))
    assert {(one.outcome, one.contributes) for one in both.releases.all()} == {("released", True)}
    assert both.result["n"] > 2 * 120 - 5


def test_a_decision_before_the_worker_begins_is_taken_once(hospitals, alone):
    jobs.retry(job=job_of(alone), by=hospitals.asker)
    decide(hospitals, alone)
    assert tried(alone).state == "succeeded"
    assert not Analysis.objects.filter(rerun_of=alone).exists()


def test_withheld_it_says_so_and_is_not_called_released(page, hospitals, alone):
    decide(hospitals, alone, "withhold")
    assert inbox(hospitals.asker)[-1] == "Cleveland withholds “How old are they?”, and says why."
    html = page(hospitals.asker).get(alone.get_absolute_url()).content.decode()
    assert "Withheld: this answer is closed." in html
    # Whoever asked may try again, and nags nobody by it.
    jobs.retry(job=job_of(alone), by=hospitals.asker)
    again = tried(alone)
    assert again.releases.get().outcome == "refused"
    assert inbox(hospitals.keepers["Cleveland"]) == []


def test_a_held_share_that_is_withheld_is_not_called_released(hospitals, beside):
    decide(hospitals, beside, "withhold")
    assert inbox(hospitals.asker)[-1] == "Cleveland withholds “How old are they?”, and says why."


def test_held_and_too_little_left_waits_as_well(hospitals):
    """What the others let go carries no answer by itself: the held share is asked for."""
    hospitals.bring("Cleveland")
    hospitals.bring("Oslo", "project", rows=2)
    regression(hospitals, "Cleveland")
    hospitals.one_more("Cleveland")
    Notification.objects.all().delete()
    analysis = regression(hospitals)
    assert (analysis.state, job_of(analysis).error["code"]) == ("failed", "not_estimable")
    assert inbox(hospitals.asker) == [HELD]
    assert inbox(hospitals.keepers["Cleveland"]) == [WAITS]
    decide(hospitals, analysis)
    assert tried(analysis).state == "succeeded"


def test_what_is_held_whole_is_nowhere_called_a_failure(page, hospitals, alone):
    client = page(hospitals.asker)
    for path in (f"/projects/{hospitals.project.slug}/analyses/", alone.get_absolute_url()):
        html = client.get(path).text
        assert "Waits for its keeper" in html
        assert "Failed" not in html
        assert "Waiting for a worker" not in html
        assert "Try again" not in html


@pytest.mark.parametrize(
    ("decided", "word"), [(None, "Waits for its keeper"), ("withhold", "Withheld")]
)
def test_its_job_is_called_as_its_question(page, hospitals, alone, decided, word):
    """A badge said “Waits for its keeper” or “Withheld”, and the work below it “Failed”."""
    if decided:
        decide(hospitals, alone, decided)
    client = page(hospitals.asker)
    job = client.get(f"/jobs/{job_of(alone).pk}/").text
    assert f'<span class="detail-inline">{word}</span>' in job
    for html in (job, client.get(alone.get_absolute_url()).text):
        assert "Failed" not in html
        assert "it is held" not in html
