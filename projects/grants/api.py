"""The funding of a project, over the API."""

from decimal import Decimal
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portal.common.api.bodies import BodySerializer
from portal.common.currencies import in_decimals
from projects.grants import actions as grants
from projects.grants.models import DIGITS, Grant
from projects.projects.api import ProjectApiView
from projects.roles import Permission

PARTS = ("pledged", "spent")


class AmountField(serializers.DecimalField):
    """An amount of money, as digits."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**DIGITS, min_value=Decimal(0), **options)


class GrantAimSerializer(BodySerializer):
    """What a part of the grant is for."""

    aim = serializers.CharField(max_length=200)
    pledged = AmountField()
    spent = AmountField(default=Decimal(0))


class GrantSerializer(BodySerializer):
    """A grant: who pays how much for how long, and what for."""

    id = serializers.IntegerField(read_only=True)
    # Any: DRF gives its own fields a source of another type.
    source: Any = serializers.CharField(max_length=120)
    grant_number = serializers.CharField(max_length=80)
    amount = AmountField()
    currency = serializers.CharField(max_length=3, help_text="ISO 4217")
    starts = serializers.DateField()
    ends = serializers.DateField()
    aims = GrantAimSerializer(many=True, required=False)

    def to_representation(self, instance: Grant) -> dict[str, Any]:
        """Amounts have as many decimals as their currency."""
        shown = super().to_representation(instance)
        for part, names in [(shown, ["amount"]), *((aim, PARTS) for aim in shown["aims"])]:
            for name in names:
                part[name] = str(in_decimals(Decimal(part[name]), instance.currency))
        return shown


class Grants(ProjectApiView):
    """What pays for one project."""

    needs = {"GET": Permission.SEE_INSIDE, "POST": Permission.EDIT_PROJECT}
    ordering_fields = ("starts", "ends", "source")
    default_ordering = ("id",)

    @extend_schema(operation_id="grants_list", responses=GrantSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """Every grant."""
        found = Grant.objects.filter(project=self.project).prefetch_related("aims")
        return self.page(GrantSerializer, found)

    @extend_schema(
        operation_id="grants_add", request=GrantSerializer, responses={201: GrantSerializer}
    )
    def post(self, request: Request, slug: str) -> Response:
        """Add a grant."""
        grant = grants.add(project=self.project, by=self.user, **self.sent(GrantSerializer))
        return self.shown(GrantSerializer, grant, status=201)


class GrantDetail(ProjectApiView):
    """One grant."""

    needs = {
        "GET": Permission.SEE_INSIDE,
        "PATCH": Permission.EDIT_PROJECT,
        "DELETE": Permission.EDIT_PROJECT,
    }
    grant: Grant

    def find(self, request: Request, **kwargs: Any) -> None:
        super().find(request, **kwargs)
        visible = Grant.objects.visible_to(request.user).select_related("project")
        self.grant = get_object_or_404(visible, pk=kwargs["pk"], project=self.project)

    @extend_schema(operation_id="grants_read", responses=GrantSerializer)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        """The grant."""
        return self.shown(GrantSerializer, self.grant)

    @extend_schema(
        operation_id="grants_change",
        request=GrantSerializer(partial=True),
        responses=GrantSerializer,
    )
    def patch(self, request: Request, slug: str, pk: int) -> Response:
        """Correct a grant; `aims` take the place of those it has."""
        values = self.sent(GrantSerializer, partial=True)
        grant = grants.change(grant=self.grant, by=self.user, **values)
        return self.shown(GrantSerializer, grant)

    @extend_schema(operation_id="grants_remove", responses={204: None})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        """Take away a grant that was written down by mistake."""
        grants.remove(grant=self.grant, by=self.user)
        return Response(status=204)
