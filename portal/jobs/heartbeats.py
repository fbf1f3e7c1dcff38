"""Which workers have stopped consuming: after a broker's restart Celery can do so for good.

Each worker also reads a queue of its own. We send it messages there, and it notes in the database
that it got them; while it works on a job, the keeper of the job's lease notes the same.
"""

import threading
import time
from collections.abc import Sequence
from datetime import timedelta

from celery import current_app
from django.db import DatabaseError, close_old_connections
from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now
from kombu.exceptions import OperationalError

from portal.jobs.models import WorkerHeartbeat
from portal.jobs.queue import connect
from portal.jobs.tasks import beat

ASK_SECONDS = 2.0


SILENT_SECONDS = 30.0


class Heartbeats(threading.Thread):
    """Asks the workers for a sign of life, in a thread, where a slow broker holds up nobody."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(name="heartbeats", daemon=True)
        self._asked_since = dict.fromkeys(names, 0.0)
        self._age: dict[str, float] = {}

    def run(self) -> None:
        """Ask for ever."""
        while True:
            self._ask()
            time.sleep(ASK_SECONDS)

    def answered(self, name: str, within: float) -> bool:
        """Whether the worker gave a sign of life in the last seconds."""
        return self._age.get(name, float("inf")) < within

    def silent(self, name: str) -> bool:
        """Whether the worker has been asked for a while and has not answered in that time."""
        asked_since = self._asked_since[name]
        asked_for = time.monotonic() - asked_since if asked_since else 0.0
        return asked_for > SILENT_SECONDS and not self.answered(name, SILENT_SECONDS)

    def forget(self, name: str) -> None:
        """Give a worker that was just started its time to answer."""
        self._asked_since[name] = 0.0

    def _ask(self) -> None:
        try:
            with connect() as broker:
                producer = current_app.amqp.Producer(broker)
                for name, asked_since in list(self._asked_since.items()):
                    beat.apply_async(
                        queue=name, expires=2 * ASK_SECONDS, producer=producer, retry=False
                    )
                    self._asked_since[name] = asked_since or time.monotonic()
        except (OperationalError, OSError):
            # A broker that is away says nothing about the workers.
            self._asked_since = dict.fromkeys(self._asked_since, 0.0)
        try:
            close_old_connections()
            age = ExpressionWrapper(Now() - F("beat_at"), output_field=DurationField())
            beats = WorkerHeartbeat.objects.filter(name__in=list(self._asked_since))
            self._age = {
                name: age / timedelta(seconds=1) for name, age in beats.values_list("name", age)
            }
        except DatabaseError:
            self._asked_since = dict.fromkeys(self._asked_since, 0.0)
