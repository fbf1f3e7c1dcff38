"""The API described in OpenAPI."""

from functools import cache
from typing import Any

from django.http import HttpResponse
from django.utils.translation import get_language
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request


class ApiSchema(SpectacularAPIView):
    """The same for everybody, so each language and format is written once."""

    needs = None

    def _get_schema_response(self, request: Request) -> HttpResponse:
        renderer: Any = request.accepted_renderer
        charset = f"; charset={renderer.charset}" if renderer.charset else ""
        filename = self._get_filename(request, "")
        return HttpResponse(
            _written(get_language(), renderer.__class__),
            content_type=f"{renderer.media_type}{charset}",
            headers={"Content-Disposition": f'inline; filename="{filename}"'},
        )


@cache
def _written(language: str | None, renderer: Any) -> Any:
    schema = ApiSchema.generator_class().get_schema(public=True)
    return renderer().render(schema)
