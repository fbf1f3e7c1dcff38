"""One rule for every design: no column rests on few rows, no row has much weight, no model is full.

Asked of one input's rows, before its statistics leave; what is thin there does not leave at all.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product

import numpy as np

from datasets.engine.guard.rules import Rules
from datasets.engine.guard.tables import dominated
from datasets.engine.sentences import Number, Sentence

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


def why_thin(
    blocks: Callable[[], Iterable[Block]],
    outcome: str,
    terms: Sequence[str],
    interactions: Sequence[tuple[str, str]],
    rules: Rules,
) -> Sentence | None:
    """The first rule that this input's complete rows do not meet, with its numbers; None if none.

    `blocks` gives the complete rows anew each time: numbers as float64, categories as objects.
    """
    spreads, cells, is_category = _counted(blocks(), outcome, terms)
    n = spreads[outcome].n if spreads else 0
    if n < rules.threshold:
        return Sentence(
            "%(rows)s complete rows, %(threshold)s are asked for", rows=n, threshold=rules.threshold
        )
    for name, spread in spreads.items():
        found = spread.fewest if is_category[name] else spread.off_mode
        found = min(found, spread.off_mode)
        if found < rules.threshold:
            return _off_mode(name, found, rules)
    two_valued = {
        name for name, one in spreads.items() if is_category[name] or len(one.counts) == 2
    }
    if len(spreads[outcome].counts) == 2:
        for name in terms:
            if name in two_valued:
                wanted = 2 * len(spreads[name].counts)
                found = cells[name].fewest if len(cells[name].counts) == wanted else 0
                if found < rules.threshold:
                    return _off_mode(f"{outcome}:{name}", found, rules)
    columns = _Columns(spreads, terms, interactions, is_category)
    p = columns.size
    if p > rules.columns_per_row * n or n - p < rules.threshold:
        return Sentence("%(coefficients)s coefficients for %(rows)s rows", coefficients=p, rows=n)
    return _dominated(blocks, outcome, rules) or _weighty(blocks, columns, rules)


def _off_mode(name: str, rows: int, rules: Rules) -> Sentence:
    return Sentence(
        "%(name)s has %(rows)s rows off its most frequent value, or of one of its levels; "
        "%(threshold)s are asked for",
        name=name,
        rows=rows,
        threshold=rules.threshold,
    )


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


def _dominated(
    blocks: Callable[[], Iterable[Block]], outcome: str, rules: Rules
) -> Sentence | None:
    values = np.concatenate([block[outcome] for block in blocks()])
    distinct, counts = np.unique(values, return_counts=True)
    # A share of a sum of two values says no more than their rows do.
    if distinct.size > 2 and dominated(distinct, counts, float(values.mean()), rules):
        return Sentence(
            "%(rows)s rows make up more than %(share)s%% of the sum or spread of %(name)s",
            rows=rules.dominance_rows,
            share=round(100 * rules.dominance_share),
            name=outcome,
        )
    return None


def _weighty(
    blocks: Callable[[], Iterable[Block]], columns: _Columns, rules: Rules
) -> Sentence | None:
    """Products that rest on few rows, and rows whose leverage is too large."""
    designs = _Designs(blocks, columns)
    products = [Spread() for _ in range(columns.size - columns.main)]
    n, mean, square = 0, np.zeros(columns.size), np.zeros(columns.size)
    for x in designs:
        n += len(x)
        mean += x.sum(axis=0)
        square += (x * x).sum(axis=0)
        for k, spread in enumerate(products, columns.main):
            spread.add(x[:, k])
    for spread in products:
        if spread.off_mode < rules.threshold:
            return _off_mode(Sentence("an interaction"), spread.off_mode, rules)
    mean /= n
    scale = np.sqrt(np.maximum(square / n - mean**2, 0.0))
    mean[0], scale[0] = 0.0, 1.0
    scale[scale <= 0] = 1.0
    cross = np.zeros((columns.size, columns.size))
    for x in designs:
        z = (x - mean) / scale
        cross += z.T @ z
    inverse = np.linalg.pinv(cross, rcond=1e-12, hermitian=True)
    for x in designs:
        z = (x - mean) / scale
        largest = float(((z @ inverse) * z).sum(axis=1).max(initial=0.0))
        if largest >= rules.leverage:
            return Sentence(
                "a row has a leverage of %(leverage)s, less than %(most)s is asked for",
                leverage=Number(f"{largest:.2f}"),
                most=Number(f"{rules.leverage:g}"),
            )
    return None


class _Designs:
    """The input's design block by block, again and again; kept in memory while it is small."""

    def __init__(self, blocks: Callable[[], Iterable[Block]], columns: _Columns) -> None:
        self._blocks, self._columns = blocks, columns
        self._kept: list[np.ndarray] | None = None

    def __iter__(self) -> Iterator[np.ndarray]:
        if self._kept is not None:
            yield from self._kept
            return
        kept: list[np.ndarray] | None = []
        size = 0
        for block in self._blocks():
            n = len(next(iter(block.values())))
            for start in range(0, n, BLOCK):
                end = start + BLOCK
                x = self._columns.of({name: one[start:end] for name, one in block.items()})
                size += x.size
                if size > KEEP_IN_MEMORY:
                    kept = None
                if kept is not None:
                    kept.append(x)
                yield x
        self._kept = kept
