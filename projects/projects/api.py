"""Projects over the API."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from members.choices import Discipline
from members.models import AuditScope, User
from portal.common.api.views import ApiView
from portal.common.countries import SUB_REGIONS
from projects.choices import JoinPolicy, Stage, Visibility
from projects.projects import actions as projects
from projects.projects.models import Project
from projects.projects.numbers import number_of
from projects.projects.permissions import require
from projects.roles import Permission


class AccountSerializer(serializers.Serializer):
    """An account by id and name."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class Named(serializers.ChoiceField):
    """A choice by its value or its name, whatever the case: `infectious-disease` or its label."""

    def to_internal_value(self, data: Any) -> Any:
        wanted = str(data).strip().casefold()
        for value, label in self.choices.items():
            if wanted in (str(value).casefold(), str(label).casefold()):
                return value
        return self.fail("invalid_choice", input=data)


class ProjectSerializer(serializers.Serializer):
    """What people write of a project, and what the portal adds when it is read."""

    slug = serializers.CharField(read_only=True)
    title = serializers.CharField(max_length=160)
    question = serializers.CharField(max_length=400)
    summary = serializers.CharField(max_length=10_000, allow_blank=True, required=False)
    disciplines = serializers.ListField(child=Named(Discipline.choices), required=False)
    conditions = serializers.ListField(
        child=serializers.CharField(max_length=80), max_length=20, required=False
    )
    regions = serializers.ListField(
        child=Named([(name, name) for name in SUB_REGIONS]), required=False
    )
    stage = serializers.ChoiceField(Stage.choices, required=False)
    visibility = serializers.ChoiceField(Visibility.choices, required=False)
    join_policy = serializers.ChoiceField(JoinPolicy.choices, required=False)
    join_questions = serializers.ListField(
        child=serializers.CharField(max_length=200), max_length=5, required=False
    )
    sites = serializers.IntegerField(read_only=True)
    countries = serializers.IntegerField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)
    active_at = serializers.DateTimeField(read_only=True)


def render(project: Any) -> dict[str, Any]:
    """A project as scripts read it; the counts come with `counted`."""
    return {
        "slug": project.slug,
        **{name: getattr(project, name) for name in projects.FIELDS},
        "sites": project.site_count,
        "countries": project.country_count,
        "created_at": project.created_at,
        "updated_at": project.updated_at,
        "active_at": project.active_at,
    }


def counted(queryset: Any) -> Any:
    """Projects with how many sites they have, in how many countries."""
    return queryset.annotate(site_count=number_of("pk"), country_count=number_of("country"))


class ProjectApiView(ApiView):
    """Calls below one project: it is looked up first, and 404 where it may not be known."""

    project: Project

    def find(self, request: Request, **kwargs: Any) -> None:
        visible = Project.objects.visible_to(request.user)
        self.project = get_object_or_404(visible, slug=kwargs["slug"])


class ProjectDetail(ProjectApiView):
    """One project."""

    @extend_schema(operation_id="projects_read", responses=ProjectSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """The project."""
        return Response(render(counted(Project.objects.filter(pk=self.project.pk)).get()))

    @extend_schema(
        operation_id="projects_change",
        request=ProjectSerializer(partial=True),
        responses=ProjectSerializer,
    )
    def patch(self, request: Request, slug: str) -> Response:
        """Change what leads may change."""
        require(self.user, Permission.EDIT_PROJECT, self.project)
        body = ProjectSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        projects.change(project=self.project, by=self.user, **body.validated_data)
        return self.get(request, slug)


class AuditSerializer(serializers.Serializer):
    """One row of the audit trail."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    actor = serializers.DictField(allow_null=True)
    action = serializers.CharField()
    object = serializers.DictField()
    before = serializers.DictField(allow_null=True)
    after = serializers.DictField(allow_null=True)


class ProjectAudit(ProjectApiView):
    """What was done in a project, the newest first."""

    default_ordering = ("-event_id",)

    @extend_schema(operation_id="projects_audit", responses=AuditSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The project's audit trail, for its stewards and leads."""
        require(self.user, Permission.READ_AUDIT, self.project)
        response = self.page(AuditScope.objects.of("project", self.project.pk), audit_row)
        rows = response.data["results"]
        actors = User.objects.filter(pk__in={row["actor"]["id"] for row in rows if row["actor"]})
        names = dict(actors.values_list("pk", "name"))
        for row in rows:
            if row["actor"]:
                row["actor"]["name"] = names.get(row["actor"]["id"])
        return response


def audit_row(scope: AuditScope) -> dict[str, Any]:
    """One event; people are named by account, never by address."""
    event = scope.event
    return {
        "id": event.pk,
        "at": event.at,
        "actor": {"id": event.actor_id} if event.actor_id else None,
        "action": event.action,
        "object": {
            "type": event.object_type,
            "id": event.object_id,
            "label": event.object_label,
        },
        "before": event.before,
        "after": event.after,
    }
