"""Names that people choose are data: any name, level or site gives the numbers of a plain one."""

import json

import numpy as np
import pytest

from datasets.engine.methods import METHODS
from datasets.engine.rows.frame import InputInfo
from tests.engine.hostile_names import ANY_NAMES as HOSTILE
from tests.engine.methods.cases import Inputs, blocks_of, heart, inputs_of, run, shown, variables_of

REFUSED = "Too few people stand behind this model: %s."

PLAIN = ["age10", "sex", "exang", "trestbps", "pain"]
THRESHOLDS = (5, 10, 11)

pytestmark = pytest.mark.filterwarnings("error")


def _two_of_one_site(table) -> Inputs:
    """The four hospitals; Cleveland brings its rows as two datasets."""
    found = []
    for info, frames in inputs_of(table, 50):
        halves = [frames[:3], frames[3:]] if info.index == 0 else [frames]
        for half in halves:
            found.append((InputInfo(len(found), info.site, info.country, info.region), half))
    return found


def _renamed(table, names, levels):
    changed = {names.get(name, name): column for name, column in table.items()}
    pain = np.array([levels[value] for value in table["pain"]], dtype=object)
    return changed | {names["pain"]: pain}


def _numbers(value):
    """A result without its texts, in its order; objects by their values."""
    if isinstance(value, dict):
        return [_numbers(item) for item in value.values()]
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    return None if isinstance(value, str) else value


def _asked(method, table, inputs, **parameters):
    answer = run(method, table, inputs, **parameters)
    filled = METHODS[method].fill(parameters, variables_of(table)).to_json()
    seen = [shown(method, answer.result, filled, t) for t in THRESHOLDS]
    withheld = [len(suppressed) for _, suppressed in seen]
    codes = [one["code"] for one in answer.warnings]
    results = [answer.result, *(result for result, _ in seen)]
    return [_numbers(result) for result in results], withheld, codes


def _questions(names):
    age, sex, exang, pressure, pain = (names[name] for name in PLAIN)
    outcome = names["disease"]
    yield "describe", {"variables": [age, sex, pain, pressure], "by": "site"}
    yield "describe", {"variables": [age, sex, pressure], "by": pain}
    yield "correlation", {"variables": [age, sex, exang, pressure]}
    yield (
        "regression",
        {
            "outcome": outcome,
            "family": "binomial",
            "terms": [age, sex, exang, pain],
            "interactions": [[sex, exang], [age, "site"]],
        },
    )
    yield (
        "regression",
        {"outcome": outcome, "family": "binomial", "terms": [age, sex], "strategy": "two_stage"},
    )


PLAIN_NAMES = {name: f"plain_{k}" for k, name in enumerate([*PLAIN, "disease"])}
PLAIN_LEVELS = {"1": "l1", "2": "l2", "3": "l3", "4": "l4"}


@pytest.fixture(scope="module")
def plain():
    table = _renamed(heart(), PLAIN_NAMES, PLAIN_LEVELS)
    inputs = _two_of_one_site(table)
    return [_asked(method, table, inputs, **asked) for method, asked in _questions(PLAIN_NAMES)]


REAL_SITES = ["Cleveland", "Hungary", "Switzerland", "VA Long Beach"]


def _resited(table, sites):
    """The table's inputs; sites are called as `sites` says."""
    inputs = []
    for info, frames in _two_of_one_site(table):
        columns = {name: np.concatenate([f.columns[name] for f in frames]) for name in table}
        site = sites[info.site]
        for name, text in (("site", site), ("country", info.country), ("region", info.region)):
            columns[name] = np.full(len(columns["site"]), text, dtype=object)
        place = InputInfo(info.index, site, info.country, info.region)
        inputs.append((place, blocks_of(columns, 50)))
    return inputs


@pytest.mark.parametrize("shift", range(0, len(HOSTILE), 10))
def test_hostile_names_change_no_number(plain, shift):
    """Each is a variable, a level or nothing in one run, and some are a site's in it."""
    chosen = [HOSTILE[(shift + k) % len(HOSTILE)] for k in range(10)]
    names = dict(zip(PLAIN_NAMES, chosen[:6], strict=True))
    # Levels keep their order, since the first one is the reference.
    levels = dict(zip(PLAIN_LEVELS, sorted(chosen[6:]), strict=True))
    sites = dict(zip(REAL_SITES, chosen[3:7], strict=True))
    table = _renamed(heart(), names, levels)
    inputs = _resited(table, sites)
    for expected, (method, asked) in zip(plain, _questions(names), strict=True):
        assert _asked(method, table, inputs, **asked) == expected, (method, chosen)


def test_a_level_called_many_is_guarded_like_any_other():
    """One person at a level must not lose its protection by the level's name."""
    refusals = []
    for rare in ("many", "rare"):
        table = heart()
        level = np.where(table["id"] == table["id"][7], rare, "usual").astype(object)
        table["ward"] = level
        asked = {"outcome": "thalach", "terms": ["ward", "age"], "site_effects": False}
        result = run("regression", table, **asked).result
        seen, _ = shown("regression", result, asked, 10)
        refusals.append(seen.get("refused"))
        assert [one["n"] for one in result["counts"] if one["level"] == rare] == [1]
    assert refusals == [REFUSED % "a level of ward has fewer than 10 rows"] * 2


def test_a_column_called_like_an_interaction_does_not_disarm_its_guard():
    refusals = []
    for other in ("a:b", "other"):
        table = heart()
        table["a"] = (table["id"] % 2 == 0).astype(float)
        # Three people have both; the column of the interaction's name has many of each level.
        table["b"] = np.where(table["id"] <= 6, table["a"], 0.0)
        table["b"] = np.where(table["id"] > 880, 1 - table["a"], table["b"])
        table[other] = table["age"]
        asked = {
            "outcome": "thalach",
            "terms": ["a", "b", other],
            "interactions": [["a", "b"]],
            "site_effects": False,
        }
        result = run("regression", table, **asked).result
        seen, _ = shown("regression", result, asked, 5)
        refusals.append(seen.get("refused"))
    assert refusals == [REFUSED % "a level of a:b has fewer than 5 rows"] * 2


def test_an_interaction_with_site_is_known_by_its_variables():
    """A column `x:site` is no interaction, and one of `a:b` with site is guarded per site."""
    table = heart()
    table["a:b"] = table["sex"]
    asked = {
        "outcome": "disease",
        "family": "binomial",
        "terms": ["a:b"],
        "interactions": [["a:b", "site"]],
    }
    result = run("regression", table, **asked).result
    seen, _ = shown("regression", result, asked, 11)
    assert seen["refused"] == REFUSED % "a level of a:b has fewer than 11 rows at a site"


@pytest.mark.parametrize("name", ["notes", "studies"])
@pytest.mark.parametrize("family", ["gaussian", "binomial"])
def test_a_variable_called_like_our_keys_and_two_datasets_of_one_site(name, family):
    table = heart()
    table[name] = table["age10"]
    outcome = "thalach" if family == "gaussian" else "disease"
    named = [
        run(
            "regression",
            table,
            _two_of_one_site(table),
            outcome=outcome,
            family=family,
            terms=[term, "sex"],
        ).result
        for term in (name, "age10")
    ]
    assert _numbers(named[0]) == _numbers(named[1])


def test_which_number_is_hidden_does_not_depend_on_the_order_of_names():
    """A database keeps an object's keys in an order of its own."""
    table = heart()
    for site, most in (("Hungary", 40), ("VA Long Beach", 40), ("Switzerland", 8)):
        usable = (table["site"] == site) & np.isfinite(table["thalach"] + table["age10"])
        table["age10"][np.flatnonzero(usable)[most:]] = np.nan
    asked = {"outcome": "thalach", "terms": ["age10"], "site_effects": False}
    result = run("regression", table, **asked).result
    assert result["n_by_site"]["Hungary"] == result["n_by_site"]["VA Long Beach"] == 40
    seen = []
    for names in (list(result["n_by_site"]), sorted(result["n_by_site"], reverse=True)):
        kept = result | {"n_by_site": {name: result["n_by_site"][name] for name in names}}
        seen.append(shown("regression", kept, asked, 11)[0]["n_by_site"])
    assert seen[0] == seen[1]
    assert [name for name, n in seen[0].items() if n is None] == ["Hungary", "Switzerland"]


def test_two_coefficients_are_never_called_alike():
    table = heart()
    table["age10:sex"] = table["chol"]
    answer = run(
        "regression",
        table,
        outcome="thalach",
        terms=["age10:sex", "age10", "sex"],
        interactions=[["age10", "sex"]],
        site_effects=False,
    )
    terms = [row["term"] for row in answer.result["coefficients"]]
    assert terms == ["(Intercept)", "age10:sex", "age10", "sex", "age10:sex (2)"]
    assert [row["term"] for row in answer.result["two_stage"]] == terms[1:]
    assert [row["term"] for row in answer.result["term_tests"]] == terms[1:]
    assert [row["term"] for row in answer.result["interaction_tests"]] == terms[4:]


def test_sums_of_differently_glued_terms_are_different_models():
    """`a + b` once was one name for the model of `a` and `b`, and for that of `a + b`."""
    table = heart()
    table |= {"a": table["sex"], "b": table["exang"], "a + b": table["age10"]}
    glued = run("regression", table, outcome="thalach", terms=["a + b", "a", "b"]).result
    apart = run("regression", table, outcome="thalach", terms=["age10", "sex", "exang"]).result
    assert _numbers(glued) == _numbers(apart)


def test_sentences_survive_any_name():
    few = {name: column[::7] for name, column in heart().items()}
    for name in HOSTILE:
        table = few | {name: few["age10"]}
        for method, asked in (
            ("regression", {"outcome": "thalach", "terms": [name]}),
            ("correlation", {"variables": [name, "thalach"]}),
            ("describe", {"variables": [name]}),
        ):
            chosen = METHODS[method]
            filled = chosen.fill(asked, variables_of(table))
            result = chosen.result.from_json(run(method, table, **asked).result)
            assert method != "describe" or result.variables[0].name == name
            said = chosen.say(filled, result, {})
            assert said.emphasis in said.sentence
            json.dumps(said.to_json())
            assert method == "describe" or name.lower() in said.sentence.lower()
