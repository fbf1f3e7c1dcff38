"""Counts of two variables together as they may leave, of which sums tell no more than each alone.

Where every cell is rounded by itself, its row and its column are rounded anew by each variable they
are crossed with, and of many such tables the sums tell exactly how many people there are. So cells
are told that add up to what is told of rows and of columns anyway: those that are enough move, in
steps of the rounding, as little as they can. That is a transport problem, which has a solution in
whole steps if it has any (Cox and Ernst 1982, Controlled rounding, INFOR 20).
"""

from collections.abc import Sequence

import numpy as np

from datasets.engine.guard.rules import Rules
from datasets.engine.guard.tables import merged_values, released_part, room_of


def released_groups(
    counts: np.ndarray,
    rules: Rules,
    told: Sequence[int],
    *,
    outside: np.ndarray,
    rest: int | None = None,
    ordered: bool = False,
) -> list[list[int] | None]:
    """What is told of the same values in each of some groups (groups, values), of whose rows `told`
    are told; nothing of a group that is too thin for it. `outside` are the counts of all others.

    A group's small counts go to the nearest value that is enough where values are `ordered`; where
    one of them, `rest`, stands for all others, those before it go there if they are enough then.
    """
    found: list[list[int] | None] = [None] * len(counts)
    of_all = (counts.sum(axis=0) + outside).tolist()
    apart = np.zeros_like(counts) if rest is None else _rest_of(counts, rest, rules)
    cells = counts - apart
    if rest is not None:
        cells[:, rest] += apart.sum(axis=1)
    kept = np.flatnonzero((cells >= rules.threshold).any(axis=1)).tolist()
    if ordered:
        cells[kept] = [_to_the_nearest(cells[k], rules) for k in kept]
    while len(kept) > 1:
        rows = np.array(told)[kept]
        columns = np.array(
            released_part(counts[kept].sum(axis=0).tolist(), of_all, rules, int(rows.sum()))
        )
        if rest is not None:
            # Fewer by a count like any other, or by none: what is left tells of no small one.
            less = np.array([rules.rounded(n) for n in apart[kept].sum(axis=0).tolist()])
            columns -= less
            columns[rest] += less.sum()
        table = within_margins(cells[kept], rows, columns, rules)
        if table is not None:
            for k, line in zip(kept, table.tolist(), strict=True):
                found[k] = line
            return found
        small = np.where(cells[kept] < rules.threshold, cells[kept], 0).sum(axis=1)
        kept.pop(int((small / cells[kept].sum(axis=1)).argmax()))
    for k in kept:
        found[k] = released_part(cells[k].tolist(), of_all, rules, told[k])
    return found


def within_margins(
    cells: np.ndarray,
    rows: np.ndarray,
    columns: np.ndarray,
    rules: Rules,
    of_all: np.ndarray | None = None,
) -> np.ndarray | None:
    """Counts, each 0 or enough, that add up to what is told of rows and of columns; None if none
    near those of the table do.

    Where they are of a part of the rows, `of_all` are those of all: as in `released_part` they are
    told as these less those left out, so that a part rounds no cell anew.

    Small counts are 0, and what is told of a column of only such is told of the largest instead.
    A table and its transpose are told alike.
    """
    is_enough = np.asarray(cells >= rules.threshold)
    rows = _of_shown(rows, np.asarray(is_enough.any(axis=1)))
    columns = _of_shown(columns, np.asarray(is_enough.any(axis=0)))
    of_all = cells if of_all is None else of_all
    if (of_all.T.shape, of_all.T.tolist()) < (of_all.shape, of_all.tolist()):
        found = _moved(cells.T, columns, rows, rules, of_all.T)
        return None if found is None else found.T
    return _moved(cells, rows, columns, rules, of_all)


def _rest_of(counts: np.ndarray, rest: int, rules: Rules) -> np.ndarray:
    """Each group's small counts, where they are enough with its rest and each could be nobody's."""
    is_small = counts < rules.threshold
    is_small[:, rest:] = False
    small = np.where(is_small, counts, 0)
    together = small.sum(axis=1)
    is_told = together + counts[:, rest] >= rules.threshold
    is_told &= together <= (is_small.sum(axis=1) - 1) * (rules.threshold - 1)
    return np.where(is_told[:, np.newaxis], small, 0)


def _to_the_nearest(counts: np.ndarray, rules: Rules) -> np.ndarray:
    places, sizes = merged_values(np.arange(counts.size), counts, rules)
    found = np.zeros_like(counts)
    found[places] = sizes
    return found


def _of_shown(margin: np.ndarray, is_shown: np.ndarray) -> np.ndarray:
    shown = np.where(is_shown, margin, 0)
    shown[shown.argmax()] += margin.sum() - shown.sum()
    return shown


def _moved(
    cells: np.ndarray, rows: np.ndarray, columns: np.ndarray, rules: Rules, of_all: np.ndarray
) -> np.ndarray | None:
    from scipy.optimize import linprog  # slow to import, and seldom needed
    from scipy.sparse import csr_array, hstack

    row, column = np.nonzero(_fitting(cells, rows, columns, rules))
    n, there = cells[row, column], of_all[row, column]
    margins = np.concatenate([rows, columns])
    if not n.size:
        return None
    start = np.array(
        [
            max(rules.rounded(all_of_it) - rules.rounded(all_of_it - one), rules.least_shown)
            for one, all_of_it in zip(n.tolist(), there.tolist(), strict=True)
        ]
    )
    room = np.array([room_of(count, rules) for count in n.tolist()])
    most = np.concatenate([n + room - start, start - np.maximum(n - room, rules.least_shown)])
    ends, place = np.concatenate([row, len(rows) + column]), np.tile(np.arange(n.size), 2)
    sums = csr_array((np.ones(ends.size), (ends, place)), shape=(margins.size, n.size))
    found = linprog(
        np.tile(1 / there, 2),
        A_eq=hstack([sums, -sums], format="csr"),
        b_eq=(margins - sums @ start) / rules.rounding,
        bounds=[(0, max(steps, 0)) for steps in (most // rules.rounding).tolist()],
        method="highs-ds",
    )
    if not found.success:
        return None
    steps = np.rint(found.x[: n.size] - found.x[n.size :]).astype(np.int64)
    told = np.zeros_like(cells)
    told[row, column] = start + steps * rules.rounding
    return told


def _fitting(cells: np.ndarray, rows: np.ndarray, columns: np.ndarray, rules: Rules) -> np.ndarray:
    """Which counts are told: enough, and no more of a row or a column than it has room for."""
    fits = cells >= rules.threshold
    for table, counts, margin in ((fits, cells, rows), (fits.T, cells.T, columns)):
        for line, of_line, told in zip(table, counts, margin.tolist(), strict=True):
            order = np.argsort(np.where(line, of_line, 0), kind="stable")
            line[order[: max(line.size - told // rules.least_shown, 0)]] = False
    return fits
