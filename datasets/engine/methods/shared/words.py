"""Numbers and labels as a reader would write them, for the sentences of every method."""

from collections.abc import Mapping, Sequence

from datasets.engine.rows.frame import VariableInfo
from datasets.engine.sentences import Number, Place, Sentence, grouped


def number(value: float | None) -> Number | Sentence:
    """Three significant digits or two decimals, as a reader would write it."""
    if value is None:
        return Sentence("not given")
    size = abs(value)
    if size >= 1000:
        return Number(f"{value:,.0f}")
    if size >= 100:
        return Number(f"{value:.0f}")
    if size >= 0.1:
        return Number(f"{value:.2f}")
    return Number(f"{value:.2g}" if value else "0")


def rows(n: int) -> Sentence:
    """So many rows."""
    return Sentence.counting("%(count)s row", "%(count)s rows", n, count=grouped(n))


PLACES = {
    "site": Sentence("site"),
    "region": Sentence("region"),
    "country": Sentence("country"),
}
"""The engine's own columns as people call them; no variable has their names."""


def label_of(name: str, variables: Mapping[str, VariableInfo]) -> str:
    """A variable's label as it stands within a sentence; without one its name, letter by letter."""
    if name in PLACES:
        return PLACES[name]
    info = variables.get(name)
    if info is None or not info.label:
        return name
    label = info.label
    # A label begins a form field with a capital; within a sentence only acronyms keep theirs.
    return label[0].lower() + label[1:] if len(label) > 1 and label[1].islower() else label


def level_of(by: str | None, level: str) -> str:
    """A group of rows by its level: a region or a country is a place."""
    return Place(level) if by in ("region", "country") else level


def span(interval: Sequence[float | None]) -> Sentence:
    """The two ends of an interval in words."""
    return Sentence("%(low)s to %(high)s", low=number(interval[0]), high=number(interval[1]))
