"""The web server: granian's processes in front of Django, and which requests work at a time.

A client's bytes may come slowly or never. Granian waits for headers without a thread; a body that
is read in a view holds one, but lends its turn to others while it waits, and waits only for a body
that keeps the gateway's pace.
"""

import signal
import sys
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections
from django.http import HttpResponse
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from portal.instance.gateway import Application, Gateway
from portal.instance.processes import end_with_parent

PROCESSES = 2
AT_ONCE = 4
# Of each process; a request's thread is cheap, one that waits for its client costs nobody anything.
CLIENTS = 512
KEPT_CONNECTIONS = 16
LARGEST_HEAD = 64 * 1024
STOP_SECONDS = 2
# Granian knows the path decoded: %a keeps a line break within it from beginning a line of its own.
ACCESS_LINE = "[%(time)s] %(addr)s - %(method)s %(path)a %(protocol)s %(status)d %(dt_ms).3f"


class Turns:
    """An application of which few requests work at a time and many may wait for their clients.

    Django keeps a database connection for each thread; of our many threads only the first few
    keep theirs, so that waiting requests do not use up the server's connections.
    """

    def __init__(self, application: Application, at_once: int = AT_ONCE) -> None:
        self.application = application
        self._free = threading.Semaphore(at_once)
        # Forgets a thread with its end, which comes when it was idle for a while.
        self._keepers: weakref.WeakSet[threading.Thread] = weakref.WeakSet()
        self._lock = threading.Lock()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        environ["wsgi.input"] = LentBody(environ["wsgi.input"], self)
        with self._free:
            answer = self.application(environ, start_response)
            if isinstance(answer, HttpResponse):
                # Whole already: it is sent in one piece, and Django is done with it.
                response, answer = answer, [answer.content]
                response.close()
            self._let_go()
        return answer

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Let others work until the block ends."""
        self._let_go()
        self._free.release()
        try:
            yield
        finally:
            self._free.acquire()

    def _let_go(self) -> None:
        """Close the thread's connections unless it is one of those that keep them."""
        if not self._keeps():
            for connection in connections.all(initialized_only=True):
                if not connection.in_atomic_block:
                    connection.close()

    def _keeps(self) -> bool:
        thread = threading.current_thread()
        with self._lock:
            if len(self._keepers) < KEPT_CONNECTIONS:
                self._keepers.add(thread)
            return thread in self._keepers


class LentBody:
    """A request's body; whoever waits for it lends their turn."""

    def __init__(self, stream: Any, turns: Turns) -> None:
        self._stream, self._turns = stream, turns

    def read(self, size: int = -1) -> bytes:
        """At most so many bytes, or all."""
        with self._turns.lent():
            return self._stream.read(size)

    def readline(self, size: int = -1) -> bytes:
        """One line."""
        with self._turns.lent():
            return self._stream.readline(size)


def serve(host: str, port: int) -> None:
    """Serve the portal until a signal comes."""
    # Loaded once, before the processes are forked: they share its memory.
    from portal.wsgi import application

    end_with_us = end_with_parent(signal.SIGKILL)

    def load() -> Gateway:
        if end_with_us:
            end_with_us()
        return Gateway(Turns(application))

    Granian(
        "portal.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        websockets=False,
        http1_settings=HTTP1Settings(max_buffer_size=LARGEST_HEAD),
        workers=PROCESSES,
        backpressure=CLIENTS,
        log_access=True,
        log_access_format=ACCESS_LINE,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
    ).serve(target_loader=load, wrap_loader=False)


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
