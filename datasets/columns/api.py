"""The data dictionary of a version: what each column means."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from datasets.choices import ColumnType
from datasets.columns import actions as columns
from datasets.datasets.permissions import DatasetPermission
from datasets.versions.api import VersionView
from members.choices import Scope
from portal.common.api.bodies import BodySerializer
from portal.common.api.pages import OnePage
from portal.common.api.views import reads_data


class ColumnSerializer(serializers.Serializer):
    """One column, in file order."""

    position = serializers.IntegerField()
    name = serializers.CharField()
    type = serializers.ChoiceField(choices=ColumnType.choices)
    # Any: DRF gives its own fields a label of another type.
    label: Any = serializers.CharField()
    unit = serializers.CharField()


class ColumnChangeSerializer(BodySerializer):
    """The column to describe, and what to say of it."""

    shown_as = ColumnSerializer

    name = serializers.CharField(max_length=255, trim_whitespace=False)
    # Any: DRF gives its own fields a label of another type.
    label: Any = serializers.CharField(max_length=200, allow_blank=True, required=False)
    unit = serializers.CharField(max_length=40, allow_blank=True, required=False)


class ColumnChangesSerializer(BodySerializer):
    """Several columns at once: all are changed, or none."""

    columns = ColumnChangeSerializer(many=True)


class VersionColumns(VersionView):
    """The dictionary of one version."""

    scopes = {"PATCH": Scope.WRITE_DATA}
    needs = {"PATCH": DatasetPermission.CHANGE}
    pagination_class = OnePage

    def judge(self, need: Any) -> None:
        super().judge(need)
        exact = reads_data(self.request)
        columns.require_describing(self.user, self.version.dataset, reads_data=exact)

    @extend_schema(responses=ColumnSerializer(many=True))
    def get(self, request: Request, pk: int, number: int) -> Response:
        """List the columns in file order."""
        return self.page(ColumnSerializer, self.version.columns.all())

    @extend_schema(request=ColumnChangesSerializer, responses=ColumnSerializer(many=True))
    def patch(self, request: Request, pk: int, number: int) -> Response:
        """Change labels and units; the data itself never changes."""
        sent = request.data
        body = ColumnChangesSerializer(data={"columns": sent} if isinstance(sent, list) else sent)
        changes = self.read(body)["columns"]
        columns.describe(version=self.version, changes=changes, by=self.user)
        return self.get(request, pk, number)
