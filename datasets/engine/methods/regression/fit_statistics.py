"""How well the pooled model fits: deviances, likelihood and what follows from them."""

from dataclasses import dataclass, replace

import numpy as np

from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.spec import Memory
from datasets.engine.methods.regression.statistics import Counts


@dataclass(frozen=True)
class FitStatistics:
    """How well the pooled model fits; the fields of `Regression` that say so."""

    deviance: float | None
    null_deviance: float
    df_residual: int
    df_null: int
    log_likelihood: float | None
    aic: float | None
    r_squared: float | None = None
    adjusted_r_squared: float | None = None
    sigma: float | None = None


def fit_statistics(memory: Memory, parameters: Parameters) -> FitStatistics:
    """Deviances, likelihood and what follows, as R's `glm`, `logLik`, `AIC`, `summary.lm`."""
    main, n = memory.fits[0], memory.counts.complete
    p = len(main.columns)
    if parameters.family == "binomial":
        deviance = main.deviance if not main.problem else None
        likelihood = None if deviance is None else -deviance / 2
        aic = None if deviance is None else deviance + 2 * p
        null = _null_deviance(memory.counts, parameters.outcome)
        return FitStatistics(deviance, null, n - p, n - 1, likelihood, aic)
    deviance, null = main.deviance, memory.squares
    assert deviance is not None
    likelihood = aic = None
    if deviance > 0:
        likelihood = float(-n / 2 * (np.log(2 * np.pi) + np.log(deviance / n) + 1))
        aic = -2 * likelihood + 2 * (p + 1)
    fitted = FitStatistics(deviance, null, n - p, n - 1, likelihood, aic)
    fitted = replace(fitted, sigma=float(np.sqrt(deviance / (n - p))))
    if null <= 0:
        return fitted
    r_squared = 1 - deviance / null
    adjusted = 1 - (1 - r_squared) * (n - 1) / (n - p)
    return replace(fitted, r_squared=r_squared, adjusted_r_squared=adjusted)


def _null_deviance(counts: Counts, outcome: str) -> float:
    """The deviance of a yes-no outcome about its overall share."""
    n = counts.complete
    tallies = [one.tally_of(outcome) for one in counts.sites]
    ones = sum(one.count("1") for one in tallies if one is not None)
    share = ones / n
    return float(-2 * (ones * np.log(share) + (n - ones) * np.log1p(-share)))
