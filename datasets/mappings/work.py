"""The harmonised tables that analyses read: a version's rows as shared variables."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from datasets.engine.mapping import harmonise
from datasets.engine.mapping.harmonise import Rule
from datasets.engine.rows.frame import VariableInfo
from datasets.versions import storage
from datasets.versions.models import Version
from portal.common.canonical import sha256_of, with_digits

FORMAT = 2
"""Raised when the same rules would give other values, so that cached tables are made again."""


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
