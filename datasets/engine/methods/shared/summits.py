"""Where a restricted likelihood of one between-study variance is highest."""

from collections.abc import Callable

import numpy as np

SEARCHED = 200
"""Places between which summits of the restricted likelihood are looked for."""

DIGITS = 1e-14
"""How near a τ² is found, as a share of it: it may be smaller than any fixed number."""


def zero_between(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function of τ² is 0, between two places at which its signs differ; where they do not,
    it is 0 at one of them but for rounding."""
    from scipy import optimize  # slow to import, and seldom needed

    at_low, at_high = function(low), function(high)
    if at_low * at_high >= 0:
        return low if abs(at_low) < abs(at_high) else high
    return float(optimize.brentq(function, low, high, xtol=DIGITS * high, rtol=DIGITS))


def highest(
    slopes: Callable[[np.ndarray], np.ndarray],
    likelihood: Callable[[float], float],
    smallest: float,
    largest: float,
) -> float:
    """The τ² of the best of its summits, often one at 0 beside another.

    Fisher scoring may stop at a lower one, or swing to and fro between its sides. `slopes` are
    those of the likelihood at several τ², `smallest` and `largest` about where to look.
    """

    def slope(tau2: float) -> float:
        return float(slopes(np.array([tau2]))[0])

    while slope(largest) > 0:
        largest *= 4
    places = np.concatenate([[0.0], np.geomspace(smallest, largest, SEARCHED)])
    rises = (slopes(places) > 0).tolist()
    summits = [] if rises[0] else [0.0]
    for left, right, up, still_up in zip(places, places[1:], rises, rises[1:], strict=False):
        if up and not still_up:
            summits.append(zero_between(slope, left, right))
    if rises[-1]:
        # The last place is a summit itself, and its sign a rounding.
        summits.append(largest)
    return max(summits, key=likelihood)
