"""What of one site's counts leaves for a description: no value, no rare level, no small count.

Per group and variable. Numbers leave as mean and spread, no finer than their errors, and as bins;
few-valued ones and categories as tables of counts, from which their moments are made again.
"""

from collections.abc import Sequence

import numpy as np

from datasets.engine.guard import reasons
from datasets.engine.guard.gate import Gated, Reveals
from datasets.engine.guard.rules import Rules
from datasets.engine.guard.suppression import hidden_in_line
from datasets.engine.guard.tables import has_spread, released_line, released_rows
from datasets.engine.guard.withheld import Notes
from datasets.engine.methods.describe import by_group
from datasets.engine.methods.describe.statistics import (
    Counts,
    Group,
    LevelCounts,
    Spec,
    Statistics,
    WithheldCounts,
    as_levels,
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
    for k in sorted(hidden):
        group = statistics.groups[k]
        where = Sentence("group %(level)s", level=level_of(spec.parameters.by, str(group.level)))
        notes.of_place(where, reasons.group_hidden(group.rows, rules))
    shown = [group for k, group in enumerate(statistics.groups) if k not in hidden]
    of_shown = [group.rows for group in shown]
    told = released_line(of_shown, rules, released_rows(sum(of_shown), sum(sizes), rules))
    domains, absent = domains_in(rows), _absent(statistics, spec)
    columns = []
    for k, name in enumerate(spec.parameters.variables):
        parts = [group.counts[k] for group in shown]
        if name in absent:
            columns.append([_without_values(parts, missing) for missing in told])
        else:
            domain = domains.get(name, Domain())
            elsewhere = [statistics.groups[j].counts[k] for j in sorted(hidden)]
            columns.append(_released(name, parts, elsewhere, told, rules, notes, domain))
    found = (
        Group(group.level, n, tuple(counts), rounded=True)
        for group, n, *counts in zip(shown, told, *columns, strict=True)
    )
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


def _is_category(parts: Sequence[Counts]) -> bool:
    return any(
        isinstance(one, LevelCounts) or (isinstance(one, WithheldCounts) and one.is_category)
        for one in parts
    )


def _without_values(parts: Sequence[Counts], missing: int) -> Counts:
    return LevelCounts((), missing) if _is_category(parts) else by_group.without_values(missing)


def _released(
    name: str,
    parts: Sequence[Counts],
    elsewhere: Sequence[Counts],
    told: Sequence[int],
    rules: Rules,
    notes: Notes,
    domain: Domain,
) -> list[Counts]:
    """One variable's counts in each group, or nothing of them.

    No value in a group is told apart from a few by nothing, if another group has some: who has the
    only one would be known to be of the group that is withheld.
    """
    found: list[Counts] = [WithheldCounts(_is_category(parts))] * len(parts)
    enough = [k for k, one in enumerate(parts) if _is_enough(name, one, rules, notes)]
    rows = [told[k] for k in enough]
    categories = [one for k in enough if isinstance(one := parts[k], LevelCounts)]
    numbers = [one for k in enough if isinstance(one := parts[k], ValueCounts)]
    others = [*elsewhere, *(one for k, one in enumerate(parts) if k not in enough)]
    released: list[Counts | None] = []
    if categories:
        outside = [as_levels(one) for one in others]
        released += by_group.levels(name, categories, outside, rows, rules, notes, domain)
    elif numbers:
        left = [one for one in others if isinstance(one, ValueCounts)]
        released += by_group.numbers(name, numbers, left, rows, rules, notes, domain)
    for k, told_of in zip(enough, released, strict=True):
        if told_of is not None:
            found[k] = told_of
    return found


def _is_enough(name: str, counts: Counts, rules: Rules, notes: Notes) -> bool:
    """Whether enough rows of a group have a value, and not all the same."""
    if isinstance(counts, WithheldCounts):
        return False
    if isinstance(counts, LevelCounts):
        sizes = [n for _, n in counts.levels]
    else:
        sizes = counts.counts.tolist()
    if counts.n < rules.threshold:
        notes.of_variable(name, reasons.few_rows(counts.n, rules))
    elif not has_spread(sizes, rules):
        notes.of_variable(name, reasons.off_mode(counts.n - max(sizes), rules))
    else:
        return True
    return False
