"""Who a call of the API is made for: it names projects, so it sits above all apps."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from members.choices import Scope
from members.models import ApiToken, Profile
from portal.common.api.views import ApiView
from projects.choices import Role
from projects.models import Membership


class MembershipSerializer(serializers.Serializer):
    """One project the person belongs to now."""

    project = serializers.SlugField()
    title = serializers.CharField()
    role = serializers.ChoiceField(Role.choices)
    site = serializers.IntegerField(allow_null=True)
    starts = serializers.DateTimeField()
    ends = serializers.DateTimeField(allow_null=True)


class TokenInUseSerializer(serializers.Serializer):
    """The token the call was made with."""

    name = serializers.CharField()
    expires_at = serializers.DateTimeField()


class MeSerializer(serializers.Serializer):
    """The person, what this call may do, and where they belong."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    email = serializers.EmailField()
    orcid = serializers.CharField(allow_null=True)
    institution = serializers.CharField(allow_null=True)
    country = serializers.CharField(allow_null=True)
    disciplines = serializers.ListField(child=serializers.CharField())
    scopes = serializers.ListField(child=serializers.ChoiceField(Scope.choices))
    token = TokenInUseSerializer(allow_null=True)
    memberships = MembershipSerializer(many=True)


class Me(ApiView):
    """The caller."""

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Say who the token is for, its scopes and the person's memberships."""
        user = self.user
        token = request.auth if isinstance(request.auth, ApiToken) else None
        profile = Profile.objects.select_related("institution").filter(user=user).first()
        memberships = Membership.objects.active().filter(user=user).select_related("project")
        return Response(
            {
                "id": user.pk,
                "name": user.name,
                "email": user.email,
                **described(profile),
                "scopes": list(token.scopes if token else Scope.values),
                "token": token and {"name": token.name, "expires_at": token.expires_at},
                "memberships": [
                    {
                        "project": membership.project.slug,
                        "title": membership.project.title,
                        "role": membership.role,
                        "site": membership.site_id,
                        "starts": membership.starts_at,
                        "ends": membership.ends_at,
                    }
                    for membership in memberships.order_by("project__title", "id")
                ],
            }
        )


def described(profile: Profile | None) -> dict[str, Any]:
    """The profile's part of the answer."""
    return {
        "orcid": profile.orcid if profile else None,
        "institution": profile.institution.name if profile and profile.institution else None,
        "country": (profile.country or None) if profile else None,
        "disciplines": list(profile.disciplines) if profile else [],
    }
