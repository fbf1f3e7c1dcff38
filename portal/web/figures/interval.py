"""Estimates with their intervals, small enough for a line of a list."""

import math
from collections.abc import Sequence

from portal.web.figures.svg import Markup, num

WIDTH, HEIGHT, CLOSE = 120, 16, 9
LEAST_REACH = math.log(2)
MOST_REACH = math.log(64)

Estimate = tuple[float, float, float]
"""One with the ends of its interval, on the analysis scale: the logarithm of a ratio."""


def intervals(found: Sequence[Estimate], *, is_ratio: bool) -> Markup:
    """Draws one below the other about “no difference” in the middle; their numbers stand beside
    them. An end beyond the drawing is cut."""
    reach = max(abs(value) for one in found for value in one)
    if is_ratio:
        reach = min(max(reach, LEAST_REACH), MOST_REACH)
    reach = (reach or 1.0) * 1.1

    def place(value: float) -> float:
        return WIDTH / 2 + min(1.0, max(-1.0, value / reach)) * (WIDTH / 2 - 4)

    height = HEIGHT + CLOSE * (len(found) - 1)
    drawn = [f'<path class="base" d="M{num(WIDTH / 2)} 0V{height}"/>']
    for k, (estimate, low, high) in enumerate(found):
        middle, x, left, right = HEIGHT / 2 + CLOSE * k, place(estimate), place(low), place(high)
        drawn.append(
            f'<path class="interval-line" d="M{num(left)} {num(middle)}H{num(right)}"/>'
            f'<circle class="interval-point" cx="{num(x)}" cy="{num(middle)}" r="3.5"/>'
        )
    several = " interval-several" if len(found) > 1 else ""
    return Markup(
        f'<svg class="interval-figure{several}" viewBox="0 0 {WIDTH} {height}" aria-hidden="true">'
        f"{''.join(drawn)}</svg>"
    )
