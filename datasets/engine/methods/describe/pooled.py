"""A description of all sites together."""

from dataclasses import replace
from typing import Any

from datasets.engine.methods.describe.result import Description
from datasets.engine.rows.frame import RESERVED_COLUMNS


def pooled(result: Description) -> Description | None:
    """Without groups that are places."""
    if result.by not in RESERVED_COLUMNS:
        return result
    variables: tuple[Any, ...] = result.variables
    alone = tuple(replace(one, groups=()) for one in variables)
    return replace(result, by=None, groups=(), variables=alone)
