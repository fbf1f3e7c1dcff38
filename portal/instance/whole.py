"""The whole instance from one terminal: what is started, watched and stopped."""

import contextlib
import errno
import hashlib
import http.client
import os
import platform
import signal
import socket
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection, connections

from portal.instance.errors import CannotStart
from portal.instance.home import CHECKOUT, Home
from portal.instance.servers import Servers
from portal.instance.sources import Sources
from portal.instance.supervisor import Program, Supervisor
from portal.jobs.heartbeats import Heartbeats

WORKERS = 2
LOCK_PATIENCE = 5.0
READY_SECONDS = 120.0


class Instance:
    """Everything `run` starts, in order, and stops, in the opposite order."""

    def __init__(
        self, stdout: Any, host: str, port: int, *, logs: bool, reload: bool = False
    ) -> None:
        self.stdout = stdout
        self.host, self.port = host, port
        self.home = Home.from_environment()
        # Containers want what their programs say on their own output.
        self.logs = self.home.logs if logs else None
        self.sources = Sources() if reload else None
        os.environ["PORT"] = str(port)
        self.workers = [
            self._program(
                f"worker-{number}",
                [
                    *("-m", "celery", "--app=portal.celery", "worker", "--loglevel=INFO"),
                    *("--pool=solo", "--without-gossip", "--without-mingle"),
                    *(f"--hostname={name}", f"--queues=celery,{name}"),
                ],
                COHORTIUM_WORKER=name,
                CELERY_SKIP_CHECKS="true",  # bin/check has done them
            )
            for number in range(1, WORKERS + 1)
            for name in [f"worker-{number}@{platform.node()}"]
        ]
        self.heartbeats = Heartbeats([worker_name(worker) for worker in self.workers])

    def serve_all(self, *, demo: bool) -> None:
        """Start the servers, prepare the database, start every part and stay."""
        self.home.create()
        self.home.require_space()
        self._require_free_port()
        with self._locked_home(), self._supervised(Servers(self.home)) as supervisor:
            if supervisor.servers and supervisor.servers.started:
                self.say("Starting PostgreSQL and Valkey ...")
                supervisor.servers.start()
            static = self._static_files()
            if static:
                static.start()
            self._prepare_database()
            self._start_workers(supervisor)
            if static:
                supervisor.run_once(static)
                self._static_stamp.write_text(self._static_fingerprint())
            web = self._web()
            supervisor.start(web)
            self._wait_for_answers(supervisor, web)
            supervisor.start(self._sweep())
            if demo:
                self._load_demo(supervisor)
            self.say(f"Ready: http://{self.host}:{self.port}")
            self._stay(supervisor)

    def serve_parts(self, parts: list[str]) -> None:
        """Run some parts on servers that others look after, as containers do."""
        self.home.create()
        with self._supervised(None) as supervisor:
            if "workers" in parts:
                self._start_workers(supervisor)
            if "sweep" in parts:
                supervisor.start(self._sweep())
            if "web" in parts:
                supervisor.start(self._web())
            self._stay(supervisor)

    def say(self, text: str) -> None:
        """Print a line at once, also into a pipe."""
        self.stdout.write(text)
        self.stdout.flush()

    # Programs

    def _program(self, name: str, command: list[str], **environment: str) -> Program:
        log = self.logs / f"{name}.log" if self.logs else None
        return Program(name, command, log, environment)

    def _sweep(self) -> Program:
        return self._program("sweep", ["manage.py", "sweep", "--forever"])

    def _web(self) -> Program:
        return self._program("web", ["-m", "portal.instance.serving", self.host, str(self.port)])

    def _start_workers(self, supervisor: Supervisor) -> None:
        for worker in self.workers:
            supervisor.start(worker)
        self.heartbeats.start()

    # Steps

    @contextlib.contextmanager
    def _supervised(self, servers: Servers | None) -> Iterator[Supervisor]:
        supervisor = Supervisor(servers, self.say)
        try:
            yield supervisor
        finally:
            # A second Ctrl-C must not leave anything running.
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            connections.close_all()
            supervisor.stop()

    @contextlib.contextmanager
    def _locked_home(self) -> Iterator[None]:
        deadline = time.monotonic() + LOCK_PATIENCE
        while not self.home.try_lock():
            if time.monotonic() > deadline:
                raise CannotStart(
                    f"An instance is already running in {self.home.path}. Stop it, or start "
                    "another one beside it: COHORTIUM_HOME=/another/folder PORT=8001 bin/run"
                )
            time.sleep(0.2)
        try:
            yield
        finally:
            self.home.unlock()

    def _require_free_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError as error:
                in_use = error.errno == errno.EADDRINUSE
                reason = "is in use" if in_use else f"can't be used ({error.strerror})"
                raise CannotStart(
                    f"Port {self.port} of {self.host} {reason}. "
                    f"Choose another one: bin/run --port {self.port + 1}"
                ) from error

    def _prepare_database(self) -> None:
        try:
            connection.ensure_connection()
        except OperationalError as error:
            raise CannotStart(f"The server of DATABASE_URL does not answer: {error}") from error
        call_command("prepare", stdout=self.stdout)

    @property
    def _static_stamp(self) -> Path:
        return self.home.run / "static.stamp"

    def _static_fingerprint(self) -> str:
        """Changes with any file in static/ and with the packages that bring files of their own."""
        digest = hashlib.sha256((CHECKOUT / "requirements.lock").read_bytes())
        for path in sorted((CHECKOUT / "static").rglob("*")):
            found = path.stat()
            digest.update(f"{path} {found.st_size} {found.st_mtime_ns}".encode())
        return digest.hexdigest()

    def _static_files(self) -> Program | None:
        """The program that collects them, if they have changed since the last time."""
        stamp = self._static_stamp
        if stamp.exists() and stamp.read_text() == self._static_fingerprint():
            return None
        stamp.unlink(missing_ok=True)
        return self._program(
            "static", ["manage.py", "collectstatic", "--no-input", "--clear", "--verbosity=0"]
        )

    def _wait_for_answers(self, supervisor: Supervisor, web: Program) -> None:
        started = time.monotonic()
        waiting = {program.name: program for program in [web, *self.workers]}
        while waiting:
            time.sleep(0.1)
            supervisor.look_after()
            passed = time.monotonic() - started
            for name, program in list(waiting.items()):
                supervisor.require_alive(program)
                if self._answers(program, within=passed):
                    del waiting[name]
            if passed > READY_SECONDS:
                name, program = waiting.popitem()
                raise CannotStart(f"{name} does not answer.\n{program.last_words()}")

    def _answers(self, program: Program, within: float) -> bool:
        if program.name != "web":
            return self.heartbeats.answered(worker_name(program), within)
        page = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            page.request("GET", "/", headers={"Host": settings.ALLOWED_HOSTS[0]})
            return page.getresponse().status < 400
        except OSError:
            return False
        finally:
            page.close()

    def _load_demo(self, supervisor: Supervisor) -> None:
        """Seed in a thread of ours, which has everything imported; the workers do its jobs."""
        log = self.home.logs / "demo.log"
        failures = []

        def seed() -> None:
            with log.open("a") as output:
                try:
                    call_command("seed_demo", stdout=output, stderr=output)
                except Exception as failure:
                    traceback.print_exc(file=output)
                    failures.append(failure)
                finally:
                    connections.close_all()

        self.say("Loading the demo ...")
        # A daemon thread: Ctrl-C does not wait for it.
        seeding = threading.Thread(target=seed, name="demo", daemon=True)
        seeding.start()
        while seeding.is_alive():
            time.sleep(0.1)
            supervisor.look_after()
        if failures:
            raise CannotStart(
                f"The demo could not be loaded ({log}): {failures[0]}\n"
                "To start without it: bin/run --no-demo"
            )

    def _stay(self, supervisor: Supervisor) -> None:
        """Look after everything until a signal comes."""
        while True:
            time.sleep(0.5)
            supervisor.look_after()
            if self.sources and (changed := self.sources.changed()):
                self._reload(supervisor, changed)
            for worker in self.workers:
                if worker in supervisor.programs and self.heartbeats.silent(worker_name(worker)):
                    supervisor.restart(worker, "it has stopped taking jobs")
                    self.heartbeats.forget(worker_name(worker))

    def _reload(self, supervisor: Supervisor, changed: list[Path]) -> None:
        """Start every program again on the changed files; a job that is cut off is taken again."""
        if static := self._static_files():
            try:
                supervisor.run_once(static)
            except CannotStart as error:
                self.say(str(error))
                return
            self._static_stamp.write_text(self._static_fingerprint())
        for program in supervisor.programs:
            supervisor.restart(program, f"{changed[0].relative_to(CHECKOUT)} has changed")


def worker_name(worker: Program) -> str:
    """The name under which the worker's signs of life are in the database."""
    return worker.environment["COHORTIUM_WORKER"]
