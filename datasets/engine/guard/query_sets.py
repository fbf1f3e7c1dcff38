"""Over how many selections of rows two columns were told together: query sets, as the field says.

The same rows are rounded the same whenever they are asked about. Over many selections of nearly
the same rows the roundings are others, and their average has none. So two columns are told over
some of a version's query sets, and over more only once a person has looked. Whoever asks, columns
count and not the variables made of them; the same rows count once, whatever else a figure reads.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, product

from datasets.engine.guard.row_sets import Outline, Reads, RowSet

Pair = tuple[str, str]

DIFFERENT = 4096
"""Of so many different lists of variables the pairs are remembered."""


@dataclass(frozen=True, order=True)
class UsedUp:
    """Two columns that were told over so many query sets of a version, too many for another one."""

    query_sets: int
    columns: Pair


def used_up(new: Sequence[RowSet], earlier: Iterable[Outline | RowSet], most: int) -> UsedUp | None:
    """Of a question's columns those that were told over most query sets, if these are `most` or
    more and the question adds one to them."""
    asked = [(one, _pairs_of(one.reads)) for one in new if not one.is_beside]
    wanted = frozenset[Pair]().union(*(pairs for _, pairs in asked))
    of_reads: dict[Reads, set[str]] = defaultdict(set)
    versions = {one.version for one in new}
    for other in earlier:
        if other.version in versions and not other.is_beside:
            of_reads[other.reads].add(other.key)
    told: dict[Pair, set[str]] = defaultdict(set)
    for reads, keys in of_reads.items():
        for pair in _pairs_of(reads) & wanted:
            told[pair] |= keys
    over = (
        UsedUp(len(told[pair]), pair)
        for one, pairs in asked
        for pair in pairs
        if len(told[pair]) >= most and one.key not in told[pair]
    )
    return max(over, default=None)


@lru_cache(DIFFERENT)
def _pairs_of(reads: Reads) -> frozenset[Pair]:
    """Each two columns that two variables of a figure read."""
    return frozenset(
        (min(pair), max(pair))
        for (_, ours), (_, theirs) in combinations(reads, 2)
        for pair in product(ours, theirs)
        if pair[0] != pair[1]
    )
