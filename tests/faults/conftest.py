"""A whole instance, as `bin/run` starts it, for tests that break parts of it."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.instance import Home
from portal.instance.home import CHECKOUT

READY_SECONDS = 120


class Instance:
    """One `bin/run` with a home and a port of its own."""

    def __init__(self, home: Path) -> None:
        self.home = Home(home)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.output = home.with_suffix(".out")
        self.runner: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The caller's, without the servers of the test run."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE"}
        }
        return {**kept, "COHORTIUM_HOME": str(self.home.path), "PORT": str(self.port)}

    def launch(self, *arguments: str) -> subprocess.Popen[bytes]:
        """`bin/run`, its output in a file; does not wait."""
        with self.output.open("wb") as output:
            return subprocess.Popen(
                [CHECKOUT / "bin" / "run", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.environment,
                # A shell's background job ignores Ctrl-C, and so would all that it starts.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
            )

    def start(self, *arguments: str) -> float:
        """Start it; the seconds until its line `Ready`."""
        started = time.monotonic()
        self.runner = runner = self.launch("--no-demo", *arguments)
        wait_for(lambda: self.ready or runner.poll() is not None, READY_SECONDS)
        assert self.ready, self.output.read_text()
        return time.monotonic() - started

    @property
    def ready(self) -> bool:
        return f"Ready: {self.url}\n" in self.output.read_text()

    def manage(self, *arguments: str) -> str:
        """What `bin/manage` prints."""
        return subprocess.run(
            [CHECKOUT / "bin" / "manage", *arguments],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            env=self.environment,
        ).stdout

    def answers(self) -> bool:
        """Whether a page that reads the database is served."""
        try:
            with urllib.request.urlopen(f"{self.url}/health/", timeout=5) as page:
                return page.status == 200
        except OSError:
            return False

    def processes(self, words: str = "") -> list[int]:
        """Its processes, or those with these words in the command."""
        # Valkey writes its title over its environment; PostgreSQL gets none of ours.
        places = (str((self.home.path / "postgres").resolve()), str(self.home.valkey_socket))
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                environment = (process / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            ours = f"COHORTIUM_HOME={self.home.path}".encode() in environment or any(
                place in command for place in places
            )
            if ours and words in command:
                found.append(int(process.name))
        return found

    def started(self, words: str) -> list[int]:
        """Those with these words that the runner started: what one of them has just forked bears
        its words until it gets its own."""
        found = self.processes(words)
        return [one for one in found if parent_of(one) not in {*found, None}]

    def stop(self, number: int = signal.SIGTERM) -> float:
        """End the runner with a signal; the seconds it took."""
        started = time.monotonic()
        if self.runner:
            self.runner.send_signal(number)
            self.runner.wait(30)
            self.runner = None
        return time.monotonic() - started

    def remove(self) -> None:
        """Stop it and remove all it wrote."""
        self.stop()
        shutil.rmtree((self.home.path / "postgres").resolve(), ignore_errors=True)
        shutil.rmtree(self.home.path, ignore_errors=True)
        self.output.unlink(missing_ok=True)


def parent_of(process: int) -> int | None:
    """The process that forked this one; None of one that has ended."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return None
    return int(stat.rpartition(")")[2].split()[1])


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until the condition holds; fail if it never does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.1)


@pytest.fixture
def make_instance() -> Iterator[Callable[[], Instance]]:
    """Makes instances, and removes them at the end."""
    parent = Path(tempfile.mkdtemp(prefix="cohortium-faults-"))
    parent.chmod(0o711)
    instances: list[Instance] = []

    def make() -> Instance:
        instances.append(Instance(parent / f"home{len(instances)}"))
        return instances[-1]

    yield make
    for instance in instances:
        instance.remove()
    shutil.rmtree(parent)


@pytest.fixture
def instance(make_instance: Callable[[], Instance]) -> Instance:
    """One instance, not started yet."""
    return make_instance()
