"""`manage.py prepare` makes what is missing, and does nothing the second time."""

import pytest
from django.core.management import call_command
from django.db import connection

pytestmark = pytest.mark.django_db


def test_a_prepared_database_is_left_alone(django_assert_max_num_queries, capsys):
    with django_assert_max_num_queries(10):
        call_command("prepare")
    assert capsys.readouterr().out == ""
    assert "portal_cache" in connection.introspection.table_names()


def test_the_bucket_is_made_once(s3, settings):
    settings.STORAGES = {**settings.STORAGES, "default": s3.storage("made-by-prepare")}
    assert not (s3.folder / "made-by-prepare").exists()
    for _ in range(2):
        call_command("prepare")
        assert (s3.folder / "made-by-prepare").is_dir()
