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

from datasets.engine.mapping.rules import SQL_TYPES, Mapped, Rule, map_rule
from datasets.engine.profiling.profile import high_cardinality, profile_table
from datasets.engine.reading.ingest import file_sha256
from datasets.engine.reading.parsing import ROW_GROUP
from datasets.engine.reading.problems import RuleError
from datasets.engine.rows.connection import connect, identifier, literal, parquet_table
from datasets.engine.rows.frame import NUMERIC_TYPES, RESERVED_COLUMNS, VariableInfo

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
        return dict(vars(self))


def validate_rule(rule: Rule, columns: Mapping[str, str], variable: VariableInfo) -> None:
    """Raises RuleError when `rule` is malformed or its value cannot be of the variable's type.

    `columns` maps the dataset's column names to their types.
    """
    map_rule(rule, columns, variable)


def preview_rule(source: Path, rule: Rule, variable: VariableInfo) -> dict[str, Any]:
    """{"before": [profile of each column read], "after": profile, "rows", "turned_missing",
    "outside_levels": [{value, n}]}. Raises RuleError."""
    with connect([source]) as connection:
        columns = _columns(connection, source)
        mapped = map_rule(rule, columns, variable)
        count = _count(connection, source, variable.name, mapped)
        table = parquet_table(source)
        rows = count["n"] + count["missing"]
        before = profile_table(
            connection,
            table,
            [(name, columns[name]) for name in mapped.columns],
            rows,
            high_cardinality(source),
        )
        after = profile_table(
            connection,
            f"(SELECT {mapped.value} AS {identifier(variable.name)} FROM {table})",
            [(variable.name, variable.type)],
            rows,
            frozenset({variable.name}),
        )[0]
        after["type"] = variable.type
    return {
        "before": before,
        "after": after,
        "rows": rows,
        "turned_missing": count["turned_missing"],
        "outside_levels": count["outside_levels"],
    }


def harmonise(
    source: Path, rules: Mapping[str, Rule], variables: Sequence[VariableInfo], target: Path
) -> HarmoniseResult:
    """Writes `target` with one column per shared variable, in the given order.

    A variable without a rule becomes a column of missing values. Raises RuleError.
    """
    reserved = [variable.name for variable in variables if variable.name in RESERVED_COLUMNS]
    if reserved:
        raise RuleError("reserved_name", f"{reserved[0]} is a column the portal adds itself.")
    try:
        with connect([source, target], threads=1) as connection:
            columns = _columns(connection, source)
            mapped = {
                variable.name: map_rule(rules[variable.name], columns, variable)
                for variable in variables
                if variable.name in rules
            }
            counts = [
                _count(connection, source, variable.name, mapped.get(variable.name))
                for variable in variables
            ]
            rows = _write(connection, source, variables, mapped, target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return HarmoniseResult(
        rows=rows,
        variables=counts,
        content_sha256=content_sha256(target, variables),
        parquet_sha256=file_sha256(target),
        parquet_bytes=target.stat().st_size,
    )


def _columns(connection: duckdb.DuckDBPyConnection, source: Path) -> dict[str, str]:
    """The dataset's columns and their types, from the Parquet itself."""
    rows = connection.execute(f"DESCRIBE SELECT * FROM {parquet_table(source)}").fetchall()
    return {row[0]: _TYPES[row[1]] for row in rows}


def _count(
    connection: duckdb.DuckDBPyConnection, source: Path, name: str, mapped: Mapped | None
) -> dict[str, Any]:
    """How a rule fares on every row."""
    value, present = (mapped.value, mapped.all_present) if mapped else ("NULL", "false")
    n, missing, turned = connection.execute(
        f"SELECT count({value}), count(*) - count({value}), "
        f"count(*) FILTER (({value}) IS NULL AND {present}) FROM {parquet_table(source)}"
    ).fetchall()[0]
    outside = []
    if mapped and mapped.value != mapped.converted:
        outside = connection.execute(
            f"SELECT left({mapped.converted}, 200) AS v, count(*) AS n "
            f"FROM {parquet_table(source)} "
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
    source: Path,
    variables: Sequence[VariableInfo],
    mapped: Mapping[str, Mapped],
    target: Path,
) -> int:
    select = ", ".join(
        f"({mapped[variable.name].value if variable.name in mapped else 'NULL'})"
        f"::{SQL_TYPES[variable.type]} AS {identifier(variable.name)}"
        for variable in variables
    )
    rows = connection.execute(
        f"COPY (SELECT {select} FROM {parquet_table(source)}) "
        f"TO {literal(str(target.resolve()))} "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP}, USE_TMP_FILE false)"
    ).fetchone()
    return int(rows[0]) if rows else 0


def content_sha256(parquet: Path, variables: Sequence[VariableInfo]) -> str:
    """A hash of names, types and values in row order: equal data has equal hashes, however the
    file is laid out."""
    whole = hashlib.sha256()
    with pq.ParquetFile(parquet) as file:
        for variable in variables:
            values, lengths = hashlib.sha256(), hashlib.sha256()
            for batch in file.iter_batches(65_536, columns=[variable.name]):
                column = batch.column(0)
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
