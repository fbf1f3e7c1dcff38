"""Domain errors as pages: the only place besides `api` that knows HTTP status codes."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.template.response import TemplateResponse

from portal.common.exceptions import (
    Conflict,
    DomainError,
    Invalid,
    InvalidTransition,
    NotAllowed,
    TooMany,
)

STATUS: dict[type[DomainError], int] = {
    NotAllowed: 403,
    Invalid: 400,
    InvalidTransition: 409,
    Conflict: 409,
    TooMany: 429,
}

GetResponse = Callable[[HttpRequest], HttpResponse]


def status_of(error: DomainError) -> int:
    """The HTTP status of a domain error."""
    return next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)


class DomainErrors:
    """Shows a domain error that a page view let through, in plain words."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        return render(request, "errors/domain.html", {"error": error}, status=status_of(error))


class RejectNulBytes:
    """PostgreSQL text holds no NUL; answer 400 before one reaches a query."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", "") or "\x00" in request.path:
            return HttpResponseBadRequest(
                "The address contains a NUL character.", content_type="text/plain"
            )
        return self.get_response(request)


def add_errors(form, error: Invalid) -> None:
    """Put a domain error's messages beside the form's fields."""
    if not error.errors:
        form.add_error(None, error.detail)
    for field, texts in error.errors.items():
        for text in texts:
            form.add_error(field if field in form.fields else None, text)


def form_page(request: HttpRequest, template: str, context: dict) -> HttpResponse:
    """A page with a form: 422 when it came back with errors, so htmx and scripts can tell."""
    invalid = any(getattr(value, "is_bound", False) and value.errors for value in context.values())
    return TemplateResponse(request, template, context, status=422 if invalid else 200)


def say(request: HttpRequest, text: str) -> None:
    """One sentence for the person, shown on the next page."""
    messages.success(request, text)
