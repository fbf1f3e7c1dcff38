"""A mapping rule tried before it is kept: whether it fits, and what it makes of some rows."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from datasets.columns.models import Column
from datasets.engine.mapping import accounting, harmonise, values
from datasets.engine.mapping.harmonise import Rule
from datasets.engine.mapping.problems import RuleError
from datasets.engine.mapping.rules import map_rule
from datasets.variables.models import SharedVariable
from datasets.versions import storage
from datasets.versions.models import Version

MOST_ROWS = 2_000_000


SAMPLE_ROWS = 500_000


FEW = 20
"""Numbers with more different values are measured: nobody recodes them one by one."""


MOST_VALUES = 50


def rule_fits(rule: Rule, columns: Mapping[str, str], variable: SharedVariable) -> bool:
    """Whether the rule can give the variable from columns of these names and types."""
    try:
        harmonise.validate_rule(rule, columns, variable.info)
    except RuleError:
        return False
    return True


def preview(version: Version, rule: Rule, variable: SharedVariable) -> dict[str, Any]:
    """The columns a rule reads and the variable it makes of them, as profiles.

    Somebody waits for this: of a very long table only the first rows are drawn, and `sampled` says
    how many (null: all). `account` says of all rows what becomes of them. Raises RuleError when the
    rule does not fit the version's columns.
    """
    info = variable.info
    columns = map_rule(rule, dict(version.columns.values_list("name", "type")), info).columns
    with storage.local(version.table_key) as table:
        if (version.rows or 0) <= MOST_ROWS:
            return accounting.preview(table, rule, info) | {"sampled": None}
        with storage.scratch() as folder:
            sample = folder / "sample.parquet"
            copy_first_rows(table, sample, columns)
            tried = accounting.preview(table, rule, info, sample=sample)
            return tried | {"sampled": SAMPLE_ROWS}


def values_of(version: Version, column: Column, rule: Rule | None) -> list[dict[str, Any]]:
    """[{value, n}] a rule has to account for: of a few different ones all, of measured numbers
    those that look like codes, and those the rule speaks of."""
    named = {*(rule or {}).get("map", {}), *map(str, (rule or {}).get("missing") or [])}
    distinct = column.profile.get("distinct") or 0
    if column.type in ("integer", "number") and distinct > FEW:
        odd = {_spelled(one["value"]): one["n"] for one in column.profile.get("suspicious") or []}
        return [
            {"value": value, "n": odd.get(value)}
            for value in [*odd, *sorted(named - odd.keys())]
            if value
        ]
    with storage.local(version.table_key) as table:
        return values.column_values(table, column.name, MOST_VALUES)["values"]


def _spelled(value: Any) -> str:
    """A number as a rule's map spells it: 0, not 0.0."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def copy_first_rows(table: Path, sample: Path, columns: Sequence[str]) -> None:
    """Write the first SAMPLE_ROWS rows of some columns to a file of their own."""
    left = SAMPLE_ROWS
    with pq.ParquetFile(table) as file:
        # A rule may read no column; the rows are counted all the same.
        names = list(columns) or file.schema_arrow.names[:1]
        schema = pa.schema([file.schema_arrow.field(name) for name in names])
        with pq.ParquetWriter(sample, schema) as writer:
            for batch in file.iter_batches(columns=names):
                writer.write_batch(batch.select(names).slice(0, left))
                left -= min(left, batch.num_rows)
                if not left:
                    return
