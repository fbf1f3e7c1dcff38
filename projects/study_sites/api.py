"""Study sites over the API."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portal.common.api.bodies import BodySerializer
from projects.projects.api import ProjectApiView
from projects.roles import Permission
from projects.study_sites import actions as study_sites
from projects.study_sites.models import StudySite


class StudySiteSerializer(BodySerializer):
    """A site: its name in the project, its institution, its country."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(max_length=120)
    institution = serializers.CharField(max_length=200)
    country = serializers.CharField(max_length=3, help_text="ISO 3166-1 alpha-3")
    region = serializers.CharField(read_only=True, help_text="UN M49 sub-region")


class StudySites(ProjectApiView):
    """The sites of one project."""

    needs = {"GET": Permission.SEE_INSIDE, "POST": Permission.MANAGE_SITES}
    ordering_fields = ("name", "country")
    default_ordering = ("id",)

    @extend_schema(operation_id="sites_list", responses=StudySiteSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """Every site."""
        sites = StudySite.objects.filter(project=self.project).select_related("institution")
        return self.page(StudySiteSerializer, sites)

    @extend_schema(
        operation_id="sites_add",
        request=StudySiteSerializer,
        responses={201: StudySiteSerializer},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Add a site."""
        values = self.sent(StudySiteSerializer)
        site = study_sites.add(project=self.project, by=self.user, **values)
        return self.shown(StudySiteSerializer, site, status=201)


class StudySiteDetail(ProjectApiView):
    """One site."""

    needs = {"PATCH": Permission.MANAGE_SITES}
    site: StudySite

    def find(self, request: Request, **kwargs: Any) -> None:
        super().find(request, **kwargs)
        visible = StudySite.objects.visible_to(request.user).select_related("institution")
        self.site = get_object_or_404(visible, pk=kwargs["pk"], project=self.project)

    @extend_schema(operation_id="sites_read", responses=StudySiteSerializer)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        """The site."""
        return self.shown(StudySiteSerializer, self.site)

    @extend_schema(
        operation_id="sites_change",
        request=StudySiteSerializer(partial=True),
        responses=StudySiteSerializer,
    )
    def patch(self, request: Request, slug: str, pk: int) -> Response:
        """Correct a site; another country moves its data to another region in new results."""
        values = self.sent(StudySiteSerializer, partial=True)
        site = study_sites.change(site=self.site, by=self.user, **values)
        return self.shown(StudySiteSerializer, site)
