"""Projects over the API."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from members.api.base import ApiView
from members.models import AuditEvent, Discipline, User
from portal.common.countries import SUB_REGIONS
from projects.actions import projects
from projects.forms.project_filters import LABELS, filter_from, unknown_in
from projects.models import JoinPolicy, Project, Stage, Visibility
from projects.models.project_order import number_of
from projects.permissions import Permission, require


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


def updated_since(queryset: Any, request: Request) -> Any:
    """Rows changed at or after the `updated_since` parameter."""
    text = request.query_params.get("updated_since")
    if not text:
        return queryset
    try:
        moment = serializers.DateTimeField().run_validation(text.replace(" ", "+"))
    except ValidationError as error:
        raise ValidationError({"updated_since": error.detail}) from error
    return queryset.filter(updated_at__gte=moment)


class ProjectApiView(ApiView):
    """Calls below one project: it is looked up first, and 404 where it may not be known."""

    project: Project

    def find(self, request: Request, **kwargs: Any) -> None:
        visible = Project.objects.visible_to(request.user)
        self.project = get_object_or_404(visible, slug=kwargs["slug"])


FILTERS = [
    OpenApiParameter("search", str, description="Words, beginnings of words, or near them"),
    *(
        OpenApiParameter(group, str, many=True, enum=list(labels) if len(labels) < 100 else None)
        for group, labels in LABELS.items()
    ),
    OpenApiParameter(
        "ordering",
        str,
        enum=["-active_at", "active_at", "-created_at", "created_at", "title", "-title"],
    ),
    OpenApiParameter("updated_since", str, description="ISO 8601 with offset"),
    OpenApiParameter("cursor", str),
    OpenApiParameter("limit", int),
]


class Projects(ApiView):
    """All projects the caller may know of."""

    ordering_fields = ("active_at", "created_at", "updated_at", "title")
    default_ordering = ("-active_at", "-id")

    @extend_schema(
        operation_id="projects_list",
        parameters=FILTERS,
        responses=ProjectSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Projects, filtered as on the page."""
        params = request.query_params.copy()
        params["q"] = params.get("search", "")
        unknown = unknown_in(params)
        if unknown:
            raise ValidationError(unknown)
        visible = Project.objects.visible_to(request.user)
        found = filter_from(params).applied_to(visible)
        return self.page(counted(updated_since(found, request)), render)

    @extend_schema(
        operation_id="projects_create",
        request=ProjectSerializer,
        responses={201: ProjectSerializer},
    )
    def post(self, request: Request) -> Response:
        """Start a project; the caller leads it."""
        body = ProjectSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        project = projects.create(by=self.user, **body.validated_data)
        answer = render(counted(Project.objects.filter(pk=project.pk)).get())
        location = f"/api/v1/projects/{project.slug}/"
        return Response(answer, status=201, headers={"Location": location})


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

    default_ordering = ("-id",)

    @extend_schema(operation_id="projects_audit", responses=AuditSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The project's audit trail, for its stewards and leads."""
        require(self.user, Permission.READ_AUDIT, self.project)
        response = self.page(AuditEvent.objects.filter(project_id=self.project.pk), audit_row)
        rows = response.data["results"]
        actors = User.objects.filter(pk__in={row["actor"]["id"] for row in rows if row["actor"]})
        names = dict(actors.values_list("pk", "name"))
        for row in rows:
            if row["actor"]:
                row["actor"]["name"] = names.get(row["actor"]["id"])
        return response


def audit_row(event: AuditEvent) -> dict[str, Any]:
    """One event; people are named by account, never by address."""
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
