"""A person's API tokens. Only for sessions: a token can neither make nor read tokens."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework import permissions, serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from members.api_tokens import actions as api_tokens
from members.api_tokens.authentication import ScopePermission
from members.api_tokens.models import ApiToken
from members.choices import Scope
from portal.common.api.bodies import BodySerializer
from portal.common.api.views import ApiView


class SessionOnly(permissions.BasePermission):
    """Refuses calls that carry a token."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if isinstance(request.auth, ApiToken):
            raise PermissionDenied(
                gettext(
                    "Tokens are made and revoked on the account page, signed in with your password."
                ),
                code="session_required",
            )
        return True


class TokenSerializer(serializers.Serializer):
    """A token, without its secret."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    prefix = serializers.CharField()
    scopes = serializers.ListField(child=serializers.ChoiceField(Scope.choices))
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)


class NewTokenSerializer(BodySerializer):
    """What a new token needs."""

    name = serializers.CharField(max_length=80)
    scopes = serializers.ListField(child=serializers.CharField(max_length=16), max_length=20)
    days = serializers.IntegerField(default=90)


class CreatedTokenSerializer(TokenSerializer):
    """A new token with its secret, this once; null when the call is repeated."""

    token = serializers.SerializerMethodField()

    def get_token(self, token: ApiToken) -> str | None:
        secret: str = self.context["secret"]
        return secret


class ApiTokens(ApiView):
    """The caller's tokens."""

    permission_classes = (ScopePermission, SessionOnly)

    @extend_schema(operation_id="tokens_list", responses=TokenSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List one's tokens, newest first."""
        return self.page(TokenSerializer, ApiToken.objects.visible_to(self.user))

    @extend_schema(request=NewTokenSerializer, responses={201: CreatedTokenSerializer})
    def post(self, request: Request) -> Response:
        """Make a token. Its secret is in this answer and nowhere else."""
        values = self.sent(NewTokenSerializer, shown=[TokenSerializer])
        token, secret = api_tokens.create(**values, by=self.user)
        return self.shown(CreatedTokenSerializer, token, status=201, secret=secret)

    def kept_answer(self, data: Any) -> Any:
        return {**data, "token": None}


class ApiTokenDetail(ApiView):
    """One of the caller's tokens."""

    permission_classes = (ScopePermission, SessionOnly)
    token: ApiToken

    def find(self, request: Request, **kwargs: Any) -> None:
        tokens = ApiToken.objects.visible_to(request.user)
        self.token = get_object_or_404(tokens, pk=kwargs["token_id"])

    @extend_schema(responses=TokenSerializer)
    def get(self, request: Request, token_id: int) -> Response:
        """Read one token."""
        return self.shown(TokenSerializer, self.token)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, token_id: int) -> Response:
        """Revoke the token at once."""
        api_tokens.revoke(token=self.token, by=self.user)
        return Response(status=204)
