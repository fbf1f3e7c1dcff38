"""Domain errors as pages: the only place besides `api` that knows HTTP status codes."""

import csv
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import DatabaseError
from django.forms import BaseForm
from django.http import (
    HttpRequest,
    HttpResponse,
    QueryDict,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render, resolve_url
from django.template.response import TemplateResponse
from django.utils.datastructures import MultiValueDict
from django.utils.http import content_disposition_header, url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django_htmx.http import HttpResponseClientRefresh
from django_htmx.middleware import HtmxDetails

from portal.common.exceptions import (
    Conflict,
    DomainError,
    Invalid,
    InvalidTransition,
    NoRoom,
    NotAllowed,
    TooMany,
)

STATUS: dict[type[DomainError], int] = {
    NotAllowed: 403,
    Invalid: 400,
    InvalidTransition: 409,
    Conflict: 409,
    TooMany: 429,
    NoRoom: 507,
}


class Request(HttpRequest):
    """A request as our middleware makes it: with whoever asks, and what htmx says of it.

    For types alone: none is ever made. Django's own says of `user` that it may be a stranger
    everywhere, behind a sign-in too.
    """

    user: Any
    htmx: HtmxDetails


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
    """A part of a page, asked for after signing out: the whole page is loaded anew instead of
    the sign-in page in its middle."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        response = self.get_response(request)
        target = response.headers.get("Location", "")
        if request.htmx and target.startswith(resolve_url(settings.LOGIN_URL)):
            return HttpResponseClientRefresh()
        return response


def sent(request: HttpRequest) -> tuple[QueryDict, MultiValueDict] | tuple[None, None]:
    """What a form was sent with: fields and files, or neither when it is only shown."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def add_errors(form: BaseForm, error: Invalid) -> None:
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


def remember_language(response: HttpResponse, language: str) -> None:
    """Keep the language for the next pages; empty leaves it to the browser again."""
    if not language:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
        return
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )


def way_back(request: HttpRequest) -> str:
    """The page a small form was sent from, or the front page."""
    back = request.META.get("HTTP_REFERER", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return back if safe else "/"


FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_report(filename: str, rows: Iterable[Sequence[object]]) -> HttpResponse:
    """Rows for people to open in a spreadsheet program, which must not run them as formulas."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, filename)
    writer = csv.writer(response)
    for row in rows:
        cells = ["" if cell is None else str(cell) for cell in row]
        writer.writerow([f"'{c}" if c.startswith(FORMULA_STARTS) else c for c in cells])
    return response


RANGE = re.compile(r"bytes=(\d*)-(\d*)")
PIECE = 256 * 1024


# A download whose right has ended is cut within ten seconds, a slow answer included.
ASK_AGAIN_SECONDS = 3.0
TRUST_SECONDS = 8.0


class RightEnded(Exception):
    """Whoever downloads may not go on; raised within the body, it cuts the connection."""


def attachment(
    request: HttpRequest,
    file: IO[bytes],
    *,
    filename: str,
    content_type: str,
    may_go_on: Callable[[], bool],
    sha256: str = "",
) -> HttpResponseBase:
    """The file as a download that no browser renders, or the one range of it that was asked for.

    `may_go_on` is asked every few seconds while it runs. With its `sha256` known, the answer has
    an ETag, and If-Range is honoured.
    """
    size = file.seek(0, os.SEEK_END)
    etag = f'"{sha256}"' if sha256 else ""
    start, end = 0, size
    asked = RANGE.fullmatch(request.headers.get("Range", ""))
    if asked and any(asked.groups()) and request.headers.get("If-Range", etag) == etag:
        first, last = asked.groups()
        if first:
            start, end = int(first), min(int(last) + 1, size) if last else size
        else:
            start = max(size - int(last), 0)
        if start >= end:
            file.close()
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    response = StreamingHttpResponse(Slice(file, start, end, may_go_on), content_type=content_type)
    if (start, end) != (0, size):
        response.status_code = 206
        response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    if etag:
        response["ETag"] = etag
    response["Content-Length"] = end - start
    response["Accept-Ranges"] = "bytes"
    response["Content-Disposition"] = content_disposition_header(True, filename)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-cache"
    return response


class Slice:
    """The bytes of a file from `start` to `end`, piece by piece; the file is closed with it.

    It ends in `RightEnded` once `may_go_on` says no, or cannot be asked for too long.
    """

    def __init__(
        self, file: IO[bytes], start: int, end: int, may_go_on: Callable[[], bool]
    ) -> None:
        self.file, self.start, self.end = file, start, end
        self.may_go_on = may_go_on
        self.asked_at = self.sure_at = time.monotonic()

    def __iter__(self) -> Iterator[bytes]:
        self.file.seek(self.start)
        left = self.end - self.start
        while left and (piece := self.file.read(min(PIECE, left))):
            if time.monotonic() - self.asked_at >= ASK_AGAIN_SECONDS:
                self._ask_again()
            left -= len(piece)
            yield piece

    def _ask_again(self) -> None:
        self.asked_at = time.monotonic()
        try:
            if not self.may_go_on():
                raise RightEnded
            self.sure_at = self.asked_at
        except DatabaseError:
            # A server that restarts is back before the right is in doubt.
            if time.monotonic() - self.sure_at > TRUST_SECONDS:
                raise RightEnded from None

    def close(self) -> None:
        self.file.close()
