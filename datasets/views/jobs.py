"""How far a job is, and the buttons beside it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from datasets.actions import jobs
from datasets.models import Analysis, Job, JobKind, Version
from datasets.permissions import can_steer, job_error_for
from portal.common.http import say


@login_required
@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the job is: the part of a page that asks for itself, or a page of its own."""
    job = find(request, pk)
    context = {"part": part(job, request.user), "job": job, "target": target_url(job)}
    if request.htmx:
        response = render(request, "datasets/job/part.html", context)
        if not job.is_active:
            # The page around the part shows what the job has made.
            response["HX-Refresh"] = "true"
        return response
    return render(request, "datasets/job/detail.html", context)


@login_required
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the job."""
    job = jobs.cancel(job=find(request, pk), by=request.user)
    say(request, "It is cancelled." if not job.is_active else "It will stop in a moment.")
    return redirect(target_url(job))


@login_required
@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Queue the job once more."""
    job = jobs.retry(job=find(request, pk), by=request.user)
    say(request, "It is queued again.")
    return redirect(target_url(job))


def find(request: HttpRequest, pk: int) -> Job:
    """The job, if the person may see it, or 404."""
    return get_object_or_404(Job.objects.visible_to(request.user).select_related("project"), pk=pk)


def part(job: Job, user: Any) -> dict[str, Any]:
    """The context of components/job_progress.html for this person."""
    job.error = job_error_for(user, job)
    steers = can_steer(user, job)
    return {
        "job": job,
        "title": job.get_kind_display(),
        "url": reverse("job", args=[job.pk]),
        "cancel_url": reverse("job-cancel", args=[job.pk]) if steers else "",
        "retry_url": reverse("job-retry", args=[job.pk]) if steers else "",
    }


def target_url(job: Job) -> str:
    """The page of what the job works on."""
    if job.kind == JobKind.INGEST:
        return Version.objects.get(pk=job.target_id).get_absolute_url()
    if job.kind == JobKind.ANALYSE:
        return Analysis.objects.get(pk=job.target_id).get_absolute_url()
    return reverse("job", args=[job.pk])
