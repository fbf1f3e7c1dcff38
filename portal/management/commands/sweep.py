"""`manage.py sweep`: hint again at jobs that wait, and end those that nobody will finish."""

import time
from argparse import ArgumentParser
from typing import Any

import structlog
from django.conf import settings
from django.core.management import BaseCommand, call_command
from django.db import DatabaseError, connection

from datasets.pools import work as pools
from datasets.uploads import work as uploads
from portal.common.api import idempotency as idempotency_keys
from portal.jobs import sweep

TIDY_SECONDS = 3600.0

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = "Repeat lost hints and end abandoned jobs; with --forever, every SWEEP_SECONDS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--forever", action="store_true", help="stay and repeat")

    def handle(self, *args: Any, **options: Any) -> None:
        tidy_at = 0.0
        while True:
            try:
                sweep.sweep()
                if time.monotonic() >= tidy_at:
                    sweep.forget_workers()
                    uploads.remove_strays()
                    pools.remove_strays()
                    idempotency_keys.forget_old()
                    call_command("clearsessions")
                    tidy_at = time.monotonic() + TIDY_SECONDS
            except (DatabaseError, OSError):
                if not options["forever"]:
                    raise
                log.exception("sweep_broke")
                connection.close()  # the next round gets a new one
            if not options["forever"]:
                return
            time.sleep(settings.SWEEP_SECONDS)
