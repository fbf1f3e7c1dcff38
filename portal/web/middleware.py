"""What every request and every answer passes on its way."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render, resolve_url
from django.utils.translation import gettext
from django_htmx.http import HttpResponseClientRefresh

from portal.common.api.problems import status_of
from portal.common.exceptions import DomainError
from portal.common.pages import Request, way_back
from portal.web.kept import kept

GetResponse = Callable[[HttpRequest], HttpResponse]


class DomainErrors:
    """Shows a domain error that a page view let through, in plain words."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        context = {"error": error, "back": way_back(request)}
        return render(request, "errors/domain.html", context, status=status_of(error))


class RejectNulBytes:
    """PostgreSQL text holds no NUL; answer 400 before one reaches a query."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", "") or "\x00" in request.path:
            raise BadRequest(gettext("The address contains a NUL character."))
        return self.get_response(request)


class Compress(GZipMiddleware):
    """Pages and JSON packed on the wire, each with random bytes, so that their length tells
    nobody what a secret in them begins with (BREACH). Downloads are sent as they are."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> Any:
        if response.streaming or "Content-Disposition" in response.headers:
            return response
        return super().process_response(request, response)


class KeepOutOfCaches:
    """What somebody saw signed in is not found on a shared computer once they have left."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # Asking for the user would cost a query on pages that do without.
        known = settings.SESSION_COOKIE_NAME in request.COOKIES
        if known or "Authorization" in request.headers:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class SignInAgain:
    """After signing out, a part of a page loads the whole page anew, instead of the sign-in page
    in its middle; and a form keeps what was filled in."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        response = self.get_response(request)
        target = response.headers.get("Location", "")
        if not target.startswith(resolve_url(settings.LOGIN_URL)):
            return response
        if request.htmx:
            return HttpResponseClientRefresh()
        return (kept(request) if request.method == "POST" else None) or response
