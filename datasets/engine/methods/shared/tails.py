"""Tails and quantiles of the distributions that tests and intervals need.

The same functions scipy.stats calls. Importing scipy.stats itself takes longer than all of the
rest together, in every process that starts.
"""

from scipy import special

NORMAL_975 = float(special.ndtri(0.975))


def normal_tail(z: float) -> float:
    """P(Z > z) of the standard normal distribution."""
    return float(special.ndtr(-z))


def t_tail(t: float, df: float) -> float:
    """P(T > t) of Student's distribution with `df` degrees of freedom."""
    return float(special.stdtr(df, -t))


def t_quantile(probability: float, df: float) -> float:
    """The value below which T lies with this probability."""
    return float(special.stdtrit(df, probability))


def chi2_tail(q: float, df: float) -> float:
    """P(X > q) of the chi-squared distribution with `df` degrees of freedom."""
    return float(special.chdtrc(df, max(q, 0.0)))


def chi2_quantile(probability: float, df: float) -> float:
    """The value below which X lies with this probability."""
    return float(special.chdtri(df, 1 - probability))


def f_tail(f: float, df: float, df_residual: float) -> float:
    """P(F > f) of the F distribution."""
    return float(special.fdtrc(df, df_residual, f))
