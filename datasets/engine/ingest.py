"""CSV in, typed Parquet and a profile of every column out."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datasets.engine.problems import Problem
from datasets.engine.readers import ReadOptions

Progress = Callable[[str, float, str], None]
"""progress(stage, fraction of the whole 0-1, message); stages: scanning, parsing, profiling."""


@dataclass(frozen=True)
class IngestResult:
    """What was read. `options` are complete: reading again with them gives the same bytes."""

    options: ReadOptions
    rows: int
    columns: list[dict[str, Any]]
    bytes: int
    sha256: str
    problems: list[Problem]
    parquet_sha256: str
    parquet_bytes: int

    def to_dict(self) -> dict[str, Any]:
        raise NotImplementedError

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "IngestResult":
        raise NotImplementedError


def ingest(
    source: Path, target: Path, options: ReadOptions, filename: str, progress: Progress
) -> IngestResult:
    """Reads the CSV `source` (uploaded as `filename`) and writes the Parquet `target`.

    The caller publishes `target`; on failure nothing is left there. Raises IngestError.
    """
    raise NotImplementedError
