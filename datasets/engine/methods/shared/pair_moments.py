"""Means and cross-products of every pair of columns over the rows where both are present."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

BLOCK = 4096
"""Rows per matrix product: small enough to stay in the processor's cache."""


@dataclass(frozen=True)
class PairMoments:
    """Four p × p matrices about pairwise means; merged after Chan, Golub and LeVeque (1983).

    Entry (i, j): `n` rows with both; `mean` of i and `square` (sum of squares about it) over
    those rows; `cross` sum of products of deviations of i and j.
    """

    n: np.ndarray
    mean: np.ndarray
    square: np.ndarray
    cross: np.ndarray

    @classmethod
    def empty(cls, p: int) -> "PairMoments":
        """The moments of no rows; whatever is added to them stays as it is."""
        return cls(*(np.zeros((p, p)) for _ in range(4)))

    @classmethod
    def of(cls, blocks: Iterable[np.ndarray], p: int) -> "PairMoments":
        """Sums over float64 blocks of shape (rows, p), NaN for missing.

        Columns are shifted by their first block's mean, so that nothing cancels.
        """
        shift: np.ndarray | None = None
        n, total, squares, products = (np.zeros((p, p)) for _ in range(4))
        for block in blocks:
            if shift is None:
                shift = _first_means(block)
            for start in range(0, len(block), BLOCK):
                x = block[start : start + BLOCK] - shift
                present = np.isfinite(x)
                if present.all():
                    n += len(x)
                    total += x.sum(axis=0)[:, None]
                    squares += (x * x).sum(axis=0)[:, None]
                else:
                    mask = present.astype(float)
                    x = np.where(present, x, 0.0)
                    n += mask.T @ mask
                    total += x.T @ mask
                    squares += (x * x).T @ mask
                products += x.T @ x
        if shift is None:
            return cls.empty(p)
        rows = np.where(n > 0, n, 1)
        mean = total / rows
        square = np.maximum(squares - total * mean, 0.0)
        cross = products - total * total.T / rows
        return cls(n, np.where(n > 0, mean + shift[:, None], 0.0), square, cross)

    def __add__(self, other: "PairMoments") -> "PairMoments":
        n = self.n + other.n
        rows = np.where(n > 0, n, 1)
        gap = other.mean - self.mean
        share = self.n * other.n / rows
        return PairMoments(
            n,
            self.mean + gap * other.n / rows,
            self.square + other.square + gap**2 * share,
            self.cross + other.cross + gap * gap.T * share,
        )

    def within(self, other: "PairMoments") -> "PairMoments":
        """Added without the difference of means: deviations stay from each site's own mean."""
        return PairMoments(
            self.n + other.n,
            np.zeros_like(self.mean),
            self.square + other.square,
            self.cross + other.cross,
        )

    def correlation(self) -> np.ndarray:
        """Pearson's r per pair; NaN where a column does not vary over the pair's rows."""
        scale = np.maximum(self.mean**2, self.mean.T**2) * self.n * 1e-28
        varies = (self.square > scale) & (self.square.T > scale.T)
        spread = np.sqrt(np.where(varies, self.square * self.square.T, 1.0))
        r = np.where(varies, np.clip(self.cross / spread, -1.0, 1.0), np.nan)
        np.fill_diagonal(r, np.where(np.diag(varies), 1.0, np.nan))
        return r

    def to_json(self) -> dict[str, Any]:
        """The matrices as lists of rows."""
        return {name: getattr(self, name).tolist() for name in ("n", "mean", "square", "cross")}

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> "PairMoments":
        """What `to_json` gave."""
        return cls(*(np.asarray(saved[name]) for name in ("n", "mean", "square", "cross")))


def _first_means(block: np.ndarray) -> np.ndarray:
    present = np.isfinite(block)
    rows = np.maximum(present.sum(axis=0), 1)
    return np.where(present, block, 0.0).sum(axis=0) / rows
