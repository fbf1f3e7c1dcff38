"""Asks the nursery for children: this process's side of nursery.py."""

import atexit
import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import IO

ROOT = Path(__file__).resolve().parents[3]
ENDS_WITHIN = 10.0
_PASSED_ON = ("OPENBLAS_CORETYPE",)
"""What decides the last digit of a sum: the child shall answer as this process would."""


class Child:
    """A process that reads one file. As a context it is killed on the way out."""

    def __init__(self, door: socket.socket) -> None:
        there, here = zip(os.pipe(), os.pipe()[::-1], os.pipe()[::-1], strict=True)
        line, far = socket.socketpair()
        try:
            socket.send_fds(door, [b"\n"], [*there, far.fileno()])
        except OSError:
            for end in here:
                os.close(end)
            line.close()
            raise
        finally:
            for end in there:
                os.close(end)
            far.close()
        self.line = line
        self.heard = b""
        stdin, stdout, stderr = here
        self.stdin: IO[bytes] = os.fdopen(stdin, "wb")
        self.stdout: IO[bytes] = os.fdopen(stdout, "rb", buffering=0)
        self.stderr: IO[bytes] = os.fdopen(stderr, "rb", buffering=0)

    @property
    def pid(self) -> int | None:
        """The process id; None as long as the nursery has not said it."""
        return self._told(0, 0)

    def _told(self, index: int, seconds: float) -> int | None:
        """The number on a line of what the nursery says, once it has said it."""
        until = time.monotonic() + seconds
        while self.heard.count(b"\n") <= index:
            self.line.settimeout(max(0.001, until - time.monotonic()))
            try:
                data = self.line.recv(64)
            except (TimeoutError, ConnectionError):
                return None
            if not data:
                return None
            self.heard += data
        return int(self.heard.split(b"\n")[index])

    def ended_with(self, seconds: float) -> int | None:
        """The exit code, or minus the signal; None while it lives, or if the nursery is gone."""
        return self._told(1, seconds)

    def kill(self) -> None:
        """Ends the child and whatever it started; returns when they are gone."""
        with contextlib.suppress(OSError):
            self.line.shutdown(socket.SHUT_WR)
        self.ended_with(ENDS_WITHIN)
        for end in (self.line, self.stdin, self.stdout, self.stderr):
            with contextlib.suppress(OSError):
                end.close()

    def __enter__(self) -> "Child":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.kill()


class Nursery:
    """The nursery of this process: started at the first need, again when it is gone."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self.lock = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None
        self.door: socket.socket | None = None
        self.owner = 0

    def fork(self) -> Child:
        """A new child. Raises OSError where none can be had."""
        with self.lock:
            for _ in range(2):
                try:
                    return Child(self._open())
                except (BrokenPipeError, ConnectionResetError):
                    self.process = None
            raise OSError("the nursery does not answer")

    def _open(self) -> socket.socket:
        """The door of a nursery that lives and is ours: after a fork it is our parent's."""
        alive = self.process is not None and self.process.poll() is None
        if self.door is None or not alive or self.owner != os.getpid():
            self._start()
        if self.door is None:
            raise OSError("the nursery has no door")
        return self.door

    def _start(self) -> None:
        if self.door is not None:
            self.door.close()
        self.door, far = socket.socketpair()
        self.owner = os.getpid()
        with far:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "datasets.engine.reading.nursery"],
                stdin=far.fileno(),
                stdout=subprocess.DEVNULL,
                cwd=self.root,
                env={
                    "PATH": os.defpath,
                    "LANG": "C.UTF-8",
                    "OPENBLAS_NUM_THREADS": "1",
                    # nothing that is forked may have a second thread
                    "JE_ARROW_MALLOC_CONF": "background_thread:false",
                    "MALLOC_ARENA_MAX": "2",
                    # keeps freed memory for the next block: else the kernel clears it anew
                    "MALLOC_MMAP_THRESHOLD_": str(64 << 20),
                    "MALLOC_TRIM_THRESHOLD_": str(256 << 20),
                    **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
                },
                start_new_session=True,
            )

    def close(self) -> None:
        """Ends the nursery and every child of it."""
        if self.owner == os.getpid() and self.process is not None and self.door is not None:
            self.door.close()
            self.process.wait(ENDS_WITHIN)
        self.process = self.door = None


NURSERY = Nursery()
atexit.register(NURSERY.close)


def resident_bytes(pid: int) -> int:
    """The memory a process and its descendants hold; 0 where they are gone."""
    total = 0
    with contextlib.suppress(OSError, ValueError, IndexError):
        total = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            total += sum(map(resident_bytes, map(int, children.read_text().split())))
    return total


def processor_seconds(pid: int) -> float:
    """The processor time a process has used; 0 where it is gone."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0
