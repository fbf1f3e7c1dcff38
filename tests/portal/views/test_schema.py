"""The API's description is written once, and is what its library would write each time."""

import pytest
from django.utils import translation
from drf_spectacular.views import SpectacularAPIView
from rest_framework.test import APIClient, APIRequestFactory


@pytest.mark.parametrize(
    ("language", "accept"),
    [("en", "*/*"), ("fr", "application/vnd.oai.openapi+json"), ("fr", "*/*")],
)
def test_each_language_and_format_is_written_as_asked(language, accept, db):
    asked = {"accept": accept, "accept-language": language}
    given = APIClient().get("/api/v1/schema/", headers=asked)
    again = APIClient().get("/api/v1/schema/", headers=asked)
    with translation.override(language):
        request = APIRequestFactory().get("/api/v1/schema/", headers=asked)
        made = SpectacularAPIView.as_view()(request).render()
    assert given.content == again.content == made.content
    for name in ("Content-Type", "Content-Disposition"):
        assert given.headers[name] == made.headers[name]
