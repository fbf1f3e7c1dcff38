"""`manage.py prepare` makes what is missing, and does nothing the second time."""

import pytest
from django.core.management import call_command
from django.db import connection

from tests.datasets.versions.test_storage import KEY, SECRET, s3_endpoint

pytestmark = pytest.mark.django_db
__all__ = ["s3_endpoint"]


def test_a_prepared_database_is_left_alone(django_assert_max_num_queries, capsys):
    with django_assert_max_num_queries(10):
        call_command("prepare")
    assert capsys.readouterr().out == ""
    assert "portal_cache" in connection.introspection.table_names()


def test_the_bucket_is_made_once(s3_endpoint, settings):
    endpoint, sibling = s3_endpoint
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": "made-by-prepare",
                "endpoint_url": endpoint,
                "access_key": KEY,
                "secret_key": SECRET,
                "region_name": "us-east-1",
                "addressing_style": "path",
                "signature_version": "s3v4",
            },
        },
    }
    assert not (sibling.parent / "made-by-prepare").exists()
    for _ in range(2):
        call_command("prepare")
        assert (sibling.parent / "made-by-prepare").is_dir()
