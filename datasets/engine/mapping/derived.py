"""What a rule makes of each row of a table, as one number: for finding whose value it changed."""

from pathlib import Path

import numpy as np

from datasets.engine.mapping.harmonise import column_types
from datasets.engine.mapping.rules import SQL_TYPES, Rule, map_rule
from datasets.engine.rows.connection import reading
from datasets.engine.rows.contents import as_text
from datasets.engine.rows.frame import VariableInfo
from datasets.engine.rows.table import Table


def derived_by(path: Path, rule: Rule, variable: VariableInfo) -> np.ndarray:
    """A uint64 for each row of the table at `path`, in order: equal where the rule gives the same.

    Within one process, as `contents_of` is. Raises RuleError.
    """
    table = Table.open(path)
    with reading([path]) as connection:
        mapped = map_rule(rule, column_types(connection, table), variable)
        text = as_text(f"({mapped.value})", SQL_TYPES[variable.type])
        found = connection.execute(f"SELECT hash({text}) AS h FROM {table.relation}").fetchnumpy()
    return np.asarray(found["h"], dtype=np.uint64)
