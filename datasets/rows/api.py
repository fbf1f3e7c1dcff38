"""The rows of a version, page by page, and its bytes."""

import re
from functools import partial
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from datasets.engine.rows import preview
from datasets.engine.rows.preview import Filter, PreviewError
from datasets.rows import actions as files
from datasets.versions.api import VersionView
from members.accounts.sessions import Entry
from members.choices import Scope
from portal.common.api.views import SendsFile
from portal.common.exceptions import Invalid
from portal.common.text import told
from portal.web.downloads import attachment

FILTER = re.compile(r"filter\[(.+)\]", re.DOTALL)


class RowPageSerializer(serializers.Serializer):
    """Rows as objects of column and value; `row_numbers` tell where each is in the file."""

    results = serializers.ListField(child=serializers.DictField())
    row_numbers = serializers.ListField(child=serializers.IntegerField())
    matching = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class VersionRows(VersionView):
    """The rows of one version."""

    scopes = {"GET": Scope.READ_DATA}

    @extend_schema(
        parameters=[
            OpenApiParameter("limit", int),
            OpenApiParameter("cursor", str),
            OpenApiParameter("order_by", str, description="A column; - in front: descending."),
            OpenApiParameter(
                "descending",
                bool,
                description="Given at all, `order_by` is the name alone, whatever it begins with.",
            ),
            OpenApiParameter(
                "filter",
                {"type": "object", "additionalProperties": {"type": "string"}},
                style="deepObject",
                description="filter[column]=op:value with op eq ne lt lte gt gte contains isnull.",
            ),
        ],
        responses=RowPageSerializer,
    )
    def get(self, request: Request, pk: int, number: int) -> Response:
        """Read a page of rows, sorted and filtered."""
        query = request.query_params
        with files.open_table(version=self.version, by=request.user) as table:
            columns = list(self.version.columns.values_list("name", "type"))
            try:
                page = preview.rows(
                    table,
                    columns,
                    limit=limit_of(query.get("limit", "50")),
                    cursor=query.get("cursor") or None,
                    order_by=query.get("order_by") or None,
                    filters=filters_of(query),
                    descending=truth_of(query.get("descending")),
                )
            except PreviewError as error:
                errors = {name: told(text.kept) for name, text in error.errors.items()}
                raise Invalid(errors=errors) from error
        return Response(
            {
                "results": [
                    dict(zip(page.columns, row["values"], strict=True)) for row in page.rows
                ],
                "row_numbers": [row["row"] for row in page.rows],
                "matching": page.matching,
                "next": link(request, page.next),
                "previous": link(request, page.previous),
            }
        )


class VersionDownload(SendsFile, VersionView):
    """The bytes of one version."""

    scopes = {"GET": Scope.READ_DATA}

    @extend_schema(
        parameters=[OpenApiParameter("format", enum=files.FORMATS, default="original")],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: int, number: int) -> HttpResponseBase:
        """Download the original file, or the table as CSV or Parquet; takes Range."""
        opened = files.open_file(
            version=self.version,
            format=request.query_params.get("format", "original"),
            by=request.user,
            part=request.headers.get("Range", ""),
        )
        return attachment(
            request,
            opened.file,
            filename=opened.filename,
            content_type=opened.content_type,
            sha256=opened.sha256,
            may_go_on=partial(files.may_go_on, version=self.version, entry=Entry.of(request)),
        )


def filters_of(query: Any) -> list[Filter]:
    """The filter[column]=op:value parameters of an address."""
    return [
        Filter.parse(match[1], text)
        for name in query
        if (match := FILTER.fullmatch(name))
        for text in query.getlist(name)
    ]


def truth_of(text: str | None) -> bool | None:
    """Yes, no, or nothing said."""
    if text is None:
        return None
    if text not in ("true", "false"):
        raise Invalid(errors={"descending": gettext("Write true or false.")})
    return text == "true"


def limit_of(text: str) -> int:
    """The page size asked for; the engine says which are possible."""
    try:
        return int(text)
    except ValueError as error:
        raise Invalid(errors={"limit": gettext("Give a whole number.")}) from error


def link(request: Request, cursor: str | None) -> str | None:
    """This address at another page."""
    return cursor and replace_query_param(request.build_absolute_uri(), "cursor", cursor)
