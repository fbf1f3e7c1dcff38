"""Everything a result rests on, as one document that can be hashed, kept and repeated."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from datasets.analyses.models import Analysis, AnalysisInput
from datasets.engine.guard.gate import Released
from datasets.engine.results.provenance import environment
from portal.common.canonical import sha256_of, with_digits

METHOD_VERSION = 1
"""Raised when a method would answer the same question with other numbers."""


def provenance_of(
    analysis: Analysis,
    result: dict[str, Any],
    released: Sequence[Released[Any]],
    finished_at: datetime,
) -> dict[str, Any]:
    """Method, parameters, hashes of data and rules, n at each step, environment, who and when."""
    inputs = list(analysis.inputs.select_related("version__dataset"))
    rules = [[one.index, one.rules] for one in inputs]
    return {
        "analysis": analysis.pk,
        "rerun_of": analysis.rerun_of_id,
        "project": analysis.project.slug,
        "method": {"name": analysis.method, "version": METHOD_VERSION},
        "parameters": analysis.parameters,
        "variables": analysis.variables,
        "inputs": [_input(one) for one in inputs],
        "mapping_set_sha256": hash_of([analysis.variables, rules]),
        "row_filter": None,
        "steps": _steps(inputs, result),
        "seed": None,
        "environment": environment(),
        "disclosure": {
            "threshold": max(one.version.dataset.threshold for one in inputs),
            "applies_to": "whoever may not read the rows of every input",
            # What each input's own gate did, whoever reads: before anything was added up.
            "rules": [one.rules.to_json() for one in released],
            "withheld_by": list(dict.fromkeys(one.site for one in released if one.withheld)),
            "held_by": list(dict.fromkeys(one.site for one in released if one.held)),
        },
        "asked_by": analysis.created_by.name,
        "asked_at": analysis.created_at.isoformat(),
        "finished_at": finished_at.isoformat(),
        "result_sha256": hash_of(result),
    }


def hash_of(value: Any) -> str:
    """The SHA-256 by which results, rules and dictionaries are found again (ADR 12)."""
    return sha256_of(with_digits(value))


def _input(one: AnalysisInput) -> dict[str, Any]:
    version = one.version
    dictionary = list(version.columns.values_list("name", "type", "label", "unit"))
    return {
        "dataset": version.dataset_id,
        "version": version.number,
        "site": one.site,
        "country": one.country,
        "region": one.region,
        "rows": version.rows,
        "sha256": version.sha256,
        "table_sha256": version.table_sha256,
        "dictionary_sha256": hash_of([list(row) for row in dictionary]),
        "rules": one.rules,
        "rules_sha256": hash_of(one.rules),
        "domains": one.domains,
    }


def _steps(inputs: list[AnalysisInput], result: dict[str, Any]) -> list[dict[str, Any]]:
    """How many rows there were at each step, in all and by site where the method says."""
    rows: dict[str, int] = {}
    for one in inputs:
        rows[one.site] = rows.get(one.site, 0) + (one.version.rows or 0)
    steps: list[dict[str, Any]] = [
        {
            "step": "rows of the versions",
            "n": sum(rows.values()),
            "by_site": rows,
            "approximate": False,
        }
    ]
    if "n_excluded" in result:
        used: dict[str, int] = {}
        for one in result["by_site"]:
            used[one["site"]] = used.get(one["site"], 0) + one["n"]
        about = result["approximate"]
        complete = {"step": "complete rows", "n": result["n"], "by_site": used}
        steps.append(complete | {"approximate": about})
    return steps
