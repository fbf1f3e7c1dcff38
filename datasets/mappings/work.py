"""Mapping rules applied to a version's table: to try one, and to make what an analysis reads."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from datasets.engine.mapping import harmonise
from datasets.engine.mapping.harmonise import Rule
from datasets.engine.mapping.problems import RuleError
from datasets.engine.mapping.rules import map_rule
from datasets.engine.rows.frame import VariableInfo, VariableType
from datasets.variables.models import SharedVariable
from datasets.versions import storage
from datasets.versions.models import Version
from portal.common.canonical import sha256_of, with_digits

MOST_ROWS = 2_000_000


SAMPLE_ROWS = 500_000


FORMAT = 1
"""Raised when the same rules would give other values, so that cached tables are made again."""


def info_of(variable: SharedVariable) -> VariableInfo:
    """What the engine knows of a shared variable."""
    return VariableInfo(
        name=variable.name,
        type=cast(VariableType, variable.type),
        label=variable.label,
        levels=tuple(variable.codes) if variable.codes else None,
    )


def column_types(version: Version) -> dict[str, str]:
    """The version's columns and their types, in file order."""
    return dict(version.columns.values_list("name", "type"))


def rule_fits(rule: Rule, columns: Mapping[str, str], variable: SharedVariable) -> bool:
    """Whether the rule can give the variable from columns of these names and types."""
    try:
        harmonise.validate_rule(rule, columns, info_of(variable))
    except RuleError:
        return False
    return True


def preview(version: Version, rule: Rule, variable: SharedVariable) -> dict[str, Any]:
    """The columns a rule reads and the variable it makes of them, as profiles.

    Somebody waits for this: of a very long table only the first rows are read, and `sampled` says
    how many (null: all). Raises RuleError when the rule does not fit the version's columns.
    """
    info = info_of(variable)
    columns = map_rule(rule, column_types(version), info).columns
    with storage.local(version.table_key) as table:
        if (version.rows or 0) <= MOST_ROWS:
            return harmonise.preview_rule(table, rule, info) | {"sampled": None}
        with storage.scratch() as folder:
            sample = folder / "sample.parquet"
            copy_first_rows(table, sample, columns)
            return harmonise.preview_rule(sample, rule, info) | {"sampled": SAMPLE_ROWS}


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


def harmonised(
    version: Version, rules: Mapping[str, Rule], variables: Sequence[VariableInfo]
) -> AbstractContextManager[Path]:
    """A local file with the shared variables of a version, made once and kept by its content."""
    key = table_key(version, rules, variables)
    if not storage.exists(key):
        with storage.local(version.table_key) as source, storage.scratch() as folder:
            target = folder / "harmonised.parquet"
            harmonise.harmonise(source, rules, variables, target)
            storage.keep(key, target)
    return storage.local(key)


def table_key(
    version: Version, rules: Mapping[str, Rule], variables: Sequence[VariableInfo]
) -> str:
    """Where the table of exactly these bytes under exactly these rules is kept."""
    content = {
        "format": FORMAT,
        "table": version.table_sha256,
        "rules": {name: rules[name] for name in sorted(rules)},
        "variables": [[v.name, v.type, v.levels] for v in variables],
    }
    return f"harmonised/{sha256_of(with_digits(content))}"
