"""Numbers and labels as a reader would write them, for the sentences of every method."""

from collections.abc import Mapping, Sequence

from datasets.engine.rows.frame import VariableInfo


def number(value: float | None) -> str:
    """Three significant digits or two decimals, as a reader would write it."""
    if value is None:
        return "not given"
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}"
    if size >= 100:
        return f"{value:.0f}"
    if size >= 0.1:
        return f"{value:.2f}"
    return f"{value:.2g}" if value else "0"


def label_of(name: str, variables: Mapping[str, VariableInfo]) -> str:
    """A variable's label as it stands within a sentence; without one its name, letter by letter."""
    info = variables.get(name)
    if info is None or not info.label:
        return name
    label = info.label
    # A label begins a form field with a capital; within a sentence only acronyms keep theirs.
    return label[0].lower() + label[1:] if len(label) > 1 and label[1].islower() else label


def span(interval: Sequence[float | None]) -> str:
    """The two ends of an interval in words."""
    return f"{number(interval[0])} to {number(interval[1])}"
