"""The tables that analyses read."""

import pytest

from datasets.mappings import work as harmonisation
from tests.factories import SharedVariableFactory, table_version

FAR = (2**53, 2**53 + 1)
"""Alike as doubles, and two texts for whoever is mapped to them."""

pytestmark = pytest.mark.django_db


def test_a_table_is_named_by_its_bytes_rules_and_variables():
    version = table_version({"age": ("integer", [40, 50])})
    info = SharedVariableFactory(name="age").info
    copy = {"age": {"kind": "copy", "column": "age"}}
    key = harmonisation.table_key(version, copy, [info])
    assert key == harmonisation.table_key(version, dict(copy), [info])
    other = {"age": {"kind": "expression", "sql": "age"}}
    nears = [{"age": {"kind": "recode", "column": "age", "map": {"40": n}}} for n in FAR]
    assert len({harmonisation.table_key(version, near, [info]) for near in nears}) == len(FAR)
    assert key != harmonisation.table_key(version, other, [info])
    version.table_sha256 = "0" * 64
    assert key != harmonisation.table_key(version, copy, [info])
