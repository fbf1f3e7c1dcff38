"""A description as it is told once its dataset is kept more strictly: counts in fives, and moments
no finer than their errors, since exact ones tell how many rows they are of."""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from datasets.engine.guard.rules import Rules
from datasets.engine.guard.tables import (
    coarse_moments,
    coarse_quantiles,
    moments_of,
    released_counts,
)
from datasets.engine.methods.describe.result import NumberSummary, Summary


def summary(shown: Summary, exact: Summary, rules: Rules) -> Summary:
    """What is shown of a summary, rounded; `exact` has what its moments' errors are made of."""
    counts = [one.n for one in shown.counts or ()]
    n, missing, told = released_counts(shown.n, shown.missing, counts, exact.n or 0, rules)
    some: Any = shown.counts and tuple(
        replace(one, n=count) for one, count in zip(shown.counts, told, strict=True)
    )
    rounded = replace(shown, n=n, missing=missing, counts=some, approximate=True)
    if isinstance(rounded, NumberSummary) and isinstance(exact, NumberSummary):
        return _moments(rounded, exact, rules)
    return rounded


def _moments(shown: NumberSummary, exact: NumberSummary, rules: Rules) -> NumberSummary:
    """The same with the mean and what follows it in steps of their errors."""
    mean, sd, n = exact.mean, exact.sd, exact.n
    if shown.histogram is not None:
        bins = tuple(rules.rounded(count) for count in shown.histogram.counts)
        shown = replace(shown, histogram=replace(shown.histogram, counts=bins))
    if shown.mean is None or mean is None or not sd or not n:
        return shown
    error, farthest = sd / math.sqrt(n), sd
    if exact.min is not None and exact.max is not None:
        farthest = max(exact.max - mean, mean - exact.min)
    if shown.quantiles is not None:
        whole = exact.histogram
        cells = None if whole is None else (whole.edges, whole.counts)
        told = coarse_quantiles(shown.quantiles, error, cells, rules)
        shown = replace(shown, quantiles=told)
    if shown.counts is None:
        mean, sd = coarse_moments(mean, sd, n, farthest)
        return replace(shown, mean=mean, sd=sd)
    # Of two values the mean is a count.
    values = np.array([one.value for one in shown.counts], dtype=float)
    found = moments_of(values, np.array([one.n or 0 for one in shown.counts]))
    return replace(shown, mean=found and found[0], sd=found and found[1])
