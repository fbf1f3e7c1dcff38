"""Tails and quantiles of the distributions that tests and intervals need.

The same functions scipy.stats calls. Importing scipy.stats itself takes longer than all of the
rest together, in every process that starts.
"""

from scipy import special

NORMAL_975 = float(special.ndtri(0.975))


def one_digit(p_value: float) -> float:
    """About so much, never 1: of a test of rounded estimates half a step moves the next digit."""
    return min(float(f"{p_value:.1g}"), 0.9)


def normal_quantile(probability: float) -> float:
    """The value below which Z lies with this probability."""
    return float(special.ndtri(probability))


def normal_tail(z: float) -> float:
    """P(Z > z) of the standard normal distribution."""
    return float(special.ndtr(-z))


def t_tail(t: float, df: float) -> float:
    """P(T > t) of Student's distribution with `df` degrees of freedom."""
    return float(special.stdtr(df, -t))


def t_quantile(probability: float, df: float) -> float:
    """The value below which T lies with this probability."""
    return float(special.stdtrit(df, probability))


def t_noncentrality(probability: float, df: float, value: float) -> float:
    """How far Student's distribution is moved so that T lies below `value` with this probability.

    To some seven digits, as R's pt(value, df, ncp) has it.
    """
    return float(special.nctdtrinc(df, probability, value))


def chi2_tail(q: float, df: float) -> float:
    """P(X > q) of the chi-squared distribution with `df` degrees of freedom."""
    return float(special.chdtrc(df, max(q, 0.0)))


def chi2_quantile(probability: float, df: float) -> float:
    """The value below which X lies with this probability."""
    return float(special.chdtri(df, 1 - probability))


def f_tail(f: float, df: float, df_residual: float) -> float:
    """P(F > f) of the F distribution."""
    return float(special.fdtrc(df, df_residual, f))


def f_quantile(probability: float, df: float, df_residual: float) -> float:
    """The value below which F lies with this probability."""
    return float(special.fdtri(df, df_residual, probability))
