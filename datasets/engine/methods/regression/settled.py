"""Levels of what an effect may differ by at which a yes-no outcome is the same in every row.

With an effect of its own such a level's rows say nothing of that effect, nor of any other: its own
intercept runs away and takes them along. A model of the site's other rows is its maximum
likelihood, and has no estimate of what is settled.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from datasets.engine.methods.regression.along import two_values
from datasets.engine.methods.regression.design import Block, Design
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.passes import Blocks
from datasets.engine.methods.regression.statistics import Counts, CrossProducts
from datasets.engine.rows.frame import RESERVED_COLUMNS
from datasets.engine.sentences import Called, Sentence

MOST_VALUES = 2
"""Values of a number up to which it has levels: with more, one line leads through all of them."""


@dataclass(frozen=True)
class LevelOf:
    """Which level of a variable each scaled row has, as a number: of a category its place."""

    design: Design
    name: str

    @cached_property
    def _columns(self) -> list[int]:
        return [i for i, one in enumerate(self.design.columns) if one.term == (self.name,)]

    def __call__(self, x: np.ndarray) -> np.ndarray:
        if self.name in self.design.scale:
            return np.asarray(x[:, self._columns[0]])
        return np.asarray(x[:, self._columns] @ np.arange(1.0, len(self._columns) + 1))

    def called(self, key: float) -> str:
        """The level that such a number is of."""
        if self.name not in self.design.scale:
            return dict(self.design.levels)[self.name][int(key)]
        return self.design.value_of(self.name, key)


class Without:
    """A site's blocks without the rows of some levels."""

    def __init__(self, blocks: Blocks, level_of: LevelOf, keys: Collection[float]) -> None:
        self._blocks, self._level_of, self._keys = blocks, level_of, list(keys)

    def __iter__(self) -> Iterator[Block]:
        for x, y in self._blocks:
            kept = ~np.isin(self._level_of(x), self._keys)
            yield x[kept], y[kept]


def unsettled(
    design: Design, parameters: Parameters, blocks: Blocks
) -> tuple[Blocks, tuple[str, ...]]:
    """The rows of levels at which the outcome varies, and the other levels."""
    name = parameters.modifier
    if parameters.family == "gaussian" or name is None or name in RESERVED_COLUMNS:
        return blocks, ()
    level_of = LevelOf(design, name)
    most = MOST_VALUES if name in design.scale else None
    found: dict[float, set[float]] = {}
    for x, y in blocks:
        keys = level_of(x)
        for key in np.unique(keys).tolist():
            found.setdefault(key, set()).update(np.unique(y[keys == key]).tolist())
        if most and len(found) > most:
            return blocks, ()
    settled = sorted(key for key, outcomes in found.items() if len(outcomes) == 1)
    if not settled:
        return blocks, ()
    return Without(blocks, level_of, settled), tuple(level_of.called(key) for key in settled)


def settled_everywhere(
    design: Design, parameters: Parameters, counts: Counts, sums: CrossProducts
) -> tuple[str, ...]:
    """Levels at which all rows of all sites have one outcome; `sums` are of those whose rows may
    be added up. A guarded site has both outcomes at each level, or is not in the question."""
    name = parameters.modifier
    if parameters.family == "gaussian" or name is None or name in RESERVED_COLUMNS:
        return ()
    tallies = [one.tally_of(name) for one in counts.sites if one.rounded]
    guarded = {level for tally in tallies if tally for level in tally.levels or ()}
    return tuple(
        level
        for level, rows, ones in _outcomes(design, name, counts, sums)
        if level not in guarded and rows and ones in (0, rows)
    )


def _outcomes(
    design: Design, name: str, counts: Counts, sums: CrossProducts
) -> list[tuple[str, int, int]]:
    """Each level with its rows and with how many of them have the outcome 1, from sums."""
    columns = [i for i, one in enumerate(design.columns) if one.term == (name,)]
    # The intercept's column adds up rows.
    added = np.stack([sums.cross[0], sums.score])
    of_levels, whole = added[:, columns], added[:, :1]
    levels: Sequence[str] | None = dict(design.levels).get(name)
    if levels is None:
        levels = two_values(name, counts)
        if levels is None or len(levels) < MOST_VALUES:
            return []
        mean, sd = design.scale[name]
        low, high = map(float, levels)
        of_levels = (of_levels * sd + (mean - low) * whole) / (high - low)
    each = np.hstack([whole - of_levels.sum(axis=1, keepdims=True), of_levels])
    rows, ones = np.rint(each).astype(int).tolist()
    return list(zip(levels, rows, ones, strict=True))


def settled_words(design: Design, name: str, level: str) -> Sentence:
    """That all rows of a level have one outcome."""
    return Sentence(
        "where %(name)s is %(level)s, %(outcome)s does not vary",
        name=Called.variable(name),
        level=Called.level(name, level),
        outcome=Called.variable(design.outcome),
    )
