"""The preview: a table of rows that sorts, filters and turns pages, with or without scripts."""

from typing import Any

from django.utils.translation import gettext_lazy

from datasets.engine.rows import preview
from datasets.engine.rows.preview import Filter, PreviewError
from datasets.rows import actions as files
from datasets.versions.models import Version
from portal.common.forms import as_sent
from portal.common.pages import Request, address
from portal.common.text import told

ROWS = 20


OPERATIONS = [
    ("eq", gettext_lazy("is")),
    ("ne", gettext_lazy("is not")),
    ("gt", gettext_lazy("is more than")),
    ("gte", gettext_lazy("is at least")),
    ("lt", gettext_lazy("is less than")),
    ("lte", gettext_lazy("is at most")),
    ("contains", gettext_lazy("contains")),
    ("isnull", gettext_lazy("is missing")),
]


NUMERIC = ("integer", "number")


def preview_of(request: Request, version: Version, columns: list[Any]) -> dict[str, Any]:
    """The context of datasets/rows/preview.html; a refused sort or filter is said in it."""
    query = request.GET
    order_by, column, op, value = (
        query.get(name, "") for name in ("order_by", "column", "op", "value")
    )
    names = {as_sent(one.name): one.name for one in columns}
    column, order_by = (names.get(as_sent(name), name) for name in (column, order_by))
    descending = query.get("descending") == "true"
    if "descending" not in query and order_by not in names.values() and order_by[:1] == "-":
        order_by, descending = order_by[1:], True
    filters = []
    if column and op in dict(OPERATIONS) and (value or op in ("isnull", "eq", "ne")):
        filters = [Filter(column, op, "true" if op == "isnull" else value)]
    error, page = "", None
    pairs = [(one.name, one.type) for one in columns]
    with files.open_table(version=version, by=request.user) as table:
        try:
            page = preview.rows(
                table,
                pairs,
                limit=ROWS,
                cursor=query.get("cursor") or None,
                order_by=order_by or None,
                filters=filters,
                descending=descending,
            )
        except PreviewError as refused:
            error = " ".join(told(text.kept) for text in refused.errors.values())
    return {
        "page": page,
        "error": error,
        "heads": [head(request, one, order_by, descending) for one in columns],
        "rows": [
            {"row": row["row"], "cells": list(zip(row["values"], columns, strict=True))}
            for row in page.rows
        ]
        if page
        else [],
        "operations": OPERATIONS,
        "column": column,
        "op": op or "eq",
        "value": value,
        "order_by": order_by,
        "descending": "true" if descending else "false",
        "filtered": bool(filters),
        "clear_url": at_preview(request, column=None, op=None, value=None),
        "previous": at_preview(request, cursor=page.previous) if page and page.previous else "",
        "next": at_preview(request, cursor=page.next) if page and page.next else "",
    }


def head(request: Request, column: Any, order_by: str, descending: bool) -> dict[str, Any]:
    """A column's head: a click sorts by it, the next one turns the order round."""
    sort = "none"
    if order_by == column.name:
        sort = "descending" if descending else "ascending"
    turned = "true" if sort == "ascending" else "false"
    return {
        "name": column.name,
        "numeric": column.type in NUMERIC,
        "sort": sort,
        "url": at_preview(request, order_by=column.name, descending=turned),
    }


def at_preview(request: Request, **values: str | None) -> str:
    """This page's address with some values changed, at the preview, from its first page on."""
    return f"{address(request, **values)}#preview"
