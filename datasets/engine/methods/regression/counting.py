"""The first round at a site, and the design that all sites' counts make together."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from datasets.engine.methods.contract import Caution, ParameterError, site_order
from datasets.engine.methods.regression.design import SITE, Design
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.result import LevelCount
from datasets.engine.methods.regression.spec import CountsSpec
from datasets.engine.methods.regression.statistics import (
    Counts,
    Present,
    SiteCounts,
    Tally,
    Totals,
)
from datasets.engine.methods.shared.missing_codes import MissingCodes, cautions
from datasets.engine.rows.complete import complete_rows
from datasets.engine.rows.frame import RESERVED_COLUMNS, Frame, InputInfo, Rows
from datasets.engine.sentences import Called, Sentence, listed

FEW = 2
"""A number with at most so many values, booleans mostly, is counted like a category."""


def count_rows(rows: Rows, spec: CountsSpec) -> Counts:
    """Rows, complete rows, values present, and over complete rows sums and level counts."""
    parameters = spec.parameters
    wanted = [parameters.outcome, *(t for t in parameters.terms if t not in RESERVED_COLUMNS)]
    missing_codes = MissingCodes()
    found: SiteCounts | None = None
    for frame in rows:
        if not frame.n:
            continue
        one = _count_frame(frame, wanted, parameters, missing_codes)
        found = one if found is None else found + one
    if found is None:
        return Counts()
    tallies = _without_many_values(found.tallies)
    return Counts((replace(found, tallies=tallies, suspicions=missing_codes.suspicions()),))


def count_each(rows: Rows, parameters: Parameters, *, pairs: bool = False) -> Counts:
    """The same of each variable by itself: rows that have it, and its values among these; with
    `pairs` of both variables of an interaction as well.

    No sums: a number counts as if its mean were 0 and its variance 1.
    """
    wanted = [name for name in dict.fromkeys(parameters.names) if name not in RESERVED_COLUMNS]
    found: SiteCounts | None = None
    for frame in rows:
        if not frame.n:
            continue
        present, totals, tallies = [], [], []
        for name in wanted:
            has = complete_rows(frame, [name])
            present.append(Present(name, n := int(has.sum())))
            column = frame.columns.get(name)
            if column is None:
                continue
            if column.dtype != object:
                totals.append(Totals(name, 0.0, float(n)))
            tallies.append(_tally((name,), [column[has]]))
        for pair in parameters.interactions if pairs else ():
            if SITE not in pair and (both := complete_rows(frame, pair)).any():
                tallies.append(_tally(pair, [frame.columns[name][both] for name in pair]))
        site = str(frame.columns["site"][0])
        one = SiteCounts(
            site, frame.n, 0, tuple(present), tuple(totals), tuple(tallies), suspicions=()
        )
        found = one if found is None else found + one
    if found is None:
        return Counts()
    complete = min((one.n for one in found.present), default=found.rows)
    few = _without_many_values(found.tallies)
    return Counts((replace(found, complete=complete, tallies=few),))


def _count_frame(
    frame: Frame, wanted: Sequence[str], parameters: Parameters, missing_codes: MissingCodes
) -> SiteCounts:
    complete = complete_rows(frame, wanted)
    present, totals, tallies = [], [], []
    for name in dict.fromkeys([*wanted, *parameters.terms]):
        column = frame.columns.get(name)
        if name in wanted:
            present.append(Present(name, int(complete_rows(frame, [name]).sum())))
        if column is None:
            continue
        used = column[complete]
        if column.dtype != object:
            missing_codes.watch(name, column)
            totals.append(Totals(name, float(used.sum()), float(used @ used)))
        tallies.append(_tally((name,), [used]))
    for pair in parameters.interactions:
        if SITE not in pair and complete.any():
            tallies.append(_tally(pair, [frame.columns[name][complete] for name in pair]))
    return SiteCounts(
        site=str(frame.columns["site"][0]),
        rows=frame.n,
        complete=int(complete.sum()),
        present=tuple(present),
        totals=tuple(totals),
        tallies=tuple(tallies),
        suspicions=(),
    )


def _tally(variables: tuple[str, ...], columns: Sequence[np.ndarray]) -> Tally:
    """Counts of one column's values, or of two columns' together."""
    is_number = all(column.dtype != object for column in columns)
    texts = [_texts(column) for column in columns]
    known = [one for one in texts if one is not None]
    if len(known) < len(texts):
        return Tally(variables, None, is_number)
    return Tally(variables, tuple(sorted(Counter(zip(*known, strict=True)).items())), is_number)


def _texts(column: np.ndarray) -> list[str] | None:
    """Values as text; None for a number with more than two of them."""
    if column.dtype == object or not len(column):
        return column.tolist()
    # Zero has one text, whatever its sign.
    low, high = float(column.min()) + 0.0, float(column.max()) + 0.0
    is_high = column == high
    if not (is_high | (column == low)).all():
        return None
    return np.where(is_high, f"{high:.17g}", f"{low:.17g}").tolist()


def _without_many_values(tallies: Sequence[Tally]) -> tuple[Tally, ...]:
    """No cell of a number with more than two values at the site, alone or in an interaction."""
    many = {
        one.variables[0]
        for one in tallies
        if len(one.variables) == 1 and one.is_number and (one.cells is None or len(one.cells) > FEW)
    }
    return tuple(replace(one, cells=None) if many & {*one.variables} else one for one in tallies)


def design_of(counts: Counts, spec: CountsSpec) -> Design:
    """The pooled design. Raises ParameterError when no model can be fitted at all."""
    parameters = spec.parameters
    used = counts.used(site_order(spec.inputs))
    n = sum(one.complete for one in used)
    if not n:
        raise ParameterError({"terms": _nothing_complete(counts, parameters)})
    scaling: dict[str, tuple[float, float]] = {}
    levels: dict[str, tuple[str, ...]] = {}
    for name in parameters.terms:
        totals = [found for one in used if (found := one.totals_of(name)) is not None]
        if totals:
            scaling[name] = _scale(totals, n)
        else:
            levels[name] = _levels(name, used, parameters.reference.get(name))
    if parameters.site_effects:
        levels[SITE] = tuple(one.site for one in used)
    return Design.build(
        outcome=parameters.outcome,
        outcome_mean=_outcome_mean(parameters, used, n),
        terms=parameters.terms,
        interactions=parameters.interactions,
        site_effects=parameters.site_effects,
        scaling=scaling,
        levels=levels,
    )


def _nothing_complete(counts: Counts, parameters: Parameters) -> Sentence:
    collected = {p.variable for one in counts.sites for p in one.present if p.n}
    absent = [
        name for name in parameters.names if name not in RESERVED_COLUMNS and name not in collected
    ]
    if not absent:
        return Sentence("No row has a value in every variable: none is complete.")
    return Sentence(
        "No row has a value in every variable: every row lacks %(names)s.",
        names=listed([Called.variable(name) for name in absent]),
    )


def _levels(name: str, used: Sequence[SiteCounts], reference: str | None) -> tuple[str, ...]:
    """The levels there are, the reference first, the others in order."""
    tallies = [one.tally_of(name) for one in used]
    levels = sorted({level for one in tallies if one for level in one.levels or ()})
    if reference is None:
        return tuple(levels)
    if reference not in levels:
        message = Sentence(
            "The chosen reference of %(name)s is in no complete row: choose another level.",
            name=Called.variable(name),
        )
        raise ParameterError({"reference": message})
    return (reference, *(level for level in levels if level != reference))


def _outcome_mean(parameters: Parameters, used: Sequence[SiteCounts], n: int) -> float:
    """What linear outcomes are centred by; a binomial outcome is only checked."""
    outcome = parameters.outcome
    if parameters.family == "gaussian":
        totals = [one.totals_of(outcome) for one in used]
        return sum(one.total for one in totals if one is not None) / n
    tallies = [one.tally_of(outcome) for one in used]
    found = [None if one is None else one.levels for one in tallies]
    values = {value for levels in found for value in levels or ()}
    if any(levels is None for levels in found) or not values <= {"0", "1"}:
        message = Sentence("The outcome must be 0 or 1 in every row for a binomial regression.")
        raise ParameterError({"outcome": message})
    if len(values) < FEW:
        message = Sentence(
            "The outcome is the same in every complete row: there is nothing to explain."
        )
        raise ParameterError({"outcome": message})
    return 0.0


def _scale(totals: Sequence[Totals], n: int) -> tuple[float, float]:
    mean = sum(one.total for one in totals) / n
    variance = sum(one.squares for one in totals) / n - mean**2
    if variance <= 1e-14 * mean**2:
        return mean, abs(mean) or 1.0
    return mean, float(np.sqrt(variance))


def level_counts(counts: Counts) -> tuple[LevelCount, ...]:
    """Complete rows at each level of every category, two-valued number and pair, per site."""
    known: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    many: set[tuple[str, ...]] = set()
    for found in (tally for one in counts.sites for tally in one.tallies):
        known.setdefault(found.variables, set()).update(levels for levels, _ in found.cells or ())
        few = len(known[found.variables]) <= FEW or len(found.variables) > 1
        if found.cells is None or (found.is_number and not few):
            many.add(found.variables)
    return tuple(
        LevelCount(one.site, tuple(zip(variables, levels, strict=True)), n)
        for one in counts.sites
        for variables in known
        if variables not in many and (tally := one.tally_of(*variables)) is not None
        for levels, n in sorted(tally.cells or ())
    )


def first_cautions(counts: Counts, inputs: Sequence[InputInfo], outcome: str) -> list[Caution]:
    """Sites left out because a variable was not collected there, and likely missing codes."""
    found = []
    for site in site_order(inputs):
        one = counts.of(site)
        if one is None:
            message = Sentence("%(site)s has no rows and is left out.", site=site)
            found.append(Caution("no_rows", message))
            continue
        absent = [present.variable for present in one.present if not present.n]
        for name in absent:
            message = Sentence(
                "%(variable)s was not collected at %(site)s (every value is missing there), "
                "so %(site)s is left out of this regression.",
                variable=Called.variable(name),
                site=site,
            )
            found.append(Caution("not_collected", message))
        if not one.complete and not absent:
            message = Sentence(
                "%(site)s has no row with a value in every variable and is left out.", site=site
            )
            found.append(Caution("no_complete_rows", message))
        for suspicion, caution in zip(one.suspicions, cautions(one.suspicions, site), strict=True):
            concerns = None if suspicion.variable == outcome else suspicion.variable
            found.append(replace(caution, about=concerns))
    return found
