"""A term tested by Firth's penalised likelihood: the larger model's fit within the smaller one.

The likelihood ratio of a term of which an estimate is infinite has no distribution to be read by;
the penalised one has (Heinze and Schemper 2002, Stat Med 21:2409). Both fits have the penalty of
the larger model's information, as `logistf`'s `logistftest` has it.
"""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from datasets.engine.methods.regression.fits.firth import Firth, Slope


@dataclass(frozen=True)
class Nested(Firth):
    """A penalised fit that keeps to the directions `along` (columns), in which a model lies."""

    kind: ClassVar[str] = "nested"

    along: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))

    @classmethod
    def within(
        cls, larger: tuple[int, ...], smaller: tuple[int, ...], cross: np.ndarray
    ) -> "Nested":
        """From 0: of design columns `larger`, as far as those of `smaller` reach."""
        whole = Firth.start(larger, cross)
        along = np.linalg.solve(cross[np.ix_(larger, larger)], cross[np.ix_(larger, smaller)])
        return cls(whole.columns, whole.beta, whole.inverse, along=along)

    def _step(self, slope: Slope) -> np.ndarray:
        """Newton's step to the maximum within the smaller model."""
        bent = slope.bend(self.along)
        return np.asarray(self.along @ np.linalg.solve(bent, self.along.T @ slope.score))
