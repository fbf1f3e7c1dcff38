"""One estimate with its interval, small enough for a line of a list."""

import math

from portal.web.figures.svg import Markup, num

WIDTH, HEIGHT = 120, 16
LEAST_REACH = math.log(2)
MOST_REACH = math.log(64)


def interval(estimate: float, low: float, high: float, *, is_ratio: bool) -> Markup:
    """Draws it about “no difference” in the middle; its numbers stand beside it.

    All three are on the analysis scale, the logarithm of a ratio. An end beyond the drawing is cut.
    """
    reach = max(abs(low), abs(high), abs(estimate))
    if is_ratio:
        reach = min(max(reach, LEAST_REACH), MOST_REACH)
    reach = (reach or 1.0) * 1.1

    def place(value: float) -> float:
        return WIDTH / 2 + min(1.0, max(-1.0, value / reach)) * (WIDTH / 2 - 4)

    middle, left, right = HEIGHT / 2, place(low), place(high)
    return Markup(
        f'<svg class="interval-figure" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true">'
        f'<path class="base" d="M{num(WIDTH / 2)} 0V{HEIGHT}"/>'
        f'<path class="interval-line" d="M{num(left)} {num(middle)}H{num(right)}"/>'
        f'<circle class="interval-point" cx="{num(place(estimate))}" cy="{num(middle)}" r="3.5"/>'
        "</svg>"
    )
