"""`manage.py workers_alive`: for a container's health check."""

import platform
from datetime import timedelta
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.db.models.functions import Now

from portal.instance.whole import WORKERS
from portal.jobs.models import WorkerHeartbeat

SILENT_SECONDS = 60


class Command(BaseCommand):
    help = "Fail unless every worker of this machine has lately given a sign of life."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        alive = WorkerHeartbeat.objects.filter(
            name__endswith=f"@{platform.node()}",
            beat_at__gt=Now() - timedelta(seconds=SILENT_SECONDS),
        ).count()
        if alive < WORKERS:
            raise CommandError(f"{alive} of {WORKERS} workers are alive.")
        self.stdout.write(f"{alive} workers are alive.")
