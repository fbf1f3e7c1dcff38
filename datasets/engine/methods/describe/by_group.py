"""What leaves of one variable in each group of a guarded site: tables, moments and bins.

Groups are told together, so that over all of them the counts are those of the variable alone.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add

import numpy as np

from datasets.engine.guard import reasons
from datasets.engine.guard.crossed import released_groups
from datasets.engine.guard.levels import FEW_VALUED
from datasets.engine.guard.rules import Rules
from datasets.engine.guard.tables import (
    bins_of,
    coarse,
    coarse_mean,
    error_of_spread,
    grain_of,
    has_spread,
    merged_values,
    share_of_few,
    spread_over,
)
from datasets.engine.guard.withheld import Notes
from datasets.engine.methods.describe.statistics import LevelCounts
from datasets.engine.methods.shared.value_counts import ValueCounts
from datasets.engine.rows.frame import Domain


def levels(
    name: str,
    parts: Sequence[LevelCounts],
    outside: Sequence[LevelCounts],
    told: Sequence[int],
    rules: Rules,
    notes: Notes,
    domain: Domain,
) -> list[LevelCounts | None]:
    """Levels with enough rows by name, and the rare ones together, if they are enough.

    Declared levels are all there, with 0 where they are rare, or nobody's. Their rows are told
    together only where each of them could still be nobody's; else they go to the largest level.
    """
    for one in parts:
        if rare := [n for _, n in one.levels if n < rules.threshold]:
            notes.of_variable(name, reasons.rare_levels(rare, rules))
    declared = domain.levels or ()
    whole = dict(reduce(add, [*parts, *outside]).levels)
    shown = sorted(str(level) for level, n in whole.items() if n >= rules.threshold)
    rare = [n for n in whole.values() if n < rules.threshold]
    has_rest = not declared or sum(rare) <= (len(rare) - 1) * (rules.threshold - 1)

    def cells(of: Sequence[LevelCounts]) -> np.ndarray:
        found = np.zeros((len(of), len(shown) + 2), dtype=np.int64)
        for row, one in zip(found, of, strict=True):
            known = dict(one.levels)
            of_shown = [known.get(level, 0) for level in shown]
            row[:] = [*of_shown, has_rest * (one.n - sum(of_shown)), one.missing]
        return found

    found: list[LevelCounts | None] = []
    others = cells(outside).sum(axis=0)
    for line in released_groups(cells(parts), rules, told, outside=others, rest=len(shown)):
        if line is None or not any(line[:-1]):
            notes.of_variable(name, reasons.thin_group(rules))
            found.append(None)
            continue
        names: list[str | None] = [*shown, None]
        *of_levels, missing = line
        some = {level: n for level, n in zip(names, of_levels, strict=True) if n}
        found.append(LevelCounts(tuple((dict.fromkeys(declared, 0) | some).items()), missing))
    return found


@dataclass(frozen=True)
class _Part:
    """A number in one group, and how many rows of it are told to have a value and none."""

    counts: ValueCounts
    n: int
    missing: int

    def told(self, values: np.ndarray, rows: np.ndarray) -> ValueCounts:
        """By a table of counts, from which its moments are made again."""
        mean = float(values @ rows / rows.sum())
        m2 = float((values - mean) ** 2 @ rows)
        return ValueCounts(values, rows, self.missing, mean, m2, self.counts.bits, "table")


def numbers(
    name: str,
    parts: Sequence[ValueCounts],
    outside: Sequence[ValueCounts],
    told: Sequence[int],
    rules: Rules,
    notes: Notes,
    domain: Domain,
) -> list[ValueCounts | None]:
    """Few-valued ones as tables of counts, others as moments, and as bins where rows are many."""
    sizes = np.array([[one.n, one.missing] for one in [*parts, *outside]])
    others = sizes[len(parts) :].sum(axis=0)
    some: dict[int, _Part] = {}
    for k, line in enumerate(released_groups(sizes[: len(parts)], rules, told, outside=others)):
        if line is None:
            notes.of_variable(name, reasons.thin_group(rules))
        else:
            some[k] = _Part(parts[k], *line)
    # Few rows have few values, too: where nobody shares theirs it is no table of counts.
    few = {
        k: one
        for k, one in some.items()
        if one.counts.values.size <= FEW_VALUED and one.counts.counts.max() >= rules.threshold
    }
    many = {k: one for k, one in some.items() if k not in few}
    every = [*parts, *outside]
    found = _tables(name, few, every, rules, notes)
    found |= _moments(name, many, every, rules, notes, domain)
    return [found.get(k) for k in range(len(parts))]


def without_values(missing: int) -> ValueCounts:
    """A number that no row has."""
    return _sums(missing, 0.0, 0.0)


def _tables(
    name: str, parts: Mapping[int, _Part], every: Sequence[ValueCounts], rules: Rules, notes: Notes
) -> dict[int, ValueCounts]:
    if not parts:
        return {}
    whole = reduce(add, every)
    if whole.values.size > FEW_VALUED and len(every) > 1:
        # Each has few values, and all together have not: there is no table of all.
        alone = [_tables(name, {k: one}, [one.counts], rules, notes) for k, one in parts.items()]
        return {k: one for found in alone for k, one in found.items()}
    values, _ = merged_values(whole.values, whole.counts, rules)

    def counted(one: ValueCounts) -> np.ndarray:
        nearest = np.abs(one.values[:, np.newaxis] - values).argmin(axis=1)
        return np.bincount(nearest, one.counts, values.size).astype(np.int64)

    for one in parts.values():
        if rare := [n for n in one.counts.counts.tolist() if n < rules.threshold]:
            notes.of_variable(name, reasons.rare_values(rare, rules))
    found = {}
    for (k, one), line in zip(parts.items(), _lines(parts, every, counted, rules), strict=True):
        if line is None:
            notes.of_variable(name, reasons.thin_group(rules))
        # Rare values may all have gone to the mode: what is left would be a single one.
        elif has_spread(line, rules):
            rows = np.array(line)
            found[k] = one.told(values[rows > 0], rows[rows > 0])
    return found


def _lines(
    parts: Mapping[int, _Part],
    every: Sequence[ValueCounts],
    counted: Callable[[ValueCounts], np.ndarray],
    rules: Rules,
) -> list[list[int] | None]:
    """What is told of each group's cells, in their order, beside all rows that are no group's."""
    cells = np.array([counted(one.counts) for one in parts.values()])
    others = sum(counted(one) for one in every) - cells.sum(axis=0)
    told = [one.n for one in parts.values()]
    return released_groups(cells, rules, told, outside=others, ordered=True)


def _moments(
    name: str,
    parts: Mapping[int, _Part],
    every: Sequence[ValueCounts],
    rules: Rules,
    notes: Notes,
    domain: Domain,
) -> dict[int, ValueCounts]:
    found, many = {}, {}
    for k, one in parts.items():
        counts = one.counts
        share = share_of_few(counts.values, counts.counts, counts.mean, rules)
        if why := reasons.dominance(share, rules):
            notes.of_variable(name, why)
            continue
        sd = counts.sd or 0.0
        farthest = float(np.abs(counts.values - counts.mean).max())
        mean = coarse_mean(counts.mean, sd / math.sqrt(counts.n), one.n, farthest)
        m2 = coarse(sd, error_of_spread(sd, counts.n, farthest)) ** 2 * (one.n - 1)
        found[k] = _sums(one.missing, mean, m2, one.n)
        if rules.distributions and counts.n >= 10 * rules.threshold:
            many[k] = one
    for k, (points, rows) in _bins(many, every, rules, domain).items():
        found[k] = replace(found[k], values=points, counts=rows, grain="bins")
    return found


def _bins(
    parts: Mapping[int, _Part], every: Sequence[ValueCounts], rules: Rules, domain: Domain
) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Points that stand for bins, and their rows: the bins are those of all groups."""
    if not parts:
        return {}
    whole = reduce(add, every)
    bins, _ = bins_of(whole.values, whole.counts, rules, domain.edges)
    if len(bins) < 2:
        return {}
    grain = grain_of(whole.values, whole.counts, bins)

    def counted(one: ValueCounts) -> np.ndarray:
        # Each bin begins where the one before ended.
        place = np.searchsorted(bins[1:, 0], one.values, "right")
        return np.bincount(place, one.counts, len(bins)).astype(np.int64)

    found = {}
    for k, line in zip(parts, _lines(parts, every, counted, rules), strict=True):
        rows = np.array(line or [])
        if np.count_nonzero(rows) > 1:
            found[k] = spread_over(bins[rows > 0], rows[rows > 0].tolist(), rules, grain)
    return found


def _sums(missing: int, mean: float, m2: float, n: int = 0) -> ValueCounts:
    """A number without a distribution: one point for all its rows, or no row."""
    return ValueCounts(
        np.array([mean] if n else [], dtype=float),
        np.array([n] if n else [], dtype=np.int64),
        missing,
        mean,
        m2,
        ValueCounts.of(np.empty(0)).bits,
        "sums" if n else "exact",
    )
