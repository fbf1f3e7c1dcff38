"""A few missing values are told like none: withheld beside a 0, they would be known to be few.

Whoever lacks a value is told to have the one that most have, so that everything adds up.
"""

from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from datasets.engine.methods.describe.result import NumberSummary, Summary, Variable

Part = TypeVar("Part", bound=Summary)


def few_as_none(variable: Variable, threshold: int) -> Variable:
    """The variable without missing values where 1 to `threshold` - 1 are, in each group by itself;
    over all rows it is the sum of its groups."""
    if not variable.groups:
        overall: Any = _moved(variable.overall, [variable.overall], threshold)
        return replace(variable, overall=overall)
    groups: Any = tuple(_moved(one, [one], threshold) for one in variable.groups)
    overall = _moved(variable.overall, variable.groups, threshold)
    return replace(variable, overall=overall, groups=groups)


def _moved(part: Part, of: tuple[Summary, ...] | list[Summary], threshold: int) -> Part:
    """A summary with those who lack a value in one `of` these moved to the value most have there.

    Where few have one, they are known by that, and nobody is moved.
    """
    if part.n is None or part.missing is None:
        return part
    shown: Any = part
    for one in of:
        few = one.missing or 0
        if not 0 < few < threshold <= (one.n or 0):
            continue
        shown = replace(shown, n=shown.n + few, missing=shown.missing - few)
        if shown.counts is not None:
            most = int(np.argmax([count.n or 0 for count in one.counts or shown.counts]))
            counts = [*shown.counts]
            counts[most] = replace(counts[most], n=(counts[most].n or 0) + few)
            shown = replace(shown, counts=tuple(counts))
        if isinstance(shown, NumberSummary) and shown.histogram is not None:
            bins = shown.histogram
            own = one.histogram if isinstance(one, NumberSummary) else None
            alike = own if own is not None and own.edges == bins.edges else bins
            most = int(np.argmax(alike.counts))
            cells = tuple(n + few * (k == most) for k, n in enumerate(bins.counts))
            shown = replace(shown, histogram=replace(bins, counts=cells))
    return shown
