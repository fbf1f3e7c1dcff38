"""Errors as problem documents (RFC 9457), and the HTTP status of each."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, UnreadablePostError
from django.utils.translation import gettext, gettext_lazy
from rest_framework import exceptions, status
from rest_framework.request import Empty, Request
from rest_framework.response import Response

from portal.common.exceptions import (
    Conflict,
    DomainError,
    Invalid,
    InvalidTransition,
    NoRoom,
    NotAllowed,
    TooMany,
)
from portal.common.text import LONGEST_ECHO, Text, cut_in

PROBLEM_JSON = "application/problem+json"


PROBLEM_TYPE = "about:blank"

STATUS: dict[type[DomainError], int] = {
    NotAllowed: 403,
    Invalid: 400,
    InvalidTransition: 409,
    Conflict: 409,
    TooMany: 429,
    NoRoom: 507,
}

BAD_TEXT = re.compile("[\x00\ud800-\udfff]")


class PreconditionFailed(exceptions.APIException):
    """If-Match names a version of the object that is no longer current."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "precondition_failed"
    default_detail = gettext_lazy(
        "Somebody changed this since you read it. Read it again, then repeat."
    )


def status_of(error: DomainError) -> int:
    """The HTTP status of a domain error."""
    return next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)


def problem_response(
    status_code: int,
    *,
    title: Text,
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
    """DRF's exception handler: every refusal leaves as problem+json, and says no more of what was
    sent again than that one knows it by."""
    found = problem_of(error)
    told = [] if found is None else [found.data, *found.data.get("errors", ())]
    if any(len(one["detail"]) > LONGEST_ECHO for one in told):
        sent = list(sent_in(context["request"]))
        for one in told:
            one["detail"] = cut_in(one["detail"], sent)
    return found


def sent_in(request: Request) -> Iterator[str]:
    """Every text of a call's address, and of its body if that was read: nobody reads a body, which
    may be a large file, to refuse it."""
    for _name, values in request.query_params.lists():
        yield from values
    if getattr(request, "_full_data", Empty) is not Empty:
        yield from texts_in(request.data)


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


def problem_of(error: Exception) -> Response | None:
    """The same, with all that the refusal says."""
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
    elif isinstance(error, UnreadablePostError):
        error = exceptions.ParseError(gettext("The connection ended before all was sent."))
    if not isinstance(error, exceptions.APIException):
        return None
    headers = {}
    if auth_header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    if isinstance(error, exceptions.ValidationError):
        errors = list(field_errors(error.get_full_details()))
        return problem_response(
            error.status_code,
            title=gettext("Please check what you sent"),
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
