"""How far a job is, and the buttons beside it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from portal.common.http import say
from portal.common.language import retold
from portal.jobs import actions as jobs
from portal.jobs.handlers import HANDLERS
from portal.jobs.models import Job
from portal.jobs.permissions import can_steer


@login_required
@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the job is: the part of a page that asks for itself, or a page of its own."""
    job = find(request, pk)
    context = {
        "part": part(job, request.user),
        "job": job,
        "places": HANDLERS[job.kind].places(job)[:-1],
        "target": target_url(job),
    }
    if request.htmx:
        response = render(request, "portal/jobs/part.html", context)
        if not job.is_active:
            # The page around the part shows what the job has made.
            response["HX-Refresh"] = "true"
        return response
    return render(request, "portal/jobs/detail.html", context)


@login_required
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the job."""
    job = jobs.cancel(job=find(request, pk), by=request.user)
    say(
        request,
        gettext("It is cancelled.") if not job.is_active else gettext("It will stop in a moment."),
    )
    return redirect(target_url(job))


@login_required
@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Queue the job once more."""
    job = jobs.retry(job=find(request, pk), by=request.user)
    say(request, gettext("It is queued again."))
    return redirect(target_url(job))


def find(request: HttpRequest, pk: int) -> Job:
    """The job, if the person may see it, or 404."""
    return get_object_or_404(Job.objects.visible_to(request.user), pk=pk)


def part(job: Job, user: Any) -> dict[str, Any]:
    """The context of components/job_progress.html for this person."""
    job.message = retold(job.message)
    job.error = HANDLERS[job.kind].error_for(user, job)
    if job.error:
        job.error = job.error | {"detail": retold(job.error.get("detail", ""))}
    steers = can_steer(user, job)
    return {
        "job": job,
        "title": job.title,
        "url": reverse("job", args=[job.pk]),
        "cancel_url": reverse("job-cancel", args=[job.pk]) if steers else "",
        "retry_url": reverse("job-retry", args=[job.pk]) if steers else "",
    }


def target_url(job: Job) -> str:
    """The page of what the job works on."""
    places = HANDLERS[job.kind].places(job)
    return places[-1].url if places else reverse("job", args=[job.pk])
