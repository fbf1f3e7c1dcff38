"""The instance's own Valkey (or Redis): on a Unix socket, keeping nothing on disk.

Messages are hints only; what must survive is in PostgreSQL.
"""

import signal
import socket
import subprocess
import time
from pathlib import Path

from portal.instance.binaries import find_valkey
from portal.instance.errors import CannotStart
from portal.instance.home import Home, make_private
from portal.instance.processes import spawn, stop, tail

START_SECONDS = 20


class Valkey:
    """Starts and stops one server."""

    def __init__(self, home: Home, *, program: Path | None = None) -> None:
        self.home = home
        self.log = home.logs / "valkey.log"
        self.socket = home.valkey_socket
        self.process: subprocess.Popen[bytes] | None = None
        self._program = program

    def start(self) -> None:
        """Start the server and wait until it answers."""
        make_private(self.socket.parent)
        if self._ask(b"SHUTDOWN NOSAVE"):
            time.sleep(0.2)  # it had outlived its starter
        self.socket.unlink(missing_ok=True)
        seen = self.log.stat().st_size if self.log.exists() else 0
        self.process = spawn(
            [
                self._program or find_valkey(),
                *("--port", "0"),
                *("--unixsocket", self.socket),
                *("--unixsocketperm", "700"),
                *("--save", ""),
                *("--appendonly", "no"),
                *("--dir", self.home.run),
            ],
            log=self.log,
            death_signal=signal.SIGTERM,
        )
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise CannotStart(f"Valkey does not start ({self.log}):\n{tail(self.log, seen)}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop the server."""
        if self.process:
            stop(self.process, (signal.SIGTERM, 1))

    def alive(self) -> bool:
        """Whether the server runs."""
        return self.process is not None and self.process.poll() is None

    def answers(self) -> bool:
        """Whether a server answers on the socket."""
        return self._ask(b"PING") == b"+PONG"

    def _ask(self, command: bytes) -> bytes | None:
        """The first line of the answer, empty when the server hangs up; None: nobody listens."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            try:
                connection.connect(str(self.socket))
                connection.sendall(command + b"\r\n")
                return connection.recv(64).split(b"\r\n")[0]
            except ConnectionResetError:
                return b""
            except OSError:
                return None
