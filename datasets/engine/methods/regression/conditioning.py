"""How near the columns of a model come to following from one another.

The condition number is that of the columns, each centred and scaled to the same spread: the same
whatever units and zeros they are in. Agrees with R's `kappa(scale(x), exact = TRUE)`.
"""

import math
from collections.abc import Sequence

import numpy as np

from datasets.engine.methods.regression.design import SITE, Design, independent

MOST_CONDITION = 30.0
"""From here on coefficients are told apart by little of the rows (Belsley, Kuh and Welsch 1980)."""

INVOLVED = 0.1
"""Share in the direction that varies least from which on a column belongs to what is nearly 0."""


def condition_of(cross: np.ndarray, columns: Sequence[int]) -> float | None:
    """The condition number of independent `columns`; None where fewer than two of them vary."""
    values = np.linalg.eigvalsh(_correlations(cross, _varying(columns)))
    if len(values) < 2:
        return None
    # A column that is left out as following from others is not among these.
    return math.sqrt(float(values[-1]) / max(float(values[0]), 1e-16))


def condition_of_all(design: Design, cross: np.ndarray) -> float | None:
    """That of all terms, whichever site is the first one."""
    ordered = _sites_in_order(design, cross)
    return condition_of(ordered, independent(ordered))


def nearly_following(cross: np.ndarray, columns: Sequence[int]) -> list[int]:
    """The columns among these that take part in the sum of them that varies least."""
    varying = _varying(columns)
    _values, vectors = np.linalg.eigh(_correlations(cross, varying))
    return [i for i, share in zip(varying, vectors[:, 0] ** 2, strict=True) if share >= INVOLVED]


def _sites_in_order(design: Design, cross: np.ndarray) -> np.ndarray:
    """Cross-products as if sites stood in the order of their names: columns of sites are told from
    the first, and how near they come to following from one another depends on which that is."""
    sites = dict(design.levels).get(SITE, ())
    renamed = dict(zip(sites, sorted(sites), strict=True))
    at = {column.parts: k for k, column in enumerate(design.columns)}
    ordered = np.zeros(cross.shape)
    for k, column in enumerate(design.columns):
        parts = [(name, renamed[level] if name == SITE else level) for name, level in column.parts]
        if tuple(parts) in at:
            ordered[at[tuple(parts)], k] = 1.0
            continue
        # What the columns of the other sites leave of all rows are those of the first.
        ordered[at[tuple(part for part in parts if part[0] != SITE)], k] = 1.0
        for site in sites[1:]:
            other = tuple((SITE, site) if part[0] == SITE else part for part in parts)
            ordered[at[other], k] = -1.0
    return np.asarray(ordered.T @ cross @ ordered)


def _varying(columns: Sequence[int]) -> list[int]:
    return [i for i in columns if i]


def _correlations(cross: np.ndarray, columns: list[int]) -> np.ndarray:
    """Of columns, from cross-products with the intercept's, which is column 0."""
    total = cross[0, columns]
    inside = cross[np.ix_(columns, columns)] - np.outer(total, total) / max(cross[0, 0], 1.0)
    size = np.sqrt(np.maximum(np.diag(inside), 1e-300))
    return np.asarray(inside / np.outer(size, size))
