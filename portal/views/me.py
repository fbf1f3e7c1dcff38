"""Who a call of the API is made for: it names projects, so it sits above all apps."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from members.choices import Scope
from members.models import ApiToken, User
from portal.common.api.fields import TextOrNull
from portal.common.api.views import ApiView
from projects.choices import Role
from projects.models import Membership
from projects.projects.words import disciplines_of


class MembershipSerializer(serializers.Serializer):
    """One project the person belongs to now."""

    project = serializers.SlugField(source="project.slug")
    title = serializers.CharField(source="project.title")
    role = serializers.ChoiceField(Role.choices)
    site = serializers.IntegerField(source="site_id", allow_null=True)
    starts = serializers.DateTimeField(source="starts_at")
    ends = serializers.DateTimeField(source="ends_at", allow_null=True)


class TokenInUseSerializer(serializers.Serializer):
    """The token the call was made with."""

    name = serializers.CharField()
    expires_at = serializers.DateTimeField()


class MeSerializer(serializers.Serializer):
    """The person, what this call may do, and where they belong."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    email = serializers.EmailField()
    orcid = serializers.CharField(source="profile.orcid", allow_null=True)
    institution = serializers.CharField(source="profile.institution.name", allow_null=True)
    country = TextOrNull(source="profile.country", allow_null=True)
    disciplines = serializers.SerializerMethodField()
    scopes = serializers.SerializerMethodField()
    token = serializers.SerializerMethodField()
    memberships = serializers.SerializerMethodField()

    def get_disciplines(self, user: User) -> list[str]:
        return list(disciplines_of(user))

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(Scope.choices)))
    def get_scopes(self, user: User) -> list[str]:
        token = self.token_in_use
        return list(token.scopes if token else Scope.values)

    @extend_schema_field(TokenInUseSerializer(allow_null=True))
    def get_token(self, user: User) -> Any:
        token = self.token_in_use
        return token and TokenInUseSerializer(token).data

    @extend_schema_field(MembershipSerializer(many=True))
    def get_memberships(self, user: User) -> Any:
        memberships = Membership.objects.active().filter(user=user).select_related("project")
        return MembershipSerializer(memberships.order_by("project__title", "id"), many=True).data

    @property
    def token_in_use(self) -> ApiToken | None:
        token = self.context["request"].auth
        return token if isinstance(token, ApiToken) else None


class Me(ApiView):
    """The caller."""

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Say who the token is for, its scopes and the person's memberships."""
        user = User.objects.select_related("profile__institution").get(pk=self.user.pk)
        return self.shown(MeSerializer, user)
