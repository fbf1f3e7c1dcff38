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
        """Moments of float64 blocks of shape (rows, p), NaN for missing."""
        whole = cls.empty(p)
        for block in blocks:
            for start in range(0, len(block), BLOCK):
                whole = whole + cls._of_rows(block[start : start + BLOCK])
        return whole

    @classmethod
    def _of_rows(cls, rows: np.ndarray) -> "PairMoments":
        """Of so few rows that sums do; columns are shifted by their mean, so nothing cancels.

        The shift is these rows' own: that of other rows may be far away, or not known yet.
        """
        present = np.isfinite(rows)
        if present.all():
            shift = np.full(len(rows), 1 / len(rows)) @ rows
            x = rows - shift
            n = np.full((x.shape[1], x.shape[1]), float(len(x)))
            total = np.repeat(x.sum(axis=0)[:, None], x.shape[1], axis=1)
            squares = np.repeat((x * x).sum(axis=0)[:, None], x.shape[1], axis=1)
        else:
            mask = present.astype(float)
            x = np.where(present, rows, 0.0)
            n = mask.T @ mask
            shift = (np.ones(len(x)) @ x) / np.maximum(np.diag(n), 1)
            x -= shift * mask
            total = x.T @ mask
            squares = (x * x).T @ mask
        some = np.where(n > 0, n, 1)
        mean = total / some
        return cls(
            n,
            np.where(n > 0, mean + shift[:, None], 0.0),
            np.maximum(squares - total * mean, 0.0),
            x.T @ x - total * total.T / some,
        )

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
        """Added without the difference of means: deviations stay from each site's own mean.

        A column that is the same in all rows of `other` adds nothing, not its rounding errors.
        """
        varies = other._varies()
        return PairMoments(
            self.n + other.n,
            np.zeros_like(self.mean),
            self.square + np.where(varies, other.square, 0.0),
            self.cross + np.where(varies & varies.T, other.cross, 0.0),
        )

    def correlation(self) -> np.ndarray:
        """Pearson's r per pair; NaN where a column does not vary over the pair's rows."""
        varies = self._varies() & self._varies().T
        # The roots apart: the product of two squares may be too large or too small for a float.
        root = np.sqrt(np.where(varies, self.square, 1.0))
        r = np.where(varies, np.clip(self.cross / root / root.T, -1.0, 1.0), np.nan)
        np.fill_diagonal(r, np.where(np.diag(varies), 1.0, np.nan))
        return r

    def _varies(self) -> np.ndarray:
        """Whether i varies over the rows it has with j, by more than rounding of its own values."""
        return self.square > self.mean**2 * self.n * 1e-28

    def to_json(self) -> dict[str, Any]:
        """The matrices as lists of rows."""
        return {name: getattr(self, name).tolist() for name in ("n", "mean", "square", "cross")}

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> "PairMoments":
        """What `to_json` gave."""
        return cls(*(np.asarray(saved[name]) for name in ("n", "mean", "square", "cross")))
