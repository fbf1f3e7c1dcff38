"""A mapping rule tried before it is kept: whether it fits, and what it makes of some rows."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.utils.translation import gettext

from datasets.choices import WITH_RULE, MappingStatus
from datasets.columns.models import Column
from datasets.engine.mapping import accounting, harmonise, units, values
from datasets.engine.mapping.harmonise import Rule
from datasets.engine.mapping.problems import RuleError
from datasets.engine.mapping.rules import map_rule
from datasets.variables.models import SharedVariable
from datasets.versions import storage
from datasets.versions.models import Version
from portal.common.exceptions import Invalid
from portal.common.models import storable
from portal.common.text import told

OFFERED_KINDS = ("copy", "recode", "unit", "expression")

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
    types = {one.name: str(one.type) for one in version.columns.all()}
    columns = map_rule(rule, types, info).columns
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


def tried(variable: SharedVariable, version: Version, status: str | None, rule: Rule | None) -> Any:
    """The preview of a rule that fits the version, or `Invalid`; None where there is no rule."""
    if status is not None and status not in MappingStatus.values:
        text = gettext("Choose one of: %(values)s.") % {"values": ", ".join(MappingStatus.values)}
        raise Invalid(errors={"status": text})
    if rule is None:
        if status in WITH_RULE:
            text = gettext("A mapping of the status “%(status)s” needs a rule.")
            raise Invalid(errors={"rule": text % {"status": status}})
        return None
    if status is not None and status not in WITH_RULE:
        text = gettext("A mapping of the status “%(status)s” has no rule: send null for it.")
        raise Invalid(errors={"rule": text % {"status": status}})
    if not isinstance(rule, dict) or not storable(rule):
        text = gettext("Give the rule as an object with a kind, of plain text.")
        raise Invalid(errors={"rule": text})
    if rule.get("kind") not in OFFERED_KINDS:
        text = gettext("Kinds of rules are: %(kinds)s.") % {"kinds": ", ".join(OFFERED_KINDS)}
        raise Invalid(errors={"rule": text})
    _check_unit(variable, rule)
    try:
        return preview(version, rule, variable)
    except RuleError as error:
        raise Invalid(errors={"rule": told(error.detail.kept)}, code=error.code) from error


def _check_unit(variable: SharedVariable, rule: Rule) -> None:
    """A conversion ends at the variable's own unit, where we know that one."""
    wanted = units.ucum(variable.unit)
    if rule["kind"] == "unit" and wanted and units.ucum(rule.get("to")) not in ("", wanted):
        text = gettext("%(variable)s is in %(unit)s: convert to that.")
        raise Invalid(
            errors={"rule": text % {"variable": variable.name, "unit": variable.unit_told}},
            code="other_unit",
        )
