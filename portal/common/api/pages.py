"""Pages of a list."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from rest_framework import exceptions, pagination, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portal.common.api.problems import BAD_TEXT


class CursorPagination(pagination.CursorPagination):
    """Pages that stay right while rows come and go, at the same cost however deep."""

    page_size = 25
    page_size_query_param = "limit"
    max_page_size = 200
    ordering = ("-created_at", "-id")

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
                {"cursor": gettext("This list gave out no such cursor. Start again without one.")}
            ) from error
        return cursor

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {"results": data, "next": self.get_next_link(), "previous": self.get_previous_link()}
        )


def updated_since(queryset: Any, request: Request) -> Any:
    """Rows changed at or after the `updated_since` parameter."""
    text = request.query_params.get("updated_since")
    if not text:
        return queryset
    moment = serializers.DateTimeField().run_validation(text.replace(" ", "+"))
    return queryset.filter(updated_at__gte=moment)
