"""Jobs over the API."""

import pytest

from portal.jobs import running
from portal.jobs.choices import JobState
from projects.models import Membership
from tests.factories import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


def url_of(job, path=""):
    return f"/api/v1/jobs/{job.pk}/{path}"


def test_looking_at_a_job_is_cheap(api, job, django_assert_max_num_queries):
    client = api(job.created_by)
    client.get(url_of(job))
    with django_assert_max_num_queries(2):
        answer = client.get(url_of(job))
    assert (answer.data["kind"], answer.data["state"]) == ("ingest", "queued")
    assert (answer.data["progress"], answer.data["error"]) == (0.0, None)


def test_members_see_it_and_others_do_not(api, job):
    reader = MembershipFactory(project_id=job.project_id, role="reader").user
    assert api(reader).get(url_of(job)).status_code == 200
    assert api(reader).post(url_of(job, "cancel/")).status_code == 403
    stranger = api(UserFactory())
    for method, path in ((stranger.get, ""), (stranger.post, "cancel/"), (stranger.post, "retry/")):
        own, random = method(url_of(job, path)), method(f"/api/v1/jobs/987654/{path}")
        assert (own.status_code, own.content) == (404, random.content)


def test_cancel_and_retry(api, job):
    client = api(job.created_by)
    cancelled = client.post(url_of(job, "cancel/"))
    assert (cancelled.status_code, cancelled.data["state"]) == (202, "cancelled")
    assert client.post(url_of(job, "cancel/")).status_code == 409
    again = client.post(url_of(job, "retry/"))
    assert (again.status_code, again.data["state"], again.data["id"]) == (202, "queued", job.pk)
    assert client.post(url_of(job, "retry/")).status_code == 409
    reading = api(job.created_by, ["read", "read:data"])
    assert reading.post(url_of(job, "cancel/")).status_code == 403


def test_a_failure_says_where(api, job):
    claimed = running.claim(job.pk)
    error = {"code": "ragged_row", "detail": "Line 3 has 4 fields.", "row": 3, "column": None}
    running.end(claimed, JobState.FAILED, error)
    assert api(job.created_by).get(url_of(job)).data["error"] == error


@pytest.mark.parametrize("step", ["cancel/", "retry/"])
def test_a_kept_answer_is_not_given_to_who_may_not_steer_any_more(api, job, step):
    client = api(job.created_by)
    if step == "retry/":
        client.post(url_of(job, "cancel/"))
    key = {"Idempotency-Key": "once"}
    assert client.post(url_of(job, step), headers=key).status_code == 202
    assert client.post(url_of(job, step), headers=key)["Idempotent-Replayed"] == "true"
    Membership.objects.filter(user=job.created_by).update(role="reader")
    assert client.post(url_of(job, step), headers=key).status_code == 403
