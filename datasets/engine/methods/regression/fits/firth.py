"""Firth's penalised logistic regression as sums, with profile intervals and tests.

The penalty is half the log determinant of the information (Firth 1993); coefficients, standard
errors (expected information at the estimate) agree with `brglm2` (type "AS_mean"), intervals and
tests (profile penalised likelihood, Venzon and Moolgavkar 1988) with `logistf`.

The penalty's gradient needs the derivative of the information, which is a sum over rows as well
(`tensor`, p × p × p and symmetric), so a step is exact from one pass. The penalty's own curvature
is taken with the previous step's information: it steers how fast the maximum is reached, not
where it is.
"""

from dataclasses import dataclass, field, replace
from functools import cache
from typing import ClassVar, Literal, Self

import numpy as np
from scipy.special import expit

from datasets.engine.methods.shared.tails import chi2_quantile
from datasets.engine.results.records import Record, Sums

ENOUGH = 1e-18
ENOUGH_ON_THE_WAY = 1e-12
"""Newton decrement at which a fit is done, and one that only leads to the next."""

FEWEST_DIRECT, MOST_DIRECT = 5, 12
"""Steps of Newton's straight to an end of a profile, before it is searched between two values."""

MOST_HELD = 20
"""Steps towards the best fit at a held value, before a nearer one is taken."""

CLOSE = 1e-9
"""How near the wanted loss of likelihood, as a signed root, the end of a profile is."""

FURTHER = 4.0
"""At most how many times further out the next value is held."""

LONGEST = 5.0
"""Longest step of a scaled coefficient, as in logistf."""

HALF_CHI2 = chi2_quantile(0.95, 1) / 2

TENSOR_ROWS = 1024
"""Rows per matrix product of triple products, to keep their pairs in the processor's cache."""

Goal = Literal["lower", "upper", "zero"]
"""The ends of the 95 % profile interval, or the best fit with the contrast held at 0."""


@dataclass(frozen=True)
class FirthSums(Sums):
    """Rows, deviance, score (p,), information (p, p), its derivative and the penalty's curvature.

    `tensor` has each entry of the symmetric p × p × p derivative once.
    """

    kind: ClassVar[str] = "firth"

    n: int
    deviance: float
    score: np.ndarray
    information: np.ndarray
    tensor: np.ndarray
    curvature: np.ndarray


@dataclass(frozen=True)
class Firth(Record):
    """A penalised fit; `columns` index the design, `inverse` is that of the information.

    `penalised` is the penalised log-likelihood at `beta`.
    """

    kind: ClassVar[str] = "firth"
    most_steps: ClassVar[int] = 60

    columns: tuple[int, ...]
    beta: np.ndarray
    inverse: np.ndarray
    steps: int = 0
    done: bool = False
    problem: str = ""
    n: int = 0
    deviance: float | None = None
    penalised: float | None = None
    previous: np.ndarray | None = None
    decrement: float | None = None

    @classmethod
    def start(cls, columns: tuple[int, ...], cross: np.ndarray) -> "Firth":
        """From 0, where the information is X'X/4. `columns` must be independent."""
        inverse = np.linalg.inv(cross[np.ix_(columns, columns)] / 4)
        return Firth(columns, np.zeros(len(columns)), inverse)

    @property
    def open(self) -> bool:
        """Whether the sites are to be asked again."""
        return not self.done

    @property
    def enough(self) -> float:
        """Newton decrement at which the fit is done."""
        return ENOUGH

    @property
    def free(self) -> tuple[int, ...]:
        """Places of the columns that are estimated: all."""
        return tuple(range(len(self.columns)))

    def sums_of(self, x: np.ndarray, y: np.ndarray) -> FirthSums:
        """What a site adds up over scaled rows x (n, all columns) and y (n,) of 0 and 1."""
        x = x[:, list(self.columns)]
        sign = 2 * y - 1
        eta = x @ self.beta
        mean = expit(eta)
        weight = mean * (1 - mean)
        spread = np.einsum("ij,jk,ik->i", x, self.inverse, x)
        return FirthSums(
            n=len(y),
            deviance=float(2 * np.logaddexp(0.0, -sign * eta).sum()),
            score=x.T @ (y - mean),
            information=(x * weight[:, None]).T @ x,
            tensor=_triple_products(x, weight * (1 - 2 * mean)),
            curvature=(x * (weight * (1 - 6 * weight) * spread)[:, None]).T @ x,
        )

    def advance(self, sums: FirthSums) -> Self:
        """One step of the modified score, on the surface the fit is bound to."""
        stepped = replace(self, steps=self.steps + 1, n=sums.n)
        slope = _slope(sums)
        if slope is None:
            return replace(stepped, done=True, problem="no_information")
        if self.previous is not None and self._went_too_far(slope.penalised):
            return replace(stepped, beta=(self.beta + self.previous) / 2)
        step = self._step(slope)
        moved = replace(
            stepped,
            deviance=float(sums.deviance),
            penalised=slope.penalised,
            inverse=slope.inverse,
            decrement=float(step @ sums.information @ step),
        )
        if (moved.decrement or 0.0) <= self.enough:
            return replace(moved, done=True)
        if moved.steps >= self.most_steps:
            return replace(moved, done=True, problem="not_converged")
        beta = self.beta + step * min(1.0, LONGEST / float(np.abs(step).max()))
        return replace(moved, previous=self.beta, beta=beta)

    def _went_too_far(self, penalised: float) -> bool:
        """Whether the last step lost likelihood."""
        if self.penalised is None:
            return False
        return penalised < self.penalised - 1e-9 * (abs(self.penalised) + 1)

    def _step(self, slope: "_Slope") -> np.ndarray:
        """Newton's step to the maximum."""
        return np.linalg.solve(slope.bend(np.eye(len(self.columns))), slope.score)


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
        slope = _slope(sums) if settled else None
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

    def _settled(self, slope: "_Slope") -> Self:
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

    def _step(self, slope: "_Slope") -> np.ndarray:
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

    def _tangent(self, slope: "_Slope") -> np.ndarray:
        """Which way the best fit goes with the coefficient, per unit of it."""
        straight, along = self.contrast / float(self.contrast @ self.contrast), self._along()
        bend = slope.curved if _positive(along.T @ slope.curved @ along) else slope.information
        aside = np.linalg.solve(along.T @ bend @ along, along.T @ bend @ straight)
        return straight - along @ aside


@dataclass(frozen=True)
class _Slope:
    """The penalised log-likelihood at a fit with its gradient and (negative) curvature."""

    penalised: float
    score: np.ndarray
    curved: np.ndarray
    information: np.ndarray
    inverse: np.ndarray

    def bend(self, along: np.ndarray) -> np.ndarray:
        """The curvature along these directions, or the information where it is no summit's."""
        curved = along.T @ self.curved @ along
        return curved if _positive(curved) else along.T @ self.information @ along


def _slope(sums: FirthSums) -> _Slope | None:
    """None where the information is singular."""
    information = sums.information
    sign, log_determinant = np.linalg.slogdet(information)
    if sign <= 0 or not np.isfinite(log_determinant):
        return None
    inverse = np.linalg.inv(information)
    tensor = sums.tensor[_triples(len(information))[1]]
    bent = np.einsum("ij,kjl->kil", inverse, tensor)
    return _Slope(
        penalised=-float(sums.deviance) / 2 + float(log_determinant) / 2,
        score=sums.score + np.einsum("kii->k", bent) / 2,
        curved=information - (sums.curvature - np.einsum("kij,lji->kl", bent, bent)) / 2,
        information=information,
        inverse=inverse,
    )


def _positive(matrix: np.ndarray) -> bool:
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return False
    return True


def _triple_products(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Sum over rows of weight · x ⊗ x ⊗ x: the entries of `_triples`, each once."""
    n, p = x.shape
    total = np.zeros((p, p * p))
    for start in range(0, n, TENSOR_ROWS):
        part = x[start : start + TENSOR_ROWS]
        pairs = (part[:, :, None] * part[:, None, :]).reshape(len(part), p * p)
        total += (part * weight[start : start + TENSOR_ROWS, None]).T @ pairs
    once, _place = _triples(p)
    return total.ravel()[once]


@cache
def _triples(p: int) -> tuple[np.ndarray, np.ndarray]:
    """Of a symmetric (p, p, p) tensor: flat indexes of each entry once, and where each is then."""
    ordered = np.sort(np.indices((p, p, p)).reshape(3, -1), axis=0)
    codes = ordered[0] * p * p + ordered[1] * p + ordered[2]
    once, place = np.unique(codes, return_inverse=True)
    return once, place.reshape(p, p, p)
