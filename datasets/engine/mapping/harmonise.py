"""Applies mapping rules: a dataset's own columns become the project's shared variables."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datasets.engine.mapping.problems import RuleError
from datasets.engine.mapping.rules import SQL_TYPES, Limits, Mapped, Rule, map_rule
from datasets.engine.mapping.same_bins import in_bins_of
from datasets.engine.profiling.profile import Placed, profile_relation, profile_table
from datasets.engine.rows.connection import reading
from datasets.engine.rows.frame import NUMERIC_TYPES, RESERVED_COLUMNS, VariableInfo
from datasets.engine.rows.table import ROW_GROUP, Table, file_sha256, placed
from datasets.engine.sentences import Sentence

OUTSIDE = 50
_TYPES = {
    "BIGINT": "integer",
    "DOUBLE": "number",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "datetime",
    "VARCHAR": "text",
}


@dataclass(frozen=True)
class HarmoniseResult:
    """`variables`: per shared variable {name, mapped, n, missing, turned_missing,
    outside_levels}; `content_sha256` hashes the values, whatever the file's bytes.

    `turned_missing` counts rows where every column the rule reads has a value and the result has
    none; `outside_levels` lists [{value, n}] that a category's levels do not know.
    """

    rows: int
    variables: list[dict[str, Any]]
    content_sha256: str
    parquet_sha256: str
    parquet_bytes: int

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON, for the worker that asked."""
        return dict(vars(self))


def validate_rule(rule: Rule, columns: Mapping[str, str], variable: VariableInfo) -> None:
    """Raises RuleError when `rule` is malformed or its value cannot be of the variable's type.

    `columns` maps the dataset's column names to their types.
    """
    map_rule(rule, columns, variable)


def preview_rule(
    connection: duckdb.DuckDBPyConnection, table: Table, rule: Rule, variable: VariableInfo
) -> dict[str, Any]:
    """{"before": [profile of each column read], "after": profile, "rows", "turned_missing",
    "outside_levels": [{value, n}]}. Raises RuleError."""
    columns = column_types(connection, table)
    mapped = map_rule(rule, columns, variable)
    count = _count(connection, table, variable.name, mapped)
    rows = count["n"] + count["missing"]
    before = profile_table(
        connection, table, [(name, columns[name]) for name in mapped.columns], rows
    )
    after = profile_relation(
        connection,
        placed(f"(SELECT {mapped.value} FROM {table.relation})", 1),
        [Placed(variable.name, variable.type, "c0", many=True)],
        rows,
    )[0]
    after["type"] = variable.type
    if len(before) == 1:
        values = f"(SELECT {mapped.value} AS v FROM {table.relation})"
        after["histogram"] = in_bins_of(connection, values, before[0], after, rule)
    return {
        "before": before,
        "after": after,
        "rows": rows,
        "turned_missing": count["turned_missing"],
        "outside_levels": count["outside_levels"],
    }


def harmonise(
    path: Path,
    rules: Mapping[str, Rule],
    variables: Sequence[VariableInfo],
    harmonised: Path,
    limits: Mapping[str, Limits] | None = None,
) -> HarmoniseResult:
    """Writes `harmonised` with one column per shared variable, in the given order.

    `limits` are those of the dataset's own columns; counts do not look at them. A variable without
    a rule becomes a column of missing values. Raises RuleError.
    """
    reserved = [variable.name for variable in variables if variable.name in RESERVED_COLUMNS]
    if reserved:
        raise RuleError("reserved_name", _reserved(reserved[0]))
    try:
        table = Table.open(path)
        with reading([path], threads=1) as connection:
            columns = column_types(connection, table)
            mapped = {
                variable.name: map_rule(rules[variable.name], columns, variable)
                for variable in variables
                if variable.name in rules
            }
            counts = [
                _count(connection, table, variable.name, mapped.get(variable.name))
                for variable in variables
            ]
            within = {name: one.within(limits or {}) for name, one in mapped.items()}
            rows = _write(connection, table, variables, within, harmonised)
    except BaseException:
        harmonised.unlink(missing_ok=True)
        raise
    return HarmoniseResult(
        rows=rows,
        variables=counts,
        content_sha256=content_sha256(harmonised, variables),
        parquet_sha256=file_sha256(harmonised),
        parquet_bytes=harmonised.stat().st_size,
    )


def _reserved(name: str) -> Sentence:
    return Sentence("%(name)s is a column the portal adds itself.", name=name)


def column_types(connection: duckdb.DuckDBPyConnection, table: Table) -> dict[str, str]:
    """The dataset's columns and their types, from the Parquet itself."""
    rows = connection.execute(f"DESCRIBE SELECT * FROM {table.relation}").fetchall()
    return {name: _TYPES[row[1]] for name, row in zip(table.names, rows, strict=True)}


def _count(
    connection: duckdb.DuckDBPyConnection, table: Table, name: str, mapped: Mapped | None
) -> dict[str, Any]:
    """How a rule fares on every row."""
    value, present = (mapped.value, mapped.all_present) if mapped else ("NULL", "false")
    n, missing, turned = connection.execute(
        f"SELECT count({value}), count(*) - count({value}), "
        f"count(*) FILTER (({value}) IS NULL AND {present}) FROM {table.relation}"
    ).fetchall()[0]
    outside = []
    if mapped and mapped.value != mapped.converted:
        outside = connection.execute(
            f"SELECT left({mapped.converted}, 200) AS v, count(*) AS n "
            f"FROM {table.relation} "
            f"WHERE ({mapped.converted}) IS NOT NULL AND ({mapped.value}) IS NULL "
            f"GROUP BY v ORDER BY n DESC, v LIMIT {OUTSIDE}"
        ).fetchall()
    return {
        "name": name,
        "mapped": mapped is not None,
        "n": n,
        "missing": missing,
        "turned_missing": turned,
        "outside_levels": [{"value": v, "n": count} for v, count in outside],
    }


def _write(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    variables: Sequence[VariableInfo],
    mapped: Mapping[str, Mapped],
    harmonised: Path,
) -> int:
    """Writes the values. The file gets its names from Arrow: to SQL `Age` and `age` are one."""
    values = ", ".join(
        f"({mapped[variable.name].value if variable.name in mapped else 'NULL'})"
        f"::{SQL_TYPES[variable.type]}"
        for variable in variables
    )
    relation = placed(f"(SELECT {values} FROM {table.relation})", len(variables))
    reader = connection.sql(f"SELECT * FROM {relation}").to_arrow_reader(ROW_GROUP)
    schema = pa.schema(
        pa.field(variable.name, field.type)
        for variable, field in zip(variables, reader.schema, strict=True)
    )
    rows = 0
    with pq.ParquetWriter(harmonised, schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(pa.record_batch(batch.columns, schema=schema))
            rows += batch.num_rows
    return rows


def content_sha256(path: Path, variables: Sequence[VariableInfo]) -> str:
    """A hash of names, types and values in row order: equal data has equal hashes, however the
    file is laid out."""
    whole = hashlib.sha256()
    with pq.ParquetFile(path) as file:
        for variable in variables:
            values, lengths = hashlib.sha256(), hashlib.sha256()
            for batch in file.iter_batches(65_536, columns=[variable.name]):
                # asked for `a`, pyarrow reads `a.b` too
                column = batch.column(variable.name)
                if variable.type in NUMERIC_TYPES:
                    numbers = column.cast(pa.int8()) if pa.types.is_boolean(column.type) else column
                    floats = numbers.cast(pa.float64()).to_numpy(zero_copy_only=False)
                    values.update(floats.astype("<f8").tobytes())
                    lengths.update(column.is_null().to_numpy(zero_copy_only=False).tobytes())
                else:
                    texts = column.cast(pa.string()).cast(pa.binary())
                    sizes = pc.fill_null(pc.binary_length(texts), -1)
                    lengths.update(sizes.to_numpy(zero_copy_only=False).astype("<i8").tobytes())
                    values.update(b"".join(texts.drop_null().to_pylist()))
            whole.update(f"{len(variable.name)}:{variable.name}:{variable.type};".encode())
            whole.update(values.digest() + lengths.digest())
    return whole.hexdigest()
