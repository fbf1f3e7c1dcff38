"""Workers of the test's own database: real ones of Celery, and one that dies in its work."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from datasets.engine.methods import Method
from portal.jobs import queue
from portal.jobs.models import Job, WorkerHeartbeat
from portal.jobs.running import claim_and_run
from portal.jobs.tasks import beat

CHECKOUT = Path(__file__).resolve().parents[1]


def database_url() -> str:
    """The address of the database of this test process."""
    base, _, query = os.environ["DATABASE_URL"].partition("?")
    server = base.rpartition("/")[0]
    return f"{server}/{connection.settings_dict['NAME']}" + (f"?{query}" if query else "")


def start_worker(name: str = "test-worker", **environment: str) -> subprocess.Popen[bytes]:
    """A worker process; it is up when `answers` says so."""
    with (settings.COHORTIUM_HOME / f"{name}.log").open("ab") as log:
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "celery", "--app=portal.celery", "worker"),
                *("--pool=solo", "--without-gossip", "--without-mingle", "--loglevel=INFO"),
                *(f"--hostname={name}@test", f"--queues=celery,{name}"),
            ],
            cwd=CHECKOUT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "DATABASE_URL": database_url(),
                "COHORTIUM_WORKER": name,
                **environment,
            },
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def wait_for(condition: Callable[[], object], seconds: float = 60, what: str = "") -> None:
    """Ask again and again until it is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.05)


def answers(name: str = "test-worker") -> bool:
    """Whether the worker takes messages."""
    beat.apply_async(queue=name, expires=5)
    return WorkerHeartbeat.objects.filter(name=name).exists()


@contextmanager
def running_worker(name: str = "test-worker", **environment: str) -> Iterator[subprocess.Popen]:
    """A worker that takes jobs until the block ends."""
    empty_broker()
    process = start_worker(name, **environment)
    try:
        wait_for(lambda: answers(name), 120, what=f"{name} takes messages")
        yield process
    finally:
        process.kill()
        process.wait()


def empty_broker() -> None:
    """Forget the hints of earlier tests, and that one of them took the broker away."""
    queue._broker.away_until = 0.0
    with queue.connect() as broker:
        broker.default_channel.client.flushdb()


def killed_in_round(number: int, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker computes an analysis and dies when this round's answers are to be put together."""
    answer = Method.answer

    def dies(method: Any, released: Any, spec: Any) -> Any:
        if spec.round == number:
            raise SystemExit
        return answer(method, released, spec)

    with monkeypatch.context() as patched:
        patched.setattr(Method, "answer", dies)
        with pytest.raises(SystemExit):
            claim_and_run(job.pk)
