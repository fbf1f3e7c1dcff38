"""Domain errors as problem+json (RFC 9457), cursor pages and rate limits of the REST API."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.cache import caches
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from rest_framework import exceptions, pagination, parsers, status, throttling
from rest_framework.request import Request
from rest_framework.response import Response

from portal.common.exceptions import DomainError, Invalid
from portal.common.http import status_of

PROBLEM_JSON = "application/problem+json"
PROBLEM_TYPE = "about:blank"
WHOLE_NUMBER = re.compile("0*[1-9][0-9]{0,8}")
BAD_TEXT = re.compile("[\x00\ud800-\udfff]")


class PreconditionFailed(exceptions.APIException):
    """If-Match names a version of the object that is no longer current."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "precondition_failed"
    default_detail = "Somebody changed this since you read it. Read it again, then repeat."


class JSONParser(parsers.JSONParser):
    """JSON whose text PostgreSQL can hold: no NUL and no half of a surrogate pair."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            data = super().parse(*args, **kwargs)
            bad = any(BAD_TEXT.search(text) for text in texts_in(data))
        except RecursionError as error:
            raise exceptions.ParseError("The JSON is nested too deep.") from error
        if bad:
            raise exceptions.ParseError("The JSON holds a character that text cannot have.")
        return data


def texts_in(data: Any) -> Iterator[str]:
    """Every key and every text value, however deep."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        yield from data
        for value in data.values():
            yield from texts_in(value)
    elif isinstance(data, list):
        for value in data:
            yield from texts_in(value)


def problem_response(
    status_code: int,
    *,
    title: str,
    detail: str,
    code: str,
    errors: list[dict[str, Any]] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """One problem+json answer."""
    body: dict[str, Any] = {
        "type": PROBLEM_TYPE,
        "title": title,
        "status": status_code,
        "detail": detail,
        "code": code,
    }
    if errors:
        body["errors"] = errors
    return Response(body, status=status_code, headers=headers, content_type=PROBLEM_JSON)


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every refusal leaves as problem+json."""
    if isinstance(error, DomainError):
        fields = error.errors if isinstance(error, Invalid) else {}
        return problem_response(
            status_of(error),
            title=error.title,
            detail=error.detail,
            code=error.code,
            errors=[
                {"field": field, "code": error.code, "detail": text}
                for field, texts in fields.items()
                for text in texts
            ],
        )
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header
    if getattr(error, "wait", None):
        headers["Retry-After"] = str(int(error.wait) + 1)
    if isinstance(error, exceptions.ValidationError):
        errors = list(field_errors(error.get_full_details()))
        return problem_response(
            error.status_code,
            title="Please check what you sent",
            detail=errors[0]["detail"] if errors else str(error.default_detail),
            code="invalid",
            errors=errors,
            headers=headers,
        )
    return problem_response(
        error.status_code,
        title=HTTPStatus(error.status_code).phrase,
        detail=str(error.detail),
        code=str(error.get_codes()),
        headers=headers,
    )


def field_errors(details: Any, path: str = "") -> Any:
    """DRF's nested error details as flat `{field, code, detail}` rows."""
    if isinstance(details, dict) and set(details) == {"message", "code"}:
        yield {"field": path, "code": details["code"], "detail": str(details["message"])}
    elif isinstance(details, dict):
        for key, value in details.items():
            yield from field_errors(value, f"{path}.{key}" if path else str(key))
    elif isinstance(details, list):
        for index, value in enumerate(details):
            leaf = isinstance(value, dict) and set(value) == {"message", "code"}
            yield from field_errors(value, path if leaf else f"{path}.{index}")


class CursorPagination(pagination.CursorPagination):
    """Pages that stay right while rows come and go, at the same cost however deep."""

    page_size = 25
    page_size_query_param = "limit"
    max_page_size = 200
    ordering = ("-created_at", "-id")

    def get_page_size(self, request: Request) -> int:
        """The `limit` parameter, at most the largest page; what is no number is refused."""
        text = request.query_params.get(self.page_size_query_param, str(self.page_size))
        if not WHOLE_NUMBER.fullmatch(text):
            raise exceptions.ValidationError({"limit": "Give a whole number, 1 or more."})
        return min(int(text), self.max_page_size)

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        """The `ordering` parameter from the view's allow-list `ordering_fields`, with id last."""
        allowed = getattr(view, "ordering_fields", ())
        asked = request.query_params.get("ordering", "")
        default = getattr(view, "default_ordering", self.ordering)
        if asked and asked.removeprefix("-") not in allowed:
            raise exceptions.ValidationError(
                {"ordering": f"Choose one of: {', '.join(sorted(allowed)) or 'none here'}."}
            )
        last = "-id" if asked.startswith("-") else "id"
        ordering = (asked, last) if asked else tuple(default)
        self.first = queryset.model._meta.get_field(ordering[0].removeprefix("-"))
        return ordering

    def decode_cursor(self, request: Request) -> pagination.Cursor | None:
        """A cursor that was made up, or belongs to another ordering, is refused before a query."""
        try:
            cursor = super().decode_cursor(request)
            if cursor is not None and cursor.position is not None:
                self.first.to_python(cursor.position)
                if BAD_TEXT.search(cursor.position):
                    raise exceptions.NotFound
        except (exceptions.NotFound, ValidationError) as error:
            raise exceptions.ValidationError(
                {"cursor": "This list gave out no such cursor. Start again without one."}
            ) from error
        return cursor

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {"results": data, "next": self.get_next_link(), "previous": self.get_previous_link()}
        )


class RateLimit(throttling.SimpleRateThrottle):
    """A rate per account, or per address for the unknown; the view tells it in headers."""

    scope = "user"
    cache = caches["local"]

    def get_rate(self) -> str:
        return self.THROTTLE_RATES["user"]

    def get_cache_key(self, request: Request, view: Any) -> str:
        user = request.user
        if user and user.is_authenticated:
            return f"throttle-user-{user.pk}"
        self.rate = self.THROTTLE_RATES["anon"]
        self.num_requests, self.duration = self.parse_rate(self.rate)
        return f"throttle-anon-{self.get_ident(request)}"

    def allow_request(self, request: Request, view: Any) -> bool:
        allowed = super().allow_request(request, view)
        used = len(self.history) if hasattr(self, "history") else 0
        request.rate_limit = {
            "limit": self.num_requests,
            "remaining": max(self.num_requests - used, 0),
            "reset": int(self.duration),
        }
        return allowed
