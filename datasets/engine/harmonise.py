"""Applies mapping rules: a dataset's own columns become the project's shared variables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datasets.engine.frame import VariableInfo

Rule = dict[str, Any]


@dataclass(frozen=True)
class HarmoniseResult:
    """`variables`: per shared variable {name, mapped, n, missing, turned_missing,
    outside_levels}; `content_sha256` hashes the values, whatever the file's bytes."""

    rows: int
    variables: list[dict[str, Any]]
    content_sha256: str
    parquet_sha256: str
    parquet_bytes: int

    def to_dict(self) -> dict[str, Any]:
        raise NotImplementedError


def validate_rule(rule: Rule, columns: Mapping[str, str], variable: VariableInfo) -> None:
    """Raises RuleError when `rule` is malformed or its value cannot be of the variable's type.

    `columns` maps the dataset's column names to their types.
    """
    raise NotImplementedError


def preview_rule(source: Path, rule: Rule, variable: VariableInfo) -> dict[str, Any]:
    """{"before": [profile of each column read], "after": profile, "rows", "turned_missing",
    "outside_levels": [{value, n}]}. Raises RuleError."""
    raise NotImplementedError


def harmonise(
    source: Path, rules: Mapping[str, Rule], variables: Sequence[VariableInfo], target: Path
) -> HarmoniseResult:
    """Writes `target` with one column per shared variable, in the given order.

    A variable without a rule becomes a column of missing values. Raises RuleError.
    """
    raise NotImplementedError
