"""What the columns of a dataset may hold: read it, and declare it."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from datasets.choices import ColumnType
from datasets.datasets.api import DatasetView
from datasets.datasets.permissions import DatasetPermission, lacks_scope
from datasets.datasets.rules import rules_for
from datasets.domains import actions as domains
from datasets.domains.proposals import Line
from datasets.domains.shown import lines_for
from members.choices import Scope
from portal.common.api.bodies import BodySerializer
from portal.common.api.pages import OnePage
from portal.common.api.views import reads_data


class LevelSerializer(BodySerializer):
    """A code, and what it stands for."""

    code = serializers.CharField(max_length=200, trim_whitespace=False)
    meaning = serializers.CharField(max_length=200, allow_blank=True, default="")


class DomainSerializer(serializers.Serializer):
    """A column's domain: declared, or as it is proposed to whoever may declare it.

    Values below `low`, above `high` or not among the `levels` are missing in questions; what is
    outside the `edges` counts into the first or the last bin.
    """

    column = serializers.CharField()
    type = serializers.ChoiceField(choices=ColumnType.choices)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    levels = LevelSerializer(many=True)
    edges = serializers.ListField(child=serializers.FloatField())
    declared = serializers.BooleanField()


class DomainBodySerializer(BodySerializer):
    """A column, and what is declared of it."""

    shown_as = DomainSerializer

    column = serializers.CharField(max_length=255, trim_whitespace=False)
    low = serializers.FloatField(allow_null=True, default=None)
    high = serializers.FloatField(allow_null=True, default=None)
    levels = LevelSerializer(many=True, default=list)
    edges = serializers.ListField(child=serializers.FloatField(), default=list)


class DomainsBodySerializer(BodySerializer):
    """All columns at once: of those not named nothing is declared."""

    columns = DomainBodySerializer(many=True)


class DatasetDomains(DatasetView):
    """The domains of one dataset's columns."""

    scopes = {"PUT": Scope.WRITE_DATA}
    needs = {"PUT": DatasetPermission.DECLARE}
    pagination_class = OnePage

    def judge(self, need: Any) -> None:
        super().judge(need)
        # By an upper end that is moved until nothing is held one would find the highest value.
        if not (reads_data(self.request) or rules_for(self.dataset).is_open):
            raise lacks_scope()

    @extend_schema(responses=DomainSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """List what is declared; whoever may declare finds proposals for the other columns."""
        lines = lines_for(self.user, self.dataset, exact=reads_data(request))
        return self.page(DomainSerializer, [shown(one) for one in lines])

    @extend_schema(request=DomainsBodySerializer, responses=DomainSerializer(many=True))
    def put(self, request: Request, pk: int) -> Response:
        """Declare the domains of all columns named, and of no other."""
        sent = request.data
        body = DomainsBodySerializer(data={"columns": sent} if isinstance(sent, list) else sent)
        columns = self.read(body)["columns"]
        wanted = [
            one | {"levels": [(v["code"], v["meaning"]) for v in one["levels"]]} for one in columns
        ]
        domains.declare(dataset=self.dataset, domains=wanted, by=self.user)
        return self.get(request, pk)


def shown(line: Line) -> dict[str, Any]:
    """A line as JSON."""
    return {**line.domain.described, "declared": line.is_declared}
