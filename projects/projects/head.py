"""What every page of one project needs: the project, what one may do there, and one's place."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from projects.projects.models import Project
from projects.projects.permissions import permissions_of
from projects.roles import Permission


def project_page(request: HttpRequest, slug: str) -> tuple[Project, dict[str, Any]]:
    """The project, or 404, and the context of templates/projects/project/head.html.

    `may` answers for each permission by name: `{% if may.manage_members %}`.
    """
    user = request.user
    project = get_object_or_404(Project.objects.visible_to(user), slug=slug)
    granted = permissions_of(user, project)
    membership = join_request = None
    if user.is_authenticated:
        membership = project.memberships.active().filter(user=user).first()
        join_request = project.join_requests.open().filter(user=user).first()
    return project, {
        "project": project,
        "may": {permission.name.lower(): permission in granted for permission in Permission},
        "membership": membership,
        "join_request": join_request,
    }
