"""The child that reads one file: it takes its job from stdin as one JSON line, gives up what it
does not need, and answers in JSON lines on stdout: progress, then the result.

What it writes besides goes to stderr, which nobody sees but the operators.
"""

import ctypes
import json
import os
import resource
import signal
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from datasets.engine.reading.ingest import ingest
from datasets.engine.reading.problems import IngestError, problem
from datasets.engine.reading.readers import ReadOptions
from datasets.engine.sentences import Sentence

SPEAK_EVERY = 0.2
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWNET = 0x40000000
_CLONE_NEWUSER = 0x10000000


@dataclass(frozen=True)
class Limits:
    """What a child may use; beyond it, it is killed.

    `memory_mb` is memory that is resident, with that of its own children. `quiet_seconds` is how
    long it may make no progress and take no processor time.
    """

    memory_mb: int = 4096
    cpu_seconds: int = 1800
    file_mb: int = 8192
    wall_seconds: float = 3600
    quiet_seconds: float = 60

    @property
    def address_space_mb(self) -> int:
        """The wall for what grows faster than anybody looks. Address space is reserved freely:
        a file of 1 GB is read with 2.3 GB of it and 0.5 GB resident."""
        return 2 * self.memory_mb + 1024


def main() -> None:
    """Reads the file of the job on stdin."""
    voice = _Voice()
    with open(0, encoding="utf-8", closefd=False) as stdin:
        job = json.loads(stdin.readline())
    confine(Limits(**job["limits"]))
    try:
        result = ingest(
            Path(job["original"]),
            Path(job["table"]),
            ReadOptions.from_dict(job["options"]),
            job["filename"],
            voice.progress,
        )
    except IngestError as error:
        voice.say({"problems": [one.to_dict() for one in error.problems]})
    except (MemoryError, duckdb.OutOfMemoryException):
        traceback.print_exc()
        starved = problem("out_of_memory", Sentence("Reading the file took too much memory."))
        voice.say({"problems": [starved.to_dict()]})
    else:
        voice.say({"result": result.to_dict()})


class _Voice:
    """JSON lines on the descriptor that was stdout."""

    def __init__(self) -> None:
        self.out = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        self.stage = ""
        self.spoke = 0.0

    def say(self, message: dict[str, Any]) -> None:
        self.out.write(json.dumps(message, allow_nan=False) + "\n")
        self.out.flush()

    def progress(self, stage: str, fraction: float, message: str) -> None:
        now = time.monotonic()
        if stage != self.stage or now - self.spoke > SPEAK_EVERY:
            self.stage, self.spoke = stage, now
            self.say({"stage": stage, "fraction": fraction, "message": message})


def confine(limits: Limits) -> None:
    """Takes from this process what reading a file does not need; nothing gives it back."""
    die_with_parent()
    leave_network()
    sys.addaudithook(_refuse_sockets)
    for name, most in (
        (resource.RLIMIT_AS, limits.address_space_mb << 20),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, limits.file_mb << 20),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(name, (most, most))


def die_with_parent() -> None:
    """Has the kernel kill this process when the one that started it ends."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def leave_network() -> None:
    """Moves to a network without any interface, where the kernel grants one, and forgoes every
    program that would give more rights. For a process with one thread."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.unshare(_CLONE_NEWNET) != 0:
        libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def _refuse_sockets(event: str, _: tuple[object, ...]) -> None:
    """Where the kernel grants no empty network, Python at least opens no socket."""
    if event == "socket.__new__":
        raise PermissionError("the reader has no network")
