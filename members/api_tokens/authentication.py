"""Who calls the API, and which scopes the call carries."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions, permissions
from rest_framework.request import Request

from members.api_tokens import actions as api_tokens
from members.api_tokens.models import ApiToken
from members.choices import Scope
from members.users.models import User


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer TOKEN`; header only, never the address."""

    keyword = "Bearer"

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        header = authentication.get_authorization_header(request).split()
        if not header or header[0].lower() != b"bearer":
            return None
        if len(header) != 2:
            raise exceptions.AuthenticationFailed(
                gettext("Send the header as: Authorization: Bearer TOKEN")
            )
        token = api_tokens.find(header[1].decode("ascii", "replace"))
        if token is None:
            raise exceptions.AuthenticationFailed(
                gettext("This token is unknown, expired or revoked.")
            )
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class PageSessionAuthentication(authentication.SessionAuthentication):
    """The browser's session with its CSRF check, for the Swagger page and our own scripts."""


class TokenScheme(OpenApiAuthenticationExtension):
    """Tokens as OpenAPI names them."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": f"{api_tokens.PREFIX}…"}


class PageSessionScheme(OpenApiAuthenticationExtension):
    """The browser's session as OpenAPI names it."""

    target_class = PageSessionAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class ScopePermission(permissions.BasePermission):
    """Signed in, and a token carries the scope the view names for this method.

    A view sets `scopes = {"GET": Scope.READ, "POST": Scope.WRITE_DATA}`; what it leaves out is
    `read` for safe methods and `write` for the rest. A session carries every scope.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user or not request.user.is_authenticated:
            return False
        if not isinstance(request.auth, ApiToken):
            return True
        needed = self.scope_of(request.method or "", view)
        if needed not in request.auth.scopes:
            raise exceptions.PermissionDenied(
                gettext("This token lacks the scope “%(needed)s”.") % {"needed": needed},
                code="insufficient_scope",
            )
        return True

    @staticmethod
    def scope_of(method: str, view: Any) -> str:
        default = Scope.READ if method in permissions.SAFE_METHODS else Scope.WRITE
        return getattr(view, "scopes", {}).get(method, default)
