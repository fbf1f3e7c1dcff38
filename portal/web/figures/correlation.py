"""Correlations as tables: the number in each cell, its strength as a shade or on an axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from portal.common.text import MINUS, localised
from portal.web.figures.svg import finite, num

Variable = TypeVar("Variable")

WIDTH, HEIGHT, MARGIN = 144, 24, 6


@dataclass(frozen=True)
class Cell:
    """One correlation: what to print, and the class that shades it."""

    text: str
    css_class: str


def cell(value: float | None, diagonal: bool = False) -> Cell:
    """Shades blue above zero and orange below, in four steps; None is withheld or unknown."""
    if diagonal:
        return Cell("1", "heat-diagonal")
    if not finite(value):
        return Cell("–", "heat-unknown")
    strength = abs(value)
    text = f"{strength:.2f}"
    text = localised(text.removeprefix("0")) if text != "0.00" else "0"
    if value < 0 and text != "0":
        text = MINUS + text
    if strength < 0.1:
        return Cell(text, "heat-none")
    step = 1 if strength < 0.2 else min(4, int(strength * 5))
    return Cell(text, f"heat-{'positive' if value > 0 else 'negative'}-{step}")


def matrix_cells(
    names: Sequence[Variable], matrix: Sequence[Sequence[float | None]]
) -> list[tuple[Variable, list[Cell]]]:
    """Returns (name, cells) per row; `matrix` is square, in the order of `names`."""
    return [
        (name, [cell(value, i == j) for j, value in enumerate(row)])
        for i, (name, row) in enumerate(zip(names, matrix, strict=True))
    ]


def on_axis(r: float | None, ends: Sequence[float] | None, beside: float | None = None) -> str:
    """Draws r with its interval from −1 to 1, and as a ring what stands beside it.

    The numbers are written next to it, so it has no name; "" when there is nothing to draw.
    """
    if not finite(r):
        return ""
    middle = HEIGHT / 2
    drawn = [
        f'<path class="axis" d="M{MARGIN} {num(middle)}H{WIDTH - MARGIN}"/>'
        f'<path class="reference" d="M{_place(0)} 3V{HEIGHT - 3}"/>'
    ]
    if ends and all(finite(end) for end in ends):
        low, high = (_place(end) for end in ends)
        drawn.append(f'<path class="interval" d="M{low} {num(middle)}H{high}"/>')
    if finite(beside):
        drawn.append(f'<circle class="ring" cx="{_place(beside)}" cy="{num(middle)}" r="4.5"/>')
    drawn.append(f'<circle class="point" cx="{_place(r)}" cy="{num(middle)}" r="4"/>')
    head = f'<svg class="figure" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true">'
    return head + "".join(drawn) + "</svg>"


def _place(value: float) -> str:
    return num(MARGIN + (value + 1) / 2 * (WIDTH - 2 * MARGIN))
