"""A kind of job that is none of datasets': any app can add one by naming a title and its work."""

import pytest
from django.urls import reverse

from members.models import AuditEvent, AuditScope
from portal.common.exceptions import NotAllowed
from portal.common.pages import Crumb
from portal.jobs import actions as jobs
from portal.jobs.choices import JobState
from portal.jobs.handlers import HANDLERS, Handler
from portal.jobs.models import Job
from portal.jobs.queue import enqueue
from portal.jobs.running import JobFailed, claim_and_run
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def kind(monkeypatch):
    """`kind(work, …)`: registers jobs that tidy something of a person; gives their kind."""

    def register(work=lambda job, context: lambda: None, **values):
        monkeypatch.setitem(HANDLERS, "tidy", Handler(title="Tidy up", work=work, **values))
        return "tidy"

    return register


def begin(kind, by):
    return enqueue(kind=kind, target_id=by.pk, project_id=None, by=by)


def test_it_is_queued_run_and_seen_by_whoever_began_it(kind, user, api, page):
    done = []

    def work(job, context):
        context.report(0.5, "Half way")
        return lambda: done.append(job.target_id)

    job = begin(kind(work), user)
    assert claim_and_run(job.pk)
    assert done == [user.pk]
    shown = api(user).get(reverse("api-job", args=[job.pk])).json()
    assert (shown["kind"], shown["state"], shown["error"]) == ("tidy", "succeeded", None)
    assert "Tidy up" in page(user).get(reverse("job", args=[job.pk])).text
    assert api(UserFactory()).get(reverse("api-job", args=[job.pk])).status_code == 404


def test_it_is_cancelled_and_repeated_by_whoever_began_it_and_that_is_written_down(kind, user):
    told = []
    job = begin(kind(follow=lambda job, state: told.append(state)), user)
    with pytest.raises(NotAllowed):
        jobs.cancel(job=job, by=UserFactory())
    assert jobs.cancel(job=job, by=user).state == JobState.CANCELLED
    assert jobs.retry(job=job, by=user).state == JobState.QUEUED
    assert told == ["cancelled", "queued"]
    written = AuditEvent.objects.filter(action__startswith="job.").order_by("id")
    assert list(written.values_list("action", "actor_id", "object_label")) == [
        ("job.cancelled", user.pk, f"Tidy up {user.pk}"),
        ("job.retried", user.pk, f"Tidy up {user.pk}"),
    ]
    assert not AuditScope.objects.filter(event__in=written).exists()


def test_who_else_steers_it_is_the_kinds_to_say(kind, user):
    helper = UserFactory()
    job = begin(kind(steered_by=lambda person, job: person.pk == helper.pk), user)
    with pytest.raises(NotAllowed):
        jobs.cancel(job=job, by=user)
    assert jobs.cancel(job=job, by=helper).state == JobState.CANCELLED


def test_its_error_is_said_as_each_person_may_hear_it(kind, user, api):
    def work(job, context):
        raise JobFailed("too_dusty", "Row 7 of 9 is too dusty.", row=7)

    def error_for(person, job, *, exact=True):
        return job.error and {"code": job.error["code"], "detail": "Something is too dusty."}

    job = begin(kind(work, error_for=error_for), user)
    assert claim_and_run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error["row"]) == ("failed", 7)
    shown = api(user).get(reverse("api-job", args=[job.pk])).json()["error"]
    assert shown == {
        "code": "too_dusty",
        "detail": "Something is too dusty.",
        "row": None,
        "column": None,
    }


def test_its_page_leads_to_where_it_says_its_target_stands(kind, user, page):
    job = begin(kind(crumbs=lambda job: [Crumb("Inbox", "/inbox/")]), user)
    answer = page(user).post(reverse("job-cancel", args=[job.pk]))
    assert answer.url == f"/inbox/#job-{job.pk}"
    assert Job.objects.get(pk=job.pk).state == JobState.CANCELLED
