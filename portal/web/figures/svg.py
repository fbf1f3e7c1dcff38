"""The small words of SVG that every figure uses."""

import math
from html import escape
from typing import TypeGuard

from portal.common.text import number_told


class Markup(str):
    """Text that is HTML already, in which everything a person wrote is escaped or cleaned.

    Templates print it as it is, by the `__html__` they ask every value for.
    """

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


def finite(value: object) -> TypeGuard[float]:
    """Tells whether a value is a number that can be placed on an axis."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def num(value: float) -> str:
    """Writes a coordinate with at most one decimal."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def label(value: float) -> str:
    """Writes a number below a tick: short, its thousands apart, with a real minus."""
    # From thousands on as many digits as tell ticks apart that lie close together.
    digits = 10 if 1e3 <= abs(value) < 1e9 else 6
    return number_told(f"{value:,.{digits}g}")


def open_figure(css_class: str, width: float, height: float, name: str, **more: str) -> str:
    """Opens a drawing that screen readers announce by its name."""
    extra = "".join(f' {key.replace("_", "")}="{escape(value)}"' for key, value in more.items())
    return (
        f'<svg class="{css_class}" viewBox="0 0 {num(width)} {num(height)}" role="img"'
        f' aria-label="{escape(name)}"{extra}>'
    )


def text(x: float, y: float, words: str, anchor: str = "middle", css_class: str = "") -> str:
    """Writes words at a point."""
    kind = f' class="{css_class}"' if css_class else ""
    return (
        f'<text{kind} x="{num(x)}" y="{num(y)}" text-anchor="{anchor}">{escape(str(words))}</text>'
    )


def side_label(x: float, y: float, words: str) -> str:
    """Writes an axis title upwards."""
    return (
        f'<text class="axis-label" transform="translate({num(x)} {num(y)}) rotate(-90)"'
        f' text-anchor="middle">{escape(words)}</text>'
    )


def shorten(words: str, length: int) -> str:
    """Cuts a label that would run out of the drawing."""
    return words if len(words) <= length else words[: length - 1].rstrip() + "…"


def shorten_within(words: str, length: int) -> str:
    """Cuts the middle of a label out: names begin or end alike."""
    half = length // 2
    cut = f"{words[: length - half].rstrip()}…{words[1 - half :].lstrip()}"
    return words if len(words) <= length else cut
