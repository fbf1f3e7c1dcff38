"""Runs `ingest` in a child process that can be killed, starved and has no network."""

import json
import logging
import os
import selectors
import signal
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from datasets.engine.reading import forking
from datasets.engine.reading.child import Limits
from datasets.engine.reading.forking import ENDS_WITHIN, Child, processor_seconds, resident_bytes
from datasets.engine.reading.ingest import IngestResult, Progress
from datasets.engine.reading.problems import ChildKilled, IngestError, Problem, problem
from datasets.engine.reading.readers import ReadOptions
from datasets.engine.sentences import Sentence

log = logging.getLogger(__name__)

USUAL = Limits()
ASK_EVERY = 0.5
WEIGH_EVERY = 0.1
AWAKE_SECONDS = 0.5
"""Of processor time: what a child that works takes within any minute, and one that only waits
for itself does not."""


def ingest_in_child(
    original: Path,
    table: Path,
    options: ReadOptions,
    filename: str,
    progress: Progress,
    should_stop: Callable[[], bool],
    limits: Limits = USUAL,
) -> IngestResult:
    """As `ingest`, in a child process. Raises IngestError, or ChildKilled (an IngestError).

    `should_stop` is asked about twice a second; once it answers True the child is killed and
    ChildKilled has the code `cancelled`.
    """
    with tempfile.TemporaryDirectory(prefix="child-", dir=table.parent) as scratch:
        written = Path(scratch).resolve() / "written.parquet"
        job = {
            "original": str(original.resolve()),
            "table": str(written),
            "options": options.to_dict(),
            "filename": filename,
            "limits": asdict(limits),
        }
        with forking.NURSERY.fork() as child:
            result = _Conversation(child, progress, should_stop, limits).hold(job)
        written.replace(table)
        return result


class _Conversation:
    """What the parent hears from the child, and when it loses patience."""

    def __init__(
        self,
        child: Child,
        progress: Progress,
        should_stop: Callable[[], bool],
        limits: Limits,
    ) -> None:
        self.child = child
        self.progress = progress
        self.should_stop = should_stop
        self.limits = limits
        self.started = self.moved = time.monotonic()
        self.asked = self.weighed = 0.0
        self.reached: tuple[str, float] | None = None
        self.worked = 0.0
        self.answer: dict[str, Any] | None = None
        self.complaint = b""

    def hold(self, job: dict[str, Any]) -> IngestResult:
        try:
            self.child.stdin.write(json.dumps(job).encode() + b"\n")
            self.child.stdin.close()
        except BrokenPipeError:
            raise self._crashed(ENDS_WITHIN) from None
        try:
            self._listen()
            if self.answer is None:
                raise self._crashed(ENDS_WITHIN)
            if "problems" not in self.answer:
                return IngestResult.from_dict(self.answer["result"])
            problems = [Problem.from_dict(one) for one in self.answer["problems"]]
        except (ValueError, KeyError, TypeError):  # what a child says is checked, not believed
            raise self._crashed(0) from None
        if problems[0].code == "out_of_memory":
            raise ChildKilled(problems[0])
        raise IngestError(problems)

    def _listen(self) -> None:
        rest = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self.child.stdout, selectors.EVENT_READ)
            selector.register(self.child.stderr, selectors.EVENT_READ)
            while selector.get_map():
                for key, _ in selector.select(WEIGH_EVERY):
                    data = os.read(key.fd, 1 << 16)
                    if not data:
                        selector.unregister(key.fileobj)
                    elif key.fileobj is self.child.stderr:
                        self.complaint = (self.complaint + data)[-10_000:]
                    else:
                        *lines, rest = (rest + data).split(b"\n")
                        for line in lines:
                            self._hear(json.loads(line))
                if self.answer is None:
                    self._weigh()
                    self._lose_patience()

    def _hear(self, message: dict[str, Any]) -> None:
        if "stage" not in message:
            self.answer = message
            return
        reached = (message["stage"], message["fraction"])
        if reached != self.reached:
            self.reached, self.moved = reached, time.monotonic()
        self.progress(message["stage"], message["fraction"], message["message"])

    def _weigh(self) -> None:
        """Memory is looked at often: it may grow fast, and what is meant is what is held."""
        now = time.monotonic()
        pid = self.child.pid
        if pid is None or now - self.weighed < WEIGH_EVERY:
            return
        self.weighed = now
        if resident_bytes(pid) > self.limits.memory_mb << 20:
            raise ChildKilled(
                problem("out_of_memory", Sentence("Reading the file took too much memory."))
            )

    def _lose_patience(self) -> None:
        now = time.monotonic()
        if now - self.asked < ASK_EVERY:
            return
        self.asked = now
        if self.should_stop():
            raise ChildKilled(problem("cancelled", Sentence("The reading was stopped.")))
        if now - self.started > self.limits.wall_seconds:
            raise ChildKilled(problem("too_slow", Sentence("Reading the file took too long.")))
        pid = self.child.pid
        worked = processor_seconds(pid) if pid else 0.0
        if worked - self.worked > AWAKE_SECONDS:
            self.worked, self.moved = worked, now
        if now - self.moved > self.limits.quiet_seconds:
            raise ChildKilled(problem("stalled", Sentence("The reader stopped making progress.")))

    def _crashed(self, seconds: float) -> ChildKilled:
        """What a child that left without an answer, or leaves within `seconds`, died of."""
        code = self.child.ended_with(seconds)
        log.error("the reader left with %s: %s", code, self.complaint.decode("utf-8", "replace"))
        if code == -signal.SIGXCPU:
            return ChildKilled(
                problem("too_slow", Sentence("Reading the file took too much time."))
            )
        starved = (b"MemoryError", b"bad_alloc", b"Out of Memory", b"Cannot allocate memory")
        if code == -signal.SIGKILL or any(word in self.complaint for word in starved):
            return ChildKilled(
                problem("out_of_memory", Sentence("Reading the file took too much memory."))
            )
        return ChildKilled(
            problem("reader_crashed", Sentence("The reader stopped without an answer."))
        )
