"""The front page: what the portal is for strangers, what waits on you for members."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from datasets.analyses.result import newest_answer
from datasets.models import Release
from members.models import Notification, Profile
from portal.common.pages import Request, count_up_to
from portal.common.text import Text, retold
from portal.jobs.models import Job
from projects.models import Membership, Project

LINES = 6
PROJECTS = 12
JOBS = 6


@require_safe
def home(request: Request) -> HttpResponse:
    """The front page."""
    sample = Project.objects.visible_to(request.user).filter(is_sample=True).first()
    if not request.user.is_authenticated:
        context = {"sample": sample, **newest_answer(request.user, sample)}
        return render(request, "portal/home/front.html", context)
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
        "jobs": running(
            Job.objects.visible_to(user)
            .active()
            .filter(created_by=user)
            .order_by("-created_at")[:JOBS]
        ),
        "to_release": count_up_to(Release.objects.visible_to(user).waiting()),
        "profile_is_empty": profile is None or not profile.disciplines,
    }
    return render(request, "portal/home/home.html", context)


@dataclass(frozen=True)
class Running:
    """A job as the front page shows it."""

    title: Text
    project_title: str
    message: str
    progress: float


def running(jobs: Iterable[Job]) -> list[Running]:
    """The jobs, each with the title of its project: a job knows only the number."""
    shown = list(jobs)
    wanted = {job.project_id for job in shown if job.project_id is not None}
    titles: dict[int | None, str] = {}
    if shown:
        titles = dict(Project.objects.filter(pk__in=wanted).values_list("pk", "title"))
    return [
        Running(
            job.title, titles.get(job.project_id, ""), retold(job.message, job.said), job.progress
        )
        for job in shown
    ]
