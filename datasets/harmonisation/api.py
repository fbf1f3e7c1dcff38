"""A project's shared variables."""

from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from datasets.choices import ColumnType, MappingStatus
from datasets.harmonisation import actions as shared_variables
from datasets.mappings.models import Mapping
from datasets.variables.api import (
    InsideProjectView,
    SharedVariableBodySerializer,
    SharedVariableView,
)
from datasets.variables.models import SharedVariable
from members.choices import Scope


class MappingStatusSerializer(serializers.Serializer):
    """How well one dataset provides the variable."""

    dataset = serializers.IntegerField()
    version = serializers.IntegerField()
    status = serializers.ChoiceField(choices=MappingStatus.choices)
    revision = serializers.IntegerField()


class SharedVariableSerializer(SharedVariableBodySerializer):
    """A shared variable and which datasets provide it."""

    id = serializers.IntegerField()
    mappings = MappingStatusSerializer(many=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class SharedVariablePageSerializer(serializers.Serializer):
    """One page of shared variables."""

    results = SharedVariableSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class SharedVariableFilterSerializer(serializers.Serializer):
    """What the list can be narrowed to."""

    type = serializers.ChoiceField(choices=ColumnType.choices, required=False)
    topic = serializers.CharField(required=False)
    search = serializers.CharField(required=False)
    updated_since = serializers.DateTimeField(required=False)


def serialize(variable: SharedVariable, mappings: list[Mapping]) -> dict[str, Any]:
    """A shared variable with those of its mappings that the reader may see."""
    return {
        "id": variable.pk,
        "name": variable.name,
        "label": variable.label,
        "type": variable.type,
        "unit": variable.unit,
        "codes": variable.codes,
        "topic": variable.topic,
        "mappings": [
            {
                "dataset": mapping.dataset_id,
                "version": mapping.version.number,
                "status": mapping.status,
                "revision": mapping.revision,
            }
            for mapping in mappings
        ],
        "created_at": variable.created_at,
        "updated_at": variable.updated_at,
    }


class SharedVariables(InsideProjectView):
    """The variables a project defines."""

    scopes = {"POST": Scope.WRITE_DATA}
    ordering_fields = ("name", "topic", "created_at", "updated_at")
    default_ordering = ("id",)

    @extend_schema(
        parameters=[
            SharedVariableFilterSerializer,
            OpenApiParameter("ordering", enum=[s + f for f in ordering_fields for s in ("", "-")]),
        ],
        responses=SharedVariablePageSerializer,
    )
    def get(self, request: Request, slug: str) -> Response:
        """List the shared variables, and how well each dataset provides them."""
        mappings: dict[int, list[Mapping]] = {}
        seen = Mapping.objects.visible_to(request.user).filter(variable__project=self.project)
        for mapping in seen.select_related("version"):
            mappings.setdefault(mapping.variable_id, []).append(mapping)
        return self.page(self.filtered(), lambda one: serialize(one, mappings.get(one.pk, [])))

    @extend_schema(request=SharedVariableBodySerializer, responses={201: SharedVariableSerializer})
    def post(self, request: Request, slug: str) -> Response:
        """Define a shared variable."""
        body = SharedVariableBodySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        variable = shared_variables.create(
            project=self.project, **body.validated_data, by=self.user
        )
        return Response(serialize(variable, []), status=201)

    def filtered(self) -> QuerySet[SharedVariable]:
        filters = SharedVariableFilterSerializer(data=self.request.query_params)
        filters.is_valid(raise_exception=True)
        asked = filters.validated_data
        variables = self.project.variables.all()
        for field in ("type", "topic"):
            if field in asked:
                variables = variables.filter(**{field: asked[field]})
        if "search" in asked:
            text = asked["search"]
            variables = variables.filter(Q(name__icontains=text) | Q(label__icontains=text))
        if "updated_since" in asked:
            variables = variables.filter(updated_at__gte=asked["updated_since"])
        return variables


class SharedVariableDetail(SharedVariableView):
    """One shared variable."""

    scopes = {"PATCH": Scope.WRITE_DATA, "DELETE": Scope.WRITE_DATA}

    @extend_schema(responses=SharedVariableSerializer)
    def get(self, request: Request, slug: str, name: str) -> Response:
        """Read a shared variable."""
        return self.answer(self.variable)

    @extend_schema(
        request=SharedVariableBodySerializer(partial=True), responses=SharedVariableSerializer
    )
    def patch(self, request: Request, slug: str, name: str) -> Response:
        """Change a shared variable; with another type or codes its mappings are checked again."""
        body = SharedVariableBodySerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        changes = dict(body.validated_data)
        return self.answer(
            shared_variables.change(variable=self.variable, changes=changes, by=self.user)
        )

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, name: str) -> Response:
        """Remove a shared variable that nothing uses."""
        shared_variables.delete(variable=self.variable, by=self.user)
        return Response(status=204)

    def answer(self, variable: SharedVariable) -> Response:
        seen = Mapping.objects.visible_to(self.user).filter(variable=variable)
        return Response(serialize(variable, list(seen.select_related("version"))))
