"""The API's description is written once, and is what its library would write each time."""

import pytest
from django.urls import get_resolver
from django.utils import translation
from drf_spectacular.views import SpectacularAPIView
from rest_framework import serializers
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


OURS = ("portal", "members", "projects", "datasets")


def serializers_below(kind):
    """Every serializer of ours, however deep."""
    for one in kind.__subclasses__():
        if one.__module__.startswith(OURS):
            yield one
        yield from serializers_below(one)


def test_a_field_that_is_null_where_there_is_nothing_says_so():
    """Else the description promises a text where null comes."""
    assert get_resolver().url_patterns, "every API is imported"
    found = {
        f"{one.__module__}.{one.__name__}.{name}"
        for one in serializers_below(serializers.Serializer)
        for name, field in one._declared_fields.items()
        if field.default is None and not field.allow_null
    }
    assert found == set()
