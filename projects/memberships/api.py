"""Memberships over the API."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from members.choices import Scope
from portal.common.api.pages import updated_since
from portal.common.api.views import ApiView
from portal.common.exceptions import Invalid
from projects.choices import Role
from projects.memberships import actions as memberships
from projects.memberships.models import Membership
from projects.projects.api import AccountSerializer, ProjectApiView
from projects.projects.permissions import require
from projects.roles import Permission
from projects.study_sites.models import StudySite


class SiteNameSerializer(serializers.Serializer):
    """A study site by id and name."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class ProjectMembershipSerializer(serializers.Serializer):
    """A person's place in a project."""

    id = serializers.IntegerField()
    project = serializers.CharField(help_text="The project's slug")
    user = AccountSerializer()
    role = serializers.ChoiceField(Role.choices)
    site = SiteNameSerializer(allow_null=True)
    starts = serializers.DateTimeField()
    ends = serializers.DateTimeField(allow_null=True)
    active = serializers.BooleanField()


class MembershipChangeSerializer(serializers.Serializer):
    """What of a membership changes; what is left out stays."""

    role = serializers.ChoiceField(Role.choices, required=False)
    site = serializers.IntegerField(allow_null=True, required=False)
    ends = serializers.DateTimeField(allow_null=True, required=False)


def render(membership: Membership) -> dict[str, Any]:
    """A membership as scripts read it."""
    user, site = membership.user, membership.site
    return {
        "id": membership.pk,
        "project": membership.project.slug,
        "user": {"id": user.pk, "name": user.name},
        "role": membership.role,
        "site": {"id": site.pk, "name": site.name} if site else None,
        "starts": membership.starts_at,
        "ends": membership.ends_at,
        "active": membership.is_active,
    }


class Memberships(ProjectApiView):
    """Who belongs to one project; its members see the former ones too."""

    ordering_fields = ("starts_at",)
    default_ordering = ("starts_at", "id")

    @extend_schema(
        operation_id="memberships_list",
        parameters=[
            OpenApiParameter("updated_since", str),
            OpenApiParameter("cursor", str),
            OpenApiParameter("limit", int),
        ],
        responses=ProjectMembershipSerializer(many=True),
    )
    def get(self, request: Request, slug: str) -> Response:
        """Memberships, the oldest first."""
        require(self.user, Permission.SEE_INSIDE, self.project)
        rows = Membership.objects.visible_to(self.user).filter(project=self.project)
        return self.page(
            updated_since(rows, request).select_related("project", "user", "site"), render
        )


class MembershipDetail(ApiView):
    """One membership."""

    scopes = {"PATCH": Scope.MANAGE_MEMBERS, "DELETE": Scope.MANAGE_MEMBERS}
    membership: Membership

    def find(self, request: Request, **kwargs: Any) -> None:
        visible = Membership.objects.visible_to(request.user)
        self.membership = get_object_or_404(
            visible.select_related("project", "user", "site"), pk=kwargs["pk"]
        )

    @extend_schema(operation_id="memberships_read", responses=ProjectMembershipSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """The membership."""
        return Response(render(self.membership))

    @extend_schema(
        operation_id="memberships_change",
        request=MembershipChangeSerializer,
        responses=ProjectMembershipSerializer,
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change role, site or end; one's own site is one's own to say."""
        project, body = self.membership.project, MembershipChangeSerializer(data=request.data)
        fields = set(request.data) if isinstance(request.data, dict) else set()
        if self.membership.user_id != self.user.pk or fields - {"site"}:
            require(self.user, Permission.MANAGE_MEMBERS, project)
        body.is_valid(raise_exception=True)
        values = dict(body.validated_data)
        if values.get("site") is not None:
            values["site"] = StudySite.objects.filter(project=project, pk=values["site"]).first()
            if values["site"] is None:
                raise Invalid(errors={"site": gettext("Choose one of this project’s sites.")})
        memberships.change(membership=self.membership, by=self.user, **values)
        return Response(render(self.fresh()))

    @extend_schema(operation_id="memberships_end", responses=ProjectMembershipSerializer)
    def delete(self, request: Request, pk: int) -> Response:
        """End it now; one's own is left."""
        if self.membership.user_id == self.user.pk:
            memberships.leave(project=self.membership.project, by=self.user)
        else:
            memberships.end(membership=self.membership, by=self.user)
        return Response(render(self.fresh()))

    def fresh(self) -> Membership:
        """The row as it is now."""
        rows = Membership.objects.select_related("project", "user", "site")
        return rows.get(pk=self.membership.pk)
