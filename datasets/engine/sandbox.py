"""Runs `ingest` in a child process that can be killed, starved and has no network."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from datasets.engine.ingest import IngestResult, Progress
from datasets.engine.readers import ReadOptions


@dataclass(frozen=True)
class Limits:
    """What a child may use; beyond it, it is killed."""

    memory_mb: int = 2048
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
    raise NotImplementedError
