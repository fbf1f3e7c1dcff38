"""How far a job is, and the buttons beside it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from portal.common.door import form_on
from portal.common.pages import Request, say
from portal.jobs import actions as jobs
from portal.jobs.handlers import HANDLERS
from portal.jobs.models import Job
from portal.jobs.shown import part


@login_required
@require_safe
def progress(request: Request, pk: int) -> HttpResponse:
    """How far the job is: the part of a page that asks for itself, or a page of its own."""
    job = find(request, pk)
    context = {
        "part": part(job, request.user),
        "job": job,
        "crumbs": HANDLERS[job.kind].crumbs(job)[:-1],
        "target": target_url(job),
    }
    if request.htmx:
        response = render(request, "portal/jobs/part.html", context)
        if not job.is_active:
            # The page around the part shows what the job has made.
            response["HX-Refresh"] = "true"
        return response
    return render(request, "portal/jobs/detail.html", context)


@form_on("job", "pk", at="job-{pk}")
def cancel(request: Request, pk: int) -> HttpResponse:
    """Stop the job."""
    job = jobs.cancel(job=find(request, pk), by=request.user)
    say(
        request,
        gettext("It is cancelled.") if not job.is_active else gettext("It will stop in a moment."),
    )
    return HttpResponseRedirect(f"{target_url(job)}#job-{job.pk}")


@form_on("job", "pk", at="job-{pk}")
def retry(request: Request, pk: int) -> HttpResponse:
    """Queue the job once more."""
    job = jobs.retry(job=find(request, pk), by=request.user)
    say(request, gettext("It is queued again."))
    return HttpResponseRedirect(f"{target_url(job)}#job-{job.pk}")


def find(request: Request, pk: int) -> Job:
    """The job, if the person may see it, or 404."""
    return get_object_or_404(Job.objects.visible_to(request.user), pk=pk)


def target_url(job: Job) -> str:
    """The page of what the job works on."""
    crumbs = HANDLERS[job.kind].crumbs(job)
    return crumbs[-1].url if crumbs else reverse("job", args=[job.pk])
