"""Whether effects truly point in opposite directions (Gail and Simon 1985, Biometrics 41:361)."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

from datasets.engine.methods.shared.tails import chi2_tail
from datasets.engine.results.records import Record


@dataclass(frozen=True)
class GailSimon(Record):
    """The test of a qualitative interaction: do effects truly point in opposite directions?"""

    statistic: float
    p_value: float


def gail_simon(estimates: Sequence[float], standard_errors: Sequence[float]) -> GailSimon | None:
    """The likelihood ratio test of Gail and Simon (1985) over k ≥ 2 effects; null for fewer.

    The statistic is the smaller of the two sums of squared z, over positive and over negative
    effects; its distribution at no qualitative interaction a mixture of chi-squares. At p = 0.05
    it is 2.71 for two effects and 4.23 for three, as they published.
    """
    z = np.asarray(estimates, dtype=float) / np.asarray(standard_errors, dtype=float)
    k = z.size
    if k < 2:
        return None
    statistic = float(min((z[z > 0] ** 2).sum(), (z[z < 0] ** 2).sum()))
    if statistic == 0:
        return GailSimon(0.0, 1.0)
    p_value = sum(comb(k - 1, h) * chi2_tail(statistic, h) for h in range(1, k)) / 2 ** (k - 1)
    return GailSimon(statistic, float(p_value))
