"""By how many rows two rules of the same columns differ, and which rules are held against which.

A rule that was changed for few tells of these few, and so do two columns that hold the same but for
few. Other names for the same values are no difference.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from datasets.engine.guard.row_sets import RowSet

GROUP = 5
"""Values that fewer rows share on average name no groups."""

FAR = 100
"""So many rows are more than any threshold, and need no exact count."""

Rules = tuple[str, str, bool]
"""Two unequal rules, and whether they are of one variable."""


def rules_to_compare(new: RowSet, old: RowSet) -> Iterable[Rules]:
    """Pairs of unequal rules of one variable, or of two that do not stand in both.

    Two columns that hold the same but for few can be told apart by no rows that are missing, and
    many questions of either, each with its own roundings, would tell these few.
    """
    for name, rule in new.rules:
        for other, theirs in old.rules:
            in_both = name != other and name in old.names and other in new.names
            if rule != theirs and not in_both:
                yield rule, theirs, name == other


def rules_swapped(new: RowSet, old: RowSet) -> Iterable[Rules]:
    """The two rules in which two figures differ that are otherwise about the same."""
    ours, theirs = new.names - old.names, old.names - new.names
    if not len(ours) == len(theirs) == 1 < len(new.names):
        return
    for (name, rule), (other, second) in product(new.rules, old.rules):
        if name in ours and other in theirs and rule != second:
            yield rule, second, False


@dataclass(frozen=True, eq=False)
class RulePair:
    """What two rules give for each row, as numbers of their own, and whether it is the same."""

    first: np.ndarray
    second: np.ndarray
    same: np.ndarray

    @cached_property
    def is_one_thing(self) -> bool:
        """Whether either gives the other for all but few, as no single value does."""
        return any(4 * count < min(4 * FAR, off) for count, off in self._whole)

    def far_apart(self, rows: int) -> list[int] | None:
        """How many are moved among all, where that is so many that among so many rows of them it
        needs no count."""
        fewer = len(self.same) - rows
        if all(not count or count >= fewer + FAR for count, _ in self._whole):
            return [count for count, _ in self._whole]
        return None

    def moved(self, rows: np.ndarray, of_one: bool) -> list[int]:
        """Of these rows how many have two different values, and how many leave most of their group
        from one rule to the other, and back.

        Where codes only have other names it is none; one that was split or joined shows on one
        side. Of values that are nearly everybody's own there are no groups. Two rules are of one
        variable, or of two: of those it does not count where a single value agrees as well.
        """
        return [count for count, off in self._moved(rows) if of_one or count < off]

    @cached_property
    def _whole(self) -> list[tuple[int, int]]:
        return self._moved(np.ones(len(self.same), dtype=bool))

    def _moved(self, rows: np.ndarray) -> list[tuple[int, int]]:
        """Each count, with how many rows do not have the most frequent value."""
        first, second = self.first[rows], self.second[rows]
        n = len(first)
        sizes = [np.bincount(codes) for codes in (first, second)]
        off_mode = [n - int(one.max(initial=0)) for one in sizes]
        found = [(n - int(np.count_nonzero(self.same & rows)), min(off_mode))]
        if n and GROUP * max(np.count_nonzero(one) for one in sizes) <= n:
            leave = [n - most for most in _most_of_groups(first, second)]
            found += zip(leave, reversed(off_mode), strict=True)
        return found


def _most_of_groups(first: np.ndarray, second: np.ndarray) -> tuple[int, int]:
    """How many rows are in the largest part of their group, by the other's groups; and back."""
    shape = int(first.max()) + 1, int(second.max()) + 1
    cells = first * shape[1] + second
    if shape[0] * shape[1] <= 4 * len(cells):
        table = np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)
        return int(table.max(axis=1).sum()), int(table.max(axis=0).sum())
    places, sizes = np.unique(cells, return_counts=True)
    found = []
    for groups, size in zip(np.divmod(places, shape[1]), shape, strict=True):
        most = np.zeros(size, dtype=sizes.dtype)
        np.maximum.at(most, groups, sizes)
        found.append(int(most.sum()))
    return found[0], found[1]
