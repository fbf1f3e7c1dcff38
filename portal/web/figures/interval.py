"""Estimates with their intervals, small enough for a line of a list."""

import math
from collections.abc import Sequence

from portal.web.figures.svg import Markup, num

WIDTH, HEIGHT, CLOSE = 120, 16, 9
MARGIN, ARROW = 4, 4

Estimate = tuple[float, float, float]
"""One with the ends of its interval, on the analysis scale: the logarithm of a ratio."""

REACH = {"ratio": math.log(10), "correlation": 1.0}
"""How far from “no difference” the drawing goes, so that each one in a list is on the same scale:
ratios from 0.1 to 10, correlations from −1 to 1."""


def reach_of(found: Sequence[Estimate]) -> float:
    """How far a drawing goes that shows all of these."""
    return max((abs(value) for one in found for value in one), default=0.0) or 1.0


def intervals(found: Sequence[Estimate], reach: float) -> Markup:
    """Draws one below the other about “no difference” in the middle; their numbers stand beside
    them. An end beyond the drawing is an arrow."""
    height = HEIGHT + CLOSE * (len(found) - 1)
    drawn = [f'<path class="base" d="M{num(WIDTH / 2)} 0V{height}"/>']
    for k, (estimate, low, high) in enumerate(found):
        y = HEIGHT / 2 + CLOSE * k
        left, right = _place(low, reach), _place(high, reach)
        drawn.append(f'<path class="interval-line" d="M{num(left)} {num(y)}H{num(right)}"/>')
        if low < -reach:
            drawn.append(_arrow(_place(-reach, reach), y, 1))
        if high > reach:
            drawn.append(_arrow(_place(reach, reach), y, -1))
        if abs(estimate) <= reach:
            x = _place(estimate, reach)
            drawn.append(f'<circle class="interval-point" cx="{num(x)}" cy="{num(y)}" r="3.5"/>')
    several = " interval-several" if len(found) > 1 else ""
    return Markup(
        f'<svg class="interval-figure{several}" viewBox="0 0 {WIDTH} {height}" aria-hidden="true">'
        f"{''.join(drawn)}</svg>"
    )


def _place(value: float, reach: float) -> float:
    """Where a value stands; one beyond the drawing at its end."""
    return WIDTH / 2 + min(1.0, max(-1.0, value / reach)) * (WIDTH / 2 - MARGIN)


def _arrow(x: float, y: float, direction: int) -> str:
    """Draws the head of an arrow that points off the drawing: direction 1 to the left, -1 right."""
    far = num(x + ARROW * direction)
    return (
        f'<path class="interval-line" d="M{far} {num(y - ARROW)}L{num(x)} {num(y)}'
        f'L{far} {num(y + ARROW)}"/>'
    )
