"""The servers an instance needs and does not get from outside."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator

from portal.instance.errors import CannotStart
from portal.instance.home import Home
from portal.instance.postgres import Postgres
from portal.instance.valkey import Valkey


class Servers:
    """PostgreSQL and Valkey, each unless its URL in the environment points elsewhere."""

    def __init__(self, home: Home, *, durable: bool = True) -> None:
        self.home = home
        self.started: list[Postgres | Valkey] = []
        if os.environ.get("DATABASE_URL") in (None, "", home.database_url):
            self.started.append(Postgres(home, durable=durable))
        if os.environ.get("REDIS_URL") in (None, "", home.redis_url):
            self.started.append(Valkey(home))

    def start(self) -> None:
        """Start them all, or none."""
        try:
            for server in self.started:
                server.start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop them, the database last."""
        for server in reversed(self.started):
            server.stop()

    def restart_dead(self) -> list[str]:
        """Start again those that died; their names."""
        dead = [server for server in self.started if not server.alive()]
        for server in dead:
            server.start()
        return [type(server).__name__ for server in dead]


@contextlib.contextmanager
def running_servers(home: Home, *, patience: float = 60) -> Iterator[None]:
    """The running instance's servers, or, when there is none, our own while the block lasts.

    Other commands may use ours meanwhile: each holds `run/users` shared from before it finds that
    the servers answer, and we stop them only once we can have it alone.
    """
    home.create()
    with (home.run / "users").open("w") as users:
        deadline = time.monotonic() + patience
        while not home.try_lock():
            fcntl.flock(users, fcntl.LOCK_SH)
            if all(server.answers() for server in Servers(home).started):
                yield
                return
            fcntl.flock(users, fcntl.LOCK_UN)
            if time.monotonic() > deadline:
                raise CannotStart(f"The instance in {home.path} is starting, but does not answer.")
            time.sleep(0.2)
        servers = Servers(home)
        servers.start()
        try:
            yield
        finally:
            fcntl.flock(users, fcntl.LOCK_EX)
            servers.stop()
            home.unlock()
