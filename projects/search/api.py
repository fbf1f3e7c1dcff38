"""The list of projects over the API."""

from typing import Any

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portal.common.api.pages import FilterSerializer, narrowed, ordering
from portal.common.api.views import ApiView
from projects.projects import actions as projects
from projects.projects.api import ProjectSerializer, counted, with_counts
from projects.projects.models import Project
from projects.search.filters import ProjectFilter
from projects.search.forms import LABELS
from projects.search.matches import ProjectMatches


class Several(serializers.ListField):
    """A filter given once or more often, each time with a known value."""

    def __init__(self, group: str, **kwargs: Any) -> None:
        self.labels = LABELS[group]
        # OpenAPI names the values; of hundreds of countries it need not.
        short = len(self.labels) < 100
        child = serializers.ChoiceField(list(self.labels.items())) if short else None
        super().__init__(child=child or serializers.CharField(), required=False, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        """Each value once, in a tuple as `ProjectFilter` has them."""
        known = self.labels
        for value in data:
            if value not in known:
                raise serializers.ValidationError(
                    gettext("“%(value)s” is not one of: %(labels)s.")
                    % {"value": value, "labels": ", ".join(known)}
                )
        return tuple(dict.fromkeys(data))


class ProjectFilterSerializer(FilterSerializer):
    """What the list can be narrowed to: in a group any may match, between groups all must."""

    search = serializers.CharField(default="", help_text="Words, beginnings of words, or near them")
    field = Several("field")
    need = Several("need")
    stage = Several("stage")
    region = Several("region")
    country = Several("country")


class Projects(ApiView):
    """All projects the caller may know of."""

    ordering_fields = ("active_at", "created_at", "updated_at", "title")
    default_ordering = ("-active_at", "-id")

    @extend_schema(
        operation_id="projects_list",
        parameters=[ProjectFilterSerializer, ordering(*ordering_fields)],
        responses=ProjectSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Projects, filtered as on the page."""
        asked = self.asked(ProjectFilterSerializer)
        groups = {group: asked[group] for group in ProjectFilter.GROUPS if group in asked}
        wanted = ProjectFilter(q=" ".join(asked["search"].split()), **groups)
        visible = Project.objects.visible_to(request.user)
        found = ProjectMatches(wanted, visible).found() if wanted else visible
        return self.page(ProjectSerializer, with_counts(narrowed(found, asked)))

    @extend_schema(
        operation_id="projects_create",
        request=ProjectSerializer,
        responses={201: ProjectSerializer},
    )
    def post(self, request: Request) -> Response:
        """Start a project; the caller leads it."""
        project = projects.create(by=self.user, **self.sent(ProjectSerializer))
        response = self.shown(ProjectSerializer, counted(project), status=201)
        response["Location"] = f"/api/v1/projects/{project.slug}/"
        return response
