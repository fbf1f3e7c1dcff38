"""The distribution after a rule in the bins of the one before it: the two can be compared."""

from collections.abc import Mapping
from typing import Any

import duckdb
import numpy as np

from datasets.engine.mapping import units
from datasets.engine.mapping.rules import KEEP, Rule
from datasets.engine.profiling.edges import binned

MEASURED = ("integer", "number")


def in_bins_of(
    connection: duckdb.DuckDBPyConnection,
    values: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    rule: Rule,
) -> dict[str, Any] | None:
    """The histogram of the SQL `values`, in the bins of the column before, converted with the rule;
    its own where the rule makes other values of it, some that lie outside, or none of the lowest or
    highest: a code for missing far from all values is no part of what is drawn after."""
    own, drawn = after["histogram"], before["histogram"]
    into = _conversion(rule)
    if not own or not drawn or into is None or {before["type"], after["type"]} - {*MEASURED}:
        return own
    edges = [edge * into.factor + into.offset for edge in drawn["edges"]]
    slack = (edges[1] - edges[0]) * 1e-9
    if not np.isfinite([*edges, slack]).all():
        return own
    if after["min"] < edges[0] - slack or after["max"] > edges[-1] + slack:
        return own
    found = connection.execute(
        f"SELECT v::DOUBLE AS v, count(*) AS n FROM {values} WHERE v IS NOT NULL GROUP BY v"
    ).fetchnumpy()
    # A value on an edge, converted as the edge is, may end up a last digit below it.
    counts = binned(np.asarray(found["v"]) + slack, np.asarray(found["n"]), edges)
    if not (counts[0] and counts[-1]):
        return own
    return {"edges": edges, "counts": counts.tolist()}


def _conversion(rule: Rule) -> units.Conversion | None:
    """How the rule makes a value of a column's value; None where it does so in another way."""
    if rule["kind"] == "unit":
        return units.conversion(rule["from"], rule["to"], rule.get("analyte"))
    if rule["kind"] == "copy" or (rule["kind"] == "recode" and rule.get("otherwise") == KEEP):
        return units.Conversion(1.0)
    return None
