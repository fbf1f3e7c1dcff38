"""Projects over the API."""

from operator import attrgetter
from typing import Any

from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from members.audit_events.api import AuditObjectSerializer
from members.choices import Discipline
from members.models import AuditEvent, AuditScope, User
from portal.common.api.bodies import BodySerializer
from portal.common.api.views import ApiView
from portal.common.countries import SUB_REGIONS
from projects.choices import JoinPolicy, Stage, Visibility
from projects.projects import actions as projects
from projects.projects.head import open_project
from projects.projects.models import Project
from projects.projects.numbers import number_of
from projects.projects.permissions import require
from projects.roles import Permission


class Named(serializers.ChoiceField):
    """A choice by its value or its name, whatever the case: `infectious-disease` or its label."""

    def to_internal_value(self, data: Any) -> Any:
        if data == "" and self.allow_blank:
            return data
        wanted = str(data).strip().casefold()
        for value, label in self.choices.items():
            if wanted in (str(value).casefold(), str(label).casefold()):
                return value
        return self.fail("invalid_choice", input=data)


class ProjectSerializer(BodySerializer):
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
    second_person = serializers.BooleanField(
        required=False, help_text="A mapping counts once another person has approved it."
    )
    sites = serializers.IntegerField(read_only=True, source="site_count")
    countries = serializers.IntegerField(read_only=True, source="country_count")
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)
    active_at = serializers.DateTimeField(read_only=True)


def with_counts(queryset: Any) -> Any:
    """Projects with how many sites they have, in how many countries."""
    return queryset.annotate(site_count=number_of("pk"), country_count=number_of("country"))


def counted(project: Project) -> Any:
    """The project as it is now, with its counts."""
    return with_counts(Project.objects.filter(pk=project.pk)).get()


class ProjectApiView(ApiView):
    """Calls below one project: it is looked up first, and 404 where it may not be known."""

    project: Project

    def find(self, request: Request, **kwargs: Any) -> None:
        self.project = open_project(request, kwargs["slug"])

    def judge(self, need: Any) -> None:
        require(self.user, need, self.project)


class ProjectDetail(ProjectApiView):
    """One project."""

    needs = {"PATCH": Permission.EDIT_PROJECT}

    @extend_schema(operation_id="projects_read", responses=ProjectSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """The project."""
        return self.shown(ProjectSerializer, counted(self.project))

    @extend_schema(
        operation_id="projects_change",
        request=ProjectSerializer(partial=True),
        responses=ProjectSerializer,
    )
    def patch(self, request: Request, slug: str) -> Response:
        """Change what leads may change."""
        values = self.sent(ProjectSerializer, partial=True)
        projects.change(project=self.project, by=self.user, **values)
        return self.get(request, slug)


class ProjectAuditSerializer(serializers.Serializer):
    """One row of the audit trail; people are named by account, never by address."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    actor = serializers.SerializerMethodField()
    action = serializers.CharField()
    object = AuditObjectSerializer(source="*")
    before = serializers.DictField(allow_null=True)
    after = serializers.DictField(allow_null=True)

    @extend_schema_field(serializers.DictField(allow_null=True))
    def get_actor(self, event: AuditEvent) -> dict[str, Any] | None:
        if event.actor_id is None:
            return None
        return {"id": event.actor_id, "name": self.names.get(event.actor_id)}

    @cached_property
    def names(self) -> dict[int, str]:
        """The names of everybody on the page, by one query."""
        events: Any = self.parent.instance if self.parent else [self.instance]
        acted = {event.actor_id for event in events}
        return dict(User.objects.filter(pk__in=acted).values_list("pk", "name"))


class ProjectAudit(ProjectApiView):
    """What was done in a project, the newest first."""

    needs = Permission.READ_AUDIT
    default_ordering = ("-event_id",)

    @extend_schema(operation_id="projects_audit", responses=ProjectAuditSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The project's audit trail, for its stewards and leads."""
        trail = AuditScope.objects.of("project", self.project.pk)
        return self.page(ProjectAuditSerializer, trail, each=attrgetter("event"))
