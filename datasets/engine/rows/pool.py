"""Reads harmonised data block by block for the statistical methods."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from datasets.engine.rows.frame import (
    LARGEST,
    RESERVED_COLUMNS,
    Domain,
    Frame,
    InputInfo,
    Rows,
    VariableInfo,
)
from datasets.engine.sentences import Called, Sentence


def open_rows(
    path: Path,
    variables: Sequence[VariableInfo],
    info: InputInfo,
    block: int = 65536,
    domains: Mapping[str, Domain] | None = None,
    *,
    within_reach: bool = False,
) -> Rows:
    """The named variables of the table at `path`, plus the reserved columns from `info`.

    `domains` are those that were declared for variables of this input. With `within_reach` a number
    that is too large to be computed with is missing.

    Raises ValueError for a variable called like a reserved column, which would hide it, and
    KeyError, when iterated, for a variable that the file does not have.
    """
    taken = [variable.name for variable in variables if variable.name in RESERVED_COLUMNS]
    if taken:
        raise ValueError(f"{taken[0]} is a column the engine adds itself")
    return _TableRows(path, tuple(variables), info, block, domains or {}, within_reach)


def beyond_reach(
    path: Path, variables: Sequence[VariableInfo], *, within_reach: bool = False
) -> Sentence | None:
    """Why a variable cannot be computed with, if any: a value of it is too large, such as a code at
    the end of numbers, or all are so small that their squares are 0.

    With `within_reach` what is too large is missing, and no reason. Parquet keeps the extremes of
    every column beside it, so no row is read.
    """
    numbers = {variable.name for variable in variables if variable.type == "number"}
    largest: dict[str, float] = {}
    with pq.ParquetFile(path) as file:
        for place in range(file.metadata.num_row_groups):
            group = file.metadata.row_group(place)
            for column in map(group.column, range(group.num_columns)):
                name, found = str(column.path_in_schema), column.statistics
                if name in numbers and found and found.has_min_max:
                    size = max(abs(found.min), abs(found.max))
                    largest[name] = max(largest.get(name, 0.0), size)
    for name, size in largest.items():
        if size >= LARGEST and not within_reach:
            return Sentence(
                "%(name)s has values of 10^75 or more, or of -10^75 or less, which cannot be "
                "computed with. If they stand for missing values, declare them missing.",
                name=Called.variable(name),
            )
        if 0 < size <= 1 / LARGEST:
            return Sentence(
                "%(name)s has no value beyond 10^-75 but 0, which cannot be computed with: look at "
                "its unit.",
                name=Called.variable(name),
            )
    return None


@dataclass(frozen=True)
class _TableRows:
    """Rows that are read again from the file at each iteration."""

    path: Path
    variables: tuple[VariableInfo, ...]
    info: InputInfo
    block: int
    domains: Mapping[str, Domain]
    within_reach: bool

    def __iter__(self) -> Iterator[Frame]:
        with pq.ParquetFile(self.path) as file:
            unknown = {variable.name for variable in self.variables} - set(file.schema_arrow.names)
            if unknown:
                raise KeyError(f"no column {sorted(unknown)[0]!r} in the harmonised data")
            names = [variable.name for variable in self.variables]
            for batch in file.iter_batches(self.block, columns=names):
                yield self._frame(batch)

    def _frame(self, batch: pa.RecordBatch) -> Frame:
        columns = {
            variable.name: _values(batch.column(variable.name), variable)
            for variable in self.variables
        }
        if self.within_reach:
            columns = {name: _within_reach(values) for name, values in columns.items()}
        for name in RESERVED_COLUMNS:
            columns[name] = np.full(batch.num_rows, getattr(self.info, name), dtype=object)
        return Frame(columns, batch.num_rows, self.domains)


def _within_reach(values: np.ndarray) -> np.ndarray:
    """The values without numbers that are too large."""
    if values.dtype == object:
        return values
    return np.where(np.abs(values) < LARGEST, values, np.nan)


def _values(column: pa.Array, variable: VariableInfo) -> np.ndarray:
    """float64 with NaN for what is numeric, else objects: str or None, dates as ISO 8601."""
    if variable.is_numeric:
        if pa.types.is_boolean(column.type):
            column = column.cast(pa.int8())
        return column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("s"), safe=False).cast(pa.string())
        return np.array(
            [value and value.replace(" ", "T") for value in column.to_pylist()], dtype=object
        )
    return column.cast(pa.string()).to_numpy(zero_copy_only=False)
