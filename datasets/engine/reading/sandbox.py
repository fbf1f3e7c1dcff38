"""Runs `ingest` in a child process that can be killed, starved and has no network.

The child reads its job from stdin as one JSON line and writes JSON lines: progress, then the
result. What it writes besides, it writes to stderr, which nobody sees but the operators.
"""

import contextlib
import ctypes
import json
import logging
import os
import resource
import selectors
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import duckdb

from datasets.engine.reading.ingest import IngestResult, Progress, ingest
from datasets.engine.reading.problems import ChildKilled, IngestError, Problem, problem
from datasets.engine.reading.readers import ReadOptions

log = logging.getLogger(__name__)

ASK_EVERY = 0.5
SPEAK_EVERY = 0.2
ROOT = Path(__file__).resolve().parents[3]
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWNET = 0x40000000
_CLONE_NEWUSER = 0x10000000


@dataclass(frozen=True)
class Limits:
    """What a child may use; beyond it, it is killed."""

    memory_mb: int = 4096
    cpu_seconds: int = 1800
    file_mb: int = 8192
    wall_seconds: float = 3600
    quiet_seconds: float = 600


def ingest_in_child(
    source: Path,
    target: Path,
    options: ReadOptions,
    filename: str,
    progress: Progress,
    should_stop: Callable[[], bool],
    limits: Limits = Limits(),
) -> IngestResult:
    """As `ingest`, in a child process. Raises IngestError, or ChildKilled (an IngestError).

    `should_stop` is asked about twice a second; once it answers True the child is killed and
    ChildKilled has the code `cancelled`.
    """
    environment = {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
        # keeps freed memory for the next block: else the kernel clears it anew each time
        "MALLOC_MMAP_THRESHOLD_": str(64 << 20),
        "MALLOC_TRIM_THRESHOLD_": str(256 << 20),
    }
    with tempfile.TemporaryDirectory(prefix="child-", dir=target.parent) as scratch:
        written = Path(scratch).resolve() / "written.parquet"
        job = {
            "source": str(source.resolve()),
            "target": str(written),
            "options": options.to_dict(),
            "filename": filename,
            "limits": asdict(limits),
        }
        with subprocess.Popen(
            [sys.executable, "-m", "datasets.engine.reading.sandbox"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env=environment,
            start_new_session=True,
        ) as child:
            try:
                result = _Conversation(child, progress, should_stop, limits).hold(job)
            finally:
                _kill(child)
        written.replace(target)
        return result


class _Conversation:
    """What the parent hears from the child, and when it loses patience."""

    def __init__(
        self,
        child: "subprocess.Popen[bytes]",
        progress: Progress,
        should_stop: Callable[[], bool],
        limits: Limits,
    ) -> None:
        self.child = child
        self.progress = progress
        self.should_stop = should_stop
        self.limits = limits
        self.started = self.heard = time.monotonic()
        self.answer: dict[str, Any] | None = None
        self.complaint = b""

    def hold(self, job: dict[str, Any]) -> IngestResult:
        stdin, stdout, stderr = self.child.stdin, self.child.stdout, self.child.stderr
        if stdin is None or stdout is None or stderr is None:
            raise RuntimeError("the child was started without pipes")
        try:
            stdin.write(json.dumps(job).encode() + b"\n")
            stdin.close()
        except BrokenPipeError:
            raise self._crashed() from None
        try:
            self._listen(stdout, stderr)
            if self.answer is None:
                self.child.wait(10)
                raise self._crashed()
            if "problems" not in self.answer:
                return IngestResult.from_dict(self.answer["result"])
            problems = [Problem.from_dict(one) for one in self.answer["problems"]]
        except (ValueError, KeyError, TypeError):  # what a child says is checked, not believed
            raise self._crashed() from None
        if problems[0].code == "out_of_memory":
            raise ChildKilled(problems[0])
        raise IngestError(problems)

    def _listen(self, stdout: IO[bytes], stderr: IO[bytes]) -> None:
        rest = b""
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            selector.register(stderr, selectors.EVENT_READ)
            while selector.get_map():
                for key, _ in selector.select(ASK_EVERY):
                    data = os.read(key.fd, 1 << 16)
                    if not data:
                        selector.unregister(key.fileobj)
                    elif key.fileobj is stderr:
                        self.complaint = (self.complaint + data)[-10_000:]
                    else:
                        *lines, rest = (rest + data).split(b"\n")
                        for line in lines:
                            self._hear(json.loads(line))
                self._lose_patience()

    def _hear(self, message: dict[str, Any]) -> None:
        self.heard = time.monotonic()
        if "stage" in message:
            self.progress(message["stage"], message["fraction"], message["message"])
        else:
            self.answer = message

    def _lose_patience(self) -> None:
        if self.answer is not None:
            return
        if self.should_stop():
            raise ChildKilled(problem("cancelled", "The reading was stopped."))
        now = time.monotonic()
        if now - self.started > self.limits.wall_seconds:
            raise ChildKilled(problem("too_slow", "Reading the file took too long."))
        if now - self.heard > self.limits.quiet_seconds:
            raise ChildKilled(problem("too_slow", "Reading the file made no progress."))

    def _crashed(self) -> ChildKilled:
        """What a child that left without an answer died of."""
        code = self.child.poll()
        log.error("the reader left with %s: %s", code, self.complaint.decode("utf-8", "replace"))
        if code == -signal.SIGXCPU:
            return ChildKilled(problem("too_slow", "Reading the file took too much time."))
        starved = (b"MemoryError", b"bad_alloc", b"Out of Memory", b"Cannot allocate memory")
        if code == -signal.SIGKILL or any(word in self.complaint for word in starved):
            return ChildKilled(problem("out_of_memory", "Reading the file took too much memory."))
        return ChildKilled(problem("reader_crashed", "The reader stopped without an answer."))


def _kill(child: "subprocess.Popen[bytes]") -> None:
    """The child and whatever it started; it leads a process group of its own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


class _Voice:
    """The child's side: JSON lines on the descriptor that was stdout."""

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


def _confine(limits: Limits) -> None:
    """Takes from this process what reading a file does not need; nothing gives it back."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.unshare(_CLONE_NEWNET) != 0:
        libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
    sys.addaudithook(_refuse_sockets)
    for name, most in (
        (resource.RLIMIT_AS, limits.memory_mb << 20),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, limits.file_mb << 20),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(name, (most, most))


def _refuse_sockets(event: str, _: tuple[object, ...]) -> None:
    """Where the kernel grants no empty network, Python at least opens no socket."""
    if event == "socket.__new__":
        raise PermissionError("the reader has no network")


def _main() -> int:
    voice = _Voice()
    job = json.loads(sys.stdin.readline())
    _confine(Limits(**job["limits"]))
    try:
        result = ingest(
            Path(job["source"]),
            Path(job["target"]),
            ReadOptions.from_dict(job["options"]),
            job["filename"],
            voice.progress,
        )
    except IngestError as error:
        voice.say({"problems": [one.to_dict() for one in error.problems]})
    except (MemoryError, duckdb.OutOfMemoryException):
        traceback.print_exc()
        starved = problem("out_of_memory", "Reading the file took too much memory.")
        voice.say({"problems": [starved.to_dict()]})
    else:
        voice.say({"result": result.to_dict()})
    return 0


if __name__ == "__main__":
    sys.exit(_main())
