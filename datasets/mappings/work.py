"""The harmonised tables that analyses read: a version's rows as shared variables."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from datasets.engine.mapping import harmonise
from datasets.engine.mapping.harmonise import Rule
from datasets.engine.mapping.rules import Limits
from datasets.engine.rows.frame import VariableInfo
from datasets.versions import storage
from datasets.versions.models import Version
from portal.common.canonical import sha256_of, with_digits

FORMAT = 2
"""Raised when the same rules would give other values, so that cached tables are made again."""


def harmonised(
    version: Version,
    rules: Mapping[str, Rule],
    variables: Sequence[VariableInfo],
    limits: Mapping[str, Limits] | None = None,
) -> AbstractContextManager[Path]:
    """A local file with the shared variables of a version, made once and kept by its content."""
    key = table_key(version, rules, variables, limits)
    if not storage.exists(key):
        with storage.local(version.table_key) as source, storage.scratch() as folder:
            target = folder / "harmonised.parquet"
            harmonise.harmonise(source, rules, variables, target, limits)
            storage.keep(key, target)
    return storage.local(key)


def table_key(
    version: Version,
    rules: Mapping[str, Rule],
    variables: Sequence[VariableInfo],
    limits: Mapping[str, Limits] | None = None,
) -> str:
    """Where the table of exactly these bytes under exactly these rules is kept."""
    content: dict[str, Any] = {
        "format": FORMAT,
        "table": version.table_sha256,
        "rules": {name: rules[name] for name in sorted(rules)},
        "variables": [[v.name, v.type, v.levels] for v in variables],
    }
    if limits:
        content["limits"] = [
            [name, one.low, one.high, one.codes] for name, one in sorted(limits.items())
        ]
    return f"harmonised/{sha256_of(with_digits(content))}"
