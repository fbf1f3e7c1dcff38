"""`manage.py prepare`: what must be there before the portal can serve."""

from typing import Any

from botocore.exceptions import ClientError
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import BaseCommand, call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from datasets.analyses.titles import refresh_titles


class Command(BaseCommand):
    help = (
        "Bring the database and titles up to date and make the file store's bucket, where needed."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("Preparing the database ...")
            call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        refresh_titles()
        store: Any = settings.STORAGES["default"]
        if "bucket_name" in store["OPTIONS"]:
            make_bucket(store["OPTIONS"]["bucket_name"])


def make_bucket(name: str) -> None:
    """Make the bucket of the S3-compatible store, unless it is there."""
    client = default_storage.connection.meta.client  # type: ignore[attr-defined]  # S3Storage's
    try:
        client.head_bucket(Bucket=name)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        client.create_bucket(Bucket=name)
