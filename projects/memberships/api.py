"""Memberships over the API."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from members.choices import Scope
from portal.common.api.bodies import BodySerializer
from portal.common.api.fields import PersonSerializer
from portal.common.api.pages import FilterSerializer, narrowed
from portal.common.api.views import ApiView
from portal.common.exceptions import Invalid
from projects.choices import Role
from projects.memberships import actions as memberships
from projects.memberships.models import Membership
from projects.memberships.permissions import MembershipPermission, require
from projects.projects.api import ProjectApiView
from projects.roles import Permission
from projects.study_sites.models import StudySite


class SiteNameSerializer(serializers.Serializer):
    """A study site by id and name."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class ProjectMembershipSerializer(serializers.Serializer):
    """A person's place in a project."""

    id = serializers.IntegerField()
    project = serializers.CharField(source="project.slug", help_text="The project's slug")
    user = PersonSerializer()
    role = serializers.ChoiceField(Role.choices)
    site = SiteNameSerializer(allow_null=True)
    starts = serializers.DateTimeField(source="starts_at")
    ends = serializers.DateTimeField(source="ends_at", allow_null=True)
    active = serializers.BooleanField(source="is_active")


class MembershipChangeSerializer(BodySerializer):
    """What of a membership changes; what is left out stays."""

    role = serializers.ChoiceField(Role.choices, required=False)
    site = serializers.IntegerField(allow_null=True, required=False)
    ends = serializers.DateTimeField(allow_null=True, required=False)


class Memberships(ProjectApiView):
    """Who belongs to one project; its members see the former ones too."""

    needs = Permission.SEE_INSIDE
    ordering_fields = ("starts_at",)
    default_ordering = ("starts_at", "id")

    @extend_schema(
        operation_id="memberships_list",
        parameters=[FilterSerializer],
        responses=ProjectMembershipSerializer(many=True),
    )
    def get(self, request: Request, slug: str) -> Response:
        """Memberships, the oldest first."""
        rows = Membership.objects.visible_to(self.user).filter(project=self.project)
        rows = narrowed(rows, self.asked(FilterSerializer))
        return self.page(
            ProjectMembershipSerializer, rows.select_related("project", "user", "site")
        )


class MembershipDetail(ApiView):
    """One membership."""

    scopes = {"PATCH": Scope.MANAGE_MEMBERS, "DELETE": Scope.MANAGE_MEMBERS}
    needs = {"PATCH": MembershipPermission.PLACE, "DELETE": MembershipPermission.END}
    membership: Membership

    def find(self, request: Request, **kwargs: Any) -> None:
        visible = Membership.objects.visible_to(request.user)
        self.membership = get_object_or_404(
            visible.select_related("project", "user", "site"), pk=kwargs["pk"]
        )

    def judge(self, need: Any) -> None:
        require(self.user, need, self.membership)
        if need == MembershipPermission.PLACE and not self.only_places():
            require(self.user, MembershipPermission.CHANGE, self.membership)

    def only_places(self) -> bool:
        """Whether the body says nothing but the site."""
        return isinstance(self.request.data, dict) and set(self.request.data) <= {"site"}

    @extend_schema(operation_id="memberships_read", responses=ProjectMembershipSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """The membership."""
        return self.shown(ProjectMembershipSerializer, self.membership)

    @extend_schema(
        operation_id="memberships_change",
        request=MembershipChangeSerializer,
        responses=ProjectMembershipSerializer,
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change role, site or end; one's own site is one's own to say."""
        values = self.sent(MembershipChangeSerializer, shown=[ProjectMembershipSerializer])
        if values.get("site") is not None:
            sites = StudySite.objects.filter(project=self.membership.project)
            values["site"] = sites.filter(pk=values["site"]).first()
            if values["site"] is None:
                raise Invalid(errors={"site": gettext("Choose one of this project’s sites.")})
        memberships.change(membership=self.membership, by=self.user, **values)
        return self.answer()

    @extend_schema(operation_id="memberships_end", responses=ProjectMembershipSerializer)
    def delete(self, request: Request, pk: int) -> Response:
        """End it now; one's own is left."""
        if self.membership.user_id == self.user.pk:
            memberships.leave(project=self.membership.project, by=self.user)
        else:
            memberships.end(membership=self.membership, by=self.user)
        return self.answer()

    def answer(self) -> Response:
        """The row as it is now."""
        rows = Membership.objects.select_related("project", "user", "site")
        return self.shown(ProjectMembershipSerializer, rows.get(pk=self.membership.pk))
