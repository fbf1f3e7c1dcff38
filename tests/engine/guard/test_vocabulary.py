"""Statistics and risks by SACRO's names; reasons with what was found and what would pass."""

import re

import numpy as np
import pytest

from datasets.engine.guard.rules import rules_of
from datasets.engine.guard.vocabulary import HELD_FOR, Risk, Statbarn
from datasets.engine.methods import METHODS, run_local
from datasets.engine.rows.frame import Frame, InputInfo
from datasets.engine.sentences import Sentence
from tests.engine.methods.cases import QUESTIONS, heart, inputs_of, run, variables_of

STANDARD = rules_of("standard", 5)
OSLO = InputInfo(0, "Oslo", "NOR", "Northern Europe")

STATBARNS = """
CalculatedRatios Clusters CorrelationCoefficients Endpoints Frequencies GiniCoefficient
HazardSurvivalTables LinearAggregations LinkedMultilevelTables Mode NonLinearConcentrationRatios
Position Shape StatisticalHypothesisTests
"""
RISKS = """
AuxiliaryInformation ClassDisclosure Differencing Dominance ImplicitTables LowCount LowDOF
"""


def test_the_names_are_those_that_are_published():
    """As `statbarns.json` and `risks.json` of SACRO's `acro` have them."""
    assert sorted(one.value for one in Statbarn) == STATBARNS.split()
    assert sorted(one.value for one in Risk) == RISKS.split()
    assert all(one.words for one in (*Statbarn, *Risk))


def test_every_method_declares_the_kinds_of_statistics_that_its_answers_have():
    found = {name: set() for name in METHODS}
    for name, parameters in QUESTIONS:
        method = METHODS[name]
        found[name].update(method.kinds_in(run(name, heart(), **parameters).result))
    assert found == {name: set(method.statbarns.values()) for name, method in METHODS.items()}
    assert all(found.values())


def test_an_answer_has_the_kinds_of_its_own_question():
    linear, logistic = (run(name, heart(), **asked) for name, asked in QUESTIONS[-2:])
    kinds = METHODS["regression"].kinds_in
    assert Statbarn.CALCULATED_RATIOS not in kinds(linear.result)
    assert Statbarn.CALCULATED_RATIOS in kinds(logistic.result)


N = 60
PLACE = np.arange(N)
RANDOM = np.random.default_rng(7)


def mixed(*levels):
    """Levels with so many rows each, in no order that would go with anything."""
    found = np.empty(N, dtype=object)
    found[:] = [name for name, rows in levels for _ in range(rows)]
    return found[RANDOM.permutation(N)]


COLUMNS = {
    "score": RANDOM.normal(50, 9, N).round(1),
    "age": RANDOM.integers(20, 70, N).astype(float),
    "few": np.where(PLACE < 3, PLACE + 20.0, np.nan),
    "constant": np.full(N, 3.0),
    "rare": (PLACE % 20 == 0).astype(float),
    "stage": np.where(PLACE < 2, 3.0, PLACE % 3),
    "ward": mixed(("north", 30), ("south", 28), ("west", 2)),
    "half": mixed(("north", 30), ("south", 30)),
    "small": mixed(("north", 45), ("south", 13), ("west", 2)),
    "rich": np.where(PLACE < 1, 1e6, RANDOM.normal(50, 9, N)),
    "sick": (PLACE % 2).astype(float),
    "old": ((PLACE % 2 == 0) & (PLACE < 30) | (PLACE == 1)).astype(float),
    "far": np.where(PLACE < 1, 260.0, RANDOM.normal(50, 9, N)),
}
COLUMNS |= {
    "copy": COLUMNS["score"] * 2 + 1,
    "sum": COLUMNS["score"] + COLUMNS["age"],
    "given": COLUMNS["score"] + COLUMNS["age"] + RANDOM.normal(0, 0.01, N),
    "over": (COLUMNS["score"] > 50).astype(float),
}
COLUMNS |= {
    "near": COLUMNS["score"] + np.where(PLACE < 4, 9.0 * (-1.0) ** PLACE, 0.0),
    "wide": np.where(PLACE < 1, 4.5, RANDOM.normal(size=N)),
    "high": np.where(PLACE < 1, 15.0, RANDOM.normal(size=N)),
}
MANY = [f"x{k}" for k in range(12)]
COLUMNS |= {name: RANDOM.normal(size=N) for name in MANY}
COLUMNS |= {name: mixed((name, N)) for name in ("site", "country", "region")}


def describe(*variables, by=None):
    return "describe", {"variables": [*variables], "by": by}


def correlation(*variables):
    return "correlation", {"variables": [*variables]}


def regression(outcome, *terms, **more):
    return "regression", {"outcome": outcome, "terms": [*terms], **more}


def logistic(outcome, *terms):
    return regression(outcome, *terms, family="binomial")


BOTH = regression("score", "sick", "old", interactions=[["sick", "old"]])
CASES = [
    (describe("few"), "3 rows; at least 5 are asked for", "LowCount"),
    (describe("constant"), "0 rows off the most frequent value; at least 5", "ClassDisclosure"),
    (describe("rare"), "3 rows off the most frequent value; at least 5", "LowCount"),
    (describe("ward"), "1 level is rare \\(rows: 2\\); at least 5 .*merge", "LowCount"),
    (describe("stage"), "1 value is rare \\(rows: 2\\); at least 5 .*together", "LowCount"),
    (describe("rich"), "2 rows make up [0-9.]+% of .*, at most 90% .*a range", "Dominance"),
    (describe("age", by="small"), "2 rows; at least 5 .*merge it", "LowCount"),
    (describe("age", by="small"), "its 13 rows .*fewer than 5 back: merge", "Differencing"),
    (correlation("age", "rare"), "3 rows off the most frequent value; at least 5", "LowCount"),
    (correlation("age", "rich"), "2 rows make up [0-9.]+% of .*, at most 90%", "Dominance"),
    (correlation("sick", "old"), "meet in 1 row at fewest; at least 5 .*put", "ImplicitTables"),
    (correlation("score", "copy"), "of 1 in size, at most 0.995 is", "AuxiliaryInformation"),
    (regression("score", "few"), "3 complete rows, 5 are asked for: .*fewer", "LowCount"),
    (regression("score", "ward"), "ward has 2 rows off .*; 5 are asked for: merge", "LowCount"),
    (regression("rich", "age"), "[0-9.]+% of the sum or spread of rich, at most 90%", "Dominance"),
    (regression("score", *MANY), "13 coefficients for 60 rows, at most 12 are .*fewer", "LowDOF"),
    (regression("score", "age", "sum", "copy"), "follows from the others: leave", "LowDOF"),
    (regression("score", "far"), "a leverage of 0.[0-9]+, less than 0.5 is .*leave", "Dominance"),
    (regression("age", "score", "near"), "4 rows are [0-9.]+% of .*, at most 80%", "LowCount"),
    (regression("high", "wide"), "1 row makes up [0-9.]+% of an .*, at most 50%", "Dominance"),
    (BOTH, "an interaction has 1 row off .*; 5 are asked for", "LowCount"),
    (regression("given", "score", "age"), "R² of [0-9.]+, at most 0.99 is", "AuxiliaryInformation"),
    (logistic("over", "score"), "settle the outcome of some rows: merge", "ClassDisclosure"),
]


@pytest.mark.parametrize(("question", "said", "risk"), CASES)
def test_a_gate_says_what_it_found_what_is_asked_for_and_for_which_risk(question, said, risk):
    name, parameters = question
    method = METHODS[name]
    asked = method.fill(parameters, variables_of(COLUMNS))
    spec = method.plan(asked, [OSLO])
    released = method.release([Frame(COLUMNS, N)], spec, "Oslo", STANDARD)
    assert all(one.risk in set(Risk) for one in released.withheld)
    found = [(one.reason, one.risk) for one in released.withheld]
    assert any(re.search(said, why) and code == risk for why, code in found), found


def test_what_is_held_is_held_for_the_difference_of_two_answers():
    method = METHODS["describe"]
    asked = method.fill({"variables": ["age"]}, variables_of(COLUMNS))
    reasons = [(Sentence("the whole answer"), Sentence("It differs."))]
    [one] = method.hold(method.plan(asked, [OSLO]), "Oslo", STANDARD, reasons).withheld
    assert one.risk == HELD_FOR == "Differencing"


@pytest.mark.parametrize(("name", "parameters"), QUESTIONS)
def test_readers_without_row_rights_are_told_of_no_risk(name, parameters):
    method = METHODS[name]
    filled = method.fill(dict(parameters), variables_of(heart()))
    answer = run_local(method, filled, inputs_of(heart()))
    shown = method.show(answer.result, answer.warnings, filled, 200)
    assert shown.suppressed
    assert not any(one.risk for one in shown.suppressed)
