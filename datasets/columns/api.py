"""The data dictionary of a version: what each column means."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from datasets.choices import ColumnType
from datasets.columns import actions as columns
from datasets.versions.api import VersionView
from members.choices import Scope


class ColumnChangeSerializer(serializers.Serializer):
    """The column to describe, and what to say of it."""

    name = serializers.CharField(max_length=255, trim_whitespace=False)
    label = serializers.CharField(max_length=200, allow_blank=True, required=False)
    unit = serializers.CharField(max_length=40, allow_blank=True, required=False)


class ColumnChangesSerializer(serializers.Serializer):
    """Several columns at once: all are changed, or none."""

    columns = ColumnChangeSerializer(many=True)


class ColumnSerializer(serializers.Serializer):
    """One column, in file order."""

    position = serializers.IntegerField()
    name = serializers.CharField()
    type = serializers.ChoiceField(choices=ColumnType.choices)
    label = serializers.CharField()
    unit = serializers.CharField()


class ColumnListSerializer(serializers.Serializer):
    """All columns of a version."""

    results = ColumnSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class VersionColumns(VersionView):
    """The dictionary of one version."""

    scopes = {"PATCH": Scope.WRITE_DATA}

    @extend_schema(responses=ColumnListSerializer)
    def get(self, request: Request, pk: int, number: int) -> Response:
        """List the columns in file order."""
        fields = ("position", "name", "type", "label", "unit")
        columns: list[dict[str, Any]] = list(self.version.columns.values(*fields))
        return Response({"results": columns, "next": None, "previous": None})

    @extend_schema(request=ColumnChangesSerializer, responses=ColumnListSerializer)
    def patch(self, request: Request, pk: int, number: int) -> Response:
        """Change labels and units; the data itself never changes."""
        sent = request.data
        body = ColumnChangesSerializer(data={"columns": sent} if isinstance(sent, list) else sent)
        body.is_valid(raise_exception=True)
        columns.describe(version=self.version, changes=body.validated_data["columns"], by=self.user)
        return self.get(request, pk, number)
