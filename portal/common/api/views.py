"""The base of every API view: visibility first, ETags, idempotency keys, rate-limit headers."""

import hashlib
import json
from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.http import QueryDict
from django.utils.http import parse_etags
from django.utils.translation import gettext
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.views import APIView

from portal.common.api import idempotency as idempotency_keys
from portal.common.api.pages import CursorPagination
from portal.common.api.problems import PreconditionFailed
from portal.common.door import Needs, needed
from portal.common.exceptions import Invalid


def etag_of(data: Any) -> str:
    """A strong validator of a representation."""
    text = json.dumps(data, cls=JSONEncoder, sort_keys=True, separators=(",", ":"))
    return '"' + hashlib.sha256(text.encode()).hexdigest()[:32] + '"'


def reads_data(request: Request) -> bool:
    """Whether the call may carry row-level data: a token needs a scope of its own for that."""
    token: Any = request.auth
    return token is None or "read:data" in token.scopes


class SendsFile:
    """For a call that answers with a file, whatever the caller would rather accept."""

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        return super().perform_content_negotiation(request, force=True)  # type: ignore[misc]


class ApiView(APIView):
    """What every call shares.

    `find(request, **kwargs)` looks up the object in the address among those the caller may see
    and keeps it on `self`; it runs for every method, so what is not visible is 404 before 405,
    403 or any validation. `needs` says what the caller must be allowed to do with it, for every
    method or by method, so that 403 comes before 405 and validation.
    """

    needs: Needs = None
    pagination_class: type[BasePagination] = CursorPagination
    rate_limit: dict[str, int] | None = None
    # Only some have it: see `is_conditional`.
    get: Callable[..., Any]

    def find(self, request: Request, **kwargs: Any) -> None:
        """Look up what the address names; the default names nothing."""

    def judge(self, need: StrEnum) -> None:
        """Raise `NotAllowed` unless the caller may do this with what the address names."""
        raise NotImplementedError

    @property
    def user(self) -> Any:
        return self.request.user

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.find(request, **kwargs)
        need = needed(self.needs, request.method)
        if need is not None:
            self.judge(need)
        method = str(request.method).lower()
        if hasattr(self, method) and (self.has_key(request) or self.is_conditional(request)):
            # Whole before the transaction begins, which would wait for the client with it.
            _ = request.data
            setattr(self, method, partial(self.at_once, getattr(self, method)))

    def at_once(
        self, handler: Callable[..., Response], request: Request, *args: Any, **kwargs: Any
    ) -> Response:
        """The handler's answer, in one transaction with what the call's headers ask for."""
        with transaction.atomic():
            if self.is_conditional(request):
                # Of two calls that name the same version, the second waits and is told.
                lock(request.path)
                self.find(request, **kwargs)
                self.match_version(request, **kwargs)
            if not self.has_key(request):
                return handler(request, *args, **kwargs)
            key = idempotency_keys.begin(
                user=request.user,
                key=request.headers["Idempotency-Key"],
                digest=body_digest(request),
            )
            response = handler(request, *args, **kwargs)
            idempotency_keys.keep(
                key, status=response.status_code, body=self.kept_answer(response.data)
            )
            return response

    def match_version(self, request: Request, **kwargs: Any) -> None:
        """Raise `PreconditionFailed` unless If-Match names the object as it is."""
        current = etag_of(self.get(request, **kwargs).data)
        # Packing an answer makes its ETag weak; it names the same state of the object.
        if not {"*", current, f"W/{current}"} & set(parse_etags(request.headers["If-Match"])):
            raise PreconditionFailed

    def kept_answer(self, data: Any) -> Any:
        """What a repeated call gets to see; a view leaves out what must not be stored."""
        return data

    @staticmethod
    def has_key(request: Any) -> bool:
        return request.method == "POST" and "Idempotency-Key" in request.headers

    def is_conditional(self, request: Any) -> bool:
        writes = request.method in ("PUT", "PATCH", "DELETE")
        return writes and "If-Match" in request.headers and hasattr(self, "get")

    def handle_exception(self, error: Exception) -> Response:
        if isinstance(error, idempotency_keys.Replay):
            response = Response(error.body, status=error.status)
            response["Idempotent-Replayed"] = "true"
            return response
        return super().handle_exception(error)

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        limit = self.rate_limit
        if limit:
            response["RateLimit-Limit"] = limit["limit"]
            response["RateLimit-Remaining"] = limit["remaining"]
            response["RateLimit-Reset"] = limit["reset"]
        reads = request.method in ("GET", "HEAD")
        if reads and response.status_code == 200 and self.has_etag(response):
            response["ETag"] = etag_of(response.data)
            known = parse_etags(request.headers.get("If-None-Match", ""))
            if {"*", response["ETag"], "W/" + response["ETag"]} & set(known):
                response.status_code = 304
                response.data = None
        return response

    @staticmethod
    def has_etag(response: Any) -> bool:
        """Single objects carry one; a page of a list does not."""
        data = getattr(response, "data", None)
        return isinstance(data, dict) and not {"results", "next"} <= data.keys()

    def sent(
        self,
        shape: type[Serializer],
        *,
        partial: bool = False,
        shown: Iterable[type[Serializer]] = (),
    ) -> dict[str, Any]:
        """The body, read and checked; fields of what is `shown` of the thing may come back."""
        context = {"shown": {name for one in shown for name in one().fields}}
        return self.read(shape(data=self.request.data, partial=partial, context=context))

    def asked(self, shape: type[Serializer]) -> dict[str, Any]:
        """The parameters of the address, read and checked."""
        return self.read(shape(data=self.request.query_params))

    @staticmethod
    def read(body: Serializer) -> dict[str, Any]:
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def shown(
        self, shape: type[Serializer], thing: Any, *, status: int = 200, **context: Any
    ) -> Response:
        """One thing."""
        answer = shape(thing, context={"request": self.request, **context})
        return Response(answer.data, status=status)

    def read_by_caller(self, rows: list[Any]) -> None:
        """What it changes that somebody reads these rows of a list: nothing, in most of them."""

    def page(
        self,
        shape: type[Serializer],
        rows: Any,
        *,
        each: Any = None,
        beside: Callable[[list[Any]], dict[str, Any]] = lambda rows: {},
        **context: Any,
    ) -> Response:
        """One page of the rows; `each` says what of a row is shown, `beside` finds what else all of
        them need."""
        paginator = self.pagination_class()
        found: Any = paginator.paginate_queryset(rows, self.request, view=self)
        found = found if each is None else [each(row) for row in found]
        self.read_by_caller(found)
        context = {"request": self.request, **context, **beside(found)}
        answer = shape(found, many=True, context=context)
        return paginator.get_paginated_response(answer.data)


def lock(path: str) -> None:
    """Serve conditional writes to one address one after the other, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [path])


def body_digest(request: Request) -> str:
    """A digest of what was sent, to tell a repeated call from another one with the same key.

    What a token of `read:data` was answered is no other token's to be told again.
    """
    data = request.data
    if not isinstance(data, dict):
        raise Invalid(gettext("Send a JSON object."))
    lists = dict(data.lists()) if isinstance(data, QueryDict) else data
    text = json.dumps(lists, default=named_file, sort_keys=True)
    sent = f"{request.method} {request.path} {reads_data(request)} {text}"
    return hashlib.sha256(sent.encode()).hexdigest()


def named_file(value: Any) -> list[Any]:
    """An uploaded file by its name, size and the digest taken while it came in: reading gigabytes
    twice would cost too much."""
    return [value.name, value.size, getattr(value, "sha256", None)]
