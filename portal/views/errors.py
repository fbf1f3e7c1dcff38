"""Error pages; below /api/ the same refusals leave as problem+json."""

import json
import sys

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy

from portal.common.exceptions import Away
from portal.views.context import theme_of
from portal.web.kept import kept

TEXT = {
    400: ("bad_request", gettext_lazy("This request could not be understood.")),
    403: ("forbidden", gettext_lazy("You may not do this.")),
    404: ("not_found", gettext_lazy("There is nothing here that you can see.")),
    429: ("too_many_requests", gettext_lazy("That was too many tries. Please wait a minute.")),
    500: (
        "server_error",
        gettext_lazy("Something broke on our side. Nothing you sent was lost silently."),
    ),
    503: (
        "unavailable",
        gettext_lazy("The portal will be back shortly. Please repeat this in a moment."),
    ),
}
RETRY_SECONDS = 5


def page(request: HttpRequest, status: int) -> HttpResponse:
    """The error as a page, or as JSON for scripts."""
    response = as_json(status) if is_api(request) else as_page(request, status)
    if status == 503:
        response["Retry-After"] = str(RETRY_SECONDS)
    return response


def is_api(request: HttpRequest) -> bool:
    """Whether a script asked."""
    return request.path.startswith("/api/")


def as_json(status: int) -> HttpResponse:
    """The error as problem+json."""
    code, detail = TEXT[status][0], str(TEXT[status][1])
    problem = {
        "type": "about:blank",
        "title": detail.rstrip("."),
        "status": status,
        "detail": detail,
        "code": code,
    }
    return HttpResponse(json.dumps(problem), status=status, content_type="application/problem+json")


def as_page(request: HttpRequest, status: int) -> HttpResponse:
    """The error as a page; that of a broken portal asks no database who is signed in."""
    if status >= 500:
        context = {"theme": theme_of(request), "again": request.get_full_path()}
        return HttpResponse(render_to_string(f"errors/{status}.html", context), status=status)
    return render(request, f"errors/{status}.html", status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, 403)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form from before somebody signed in or out in another tab."""
    return (None if is_api(request) else kept(request)) or page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, 404)


def too_many(request: HttpRequest) -> HttpResponse:
    return page(request, 429)


def server_error(request: HttpRequest) -> HttpResponse:
    return page(request, 503 if is_part_away(sys.exception()) else 500)


def is_part_away(error: BaseException | None) -> bool:
    """Whether the error, or one that led to it, is a server of ours that does not answer."""
    while error is not None:
        # psycopg2 has no class of its own for an answer that breaks off.
        if isinstance(error, Away | OperationalError | InterfaceError):
            return True
        if type(error) is DatabaseError:
            return True
        error = error.__cause__ or error.__context__
    return False
