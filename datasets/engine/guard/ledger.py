"""Which rows stood behind the questions that a dataset was asked, and by how many two differ.

Two answers about sets of rows that differ by one person are, subtracted, that person's values,
however safe each of them is; and where one is refused and the other is not, some count has passed
the threshold with that person. So the rows behind every question are kept, as a bitmap over the
version's table, and a further one that differs from an earlier one by fewer people than the
threshold is held for whoever keeps the data, whatever the gate makes of either.

Within a version rows are told apart by their place. Between versions they are what they hold in
the columns that both questions read, equal rows as often as they occur: nothing else of a row can
be subtracted, and a version that changes other columns of everybody hides nobody.

A rule that changed is a new version of what it derives: whoever has another value by it is gone
and has come, wherever both questions count on the person.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import product
from typing import Any, TypeVar

import numpy as np

from datasets.engine.guard.row_sets import Figure, RowSet
from datasets.engine.guard.rule_pairs import RulePair, Rules, rules_swapped, rules_to_compare

T = TypeVar("T")

Contents = Callable[[int, tuple[str, ...]], np.ndarray]
"""What each row of a version holds in these columns, as a number: `contents_of` its table."""

Derived = Callable[[int, str], np.ndarray]
"""What a rule, as text, gives for each row of a version, as a number: `derived_by` its table."""


class Comparison:
    """Row sets of one dataset against one another; what versions hold is read once."""

    def __init__(self, contents: Contents, derived: Derived | None = None) -> None:
        self._contents, self._derived = contents, derived
        self._known: dict[tuple[object, ...], Any] = {}

    def _once(self, make: Callable[[], T], *key: object) -> T:
        """What was made under this key, made once. Many figures have the same rows behind them:
        of a set of rows only what was counted is kept."""
        if key not in self._known:
            self._known[key] = make()
        found: T = self._known[key]
        return found

    def differs_by(self, new: RowSet, old: RowSet) -> int | None:
        """By how many people the two differ at least, where one may be subtracted from the other;
        None where it may not, or where they are the same rows of one version.

        Of rows that went and rows that came the larger number counts: a changed row is one of
        either, and one person. Of two versions 0 is as telling as 1: that nobody changed is what
        an answer would say that is held as soon as somebody did.
        """
        if not are_compared(new, old) and not self._is_by_a_model(new, old):
            swapped = rules_swapped(new, old) if new.version == old.version else ()
            return self._changed(new, old, swapped) or None
        if new.version == old.version:
            # Another column may hold the same: who is in the sets is known without it.
            within = self._within(new, old)
            changed = self._changed(new, old, rules_to_compare(new, old))
            counts = [one for one in (within, changed) if one]
            # Few may have been left out with a level, and whether any were is not told.
            apart = not (old.names.issuperset(new.lacking) and new.names.issuperset(old.lacking))
            return min([*counts, 0] if apart and not within else counts, default=None)
        found = [self._between(new, old, pairs) for pairs in self._identities(new, old)]
        if not found:
            return None
        found += self._derived_between(new, old)
        return min((max(one) for one in found if any(one)), default=0)

    def _is_by_a_model(self, new: RowSet, old: RowSet) -> bool:
        """Whether a model is about all that the other relates, under whatever names: a file may
        have one thing in two columns, as a number and in words."""
        model, figure = (new, old) if new.subtractable else (old, new)
        if new.version != old.version or not relates(figure) or not model.subtractable:
            return False
        left = [rule for name, rule in figure.rules if name not in model.names]
        return bool(figure.rules) and all(
            any(self._gives(new.version, theirs, rule) for _, theirs in model.rules)
            for rule in left
        )

    def _gives(self, version: int, first: str, second: str) -> bool:
        """Whether what one rule gives says for all but few what the other does."""
        return first == second or self._rules_beside(version, first, second).is_one_thing

    def _within(self, new: RowSet, old: RowSet) -> int:
        return max(new.count, old.count) - self._rows_in_both(new, old)

    def _rows_in_both(self, new: RowSet, old: RowSet) -> int:
        return self._once(
            lambda: int(np.count_nonzero(new.rows & old.rows)), "in_both", new.key, old.key
        )

    def _changed(self, new: RowSet, old: RowSet, rules: Iterable[Rules]) -> int:
        """Of the rows in both, for how many at least one of these rules gives another value than
        the other; other names for the same values count as none."""
        found = 0
        for ours, theirs, of_one in rules:
            both = sorted((ours, theirs))
            least = self._once(
                partial(self._changed_by, new, old, (ours, theirs, of_one)),
                *("changed", new.version, *both, of_one, new.key, old.key),
            )
            found = min(found or least, least or found)
        return found

    def _changed_by(self, new: RowSet, old: RowSet, rules: Rules) -> int:
        ours, theirs, of_one = rules
        beside = self._rules_beside(new.version, ours, theirs)
        counts = beside.far_apart(self._rows_in_both(new, old))
        if counts is None:
            counts = beside.moved(new.rows & old.rows, of_one)
        return min((one for one in counts if one), default=0)

    def _rules_beside(self, version: int, *rules: str) -> RulePair:
        def made() -> RulePair:
            first, second = (self._values_of(version, one) for one in rules)
            ours, theirs = (self._kinds_of(version, one) for one in rules)
            return RulePair(ours, theirs, first == second)

        return self._once(made, "beside", version, *sorted(rules))

    def _kinds_of(self, version: int, rule: str) -> np.ndarray:
        """What a rule gives, as whole numbers from 0."""
        return self._once(
            lambda: np.unique(self._values_of(version, rule), return_inverse=True)[1],
            *("kinds", version, rule),
        )

    def _derived_between(self, new: RowSet, old: RowSet) -> list[tuple[int, int]]:
        """How many rows came and went between versions by what changed rules give: by all that
        both derive, and by each alone that tells most rows apart."""
        pairs = [
            (ours, dict(old.rules)[name])
            for name, ours in new.rules
            if name in dict(old.rules) and self._derived is not None
        ]
        if all(ours == theirs for ours, theirs in pairs):
            return []
        found = []
        for chosen in (tuple(pairs), *((one,) for one in pairs if len(pairs) > 1)):
            ours, theirs, size = self._coded_by_rules(new.version, old.version, chosen)
            if len(chosen) == len(pairs) or 2 * size >= max(len(ours), len(theirs)):
                found.append(_moved(new, old, ours, theirs, size))
        return found

    def _values_of(self, version: int, rule: str) -> np.ndarray:
        assert self._derived is not None
        return self._once(partial(self._derived, version, rule), "values", version, rule)

    def _coded_by_rules(
        self, new: int, old: int, pairs: tuple[tuple[str, str], ...]
    ) -> tuple[np.ndarray, np.ndarray, int]:
        def made() -> tuple[np.ndarray, np.ndarray, int]:
            ours = _together([self._values_of(new, one) for one, _ in pairs])
            theirs = _together([self._values_of(old, one) for _, one in pairs])
            return _coded(ours, theirs)

        return self._once(made, "coded_by_rules", new, old, pairs)

    def placed_by(
        self, columns: tuple[str, ...], versions: Sequence[int]
    ) -> tuple[dict[int, np.ndarray], int]:
        """The rows of several versions as whole numbers from 0, equal where they hold the same in
        these columns; and how many numbers there are."""

        def made() -> tuple[dict[int, np.ndarray], int]:
            held = [self._contents(one, columns) for one in versions]
            distinct, codes = np.unique(np.concatenate(held), return_inverse=True)
            parts = np.split(codes, np.cumsum([len(one) for one in held])[:-1])
            return dict(zip(versions, parts, strict=True)), len(distinct)

        return self._once(made, "placed", columns, *versions)

    def moved(self, new: RowSet, old: RowSet) -> list[tuple[int, int]]:
        """How many rows came and went between two versions, by each way to tell rows apart."""
        return [self._between(new, old, pairs) for pairs in self._identities(new, old)]

    def _identities(self, new: RowSet, old: RowSet) -> Iterable[tuple[tuple[str, str], ...]]:
        """The columns by which rows of two versions are the same: all that both read, by the
        columns' names or by the variables', each alone that tells most rows apart, and the others
        together. One that was renamed is found by what it holds."""
        by_column = tuple((one, one) for one in sorted(new.columns & old.columns))
        theirs_by_name = dict(old.reads)
        by_variable = tuple(
            pair
            for name, columns in new.reads
            if len(columns) == len(theirs_by_name.get(name, ()))
            for pair in zip(columns, theirs_by_name[name], strict=True)
        )
        found = dict.fromkeys(one for one in (by_column, tuple(sorted(by_variable))) if one)
        known = dict.fromkeys((*by_column, *by_variable))
        telling = [pair for pair in known if self._tells_most(new, old, pair)]
        found |= dict.fromkeys((pair,) for pair in telling)
        if others := tuple(pair for pair in by_column if pair not in telling):
            found[others] = None
        if not known:
            pairs = product(sorted(new.columns), sorted(old.columns))
            renamed = [(pair,) for pair in pairs if self._tells_most(new, old, pair)]
            found |= dict.fromkeys(one for one in renamed if self._are_alike(new, old, one))
        return found

    def _tells_most(self, new: RowSet, old: RowSet, pair: tuple[str, str]) -> bool:
        """Whether a column tells most rows apart."""
        ours, theirs, size = self._coded(new.version, old.version, (pair,))
        return 2 * size >= max(len(ours), len(theirs))

    def _are_alike(self, new: RowSet, old: RowSet, pairs: tuple[tuple[str, str], ...]) -> bool:
        """Whether most rows of the smaller set are in the other."""
        come, went = self._between(new, old, pairs)
        return 2 * min(new.count - come, old.count - went) >= min(new.count, old.count)

    def _between(
        self, new: RowSet, old: RowSet, pairs: tuple[tuple[str, str], ...]
    ) -> tuple[int, int]:
        """How many rows came, and how many went."""
        return self._once(
            lambda: _moved(new, old, *self._coded(new.version, old.version, pairs)),
            *("between", new.version, old.version, pairs, new.key, old.key),
        )

    def _coded(
        self, new: int, old: int, pairs: tuple[tuple[str, str], ...]
    ) -> tuple[np.ndarray, np.ndarray, int]:
        """Both tables' rows as whole numbers from 0, equal where they hold the same."""

        def made() -> tuple[np.ndarray, np.ndarray, int]:
            ours = self._contents(new, tuple(one for one, _ in pairs))
            theirs = self._contents(old, tuple(one for _, one in pairs))
            return _coded(ours, theirs)

        return self._once(made, "coded", new, old, pairs)


def are_compared(new: RowSet, old: RowSet) -> bool:
    """Whether one may tell of the other: where they may be subtracted, and whatever is about one
    thing in two versions, or by two rules.

    Few who came to a rare level let any figure of it leave that none left of before.
    """
    if are_subtracted(new, old):
        return True
    if new.version != old.version:
        return not (new.columns.isdisjoint(old.columns) and new.names.isdisjoint(old.names))
    return any(dict(old.rules).get(name, rule) != rule for name, rule in new.rules)


def are_subtracted(new: Figure, old: Figure) -> bool:
    """Whether both are of models; or about the same variables, or read the same columns for them;
    or one is of a model that is about all that the other relates.

    Of two variables a table, a correlation and a model's estimate say the same in three ways: with
    what else a model takes beside them, or without, there are as many pairs as one likes.
    """
    if new.subtractable and old.subtractable:
        return True
    if new.columns == old.columns or new.names == old.names:
        return True
    model, figure = (new, old) if new.subtractable else (old, new)
    return (
        model.subtractable
        and relates(figure)
        and (figure.columns <= model.columns or figure.names <= model.names)
    )


def relates(figure: Figure) -> bool:
    """Whether it is a table or a correlation of several variables."""
    return not figure.subtractable and len(figure.names) > 1


def _together(values: Sequence[np.ndarray]) -> np.ndarray:
    """Several columns of numbers as one."""
    mixed = np.zeros_like(values[0])
    for one in values:
        mixed = mixed * np.uint64(0x9E3779B97F4A7C15) ^ one
    return mixed


def _coded(ours: np.ndarray, theirs: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Both as whole numbers from 0, equal where they were."""
    distinct, codes = np.unique(np.concatenate([ours, theirs]), return_inverse=True)
    return codes[: len(ours)], codes[len(ours) :], len(distinct)


def _moved(
    new: RowSet, old: RowSet, ours: np.ndarray, theirs: np.ndarray, size: int
) -> tuple[int, int]:
    """How many rows came, and how many went."""
    change = np.bincount(ours[new.rows], minlength=size)
    change -= np.bincount(theirs[old.rows], minlength=size)
    come = int(change[change > 0].sum())
    return come, come - (new.count - old.count)


def fewest_moved(moved: Sequence[tuple[int, int]]) -> int | None:
    """How many rows came and as many went or changed between two versions, at least; None where
    the same rows are in both. Both their profiles can be seen where it is no fewer than the
    threshold: then no count of one less that of the other is about few people."""
    return min((min(one) for one in moved if any(one)), default=None)
