"""One rule for every design: no column and no estimate rests on few rows, and no model is full.

Asked of one input's rows, before its statistics leave; what is thin there does not leave at all.
What a model would claim of every row is asked in `claims`.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from datasets.engine.guard import reasons
from datasets.engine.guard.claims import Design, Fitted, fitted, why_certain
from datasets.engine.guard.rules import Rules
from datasets.engine.guard.tables import share_of_few
from datasets.engine.guard.withheld import Reason
from datasets.engine.rows.frame import LARGEST
from datasets.engine.sentences import Called, Sentence

MOST_KEPT = 20_000
"""Distinct values that are counted; of more, far more than any threshold are off the mode."""

BLOCK = 8192

KEEP_IN_MEMORY = 8_000_000
"""Most numbers of a design kept between passes (64 MB)."""

Block = Mapping[str, np.ndarray]
"""Columns by name, of rows that all have a value."""


class Spread:
    """How rows are spread over the values of a column, or over those of two together."""

    def __init__(self) -> None:
        self.n = 0
        self.counts: dict[object, int] = {}

    def add(self, values: np.ndarray) -> None:
        """Count further rows."""
        self.n += len(values)
        if len(self.counts) > MOST_KEPT:
            return
        texts = values.astype(str) if values.dtype == object else values
        found, rows = np.unique(texts, return_counts=True)
        for value, count in zip(found.tolist(), rows.tolist(), strict=True):
            self.counts[value] = self.counts.get(value, 0) + count

    @property
    def off_mode(self) -> int:
        """Rows with another value than the most frequent one, or at least so many."""
        if len(self.counts) > MOST_KEPT:
            return MOST_KEPT
        return self.n - max(self.counts.values(), default=0)

    @property
    def fewest(self) -> int:
        """Rows of the rarest value."""
        return 1 if len(self.counts) > MOST_KEPT else min(self.counts.values(), default=0)


MOST_OF_ONE = 0.5
"""The share of what an estimate is made of that one row stays under."""


@dataclass(frozen=True)
class Thinness:
    """The first rule that rows do not meet, with its numbers; and where they meet all, by how much
    one row at most moves the squares that a linear model leaves."""

    why: Reason | None
    largest: float = 0.0


def thinness(
    blocks: Callable[[], Iterable[Block]],
    outcome: str,
    terms: Sequence[str],
    interactions: Sequence[tuple[str, str]],
    rules: Rules,
) -> Thinness:
    """Whether this input's complete rows may stand behind a model.

    `blocks` gives the complete rows anew each time: numbers as float64, categories as objects.
    """
    exponents = _exponents(blocks())

    def in_reach() -> Iterator[Block]:
        for block in blocks():
            yield {
                name: np.ldexp(values, -exponents[name]) if name in exponents else values
                for name, values in block.items()
            }

    asked = in_reach if exponents else blocks
    why = _why_counted(asked, outcome, terms, interactions, rules)
    if isinstance(why, Reason):
        return Thinness(why)
    found = _weighed(asked, outcome, why, rules)
    largest = float(np.ldexp(found.largest, 2 * exponents.get(outcome, 0)))
    if found.why is None and not math.isfinite(largest):
        return Thinness(reasons.too_large())
    return Thinness(found.why, largest)


def _exponents(blocks: Iterable[Block]) -> dict[str, int]:
    """By which power of 2 a column is divided whose squares or products are beyond numbers."""
    largest: dict[str, float] = {}
    for block in blocks:
        for name, values in block.items():
            if values.dtype != object:
                size = float(np.abs(values).max(initial=0.0))
                largest[name] = max(largest.get(name, 0.0), size)
    return {
        name: math.frexp(size)[1]
        for name, size in largest.items()
        if size and not 1 / LARGEST < size < LARGEST
    }


def _why_counted(
    blocks: Callable[[], Iterable[Block]],
    outcome: str,
    terms: Sequence[str],
    interactions: Sequence[tuple[str, str]],
    rules: Rules,
) -> "Reason | _Columns":
    """The first rule of counts alone that is not met, or the design."""
    spreads, cells, is_category = _counted(blocks(), outcome, terms)
    n = spreads[outcome].n if spreads else 0
    if n < rules.threshold:
        return reasons.few_complete(n, rules)
    for name, spread in spreads.items():
        found = spread.fewest if is_category[name] else spread.off_mode
        found = min(found, spread.off_mode)
        if found < rules.threshold:
            return reasons.off_mode_of(Called.variable(name), found, rules)
    two_valued = {
        name for name, one in spreads.items() if is_category[name] or len(one.counts) == 2
    }
    if len(spreads[outcome].counts) == 2:
        for name in terms:
            if name in two_valued:
                wanted = 2 * len(spreads[name].counts)
                found = cells[name].fewest if len(cells[name].counts) == wanted else 0
                if found < rules.threshold:
                    both = Called(f"{outcome}:{name}", [(outcome, None), (name, None)])
                    return reasons.off_mode_of(both, found, rules)
    columns = _Columns(spreads, terms, interactions, is_category)
    many = reasons.many_coefficients(columns.size, n, rules)
    return many or _dominated(blocks, outcome, rules) or columns


def _counted(
    blocks: Iterable[Block], outcome: str, terms: Sequence[str]
) -> tuple[dict[str, Spread], dict[str, Spread], dict[str, bool]]:
    """How rows spread over every column, and over a two-valued outcome with each short one."""
    spreads: dict[str, Spread] = {}
    cells: dict[str, Spread] = {}
    is_category: dict[str, bool] = {}
    for block in blocks:
        y = block[outcome]
        spreads.setdefault(outcome, Spread()).add(y)
        is_category[outcome] = False
        two_valued = len(spreads[outcome].counts) <= 2
        for name in terms:
            values = block[name]
            is_category[name] = values.dtype == object
            spreads.setdefault(name, Spread()).add(values)
            if two_valued and (is_category[name] or len(spreads[name].counts) <= 2):
                cells.setdefault(name, Spread()).add(_met(y, values))
    return spreads, cells, is_category


def _met(outcome: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Both values of each row as one text."""
    found, place = np.unique(
        values.astype(str) if values.dtype == object else values, return_inverse=True
    )
    outcomes, where = np.unique(outcome, return_inverse=True)
    names = [f"{one:g}:{value}" for one in outcomes.tolist() for value in found.tolist()]
    return np.array(names, dtype=str)[where * len(found) + place]


class _Columns:
    """The input's own design: intercept, numbers, levels but the first, products."""

    def __init__(
        self,
        spreads: Mapping[str, Spread],
        terms: Sequence[str],
        interactions: Sequence[tuple[str, str]],
        is_category: Mapping[str, bool],
    ) -> None:
        self._terms, self._interactions = terms, interactions
        self._levels = {
            name: sorted(str(one) for one in spreads[name].counts)
            for name in terms
            if is_category[name]
        }
        sizes = {name: len(self._levels[name]) - 1 if is_category[name] else 1 for name in terms}
        self.main = 1 + sum(sizes.values())
        self.size = self.main + sum(sizes[a] * sizes[b] for a, b in interactions)

    def of(self, block: Block) -> np.ndarray:
        """The design (rows, columns) of a block."""
        n = len(next(iter(block.values())))
        by_term: dict[str, list[np.ndarray]] = {}
        for name in self._terms:
            values = block[name]
            if name in self._levels:
                texts = values.astype(str)
                by_term[name] = [(texts == level).astype(float) for level in self._levels[name][1:]]
            else:
                by_term[name] = [values]
        found = [np.ones(n), *(one for group in by_term.values() for one in group)]
        for a, b in self._interactions:
            found += [x * y for x, y in product(by_term[a], by_term[b])]
        return np.column_stack(found)


def _dominated(blocks: Callable[[], Iterable[Block]], outcome: str, rules: Rules) -> Reason | None:
    values = np.concatenate([block[outcome] for block in blocks()])
    distinct, counts = np.unique(values, return_counts=True)
    # A share of a sum of two values says no more than their rows do.
    if distinct.size <= 2:
        return None
    share = share_of_few(distinct, counts, float(values.mean()), rules)
    return reasons.dominance_of(Called.variable(outcome), share, rules)


def _weighed(
    blocks: Callable[[], Iterable[Block]], outcome: str, columns: _Columns, rules: Rules
) -> Thinness:
    """Products that rest on few rows, rows and estimates of much weight, and certainties."""
    designs = _Designs(blocks, outcome, columns)
    products = [Spread() for _ in range(columns.size - columns.main)]
    for x, _ in designs:
        for k, spread in enumerate(products, columns.main):
            spread.add(x[:, k])
    for spread in products:
        if spread.off_mode < rules.threshold:
            product_of = Sentence("an interaction")
            return Thinness(reasons.off_mode_of(product_of, spread.off_mode, rules))
    fit = fitted(designs)
    weights = _Weights(fit, rules)
    for x, y in designs:
        weights.add(x, y)
    why = weights.why_weighty() or why_certain(designs, fit)
    return Thinness(why, weights.largest)


class _Weights:
    """How much single rows are of what a model of them tells."""

    def __init__(self, fit: Fitted, rules: Rules) -> None:
        self._fit, self._rules = fit, rules
        self._leverage = self.largest = 0.0
        few, p = max(rules.threshold - 1, 1), len(fit.inverse)
        # Of every coefficient what the largest rows are of its variance, and of its estimate.
        self._variance, self._estimate = np.zeros((few, p)), np.zeros((rules.dominance_rows, p))
        self._of_estimate = np.zeros(p)

    def add(self, x: np.ndarray, y: np.ndarray) -> None:
        """Weigh further rows."""
        z = self._fit.scaled(x)
        weights = z @ self._fit.inverse
        leverage = (z * weights).sum(axis=1)
        self._leverage = float(np.maximum(self._leverage, leverage.max(initial=0.0)))
        left = (y - self._fit.predicted(z)) ** 2 / np.maximum(1 - leverage, 0.5)
        self.largest = float(np.maximum(self.largest, left.max(initial=0.0)))
        np.abs(weights, out=weights)
        gaps = np.abs(y - self._fit.mean_outcome)
        self._of_estimate += gaps @ weights
        self._variance = _largest(self._variance, weights)
        weights *= gaps[:, None]
        self._estimate = _largest(self._estimate, weights)

    def why_weighty(self) -> Reason | None:
        """The first rule that a row, or a few, do not meet."""
        rules = self._rules
        if self._fit.is_singular:
            return reasons.follows()
        if not self._leverage < rules.leverage:
            return reasons.leverage(self._leverage, rules)
        # Of a group of as many as the threshold, all but one have less than this share.
        most = (rules.threshold - 1) / rules.threshold
        variance, whole = (self._variance**2).sum(axis=0)[1:], np.diag(self._fit.inverse)[1:]
        if not (variance <= most * whole).all():
            return reasons.few_tell_apart(
                len(self._variance), _largest_share(variance, whole), most
            )
        if self._fit.is_two_valued:
            return None
        one, few = self._estimate[0], self._estimate.sum(axis=0)
        whole = self._of_estimate
        if not (one <= MOST_OF_ONE * whole).all():
            return reasons.few_make_estimate(1, _largest_share(one, whole), MOST_OF_ONE)
        if not (few <= rules.dominance_share * whole).all():
            share = _largest_share(few, whole)
            return reasons.few_make_estimate(len(self._estimate), share, rules.dominance_share)
        return None


def _largest_share(parts: np.ndarray, wholes: np.ndarray) -> float:
    """The largest share of any coefficient; of those that are nothing there is none."""
    return float(np.divide(parts, wholes, out=np.zeros_like(parts), where=wholes != 0).max())


def _largest(kept: np.ndarray, more: np.ndarray) -> np.ndarray:
    """As many of every column as are kept, the largest of these and of more; the first ones first.

    Most further rows are larger nowhere, and are not sorted.
    """
    larger = more[(more > kept[-1]).any(axis=1)]
    return -np.sort(-np.vstack([kept, larger]), axis=0)[: len(kept)]


class _Designs:
    """The input's design and outcome by blocks, again and again; kept while they are small."""

    def __init__(
        self, blocks: Callable[[], Iterable[Block]], outcome: str, columns: _Columns
    ) -> None:
        self._blocks, self._outcome, self._columns = blocks, outcome, columns
        self._kept: list[Design] | None = None

    def __iter__(self) -> Iterator[Design]:
        if self._kept is not None:
            yield from self._kept
            return
        kept: list[Design] | None = []
        size = 0
        for block in self._blocks():
            n = len(next(iter(block.values())))
            for start in range(0, n, BLOCK):
                end = start + BLOCK
                x = self._columns.of({name: one[start:end] for name, one in block.items()})
                size += x.size
                if size > KEEP_IN_MEMORY:
                    kept = None
                found = (x, block[self._outcome][start:end])
                if kept is not None:
                    kept.append(found)
                yield found
        self._kept = kept
