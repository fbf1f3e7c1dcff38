"""What of one site leaves for a regression: its own model, rounded, or nothing.

A site whose rows are too few or too alike for the question is left out like one that lacks a
variable. From the others go neither sums over rows, nor small numbers of rows left out, nor claims
about every row.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from datasets.engine.guard import reasons
from datasets.engine.guard.columns import Thinness, thinness
from datasets.engine.guard.gate import Gated, Reveals
from datasets.engine.guard.merged import merged
from datasets.engine.guard.rules import Rules
from datasets.engine.guard.withheld import Notes
from datasets.engine.methods.contract import Answer
from datasets.engine.methods.regression import rounded
from datasets.engine.methods.regression.counting import count_each
from datasets.engine.methods.regression.fits import FirthSums, LeastSquaresSums, NewtonSums
from datasets.engine.methods.regression.lines import lines_of, wanted
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.result import Regression
from datasets.engine.methods.regression.spec import CountsSpec, Spec
from datasets.engine.methods.regression.stand_in import OwnModel, numbers_of
from datasets.engine.methods.regression.statistics import (
    Counts,
    CrossProducts,
    Estimates,
    FirstPass,
    Lack,
    Pass,
    Present,
    Separated,
    SiteCounts,
    StandIn,
    Statistics,
    Study,
    Tally,
    Totals,
)
from datasets.engine.methods.regression.summarise import summarise
from datasets.engine.methods.shared.missing_codes import Suspicion
from datasets.engine.rows.complete import complete_rows
from datasets.engine.rows.frame import RESERVED_COLUMNS, Rows
from datasets.engine.sentences import Sentence

REVEALS = {
    Counts: {"sites": Reveals.PARTS},
    SiteCounts: {
        "site": Reveals.NOTHING,
        "rows": Reveals.COUNT,
        "complete": Reveals.COUNT,
        "present": Reveals.PARTS,
        "totals": Reveals.PARTS,
        "tallies": Reveals.PARTS,
        "suspicions": Reveals.PARTS,
        "rounded": Reveals.NOTHING,
    },
    Present: {"variable": Reveals.NOTHING, "n": Reveals.COUNT},
    Totals: {"variable": Reveals.NOTHING, "total": Reveals.SUM, "squares": Reveals.SUM},
    Tally: {
        "variables": Reveals.NOTHING,
        "cells": Reveals.LEVELS,
        "is_number": Reveals.NOTHING,
    },
    Suspicion: {"variable": Reveals.NOTHING, "value": Reveals.VALUES, "n": Reveals.COUNT},
    FirstPass: {"sums": Reveals.PARTS, "studies": Reveals.PARTS, "stand_ins": Reveals.PARTS},
    StandIn: {
        "site": Reveals.NOTHING,
        "n": Reveals.COUNT,
        "deviance": Reveals.MODEL,
        "df_residual": Reveals.COUNT,
        "scaling": Reveals.SUM,
        "columns": Reveals.NOTHING,
        "average": Reveals.SUM,
        "estimates": Reveals.MODEL,
        "covariance": Reveals.MODEL,
        "robust": Reveals.MODEL,
        "follows": Reveals.CLAIM,
    },
    Pass: {"fits": Reveals.PARTS, "studies": Reveals.PARTS},
    CrossProducts: {
        "n": Reveals.COUNT,
        "cross": Reveals.MODEL,
        "score": Reveals.MODEL,
        "squares": Reveals.MODEL,
    },
    LeastSquaresSums: {
        "n": Reveals.COUNT,
        "deviance": Reveals.MODEL,
        "score": Reveals.MODEL,
        "sandwich": Reveals.MODEL,
        "alone": Reveals.MODEL,
        "whitened": Reveals.MODEL,
    },
    NewtonSums: {
        "n": Reveals.COUNT,
        "deviance": Reveals.MODEL,
        "score": Reveals.MODEL,
        "information": Reveals.MODEL,
        "sandwich": Reveals.MODEL,
        "alone": Reveals.MODEL,
        "rows": Reveals.MODEL,
        "moves": Reveals.MODEL,
        "cross": Reveals.MODEL,
    },
    FirthSums: {
        "n": Reveals.COUNT,
        "deviance": Reveals.MODEL,
        "score": Reveals.MODEL,
        "information": Reveals.MODEL,
        "tensor": Reveals.MODEL,
        "curvature": Reveals.MODEL,
    },
    Study: {
        "site": Reveals.NOTHING,
        "n": Reveals.COUNT,
        "n_excluded": Reveals.COUNT,
        "deviance": Reveals.MODEL,
        "df_residual": Reveals.COUNT,
        "lack": Reveals.CLAIM,
        "rank": Reveals.MODEL,
        "condition": Reveals.MODEL,
        "lacks": Reveals.PARTS,
        "ml": Reveals.PARTS,
        "firth": Reveals.PARTS,
        "separation": Reveals.PARTS,
        "settled": Reveals.CLAIM,
        "rounded": Reveals.NOTHING,
    },
    Lack: {"column": Reveals.NOTHING, "why": Reveals.CLAIM, "others": Reveals.NOTHING},
    Estimates: {
        "columns": Reveals.NOTHING,
        "estimates": Reveals.MODEL,
        "covariance": Reveals.MODEL,
        "ci": Reveals.MODEL,
        "p_values": Reveals.MODEL,
        "problem": Reveals.CLAIM,
        "sums": Reveals.MODEL,
    },
    Separated: {
        "column": Reveals.NOTHING,
        "direction": Reveals.CLAIM,
        "value": Reveals.CLAIM,
        "only": Reveals.CLAIM,
    },
}


def gate(statistics: Statistics, spec: Spec, rules: Rules, rows: Rows) -> Gated[Statistics]:
    """The statistics of any round; the same rows meet the same rules in each of them."""
    notes = Notes()
    parameters = spec.parameters
    absent = _lacks_a_variable(rows, parameters)
    as_told = merged(rows, wanted(parameters), rules)
    found = Thinness(None) if absent else _thinness(rows, parameters, rules)
    if found.why is None and as_told is not rows and not absent:
        # What is nearly a yes or no meets the rules of one.
        found = replace(found, why=_thinness(as_told, parameters, rules).why)
    if found.why is not None:
        notes.of_place(Sentence("the whole model"), found.why)
        return Gated(summarise((), spec), notes.suppressed, whole=True)
    if isinstance(statistics, Counts):
        numbers = numbers_of(rows, parameters, lines_of(as_told, parameters, rules))
        alone = count_each(rows, parameters, pairs=True)
        told = (_counts(one, alone.of(one.site) or one, rules, numbers) for one in statistics.sites)
        return Gated(Counts(tuple(told)))
    nothing = summarise((), spec)
    if absent or isinstance(spec, CountsSpec) or (isinstance(nothing, Pass) and not spec.studies):
        return Gated(nothing)
    own = OwnModel(rows, spec, rules, found.largest)
    stand_in = own.stand_in() if own.exists else None
    if stand_in is None:
        notes.of_place(Sentence("the whole model"), reasons.no_own_model())
        return Gated(nothing, notes.suppressed, whole=True)
    exact = summarise(rows, own.spec)
    assert not isinstance(exact, Counts)
    # Its rules let none leave of which separation could be told.
    studies = tuple(replace(own.study(one), separation=()) for one in exact.studies)
    if isinstance(nothing, Pass):
        return Gated(replace(nothing, studies=studies))
    assert isinstance(nothing, FirstPass)
    return Gated(replace(nothing, studies=studies, stand_ins=(stand_in,)))


def name_withheld(answer: Answer[Regression], sites: frozenset[str]) -> Answer[Regression]:
    """Of sites that withheld everything an answer says so, not that they have no rows."""
    excluded = tuple(
        replace(one, reason=Sentence("withheld by its rules")) if one.site in sites else one
        for one in answer.result.excluded_sites
    )
    warnings = tuple(
        one
        for one in answer.warnings
        if not (
            one.code == "no_rows"
            and isinstance(one.message, Sentence)
            and one.message.values.get("site") in sites
        )
    )
    return Answer(replace(answer.result, excluded_sites=excluded), warnings)


def _lacks_a_variable(rows: Rows, parameters: Parameters) -> bool:
    """Whether there are no rows, or some variable has no value at all: that is no secret."""
    wanting = set(wanted(parameters))
    for frame in rows:
        wanting -= {name for name in wanting if complete_rows(frame, [name]).any()}
    return bool(wanting)


def _thinness(rows: Rows, parameters: Parameters, rules: Rules) -> Thinness:
    names = wanted(parameters)

    def complete() -> Iterator[dict[str, np.ndarray]]:
        for frame in rows:
            place = complete_rows(frame, names)
            if place.any():
                yield {name: frame.columns[name][place] for name in names}

    terms = [name for name in parameters.terms if name not in RESERVED_COLUMNS]
    pairs = [pair for pair in parameters.interactions if not set(pair) & set(RESERVED_COLUMNS)]
    return thinness(complete, parameters.outcome, terms, pairs, rules)


def _counts(
    one: SiteCounts, alone: SiteCounts, rules: Rules, numbers: Mapping[str, tuple[float, float]]
) -> SiteCounts:
    """Without values, and with rows left out only where they are enough."""
    if not one.complete:
        rows = max(one.rows, rules.least_shown)
        present = tuple(replace(p, n=rows if p.n else 0) for p in one.present)
        return replace(one, rows=rows, present=present, suspicions=())
    return rounded.site_counts(one, alone, rules, numbers)
