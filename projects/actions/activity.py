"""Note that a project is alive."""

from django.utils import timezone

from projects.models import Project


def mark_active(project: Project) -> None:
    """Something happened in the project: those who look for live ones find it first."""
    now = timezone.now()
    Project.objects.filter(pk=project.pk).update(active_at=now, updated_at=now)
