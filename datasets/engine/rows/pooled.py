"""One table of several sites' harmonised rows, each row with where it came from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from datasets.engine.rows.frame import RESERVED_COLUMNS, InputInfo

BATCH_ROWS = 20_000


@dataclass(frozen=True)
class Source:
    """A harmonised table, where its rows were collected, and what their source is called."""

    path: Path
    info: InputInfo
    name: str


def source_column(variables: Sequence[str]) -> str:
    """What the column with each row's source is called: `source`, unless a variable is."""
    name = "source"
    while name in variables:
        name += "_"
    return name


def write_pooled(
    sources: Sequence[Source],
    variables: Sequence[str],
    target: Path,
    stop_if_asked: Callable[[], None],
) -> None:
    """Writes the rows of all sources, one after the other, as Parquet.

    Before the variables stand `site`, `country` and `region`, and each row's source: the name of
    its source, a slash, and its place there from 1 on. Every table must have all the variables,
    of equal types. The same tables always give the same bytes.
    """
    with pq.ParquetFile(sources[0].path) as first:
        given = first.schema_arrow
    text = [pa.field(name, pa.string()) for name in (*RESERVED_COLUMNS, source_column(variables))]
    schema = pa.schema([*text, *(given.field(name).remove_metadata() for name in variables)])
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        for source in sources:
            done = 0
            with pq.ParquetFile(source.path) as file:
                for batch in file.iter_batches(BATCH_ROWS, columns=list(variables)):
                    stop_if_asked()
                    writer.write_batch(_with_source(batch, source, done, schema))
                    done += batch.num_rows


def row_count(path: Path) -> int:
    """How many rows a table has."""
    return int(pq.read_metadata(path).num_rows)


def _with_source(
    batch: pa.RecordBatch, source: Source, done: int, schema: pa.Schema
) -> pa.RecordBatch:
    places = (getattr(source.info, name) for name in RESERVED_COLUMNS)
    names = [f"{source.name}/{done + k + 1}" for k in range(batch.num_rows)]
    columns = [
        *(pa.repeat(pa.scalar(place, pa.string()), batch.num_rows) for place in places),
        pa.array(names, pa.string()),
        *(batch.column(field.name) for field in list(schema)[len(RESERVED_COLUMNS) + 1 :]),
    ]
    return pa.record_batch(columns, schema=schema)
