"""Which cells of a table of counts must be hidden so that its totals give none of them back.

Primary: 0 < n < t. Complementary: for every primary cell a rectangle of hidden cells along which
counts can be shifted without changing a total; if the shift leaves room for at least t values,
nobody can tell the cell more exactly than that. Zeros may be shown.
"""

from itertools import product

import numpy as np


def hidden_in_line(counts: np.ndarray, threshold: int) -> set[int] | None:
    """Places to hide in counts whose total is known; None if hiding can't protect them.

    What is hidden are at least two cells that together reach the threshold.
    """
    hidden = {i for i, n in enumerate(counts) if 0 < n < threshold}
    if not hidden:
        return hidden
    for i in sorted(np.flatnonzero(counts), key=lambda k: (counts[k], k)):
        if len(hidden) >= 2 and counts[list(hidden)].sum() >= threshold:
            break
        hidden.add(int(i))
    return hidden if len(hidden) >= 2 and counts[list(hidden)].sum() >= threshold else None


def complementary(counts: np.ndarray, threshold: int) -> np.ndarray | None:
    """Mask of cells to hide in a two-way table with published totals; None if none suffices.

    Per primary cell the rectangle that hides the fewest further cells, and of these the fewest
    rows, is taken.
    """
    hidden = (counts > 0) & (counts < threshold)
    rows, columns = counts.shape
    for i, j in sorted(zip(*np.nonzero(hidden), strict=True), key=lambda c: (counts[c], c)):
        best: tuple[int, int, int, int] | None = None
        for k, m in product(range(rows), range(columns)):
            if k == i or m == j:
                continue
            up = min(counts[i, m], counts[k, j])
            down = min(counts[i, j], counts[k, m])
            if up + down < threshold:
                continue
            new = [c for c in ((i, m), (k, j), (k, m)) if not hidden[c]]
            cost = (len(new), int(sum(counts[c] for c in new)), k, m)
            best = cost if best is None else min(best, cost)
        if best is None:
            return None
        _cells, _people, k, m = best
        hidden[i, m] = hidden[k, j] = hidden[k, m] = True
    return hidden


def hidden_in_table(
    counts: np.ndarray, threshold: int, hidden_rows: set[int]
) -> tuple[np.ndarray, set[int]] | None:
    """Cells and column totals to hide in a table whose row totals are published.

    Rows in `hidden_rows` have no published total: their sum is one row that anybody can work
    out. Columns with a small total are merged in the same way. None: publish nothing.
    """
    hidden_columns = hidden_in_line(counts.sum(axis=0), threshold)
    if hidden_columns is None:
        return None
    row_groups = _groups(counts.shape[0], hidden_rows)
    column_groups = _groups(counts.shape[1], hidden_columns)
    merged = np.array([[counts[np.ix_(r, c)].sum() for c in column_groups] for r in row_groups])
    mask = complementary(merged, threshold)
    if mask is None:
        return None
    hidden = np.zeros(counts.shape, dtype=bool)
    for (a, r), (b, c) in product(enumerate(row_groups), enumerate(column_groups)):
        hidden[np.ix_(r, c)] = bool(mask[a, b]) or len(r) > 1 or len(c) > 1
    return hidden, hidden_columns


def _groups(size: int, merged: set[int]) -> list[list[int]]:
    alone = [[i] for i in range(size) if i not in merged]
    return [*alone, sorted(merged)] if merged else alone
