"""Pages of a list."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions, pagination, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portal.common.api.fields import Moment
from portal.common.api.problems import BAD_TEXT

WHOLE_NUMBER = re.compile("0{0,99}[1-9][0-9]{0,8}")


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
            raise exceptions.ValidationError({"limit": gettext("Give a whole number, 1 or more.")})
        return min(int(text), self.max_page_size)

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        """The `ordering` parameter from the view's allow-list `ordering_fields`, with id last."""
        allowed = getattr(view, "ordering_fields", ())
        asked = request.query_params.get("ordering", "")
        default = getattr(view, "default_ordering", self.ordering)
        if asked and asked.removeprefix("-") not in allowed:
            raise exceptions.ValidationError(
                {
                    "ordering": gettext("Choose one of: %(values)s.")
                    % {"values": ", ".join(sorted(allowed))}
                    if allowed
                    else gettext("This list has one order only.")
                }
            )
        last = "-id" if asked.startswith("-") else "id"
        ordering = (asked, last) if asked else tuple(default)
        name = ordering[0].removeprefix("-")
        self.first = queryset.model._meta.get_field(name)
        # What is told under a field's name may be more than the field holds.
        first = getattr(view, "ordered_by", {}).get(name, name)
        return (ordering[0].replace(name, first), *ordering[1:])

    def decode_cursor(self, request: Request) -> pagination.Cursor | None:
        """A cursor that was made up, or belongs to another ordering, is refused before a query."""
        try:
            cursor = super().decode_cursor(request)
            if cursor is not None and cursor.position is not None:
                self.first.to_python(cursor.position)
                if BAD_TEXT.search(str(cursor.position)):
                    raise exceptions.NotFound
        except (exceptions.NotFound, ValidationError) as error:
            raise exceptions.ValidationError(
                {"cursor": gettext("This list gave out no such cursor. Start again without one.")}
            ) from error
        return cursor

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {"results": data, "next": self.get_next_link(), "previous": self.get_previous_link()}
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Every page has its rows and both links, which may be null."""
        shape = super().get_paginated_response_schema(schema)
        return {**shape, "required": ["results", "next", "previous"]}


class OnePage(pagination.BasePagination):
    """Everything at once, in the shape of a page, for what is short by its nature."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        return queryset

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data, "next": None, "previous": None})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return CursorPagination().get_paginated_response_schema(schema)


class FilterSerializer(serializers.Serializer):
    """What every list of things that change can be narrowed to; a list adds filters of its own."""

    updated_since = Moment(required=False, help_text="ISO 8601 with offset")


def narrowed(rows: Any, asked: dict[str, Any], **fields: str) -> Any:
    """The rows that fit what was asked for: filters by name, each with its look-up."""
    fields = {"updated_since": "updated_at__gte", **fields}
    wanted = {look_up: asked[name] for name, look_up in fields.items() if name in asked}
    return rows.filter(**wanted)


def ordering(*fields: str) -> OpenApiParameter:
    """The parameter `ordering` of a list, for OpenAPI."""
    return OpenApiParameter("ordering", enum=[sign + name for name in fields for sign in ("", "-")])
