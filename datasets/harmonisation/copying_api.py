"""Variables taken over from another project, or repeated for another wave, for scripts."""

from typing import Any

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from datasets.harmonisation import copying
from datasets.harmonisation.api import SharedVariableSerializer, seen_mappings
from datasets.variables.api import InsideProjectView, SharedVariableView
from members.choices import Scope
from portal.common.api.bodies import BodySerializer
from portal.common.api.pages import FilterSerializer
from portal.common.api.views import reads_data
from projects.models import Project
from projects.roles import Permission


class CopySourceSerializer(FilterSerializer):
    """The project that the variables are of, by its slug."""

    project = serializers.CharField(required=False)


class CopySourceProjectSerializer(serializers.Serializer):
    """Another project that has shared variables."""

    slug = serializers.CharField()
    title = serializers.CharField()


class OfferedSerializer(serializers.Serializer):
    """A variable of the other project; `is_there` where this one has one of the name."""

    name = serializers.CharField(source="variable.name")
    # Any: DRF gives its own fields a label of another type.
    label: Any = serializers.CharField(source="variable.label")
    type = serializers.CharField(source="variable.type")
    unit = serializers.CharField(source="variable.unit")
    is_there = serializers.BooleanField()


class OfferedListSerializer(serializers.Serializer):
    """Where there is something to copy, and of the project asked for, what."""

    sources = CopySourceProjectSerializer(many=True)
    variables = OfferedSerializer(many=True)


class CopyBodySerializer(BodySerializer):
    """Names of the other project's variables."""

    project = serializers.CharField()
    names = serializers.ListField(
        child=serializers.CharField(max_length=63), min_length=1, max_length=1000
    )


class CopiedSerializer(serializers.Serializer):
    """Those that are defined here now; their rules are among the suggestions."""

    variables = SharedVariableSerializer(many=True)


class VariableCopies(InsideProjectView):
    """Variables of another project."""

    scopes = {"POST": Scope.WRITE_DATA}
    needs = Permission.HARMONISE

    def source(self, slug: str) -> Project:
        for one in copying.sources_for(self.project, self.user):
            if one.slug == slug:
                return one
        text = gettext("There is no project of this name whose variables you may see.")
        raise serializers.ValidationError({"project": text})

    @extend_schema(parameters=[CopySourceSerializer], responses=OfferedListSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Which projects have variables to copy; with `project`, which ones that has."""
        asked = self.asked(CopySourceSerializer).get("project")
        offered = []
        if asked is not None:
            offered = copying.offered(self.project, self.source(asked), self.user)
        sources = copying.sources_for(self.project, self.user)
        return self.shown(OfferedListSerializer, {"sources": sources, "variables": offered})

    @extend_schema(request=CopyBodySerializer, responses={201: CopiedSerializer})
    def post(self, request: Request, slug: str) -> Response:
        """Define them here: all or none; their rules come along as suggestions."""
        sent = self.sent(CopyBodySerializer)
        made = copying.copy(
            project=self.project,
            source=self.source(sent["project"]),
            names=sent["names"],
            by=self.user,
        )
        return self.shown(CopiedSerializer, {"variables": made}, status=201, mappings={})


class RepeatBodySerializer(BodySerializer):
    """The wave, the new variable's name, and the endings of its columns' names."""

    name = serializers.CharField(max_length=63)
    wave = serializers.CharField(max_length=60)
    old = serializers.CharField(max_length=60, allow_blank=True, default="", trim_whitespace=False)
    new = serializers.CharField(max_length=60, allow_blank=True, default="", trim_whitespace=False)


class LeftOutSerializer(serializers.Serializer):
    """A dataset whose rule was not taken over, and why."""

    dataset = serializers.IntegerField()
    detail = serializers.CharField()


class RepeatedSerializer(serializers.Serializer):
    """The new variable; `step` takes its mappings back at `/mapping-steps/{step}/undo/`."""

    variable = SharedVariableSerializer()
    step = serializers.UUIDField(allow_null=True)
    left_out = LeftOutSerializer(many=True)


class VariableRepeat(SharedVariableView):
    """The same variable of another wave."""

    scopes = {"POST": Scope.WRITE_DATA}
    needs = {"POST": Permission.HARMONISE}

    @extend_schema(request=RepeatBodySerializer, responses={201: RepeatedSerializer})
    def post(self, request: Request, slug: str, name: str) -> Response:
        """Repeat the variable for another wave, with its rules over that wave's columns."""
        sent = self.sent(RepeatBodySerializer)
        reads = reads_data(request)
        found = copying.repeat(variable=self.variable, **sent, by=self.user, reads_data=reads)
        left = [{"dataset": dataset.pk, "detail": why} for dataset, why in found.left]
        answer = {
            "variable": found.variable,
            "step": found.batch if found.mapped else None,
            "left_out": left,
        }
        mappings = seen_mappings(request, variable=found.variable)
        return self.shown(RepeatedSerializer, answer, status=201, mappings=mappings)
