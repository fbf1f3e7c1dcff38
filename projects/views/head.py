"""What every page of one project needs: the project, what one may do there, and one's place."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from projects.models import JoinRequest, Membership, Project
from projects.permissions import Permission, permissions_of


def project_page(request: HttpRequest, slug: str) -> tuple[Project, dict[str, Any]]:
    """The project, or 404, and the context of templates/projects/project/head.html.

    `may` answers for each permission by name: `{% if may.manage_members %}`.
    """
    user = request.user
    project = get_object_or_404(Project.objects.visible_to(user), slug=slug)
    granted = permissions_of(user, project)
    membership = join_request = None
    if user.is_authenticated:
        membership = Membership.objects.active().filter(project=project, user=user).first()
        join_request = JoinRequest.objects.open().filter(project=project, user=user).first()
    return project, {
        "project": project,
        "may": {permission.name.lower(): permission in granted for permission in Permission},
        "membership": membership,
        "join_request": join_request,
    }
