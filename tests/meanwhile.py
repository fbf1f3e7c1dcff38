"""Somebody else who acts while something goes on."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

from members.models import User
from members.profiles import actions as profiles
from tests.workers import wait_for


def acts_elsewhere(user: User) -> None:
    """Changes the person's language over a connection of its own, or fails after two seconds."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(_act, user).result(timeout=30)


def _act(user: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")
    try:
        language = "" if user.language else "fr"
        profiles.choose_language(language=language, by=user)
    finally:
        connection.close()


ENDS = 30.0
"""Seconds until everybody is through."""


class Meanwhile(threading.Thread):
    """A step on its own connection; `ended` gives what came of it or raises what went wrong."""

    def __init__(self, step: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self.step = step
        self.answer: Any = None
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            self.answer = self.step()
        except Exception as error:
            self.error = error
        finally:
            connection.close()

    def waits(self) -> bool:
        """Whether it is held up by what this connection's transaction has locked."""
        wait_for(lambda: holds_somebody_up() or not self.is_alive(), ENDS)
        return self.is_alive()

    def ended(self) -> Any:
        self.join(ENDS)
        assert not self.is_alive()
        if self.error is not None:
            raise self.error
        return self.answer


def holds_somebody_up() -> bool:
    """Whether another connection waits for a lock of this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks "
            "WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
        )
        return cursor.fetchone()[0]


def at_once(steps: Sequence[Callable[[], Any]]) -> list[Exception]:
    """What went wrong of steps that begin as close together as threads can."""
    barrier = threading.Barrier(len(steps), timeout=ENDS)

    def begin(step: Callable[[], Any]) -> Any:
        barrier.wait()
        return step()

    begun = [Meanwhile(lambda step=step: begin(step)) for step in steps]
    for one in begun:
        one.join(ENDS)
        assert not one.is_alive()
    return [one.error for one in begun if one.error is not None]
