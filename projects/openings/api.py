"""What a project looks for, over the API."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from members.choices import Discipline
from portal.common.api.bodies import BodySerializer
from portal.common.countries import SUB_REGIONS
from projects.choices import OpeningKind
from projects.openings import actions as openings
from projects.openings.models import Opening
from projects.projects.api import Named, ProjectApiView
from projects.roles import Permission


class OpeningSerializer(BodySerializer):
    """One gap: its kind, and what exactly is lacking."""

    id = serializers.IntegerField(read_only=True)
    kind = serializers.ChoiceField(OpeningKind.choices)
    detail = serializers.CharField(max_length=120, allow_blank=True, required=False)
    discipline = Named(Discipline.choices, allow_blank=True, required=False)
    method = serializers.CharField(max_length=80, allow_blank=True, required=False)
    region = Named([(name, name) for name in SUB_REGIONS], allow_blank=True, required=False)
    # Any: DRF gives its own fields a label of another type.
    label: Any = serializers.CharField(read_only=True)
    filled_at = serializers.DateTimeField(read_only=True, allow_null=True)


class OpeningChangeSerializer(BodySerializer):
    """Whether the project has found what it looked for."""

    filled = serializers.BooleanField()


class Openings(ProjectApiView):
    """What one project looks for, and has found."""

    needs = {"POST": Permission.EDIT_PROJECT}
    default_ordering = ("id",)

    @extend_schema(operation_id="openings_list", responses=OpeningSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """Every opening, filled ones too."""
        return self.page(OpeningSerializer, Opening.objects.filter(project=self.project))

    @extend_schema(
        operation_id="openings_add",
        request=OpeningSerializer,
        responses={201: OpeningSerializer},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Say what the project lacks."""
        opening = openings.add(project=self.project, by=self.user, **self.sent(OpeningSerializer))
        return self.shown(OpeningSerializer, opening, status=201)


class OpeningDetail(ProjectApiView):
    """One opening."""

    needs = {"PATCH": Permission.EDIT_PROJECT}
    opening: Opening

    def find(self, request: Request, **kwargs: Any) -> None:
        super().find(request, **kwargs)
        visible = Opening.objects.visible_to(request.user).select_related("project")
        self.opening = get_object_or_404(visible, pk=kwargs["pk"], project=self.project)

    @extend_schema(operation_id="openings_read", responses=OpeningSerializer)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        """The opening."""
        return self.shown(OpeningSerializer, self.opening)

    @extend_schema(
        operation_id="openings_change",
        request=OpeningChangeSerializer,
        responses=OpeningSerializer,
    )
    def patch(self, request: Request, slug: str, pk: int) -> Response:
        """Mark it as filled, or open it again."""
        values = self.sent(OpeningChangeSerializer, shown=[OpeningSerializer])
        opening = openings.fill(opening=self.opening, by=self.user, **values)
        return self.shown(OpeningSerializer, opening)
