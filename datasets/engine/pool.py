"""Reads harmonised data block by block for the statistical methods."""

from collections.abc import Sequence
from pathlib import Path

from datasets.engine.frame import InputInfo, Rows, VariableInfo


def open_rows(
    parquet: Path, variables: Sequence[VariableInfo], info: InputInfo, block: int = 65536
) -> Rows:
    """The named variables of `parquet`, plus the reserved columns from `info`."""
    raise NotImplementedError
