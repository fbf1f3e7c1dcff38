"""Answers that are no JSON."""

from typing import Any

from rest_framework import renderers
from rest_framework.response import Response


class CsvRenderer(renderers.JSONRenderer):
    """Text as it is; problems stay JSON."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        return data if isinstance(data, str) else super().render(data, *args, **kwargs)


def csv_answer(filename: str, text: str) -> Response:
    """A table as a file to keep."""
    return Response(
        text,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )
