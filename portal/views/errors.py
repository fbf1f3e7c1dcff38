"""Error pages; below /api/ the same refusals leave as problem+json."""

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy

TEXT = {
    400: ("bad_request", gettext_lazy("This request could not be understood.")),
    403: ("forbidden", gettext_lazy("You may not do this.")),
    404: ("not_found", gettext_lazy("There is nothing here that you can see.")),
    429: ("too_many_requests", gettext_lazy("That was too many tries. Please wait a minute.")),
    500: (
        "server_error",
        gettext_lazy("Something broke on our side. Nothing you sent was lost silently."),
    ),
}


def page(request: HttpRequest, status: int) -> HttpResponse:
    """The error as a page, or as JSON for scripts."""
    code, detail = TEXT[status][0], str(TEXT[status][1])
    if request.path.startswith("/api/"):
        problem = {
            "type": "about:blank",
            "title": detail.rstrip("."),
            "status": status,
            "detail": detail,
            "code": code,
        }
        return HttpResponse(
            json.dumps(problem), status=status, content_type="application/problem+json"
        )
    if status == 500:
        return HttpResponse(render_to_string("errors/500.html"), status=500)
    return render(request, f"errors/{status}.html", status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, 403)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form from before somebody signed in or out in another tab."""
    return page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, 404)


def too_many(request: HttpRequest) -> HttpResponse:
    return page(request, 429)


def server_error(request: HttpRequest) -> HttpResponse:
    return page(request, 500)
