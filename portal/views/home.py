"""The front page: what the portal is for strangers, what waits on you for members."""

from collections.abc import Iterable

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from members.models import Notification, Profile
from portal.common.http import Request
from portal.common.language import retold
from portal.jobs.models import Job
from projects.models import Membership, Project

SAMPLE_PROJECT = "heart-disease-four-hospitals"
LINES = 6
PROJECTS = 12
JOBS = 6


@require_safe
def home(request: Request) -> HttpResponse:
    """The front page."""
    sample = Project.objects.visible_to(request.user).filter(slug=SAMPLE_PROJECT).first()
    if not request.user.is_authenticated:
        return render(request, "portal/home/front.html", {"sample": sample})
    user = request.user
    profile = Profile.objects.filter(user=user).first()
    memberships = (
        Membership.objects.active()
        .filter(user=user)
        .select_related("project")
        .order_by("-project__active_at", "-id")[:PROJECTS]
    )
    context = {
        "sample": sample,
        "now": timezone.now(),
        "lines": Notification.objects.visible_to(user).open().by_urgency()[:LINES],
        "memberships": memberships,
        "jobs": with_titles(
            Job.objects.visible_to(user)
            .active()
            .filter(created_by=user)
            .order_by("-created_at")[:JOBS]
        ),
        "profile_is_empty": profile is None or not profile.disciplines,
    }
    return render(request, "portal/home/home.html", context)


def with_titles(jobs: Iterable[Job]) -> list[Job]:
    """The jobs, each with the title of its project: a job knows only the number."""
    shown = list(jobs)
    wanted = {job.project_id for job in shown}
    titles = dict(Project.objects.filter(pk__in=wanted).values_list("pk", "title")) if shown else {}
    for job in shown:
        job.project_title = titles.get(job.project_id, "")
        job.message = retold(job.message)
    return shown
