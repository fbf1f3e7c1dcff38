"""What becomes of values under a rule: kept, missing on purpose, or not accounted for."""

from pathlib import Path
from typing import Any

import duckdb

from datasets.engine.mapping.harmonise import column_types, preview_rule
from datasets.engine.mapping.rules import Mapped, Rule, map_rule
from datasets.engine.rows.connection import reading
from datasets.engine.rows.frame import VariableInfo
from datasets.engine.rows.table import Table

MOST_MISSED = 50


def preview(
    path: Path, rule: Rule, variable: VariableInfo, *, sample: Path | None = None
) -> dict[str, Any]:
    """`preview_rule` of the `sample`, or of all rows; and the `account` of all rows.

    Raises RuleError.
    """
    with reading([path, sample or path]) as connection:
        drawn = preview_rule(connection, Table.open(sample or path), rule, variable)
        return drawn | {"account": _account(connection, Table.open(path), rule, variable)}


def _account(
    connection: duckdb.DuckDBPyConnection, table: Table, rule: Rule, variable: VariableInfo
) -> dict[str, Any]:
    """{"values", "kept", "on_purpose", "unaccounted", "missed": [{value, n}]} over all rows.

    `values` counts the rows in which every column the rule reads has a value. Those that come out
    missing do so `on_purpose`, where the rule says so, or are `unaccounted`; `missed` names these
    where the rule reads one column. `kept` counts every row that gets a value.
    """
    mapped = map_rule(rule, column_types(connection, table), variable)
    lost = f"({mapped.value}) IS NULL AND {mapped.all_present}"
    meant = f"coalesce({mapped.on_purpose}, false)"
    values, kept, on_purpose, unaccounted = connection.execute(
        f"SELECT count(*) FILTER ({mapped.all_present}), count({mapped.value}), "
        f"count(*) FILTER ({lost} AND {meant}), count(*) FILTER ({lost} AND NOT {meant}) "
        f"FROM {table.relation}"
    ).fetchall()[0]
    missed = _missed(connection, table, mapped, f"{lost} AND NOT {meant}")
    return {
        "values": values,
        "kept": kept,
        "on_purpose": on_purpose,
        "unaccounted": unaccounted,
        "missed": missed if unaccounted else [],
    }


def _missed(
    connection: duckdb.DuckDBPyConnection, table: Table, mapped: Mapped, unaccounted: str
) -> list[dict[str, Any]]:
    """The values nothing is said about, the most frequent first."""
    if len(mapped.places) != 1:
        return []
    found = connection.execute(
        f"SELECT left({mapped.places[0]}::VARCHAR, 200) AS v, count(*) AS n "
        f"FROM {table.relation} WHERE {unaccounted} "
        f"GROUP BY v ORDER BY n DESC, v LIMIT {MOST_MISSED}"
    ).fetchall()
    return [{"value": value, "n": n} for value, n in found]
