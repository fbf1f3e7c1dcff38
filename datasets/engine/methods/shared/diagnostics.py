"""What was checked before an estimate is believed, in every method's result."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from datasets.engine.results.records import OMIT, Record

Outcome = Literal["pass", "pass_with_rows_failing", "fail", "not_applicable", "error"]

DECISIVE = frozenset({"sites", "rows_used", "residual_df"})
"""Checks without which an answer is not about those it was asked of, or about nobody but them."""


@dataclass(frozen=True)
class Diagnostic(Record):
    """One check: the `value` found, the `threshold` it is held against, and the outcome.

    `failing` names the sites that do not pass by themselves, where the others still do, in the
    order of their names. A value is null where there is none, or where it may not be shown.
    """

    name: str
    value: float | None
    threshold: float | None
    outcome: Outcome
    failing: tuple[str, ...] = field(default=(), metadata=OMIT)

    def __post_init__(self) -> None:
        object.__setattr__(self, "failing", tuple(sorted(self.failing)))


def may_stand(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether an estimate may stand at the head of a page: no decisive check fails."""
    return not any(one.name in DECISIVE and one.outcome == "fail" for one in diagnostics)


def held_against(name: str, value: float | None, threshold: float, *, least: bool) -> Diagnostic:
    """A check of one number: at least, or at most, its threshold."""
    if value is None:
        return Diagnostic(name, None, threshold, "not_applicable")
    passed = value >= threshold if least else value <= threshold
    return Diagnostic(name, float(value), threshold, "pass" if passed else "fail")


def held_against_each(
    name: str, values: dict[str, float], threshold: float, *, least: bool
) -> Diagnostic:
    """A check of a number at each site: its value is the worst; it fails where all sites do."""
    if not values:
        return Diagnostic(name, None, threshold, "not_applicable")
    worst = min(values.values()) if least else max(values.values())
    failing = tuple(
        site
        for site, value in values.items()
        if (value < threshold if least else value > threshold)
    )
    if not failing:
        return Diagnostic(name, float(worst), threshold, "pass")
    if len(failing) == len(values):
        return Diagnostic(name, float(worst), threshold, "fail", failing)
    return Diagnostic(name, float(worst), threshold, "pass_with_rows_failing", failing)
