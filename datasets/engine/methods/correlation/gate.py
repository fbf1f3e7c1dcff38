"""What of one site's moments leaves for correlations: pair by pair, under the site's own rules.

A pair of few rows, one of whose variables hardly varies over them or gives the other, or whose few
values meet in small numbers is to the pool as if the site did not have it.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from datasets.engine.guard import reasons
from datasets.engine.guard.claims import CLOSEST
from datasets.engine.guard.columns import Spread
from datasets.engine.guard.gate import Gated, Reveals
from datasets.engine.guard.levels import FEW_VALUED
from datasets.engine.guard.merged import merged
from datasets.engine.guard.rules import Rules
from datasets.engine.guard.tables import (
    coarse,
    coarse_mean,
    error_of_spread,
    released_rows,
    round_above,
    round_below,
    share_of_few,
)
from datasets.engine.guard.withheld import Notes, Reason
from datasets.engine.methods.correlation.few_values import FewValues
from datasets.engine.methods.correlation.rounded import in_steps_of_z, moves_of_z, step_of_z
from datasets.engine.methods.correlation.statistics import SiteMoments, Spec, Statistics
from datasets.engine.methods.shared.missing_codes import Suspicion
from datasets.engine.methods.shared.pair_moments import PairMoments
from datasets.engine.rows.frame import Rows

REVEALS = {
    Statistics: {"sites": Reveals.PARTS},
    SiteMoments: {
        "site": Reveals.NOTHING,
        "rows": Reveals.COUNT,
        "present": Reveals.COUNT,
        "moments": Reveals.PARTS,
        "suspicions": Reveals.PARTS,
        "rounding": Reveals.SUM,
    },
    PairMoments: {
        "n": Reveals.COUNT,
        "mean": Reveals.SUM,
        "square": Reveals.SUM,
        "cross": Reveals.SUM,
    },
    Suspicion: {"variable": Reveals.NOTHING, "value": Reveals.VALUES, "n": Reveals.COUNT},
}


def gate(statistics: Statistics, spec: Spec, rules: Rules, rows: Rows) -> Gated[Statistics]:
    """The site's moments with nothing in the places of pairs that may not leave."""
    notes = Notes()
    if not statistics.sites:
        return Gated(statistics)
    (one,) = statistics.sites
    names = spec.parameters.variables
    kept = np.zeros((len(names), len(names)), dtype=bool)
    told = merged(rows, names, rules)
    spreads, few = (
        [_spread(_columns(of_rows, spec, (k,))) for k in range(len(names))]
        for of_rows in (rows, told)
    )
    for k, name in enumerate(names):
        why = _why_column(spreads[k], rules, _columns(rows, spec, (k,)))
        kept[k, k] = why is None
        if why is not None and one.present[k]:
            notes.of_variable(name, why)
    r = np.abs(one.moments.correlation())
    for i, j in combinations(range(len(names)), 2):
        if not (kept[i, i] and kept[j, j]):
            continue
        why = _why_pair(one, (i, j), (spreads[i], spreads[j]), rules, rows, spec)
        is_nearly = told is not rows and len(few[i].counts) == len(few[j].counts) == 2
        if why is None and is_nearly:
            # What is nearly a yes or no meets the rules of one.
            why = _why_pair(one, (i, j), (few[i], few[j]), rules, told, spec)
        if why is None and r[i, j] > CLOSEST:  # never true of NaN
            why = reasons.gives_other(float(r[i, j]), CLOSEST)
        kept[i, j] = kept[j, i] = why is None
        if why is not None:
            notes.of_pair(names[i], names[j], why)
    if not kept[~np.eye(len(names), dtype=bool)].any():
        return Gated(Statistics(), notes.suppressed, whole=bool(notes.suppressed))
    moments = PairMoments(*(np.where(kept, m, 0.0) for m in _matrices(one.moments)))
    few_valued = [len(spread.counts) <= FEW_VALUED for spread in few]
    counted = FewValues(rows, told, spec, few_valued, rules)
    moments, rounding = _rounded(moments, one.rows, rules, rows, spec, few_valued, counted)
    whole = rules.rounded(one.rows)
    # Of variables that are there it is only told that they are.
    released = replace(
        one,
        rows=whole,
        present=tuple(whole if n else 0 for n in one.present),
        moments=moments,
        suspicions=(),
        rounding=tuple(map(tuple, rounding.tolist())),
    )
    return Gated(Statistics((released,)), notes.suppressed)


def _matrices(moments: PairMoments) -> tuple[np.ndarray, ...]:
    return moments.n, moments.mean, moments.square, moments.cross


def _rounded(
    moments: PairMoments,
    of_all: int,
    rules: Rules,
    rows: Rows,
    spec: Spec,
    few_valued: Sequence[bool],
    counted: FewValues,
) -> tuple[PairMoments, np.ndarray]:
    """Moments of a rounded number of rows whose mean, spread and r are no finer than their errors,
    nor than one row moves them; and what that adds to the variance of Fisher's z.

    A mean and a spread of few values are those of told counts, and so is r of two few-valued
    columns; where no table can be told of these half the threshold of people move it less.

    Whatever is added to them, no exact sum of the site is behind any answer.
    """
    found, added = PairMoments.empty(len(moments.n)), np.zeros(moments.n.shape)
    r = moments.correlation()
    farthest = _farthest(moments, rows, spec)
    for i, j in np.argwhere(moments.n > 1).tolist():
        n = int(moments.n[i, j])
        rounded = released_rows(n, of_all, rules)
        sd = math.sqrt(moments.square[i, j] / (n - 1))
        found.n[i, j] = rounded
        far, mean = float(farthest[i, j]), float(moments.mean[i, j])
        found.mean[i, j], told = counted.moments(i, j, rounded) or (
            coarse_mean(mean, sd / math.sqrt(n), rounded, far),
            coarse(sd, error_of_spread(sd, n, far)),
        )
        found.square[i, j] = told**2 * (rounded - 1)
    root = np.sqrt(found.square)
    for i, j in np.argwhere(found.n > 1).tolist():
        if i == j:
            found.cross[i, j] = found.square[i, j]
        elif i < j and np.isfinite(r[i, j]):
            step = step_of_z(int(found.n[i, j]))
            parts = farthest[i, j] ** 2, farthest[j, i] ** 2
            u, v = parts[0] / moments.square[i, j], parts[1] / moments.square[j, i]
            of_counts = few_valued[i] and few_valued[j]
            # One row moves r by less than this: only where that is much is it looked for.
            if of_counts or math.sqrt(u * v) + abs(r[i, j]) * (u + v) / 2 > step:
                pairs = np.concatenate([*_columns(rows, spec, (i, j))])
                moved, people = float(moves_of_z(pairs).max()), rules.threshold / 2
                step = max(step, round_above(people * moved) if of_counts else round_below(moved))
            by_counts = counted.correlation(i, j, int(found.n[i, j]))
            told, more = by_counts or in_steps_of_z(float(r[i, j]), step)
            found.cross[i, j] = found.cross[j, i] = told * root[i, j] * root[j, i]
            added[i, j] = added[j, i] = more
    return found, added


def _farthest(moments: PairMoments, rows: Rows, spec: Spec) -> np.ndarray:
    """How far from its mean over the rows it has with j a value of i is at most; of ranks, which
    are never far from one another, 0."""
    p = len(spec.parameters.variables)
    if spec.parameters.coefficient == "spearman":
        return np.zeros((p, p))
    ends = np.zeros((p, 2))
    for k in range(p):
        values = [block[:, 0] for block in _columns(rows, spec, (k,))]
        if values:
            ends[k] = min(one.min() for one in values), max(one.max() for one in values)
    return np.maximum(moments.mean - ends[:, :1], ends[:, 1:] - moments.mean)


def _columns(rows: Rows, spec: Spec, places: tuple[int, ...]) -> Iterator[np.ndarray]:
    """These columns (rows, places) where all of them, or listwise all variables, have a value."""
    names = spec.parameters.variables
    for frame in rows:
        absent = np.full(frame.n, np.nan)
        wanted = range(len(names)) if spec.parameters.missing == "listwise" else places
        there = np.ones(frame.n, dtype=bool)
        for k in wanted:
            there &= np.isfinite(frame.columns.get(names[k], absent))
        if there.any():
            yield np.column_stack([frame.columns[names[k]][there] for k in places])


def _spread(blocks: Iterator[np.ndarray]) -> Spread:
    found = Spread()
    for block in blocks:
        found.add(block[:, 0])
    return found


def _why_column(spread: Spread, rules: Rules, blocks: Iterator[np.ndarray]) -> Reason | None:
    if spread.off_mode < rules.threshold:
        return reasons.off_mode(spread.off_mode, rules)
    if len(spread.counts) > 2:
        values, counts = np.unique(np.concatenate([b[:, 0] for b in blocks]), return_counts=True)
        # The mean of the values themselves, since moments may be those of ranks.
        mean = float(np.average(values, weights=counts))
        return reasons.dominance(share_of_few(values, counts, mean, rules), rules)
    return None


def _why_pair(
    one: SiteMoments,
    places: tuple[int, int],
    spreads: tuple[Spread, Spread],
    rules: Rules,
    rows: Rows,
    spec: Spec,
) -> Reason | None:
    i, j = places
    n = int(one.moments.n[i, j])
    few = all(len(spread.counts) <= FEW_VALUED for spread in spreads)
    # So many rows at most are off the mode no more, now that the other one must have a value too.
    lost = max(spread.n for spread in spreads) - n
    if not few and all(spread.off_mode - lost >= rules.threshold for spread in spreads):
        return None
    first, second, cells = Spread(), Spread(), Spread()
    for block in _columns(rows, spec, places):
        first.add(block[:, 0])
        second.add(block[:, 1])
        if few:
            cells.add(np.array([f"{a:.17g}:{b:.17g}" for a, b in block.tolist()], dtype=str))
    off_mode = min(first.off_mode, second.off_mode)
    if off_mode < rules.threshold:
        return reasons.off_mode(off_mode, rules)
    two_valued = len(first.counts) == len(second.counts) == 2
    fewest = 0 if two_valued and len(cells.counts) < 4 else cells.fewest
    return reasons.few_in_cell(fewest, rules) if few and fewest < rules.threshold else None
