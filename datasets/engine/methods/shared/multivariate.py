"""Meta-analysis of several effects of each study at once, with their covariance.

Random effects with one τ²: effects of a study vary together as `alike` has it, so that what is
pooled does not depend on which of them the others are compared with. REML, and the covariance
scaled as Jackson and Riley do (2014, Stat Med 33:541), which is Knapp and Hartung's where there is
one effect. Agrees with `metafor::rma.mv(struct = "CS", rho = 1/2)` where `alike` is 1/2.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from datasets.engine.methods.shared.summits import highest
from datasets.engine.methods.shared.tails import chi2_quantile, chi2_tail, f_quantile, f_tail


@dataclass(frozen=True)
class Several:
    """What a study says of the p effects at `places`: `estimates` (p) on the analysis scale, and
    their `covariance` (p × p), which has an inverse."""

    places: tuple[int, ...]
    estimates: np.ndarray
    covariance: np.ndarray


@dataclass(frozen=True)
class Together:
    """The effects pooled: `information` is the inverse of their plain covariance, `scale` what
    that is multiplied by, with `df_residual` degrees of freedom; 1 and 0 where nothing is left."""

    estimates: np.ndarray
    information: np.ndarray
    tau2: float
    scale: float
    df_residual: int


@dataclass(frozen=True)
class Wald:
    """Whether all of several effects are 0: F with `df_residual`, or χ² without."""

    statistic: float
    df: int
    df_residual: int | None
    p_value: float


def pool_together(studies: Sequence[Several], alike: np.ndarray) -> Together:
    """Pool studies of which each effect is told by one at least.

    `alike` has how far the effects vary together between studies, as correlations (effects ×
    effects). Raises LinAlgError for an effect that no study tells, or a covariance without inverse.
    """
    effects = len(alike)
    df = sum(len(one.places) for one in studies) - effects
    model = _Model(studies, alike)
    tau2 = model.tau2() if df else 0.0
    estimates, information, lost = model.at(tau2)
    return Together(estimates, information, tau2, lost / df if df else 1.0, df)


def wald(estimates: np.ndarray, information: np.ndarray, df_residual: int | None = None) -> Wald:
    """Wald's test of estimates by themselves: F where their variance is an estimate with
    `df_residual` degrees of freedom."""
    df = len(estimates)
    chisq = float(estimates @ information @ estimates)
    if df_residual is None:
        return Wald(chisq, df, None, chi2_tail(chisq, df))
    return Wald(chisq / df, df, df_residual, f_tail(chisq / df, df, df_residual))


def cautious_test(pooled: Together) -> Wald:
    """The scaled test of all effects, or the plain one where that rejects less."""
    plain = wald(pooled.estimates, pooled.information)
    df, rest = plain.df, pooled.df_residual
    if not rest:
        return plain
    if df * f_quantile(0.95, df, rest) * pooled.scale < chi2_quantile(0.95, df):
        return plain
    return wald(pooled.estimates, pooled.information / pooled.scale, rest)


def cochran(studies: Sequence[Several], effects: int) -> Wald | None:
    """Cochran's Q of several effects: whether studies differ in any of them by more than chance;
    None where no two tell of the same one. Agrees with `metafor::rma.mv`'s QE."""
    df = sum(len(one.places) for one in studies) - effects
    if df < 1:
        return None
    lost = _Model(studies, np.eye(effects)).at(0.0)[2]
    return Wald(lost, df, None, chi2_tail(lost, df))


class _Model:
    """The restricted likelihood of some studies; everything is made for many τ² at once."""

    def __init__(self, studies: Sequence[Several], alike: np.ndarray) -> None:
        self._effects = len(alike)
        self._studies = [(one, alike[np.ix_(one.places, one.places)]) for one in studies]

    def tau2(self) -> float:
        variances = np.concatenate([np.diag(one.covariance) for one, _ in self._studies])
        estimates = np.concatenate([one.estimates for one, _ in self._studies])
        largest = float(variances.max() + np.var(estimates, ddof=1))
        return highest(self._slopes, self._likelihood, 1e-6 * variances.min(), largest)

    def at(self, tau2: float) -> tuple[np.ndarray, np.ndarray, float]:
        """Estimates, their information, and the generalised Q that is left."""
        weights, total, estimates = self._solved(np.array([tau2]))
        lost = sum(
            float(off[0] @ weight[0] @ off[0])
            for weight, off in zip(weights, self._off(estimates), strict=True)
        )
        return estimates[0], total[0], lost

    def _solved(self, tau2: np.ndarray) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
        """Each study's weights, their sum, and the estimates they make: for each τ² a matrix, a
        matrix over all effects, and a row."""
        total = np.zeros((len(tau2), self._effects, self._effects))
        score = np.zeros((len(tau2), self._effects))
        weights = []
        for one, alike in self._studies:
            places = list(one.places)
            weight = np.linalg.inv(one.covariance + tau2[:, None, None] * alike)
            weights.append(weight)
            total[:, np.array(places)[:, None], places] += weight
            score[:, places] += weight @ one.estimates
        return weights, total, np.linalg.solve(total, score[:, :, None])[:, :, 0]

    def _off(self, estimates: np.ndarray) -> list[np.ndarray]:
        return [one.estimates - estimates[:, list(one.places)] for one, _ in self._studies]

    def _slopes(self, tau2: np.ndarray) -> np.ndarray:
        """Twice the slope of the restricted likelihood at each τ²."""
        weights, total, estimates = self._solved(tau2)
        covariance, slopes = np.linalg.inv(total), np.zeros(len(tau2))
        for (one, alike), weight, off in zip(
            self._studies, weights, self._off(estimates), strict=True
        ):
            pulled = np.einsum("tij,tj->ti", weight, off)
            slopes += np.einsum("ti,ij,tj->t", pulled, alike, pulled)
            slopes -= np.einsum("tij,ji->t", weight, alike)
            inside = covariance[:, np.array(one.places)[:, None], list(one.places)]
            slopes += np.einsum("tij,tjk,kl,tli->t", inside, weight, alike, weight)
        return slopes

    def _likelihood(self, tau2: float) -> float:
        weights, total, _ = self._solved(np.array([tau2]))
        logs = sum(float(np.linalg.slogdet(weight[0])[1]) for weight in weights)
        lost = self.at(tau2)[2]
        return 0.5 * (logs - float(np.linalg.slogdet(total[0])[1]) - lost)
