"""Levels that somebody declared: of those that few rows have, nothing tells whether anybody does.

In a question to a guarded dataset a declared level that fewer rows than the threshold have is
missing, as one is that was never declared. So an answer has the same levels whether somebody has
a rare one or nobody does, and neither thins out a model.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from datasets.engine.rows.complete import has_value
from datasets.engine.rows.frame import Frame, Rows

FEW_VALUED = 10
"""A number with at most so many values is a table of counts: its moments give it back."""


def without_rare(rows: Rows, groups: Sequence[tuple[str, ...]], threshold: int) -> Rows:
    """The rows with rare declared levels missing: those of fewer than `threshold` of the rows that
    have every variable of one of these groups. Without a declared level the rows as they are."""
    return _Common(rows, tuple(groups), threshold)


class _Common:
    """Rows that are read again at each iteration; which levels are rare is found out once."""

    def __init__(self, rows: Rows, groups: tuple[tuple[str, ...], ...], threshold: int) -> None:
        self._rows, self._groups, self._threshold = rows, groups, threshold

    def __iter__(self) -> Iterator[Frame]:
        for frame in self._rows:
            yield _without(frame, self._rare)

    @cached_property
    def _rare(self) -> dict[str, frozenset[str]]:
        rare: dict[str, frozenset[str]] = {}
        for group in self._groups:
            # What one level takes away may make another one rare.
            while found := self._found(group, rare):
                for name, levels in found.items():
                    rare[name] = rare.get(name, frozenset()) | levels
        return rare

    def _found(
        self, group: tuple[str, ...], rare: dict[str, frozenset[str]]
    ) -> dict[str, frozenset[str]]:
        """Levels that are rare besides those known."""
        counts: dict[str, Counter[str]] = {}
        for frame in self._rows:
            declared = [name for name in group if _levels(frame, name) is not None]
            if not declared:
                return {}
            shown = _without(frame, rare)
            place = np.logical_and.reduce([has_value(shown, name) for name in group])
            for name in declared:
                counts.setdefault(name, Counter()).update(shown.columns[name][place].tolist())
        few = {
            name: frozenset(level for level, n in found.items() if n < self._threshold)
            for name, found in counts.items()
        }
        return {name: levels for name, levels in few.items() if levels}


def _levels(frame: Frame, name: str) -> tuple[str, ...] | None:
    domain = frame.domains.get(name)
    return domain.levels if domain is not None and name in frame.columns else None


def _without(frame: Frame, rare: dict[str, frozenset[str]]) -> Frame:
    changed = {
        name: np.array(
            [None if value in levels else value for value in frame.columns[name]], dtype=object
        )
        for name, levels in rare.items()
        if name in frame.columns
    }
    return replace(frame, columns=frame.columns | changed) if changed else frame
