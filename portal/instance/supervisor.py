"""Keeps programs running: starts them, starts them again when they die, stops them together."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from portal.instance import CannotStart, Servers
from portal.instance.home import CHECKOUT
from portal.instance.processes import kill_session, spawn, stop, tail

LONGEST_PAUSE = 30.0


# A program that ran this long had a good start: its next death is a new story.
SETTLED_SECONDS = 60.0


# Together with the servers' own shutdown this stays below ten seconds.
STOP_SECONDS = 4.5


@dataclass
class Program:
    """One program of the instance."""

    name: str
    command: list[str]
    log: Path | None
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    deaths: int = 0

    def start(self) -> None:
        """Start it."""
        self.started_at = time.monotonic()
        self.process = spawn(
            [sys.executable, *self.command],
            log=self.log,
            environment={**os.environ, "PYTHONUNBUFFERED": "1", **self.environment},
            folder=CHECKOUT,
        )

    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    def last_words(self) -> str:
        """Where its log is, and how it ends."""
        return f"{self.log}:\n{tail(self.log)}" if self.log else "Its output is above."

    def pause(self) -> float:
        """Seconds to wait after its last start before the next one."""
        return min(2.0 ** max(self.deaths - 1, 0), LONGEST_PAUSE)


class Supervisor:
    """The programs of one instance and the servers they need."""

    def __init__(self, servers: Servers | None, report: Callable[[str], None]) -> None:
        self.servers = servers
        self.report = report
        self.programs: list[Program] = []
        self._servers_pause_until = 0.0

    def start(self, program: Program) -> None:
        """Start a program and keep it running from now on."""
        program.start()
        self.programs.append(program)

    def look_after(self) -> None:
        """Start again whatever has died; call it once or twice a second."""
        self._look_after_servers()
        now = time.monotonic()
        for program in self.programs:
            if program.alive():
                if now - program.started_at > SETTLED_SECONDS:
                    program.deaths = 0
                continue
            if program.process:
                code = program.process.returncode
                kill_session(program.process)
                program.process = None
                program.deaths += 1
                self.report(f"{program.name} ended ({code}). {program.last_words()}")
            if now >= program.started_at + program.pause():
                program.start()

    def restart(self, program: Program, reason: str) -> None:
        """Replace a program that runs but does no work."""
        self.report(f"{program.name} is restarted: {reason}")
        if program.process:
            kill_session(program.process)
        program.start()

    def require_alive(self, program: Program) -> None:
        """Raise, with the end of its log, when a program has died while the instance starts."""
        if program.deaths or not program.alive():
            raise CannotStart(f"{program.name} does not start.\n{program.last_words()}")

    def run_once(self, program: Program) -> None:
        """Run a program to its end, the others being looked after meanwhile."""
        if program.process is None:
            program.start()
        while program.alive():
            self.look_after()
            time.sleep(0.1)
        if program.process and program.process.returncode != 0:
            raise CannotStart(f"{program.name} failed.\n{program.last_words()}")

    def stop(self) -> None:
        """Stop everything: programs together, then the servers."""
        running = [program.process for program in self.programs if program.process]
        for process in running:
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and any(process.poll() is None for process in running):
            time.sleep(0.05)
        for process in running:
            stop(process)
        if self.servers:
            self.servers.stop()

    def _look_after_servers(self) -> None:
        if not self.servers or time.monotonic() < self._servers_pause_until:
            return
        try:
            for name in self.servers.restart_dead():
                self.report(f"{name} had ended and was started again")
        except CannotStart as error:
            self.report(str(error))
            self._servers_pause_until = time.monotonic() + LONGEST_PAUSE
