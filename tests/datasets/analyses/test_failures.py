"""Why an analysis failed: who sees its job, and who reads a reason that tells counts."""

import pytest
from django.utils import timezone

from datasets.analyses import actions as analyses
from datasets.analyses import answerable, job_pages
from datasets.analyses import inputs as reading
from datasets.choices import JobKind
from datasets.models import AnalysisPart, Dataset
from portal.jobs import running
from portal.jobs.choices import JobState
from portal.jobs.models import Job
from tests.factories import (
    DatasetFactory,
    MembershipFactory,
    StudySiteFactory,
    UserFactory,
    table_version,
)
from tests.factories.analyses import AnalysisFactory, job_of
from tests.pages import text_at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lease_is_extended")]
COUNT = "let nothing of this question leave"
RULE = "2 complete rows, 5 are asked for"


@pytest.fixture
def failed(lead, project, monkeypatch):
    """An analysis of a public project's controlled data, of which too few rows are complete: nobody
    looked at them before it ran."""
    monkeypatch.setattr(answerable, "MOST_VALUES", 0)
    project.visibility = "public"
    project.save()
    dataset = DatasetFactory(
        project=project,
        site=StudySiteFactory(project=project),
        access="controlled",
        release_policy="gate",
    )
    columns = {
        "dose": ("number", [1.5, 2.5, None, None]),
        "gain": ("number", [1.0, 2.0, 3.0, None]),
    }
    version = table_version(columns, dataset=dataset)
    analysis = analyses.start(
        project=project,
        title="Does it help?",
        method="regression",
        inputs=[{"dataset": dataset.pk, "version": version.number}],
        parameters={
            "outcome": "gain",
            "terms": ["dose"],
            "family": "gaussian",
            "site_effects": False,
        },
        by=lead,
    )
    job = job_of(analysis)
    assert running.claim_and_run(job.pk)
    job.refresh_from_db()
    assert COUNT in job.error["detail"]
    return analysis


def said(call, analysis):
    """What the job's address says, if it says anything, and what the analysis says."""
    job = job_of(analysis)
    return (
        call.get(f"/api/v1/jobs/{job.pk}/"),
        call.get(f"/api/v1/analyses/{analysis.pk}/"),
    )


def test_whoever_reads_the_rows_reads_the_reason(api, page, lead, failed):
    for answer in said(api(lead), failed):
        assert COUNT in answer.content.decode()
    listed = page(lead).get("/projects/heart/analyses/").content.decode()
    assert "No answer" in listed
    assert "None yet" not in listed
    html = page(lead).get(failed.get_absolute_url()).text
    assert COUNT in html
    assert "Withheld by sites whose rows you may read:" in html
    assert RULE in html, "which rule it was stood nowhere"
    assert (
        RULE in api(lead).get(f"/api/v1{failed.get_absolute_url()}").data["withheld"][0]["reason"]
    )
    assert "let nothing of it leave" in html
    assert "has answered" not in html
    end, again = (
        html.index("Trying this run again ends the same"),
        html.index("Try again, once the rules of"),
    )
    assert html.index("Change the question and ask again", end) < again
    assert html.count("Try again") == 1


def test_others_inside_read_that_it_failed(api, page, lead, project, failed):
    contributor = MembershipFactory(project=project, role="contributor").user
    for call in (api(contributor), api(lead, ["read"])):
        alone, within = said(call, failed)
        assert alone.data["error"] == within.data["job"]["error"]
        assert alone.data["error"]["code"] == "not_estimable"
        assert "withheld" in alone.data["error"]["detail"]
        assert COUNT not in alone.content.decode() + within.content.decode()
    html = page(contributor).get(failed.get_absolute_url()).text
    assert "details are withheld" in html
    assert "was asked" in html
    assert not any(one in html for one in (COUNT, RULE, "let nothing", "has answered"))
    for call in (api(contributor), api(lead, ["read"])):
        assert said(call, failed)[1].data["withheld"] == []


def test_people_outside_see_no_job(api, failed):
    person = api(UserFactory())
    assert [one.status_code for one in said(person, failed)] == [404, 404], "nothing was released"
    Dataset.objects.update(access="registered")
    alone, within = said(person, failed)
    assert (alone.status_code, within.status_code) == (404, 200)
    assert within.data["job"] is None
    assert COUNT not in within.content.decode()


@pytest.fixture
def handed_out(monkeypatch):
    """As where there are many rows, sites answer in jobs of their own."""
    monkeypatch.setattr(reading, "FEW_VALUES", 0)


def test_a_parts_reason_is_as_guarded(handed_out, api, page, lead, project, failed):
    shown = page(lead).get(failed.get_absolute_url()).content.decode()
    assert "Site by site" in shown
    part = AnalysisPart.objects.filter(input__analysis=failed).first()
    job = Job.objects.get(kind=JobKind.SUMMARISE, target_id=part.pk)
    error = {"code": "not_estimable", "detail": COUNT, "row": None, "column": None}
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, error=error)
    contributor = MembershipFactory(project=project, role="contributor").user
    for person, told in ((lead, COUNT), (contributor, "withheld")):
        assert told in job_pages.error_for(person, Job.objects.get(pk=job.pk))["detail"]
        assert api(person).get(f"/api/v1/jobs/{job.pk}/").status_code == 404


def test_whoever_was_removed_sees_no_job_of_theirs(api, page, project, failed):
    member = MembershipFactory(project=project, role="steward")
    (one,) = failed.inputs.select_related("version")
    again = analyses.start(
        project=project,
        title="Once more",
        method="describe",
        inputs=[{"dataset": one.version.dataset_id, "version": one.version.number}],
        parameters={"variables": ["dose"]},
        by=member.user,
    )
    job = job_of(again)
    call, browser = api(member.user), page(member.user)
    assert call.get(f"/api/v1/jobs/{job.pk}/").status_code == 200
    member.ends_at = timezone.now()
    member.save()
    assert call.get(f"/api/v1/jobs/{job.pk}/").status_code == 404
    assert call.post(f"/api/v1/jobs/{job.pk}/cancel/").status_code == 404
    assert browser.get(f"/jobs/{job.pk}/").status_code == 404
    assert call.get(f"/api/v1/analyses/{again.pk}/").status_code == 404
    Dataset.objects.update(access="registered")
    assert call.get(f"/api/v1/analyses/{again.pk}/").data["job"] is None


def test_a_run_again_that_failed_says_what_it_repeats_and_what_to_do(page, api, lead, project):
    """It said that the same question has the same end, though its first run has an answer."""
    first = AnalysisFactory(project=project, succeeded=True)
    again = AnalysisFactory(project=project, rerun_of=first, state="failed")
    said = text_at(page(lead), again.get_absolute_url())
    assert f'<a href="{first.get_absolute_url()}">The run that it repeats</a> keeps its' in said
    assert "run that one again once these have changed" in said
    assert "It came to no answer, so no number is compared." in said
    assert "Ask again with other variables" not in said
    refused = api(lead).post(f"/api/v1/analyses/{again.pk}/rerun/")
    assert refused.status_code == 409
    assert refused.data["detail"].startswith("This run failed, so it has no number to compare")


def test_a_question_that_failed_says_what_trying_again_does(page, lead, failed):
    said = text_at(page(lead), failed.get_absolute_url())
    assert "Ask again with other variables or data. Trying this run again ends the same" in said
    assert "compared" not in said
