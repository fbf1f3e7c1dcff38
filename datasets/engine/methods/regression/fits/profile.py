"""Profile penalised likelihood: the intervals and tests of Firth's estimates.

Ends of intervals and tests (Venzon and Moolgavkar 1988) agree with `logistf`.
"""

from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal, Self

import numpy as np

from datasets.engine.methods.regression.fits.firth import (
    ENOUGH,
    LONGEST,
    Firth,
    FirthSums,
    Slope,
    is_positive,
    slope_of,
)
from datasets.engine.methods.shared.tails import chi2_quantile

ENOUGH_ON_THE_WAY = 1e-12
"""Newton decrement of a fit that only leads to the next."""

FEWEST_DIRECT, MOST_DIRECT = 5, 12
"""Steps of Newton's straight to an end of a profile, before it is searched between two values."""

MOST_HELD = 20
"""Steps towards the best fit at a held value, before a nearer one is taken."""

CLOSE = 1e-9
"""How near the wanted loss of likelihood, as a signed root, the end of a profile is."""

FURTHER = 4.0
"""At most how many times further out the next value is held."""

HALF_CHI2 = chi2_quantile(0.95, 1) / 2

Goal = Literal["lower", "upper", "zero"]
"""The ends of the 95 % profile interval, or the best fit with the contrast held at 0."""


@dataclass(frozen=True)
class Profile(Firth):
    """A penalised fit towards a `goal` of the coefficient that design column `column` has.

    `contrast` gives the raw coefficient from the scaled ones, `target` is the penalised
    log-likelihood at the ends of the interval. Where Newton's way does not lead there, the
    coefficient is `held` at one value after another, first `pace` away from its estimate
    (`middle`), then between the distances `inside`, where the best fit is above the target, and
    `outside`, where it is not. Each starts from the last best fit (`base`) along its `tangent`.
    """

    kind: ClassVar[str] = "profile"
    most_steps: ClassVar[int] = 80

    column: int = 0
    goal: Goal = "zero"
    contrast: np.ndarray = field(default_factory=lambda: np.empty(0))
    target: float = 0.0
    base: np.ndarray = field(default_factory=lambda: np.empty(0))
    tangent: np.ndarray = field(default_factory=lambda: np.empty(0))
    middle: float = 0.0
    pace: float = 0.0
    held: float | None = None
    held_since: int = 0
    inside: float = 0.0
    outside: float | None = None

    @classmethod
    def towards(cls, fit: Firth, column: int, contrast: np.ndarray, goal: Goal) -> "Profile":
        """From a finished fit towards a goal of its coefficients' `contrast`."""
        assert fit.penalised is not None
        reach = fit.inverse @ contrast
        across = float(contrast @ reach)
        length = np.sqrt(2 * HALF_CHI2 / across)
        pace = length * min(1.0, LONGEST / float(np.abs(length * reach).max()))
        profile = cls(
            columns=fit.columns,
            beta=fit.beta,
            inverse=fit.inverse,
            column=column,
            goal=goal,
            contrast=contrast,
            target=fit.penalised - HALF_CHI2,
            base=fit.beta,
            tangent=reach / across,
            middle=float(contrast @ fit.beta),
            pace=pace * across,
        )
        if goal == "zero":
            beta = fit.beta - profile.middle * profile.tangent
            return replace(profile, held=0.0, beta=beta)
        side = profile.side
        return replace(profile, beta=fit.beta + side * np.clip(length * reach, -LONGEST, LONGEST))

    @property
    def side(self) -> float:
        """Which way from the estimate the goal lies."""
        return {"lower": -1.0, "upper": 1.0, "zero": 0.0}[self.goal]

    @property
    def enough(self) -> float:
        """Of a fit at a value where none will stay, less is enough."""
        return ENOUGH if self.held is None or self.goal == "zero" else ENOUGH_ON_THE_WAY

    def advance(self, sums: FirthSums) -> Self:
        """One step of Newton's towards the goal, or of the best fit at the held value."""
        moved = super().advance(sums)
        settled = moved.done and not moved.problem
        if settled and self._is_higher(moved.penalised or 0.0):
            return replace(moved, problem="higher_summit")
        if self.goal == "zero":
            astray = not settled and (moved.problem or moved.steps >= MOST_DIRECT)
            if astray and not self.held_since:
                return moved._from(np.zeros_like(self.beta), 0.0)
            return moved
        if self.held is None:
            lost = moved.problem or (moved.done and moved._distance() <= 0)
            return moved._searched() if lost or self._is_slow(moved) else moved
        slope = slope_of(sums) if settled else None
        if slope is not None:
            moved = moved._settled(slope)
        elif moved.problem or moved.steps - self.held_since >= MOST_HELD:
            outside = self._distance()
            moved = replace(moved, outside=outside)._hold((self.inside + outside) / 2)
        if moved.open and moved.steps >= self.most_steps:
            return replace(moved, done=True, problem="not_converged")
        return moved

    def _is_higher(self, penalised: float) -> bool:
        """Whether this is above the free fit, whose summit then was not the highest."""
        return penalised > self.target + HALF_CHI2 + CLOSE * (abs(self.target) + 1)

    def _searched(self) -> Self:
        """On from where Newton's steps led, if that is near, else from the estimate."""
        loss = np.inf if self.penalised is None else abs(self.penalised - self.target)
        if self.problem or loss > HALF_CHI2 / 2 or self._distance() <= 0:
            return self._hold(self.pace)
        return replace(self, base=self.beta)._hold(self._distance())

    def _is_slow(self, moved: "Profile") -> bool:
        """Whether Newton's steps do not get shorter as they do near their goal."""
        if moved.done or moved.steps < FEWEST_DIRECT:
            return False
        before, after = self.decrement or 0.0, moved.decrement or 0.0
        return moved.steps >= MOST_DIRECT or after > before / 10

    def _distance(self) -> float:
        """How far the coefficient is from its estimate, towards the goal."""
        return self.side * (float(self.contrast @ self.beta) - self.middle)

    def _hold(self, distance: float) -> Self:
        """On the way to the best fit with the coefficient this far from its estimate."""
        held = self.middle + self.side * distance
        beta = self.base + (held - float(self.contrast @ self.base)) * self.tangent
        return self._from(beta, held)

    def _from(self, beta: np.ndarray, held: float) -> Self:
        """From these coefficients, of which the contrast is held."""
        return replace(
            self,
            beta=beta,
            held=held,
            held_since=self.steps,
            done=False,
            problem="",
            previous=None,
            penalised=None,
            decrement=None,
        )

    def _settled(self, slope: "Slope") -> Self:
        """Finished at the target, or on to where the next best fit may meet it.

        The root of twice the likelihood lost is nearly proportional to the distance, so Newton's
        steps are taken along it, within what is known to be inside and outside.
        """
        wanted = np.sqrt(2 * HALF_CHI2)
        lost = np.sqrt(2 * max(0.0, self.target + HALF_CHI2 - slope.penalised))
        here, tangent = self._distance(), self._tangent(slope)
        inside, outside = (here, self.outside) if lost < wanted else (self.inside, here)
        if abs(lost - wanted) <= CLOSE:
            return self
        steepness = -self.side * float(tangent @ slope.score)
        following = here * FURTHER
        if lost > wanted / FURTHER and steepness > 0:
            following = min(following, here + (wanted - lost) * lost / steepness)
        if outside is not None and not inside < following < outside:
            following = (inside + outside) / 2
        moved = replace(self, base=self.beta, tangent=tangent, inside=inside, outside=outside)
        return moved._hold(following)

    def _went_too_far(self, penalised: float) -> bool:
        return self.held is not None and super()._went_too_far(penalised)

    def _step(self, slope: "Slope") -> np.ndarray:
        if self.held is not None:
            along = self._along()
            return along @ np.linalg.solve(slope.bend(along), along.T @ slope.score)
        bend = slope.bend(np.eye(len(self.columns)))
        ahead, reach = np.linalg.solve(bend, np.stack([slope.score, self.contrast], axis=1)).T
        above = slope.penalised - self.target + float(slope.score @ ahead) / 2
        across = float(self.contrast @ reach)
        return ahead + self.side * np.sqrt(max(0.0, 2 * above) / across) * reach

    def _along(self) -> np.ndarray:
        """Directions (columns) that leave the coefficient where it is."""
        return np.linalg.qr(self.contrast[:, None], mode="complete")[0][:, 1:]

    def _tangent(self, slope: "Slope") -> np.ndarray:
        """Which way the best fit goes with the coefficient, per unit of it."""
        straight, along = self.contrast / float(self.contrast @ self.contrast), self._along()
        bend = slope.curved if is_positive(along.T @ slope.curved @ along) else slope.information
        aside = np.linalg.solve(along.T @ bend @ along, along.T @ bend @ straight)
        return straight - along @ aside
