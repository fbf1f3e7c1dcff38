"""Passes over a site's rows: what is added up at a fit, and a fit run to its end."""

from collections.abc import Iterable
from typing import Any, TypeVar

import numpy as np

from datasets.engine.methods.regression.design import Block
from datasets.engine.methods.regression.fits import Fit, FitSums
from datasets.engine.methods.regression.statistics import CrossProducts, add_each

F = TypeVar("F", bound=Fit)
Blocks = Iterable[Block]


def cross_products(blocks: Blocks, p: int) -> CrossProducts:
    """n, X'X, X'y and y'y of scaled rows of p columns; column 0 is the intercept."""
    n, squares = 0, 0.0
    cross, score = np.zeros((p, p)), np.zeros(p)
    for x, y in blocks:
        n += len(y)
        cross += x.T @ x
        score += x.T @ y
        squares += float(y @ y)
    return CrossProducts(n, cross, score, squares)


def sums_over(fits: tuple[Fit, ...], blocks: Blocks) -> tuple[FitSums, ...]:
    """Each fit's sums over all blocks, in one pass."""
    total: tuple[FitSums, ...] | None = None
    for x, y in blocks:
        sums = tuple(fit.sums_of(x, y) for fit in fits)
        total = sums if total is None else add_each(total, sums)
    if total is not None:
        return total
    nothing = np.empty((0, 1 + max(max(fit.columns) for fit in fits)))
    return tuple(fit.sums_of(nothing, np.empty(0)) for fit in fits)


def step(fit: F, blocks: Blocks) -> F:
    """A fit one pass further."""
    (sums,) = sums_over((fit,), blocks)
    return advance(fit, sums)


def finish(fit: F, blocks: Blocks) -> F:
    """A fit once no pass is left to do."""
    while fit.open:
        fit = step(fit, blocks)
    return fit


def advance(fit: Any, sums: FitSums) -> Any:
    """A fit moved on by sums of its own kind."""
    return fit.advance(sums)
