"""Correlation matrices as tables: the number in each cell, its strength as a shade."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.common.text import MINUS, localised
from portal.web.figures.svg import finite


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
    names: Sequence[str], matrix: Sequence[Sequence[float | None]]
) -> list[tuple[str, list[Cell]]]:
    """Returns (name, cells) per row; `matrix` is square, in the order of `names`."""
    return [
        (name, [cell(value, i == j) for j, value in enumerate(row)])
        for i, (name, row) in enumerate(zip(names, matrix, strict=True))
    ]
