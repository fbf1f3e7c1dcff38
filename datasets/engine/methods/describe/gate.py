"""What of one site's counts leaves for a description: no value, no rare level, no small count.

Per group and variable. Numbers leave as mean and spread, no finer than their errors, and as bins;
few-valued ones and categories as tables of counts, from which their moments are made again.
"""

import math

import numpy as np

from datasets.engine.guard import reasons
from datasets.engine.guard.gate import Gated, Reveals
from datasets.engine.guard.levels import FEW_VALUED
from datasets.engine.guard.rules import Rules
from datasets.engine.guard.suppression import hidden_in_line
from datasets.engine.guard.tables import (
    bins_of,
    coarse,
    coarse_mean,
    error_of_spread,
    grain_of,
    has_spread,
    merged_values,
    released_line,
    share_of_few,
    spread_over,
)
from datasets.engine.guard.withheld import Notes
from datasets.engine.methods.describe.statistics import (
    Counts,
    Group,
    LevelCounts,
    Spec,
    Statistics,
    WithheldCounts,
)
from datasets.engine.methods.shared.value_counts import ValueCounts
from datasets.engine.methods.shared.words import level_of
from datasets.engine.rows.frame import Domain, Rows, domains_in
from datasets.engine.sentences import Sentence

REVEALS = {
    Statistics: {"groups": Reveals.PARTS},
    Group: {
        "level": Reveals.LEVELS,
        "rows": Reveals.COUNT,
        "counts": Reveals.PARTS,
        "rounded": Reveals.NOTHING,
    },
    ValueCounts: {
        "values": Reveals.VALUES,
        "counts": Reveals.COUNT,
        "missing": Reveals.COUNT,
        "mean": Reveals.SUM,
        "m2": Reveals.SUM,
        "bits": Reveals.NOTHING,
        "grain": Reveals.NOTHING,
    },
    LevelCounts: {"levels": Reveals.LEVELS, "missing": Reveals.COUNT},
    WithheldCounts: {"is_category": Reveals.NOTHING},
}


def gate(statistics: Statistics, spec: Spec, rules: Rules, rows: Rows) -> Gated[Statistics]:
    """Groups and counts of one site under its rules.

    Groups of few rows are left out, with one more if they are not enough together: an answer by
    group and one over all rows then differ by nobody, or by enough rows.
    """
    notes = Notes()
    sizes = [group.rows for group in statistics.groups]
    hidden = hidden_in_line(np.array(sizes, dtype=np.int64), rules.threshold)
    if hidden is None:
        notes.of_place(Sentence("all groups"), reasons.groups_hidden(sizes, rules))
        return Gated(Statistics(), notes.suppressed, whole=True)
    found = []
    domains = domains_in(rows)
    absent = _absent(statistics, spec)
    for k, group in enumerate(statistics.groups):
        if k in hidden:
            where = Sentence(
                "group %(level)s", level=level_of(spec.parameters.by, str(group.level))
            )
            notes.of_place(where, reasons.group_hidden(group.rows, rules))
            continue
        counts = tuple(
            _released(name, one, rules, notes, domains.get(name, Domain()), absent)
            for name, one in zip(spec.parameters.variables, group.counts, strict=True)
        )
        found.append(Group(group.level, rules.rounded(group.rows), counts, rounded=True))
    return Gated(Statistics(tuple(found)), notes.suppressed)


def _absent(statistics: Statistics, spec: Spec) -> frozenset[str]:
    """Variables of which no group has a value: that is no secret."""
    held = {
        name
        for group in statistics.groups
        for name, one in zip(spec.parameters.variables, group.counts, strict=True)
        if isinstance(one, WithheldCounts) or one.n
    }
    return frozenset(spec.parameters.variables) - held


def _released(
    name: str,
    counts: Counts,
    rules: Rules,
    notes: Notes,
    domain: Domain,
    absent: frozenset[str],
) -> Counts:
    """One variable's counts in one group, or nothing of them.

    No value in a group is told apart from a few by nothing, if another group has some: who has the
    only one would be known to be of the group that is withheld.
    """
    if isinstance(counts, WithheldCounts):
        return counts
    is_category = isinstance(counts, LevelCounts)
    if isinstance(counts, LevelCounts):
        sizes = [n for _, n in counts.levels]
    else:
        sizes = counts.counts.tolist()
    if name in absent:
        missing = rules.rounded(counts.missing)
        return LevelCounts((), missing) if is_category else _numbers((), (), missing, 0.0, 0.0)
    if counts.n < rules.threshold:
        notes.of_variable(name, reasons.few_rows(counts.n, rules))
    elif not has_spread(sizes, rules):
        notes.of_variable(name, reasons.off_mode(counts.n - max(sizes), rules))
    else:
        found = (
            _levels(name, counts, rules, notes, domain)
            if isinstance(counts, LevelCounts)
            else _number(name, counts, rules, notes, domain)
        )
        if found is not None:
            return found
    return WithheldCounts(is_category)


def _levels(
    name: str, counts: LevelCounts, rules: Rules, notes: Notes, domain: Domain
) -> LevelCounts:
    """Levels with enough rows by name, and the rare ones together, if they are enough.

    Declared levels are all there, with 0 where they are rare, or nobody's. Their rows are told
    together only where each of them could still be nobody's; else they go to the largest level.
    """
    shown = [(level, n) for level, n in counts.levels if n >= rules.threshold]
    rare = [n for level, n in counts.levels if n < rules.threshold]
    if rare:
        notes.of_variable(name, reasons.rare_levels(rare, rules))
    declared = domain.levels or ()
    told = not declared or sum(rare) <= (len(rare) - 1) * (rules.threshold - 1)
    together = [sum(rare)] if told else rare
    *cells, missing = released_line([*(n for _, n in shown), *together, counts.missing], rules)
    names: list[str | None] = [*(level for level, _ in shown), None]
    known = {level: n for level, n in zip(names, cells, strict=False) if n}
    return LevelCounts(tuple((dict.fromkeys(declared, 0) | known).items()), missing)


def _number(
    name: str, counts: ValueCounts, rules: Rules, notes: Notes, domain: Domain
) -> ValueCounts | None:
    n, missing = released_line([counts.n, counts.missing], rules)
    # Few rows have few values, too: where nobody shares theirs it is no table of counts.
    if counts.values.size <= FEW_VALUED and counts.counts.max() >= rules.threshold:
        values, sizes = merged_values(counts.values, counts.counts, rules)
        rare = [n for n in counts.counts.tolist() if n < rules.threshold]
        if rare:
            notes.of_variable(name, reasons.rare_values(rare, rules))
        rows = np.array(released_line(sizes.tolist(), rules, n), dtype=np.int64)
        # Rare values may all have gone to the mode: what is left would be a single one.
        if values.size < 2 or not has_spread(rows.tolist(), rules):
            return None
        mean = float(values @ rows / rows.sum())
        m2 = float((values - mean) ** 2 @ rows)
        return ValueCounts(values, rows, missing, mean, m2, counts.bits, "table")
    share = share_of_few(counts.values, counts.counts, counts.mean, rules)
    if why := reasons.dominance(share, rules):
        notes.of_variable(name, why)
        return None
    sd = counts.sd or 0.0
    farthest = float(np.abs(counts.values - counts.mean).max())
    mean = coarse_mean(counts.mean, sd / math.sqrt(counts.n), n, farthest)
    m2 = coarse(sd, error_of_spread(sd, counts.n, farthest)) ** 2 * (n - 1)
    if not rules.distributions or counts.n < 10 * rules.threshold:
        return _numbers((mean,), (n,), missing, mean, m2)
    bins, sizes = bins_of(counts.values, counts.counts, rules, domain.edges)
    if len(bins) < 2:
        return _numbers((mean,), (n,), missing, mean, m2)
    grain = grain_of(counts.values, counts.counts, bins)
    points, held = spread_over(bins, released_line(sizes.tolist(), rules, n), rules, grain)
    return ValueCounts(points, held, missing, mean, m2, counts.bits, "bins")


def _numbers(
    values: tuple[float, ...], counts: tuple[int, ...], missing: int, mean: float, m2: float
) -> ValueCounts:
    """A number without a distribution: one point for all its rows, or no row."""
    return ValueCounts(
        np.array(values, dtype=float),
        np.array(counts, dtype=np.int64),
        missing,
        mean,
        m2,
        ValueCounts.of(np.empty(0)).bits,
        "sums" if counts else "exact",
    )
