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
    """That of all terms, where columns of sites are differences to the largest site.

    It is another one for each site they are differences to; of equally large ones the worst counts.
    """
    sites = dict(design.levels).get(SITE, ())
    rows = cross[0, [k for k, column in enumerate(design.columns) if column.term == (SITE,)]]
    rows = np.array([cross[0, 0] - rows.sum(), *rows])
    largest = [site for site, n in zip(sites, rows, strict=False) if n >= rows.max() * (1 - 1e-9)]
    coded = [_differences_to(site, design, cross) for site in largest] or [cross]
    return max((condition_of(one, independent(one)) for one in coded), key=lambda one: one or 0.0)


def nearly_following(cross: np.ndarray, columns: Sequence[int]) -> list[int]:
    """The columns among these that take part in the sum of them that varies least."""
    varying = _varying(columns)
    _values, vectors = np.linalg.eigh(_correlations(cross, varying))
    return [i for i, share in zip(varying, vectors[:, 0] ** 2, strict=True) if share >= INVOLVED]


def _differences_to(first: str, design: Design, cross: np.ndarray) -> np.ndarray:
    """Cross-products as if this site were the one that others are differences to: its columns are
    those of the one that was."""
    at = {column.parts: k for k, column in enumerate(design.columns)}
    sites = dict(design.levels)[SITE]
    coded = np.eye(len(cross))
    for k, column in enumerate(design.columns):
        if (SITE, first) not in column.parts:
            continue
        # What all others leave of all rows.
        coded[k, k] = 0.0
        coded[at[tuple(part for part in column.parts if part[0] != SITE)], k] = 1.0
        for site in sites[1:]:
            parts = tuple((SITE, site) if part[0] == SITE else part for part in column.parts)
            coded[at[parts], k] = -1.0
    return np.asarray(coded.T @ cross @ coded)


def _varying(columns: Sequence[int]) -> list[int]:
    return [i for i in columns if i]


def _correlations(cross: np.ndarray, columns: list[int]) -> np.ndarray:
    """Of columns, from cross-products with the intercept's, which is column 0."""
    total = cross[0, columns]
    inside = cross[np.ix_(columns, columns)] - np.outer(total, total) / max(cross[0, 0], 1.0)
    size = np.sqrt(np.maximum(np.diag(inside), 1e-300))
    return np.asarray(inside / np.outer(size, size))
