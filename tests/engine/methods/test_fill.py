"""What a stranger may send as parameters: a message per field, or every default filled in."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasets.engine.methods import METHODS, ParameterError
from datasets.engine.rows.frame import VariableInfo
from tests.engine.methods.cases import QUESTIONS, heart, variables_of

VARIABLES = {
    "age": VariableInfo("age", "number"),
    "sex": VariableInfo("sex", "boolean"),
    "disease": VariableInfo("disease", "boolean"),
    "count": VariableInfo("count", "integer"),
    "pain": VariableInfo("pain", "category", levels=("1", "2")),
    "born": VariableInfo("born", "date"),
    "note": VariableInfo("note", "text"),
    "pid": VariableInfo("pid", "identifier"),
}


def _errors(method, parameters):
    with pytest.raises(ParameterError) as caught:
        METHODS[method].fill(parameters, VARIABLES)
    return caught.value.errors


def test_defaults_are_filled_in():
    assert METHODS["describe"].fill({}, VARIABLES).to_json() == {
        "variables": ["age", "sex", "disease", "count", "pain"],
        "by": None,
    }
    assert METHODS["correlation"].fill({"variables": ["age", "count"]}, VARIABLES).to_json() == {
        "variables": ["age", "count"],
        "coefficient": "pearson",
        "missing": "pairwise",
        "within_site": False,
    }
    filled = METHODS["regression"].fill({"outcome": "disease", "terms": ["age"]}, VARIABLES)
    assert filled.to_json() == {
        "outcome": "disease",
        "family": "binomial",
        "terms": ["age"],
        "exposure": "age",
        "reference": {},
        "interactions": [],
        "interaction_with": None,
        "site_effects": True,
        "offset": None,
        "standard_errors": "model",
        "strategy": "one_stage",
    }
    numeric = METHODS["regression"].fill({"outcome": "age", "terms": ["sex"]}, VARIABLES)
    assert numeric.family == "gaussian"


def test_an_exposure_that_is_no_term_is_named_whatever_it_may_differ_by():
    asked = {"outcome": "disease", "terms": ["age", "sex"], "interaction_with": "sex"}
    for other in ("count", "%s"):
        assert list(_errors("regression", asked | {"exposure": other})) == ["exposure"]


@pytest.mark.parametrize(("pair", "other"), [(["sex", "age"], "sex"), (["site", "age"], "site")])
def test_both_spellings_of_an_interaction_with_the_exposure_are_one_question(pair, other):
    asked = {"outcome": "disease", "terms": ["age", "sex"]}
    by_name = METHODS["regression"].fill(asked | {"interaction_with": other}, VARIABLES)
    by_pair = METHODS["regression"].fill(asked | {"interactions": [pair]}, VARIABLES)
    assert by_pair.to_json() == by_name.to_json()
    assert by_pair.interaction_with == other


def test_the_interaction_that_is_asked_about_stands_first_however_it_is_named():
    """By name alone it stood last, and else where it was listed."""
    asked = {"outcome": "disease", "terms": ["age", "sex", "count"]}
    others, own = [["sex", "count"], ["age", "sex"]], ["age", "site"]
    by_name = asked | {"interaction_with": "site"}
    filled = [
        METHODS["regression"].fill(one, VARIABLES)
        for one in (
            by_name | {"interactions": others},
            by_name | {"interactions": [*others, own]},
            by_name | {"interactions": [own, *others]},
        )
    ]
    assert {one.interactions for one in filled} == {
        (("age", "site"), ("sex", "count"), ("age", "sex"))
    }
    spellings = by_name | {"interactions": others[:1]}, asked | {"interactions": [others[0], own]}
    first, second = (METHODS["regression"].fill(one, VARIABLES) for one in spellings)
    assert first == second


def test_of_several_interactions_with_the_exposure_none_is_taken_for_the_one():
    asked = {"outcome": "disease", "terms": ["age", "sex"]}
    for pairs in ([["age", "sex"], ["age", "site"]], [["sex", "site"]]):
        filled = METHODS["regression"].fill(asked | {"interactions": pairs}, VARIABLES)
        assert filled.interaction_with is None


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        *QUESTIONS,
        (
            "regression",
            {"outcome": "sex", "terms": ["age", "pain"], "interactions": [["site", "age"]]},
        ),
    ],
)
def test_filled_parameters_fill_to_themselves(method, parameters):
    variables = variables_of(heart())
    once = METHODS[method].fill(parameters, variables)
    assert METHODS[method].fill(json.loads(json.dumps(once.to_json())), variables) == once


def test_interactions_come_back_in_the_order_of_the_terms():
    filled = METHODS["regression"].fill(
        {
            "outcome": "disease",
            "terms": ["age", "sex"],
            "interactions": [["site", "age"], ["sex", "age"]],
        },
        VARIABLES,
    )
    assert filled.interactions == (("age", "site"), ("age", "sex"))


@pytest.mark.parametrize(
    ("method", "parameters", "fields"),
    [
        ("describe", {"variables": ["nobody"]}, {"variables"}),
        ("describe", {"variables": []}, {"variables"}),
        ("describe", {"variables": ["age", "age"]}, {"variables"}),
        ("describe", {"variables": "age"}, {"variables"}),
        ("describe", {"variables": ["note"]}, {"variables"}),
        ("describe", {"variables": ["born"]}, {"variables"}),
        ("describe", {"variables": ["age"], "by": "age"}, {"by"}),
        ("describe", {"variables": ["age"], "by": ["site"]}, {"by"}),
        ("describe", {"variables": [["age"]]}, {"variables"}),
        ("describe", {"variables": ["age"] * 100_000}, {"variables"}),
        ("describe", {"variables": ["age"], "colour": 1}, {"colour"}),
        ("describe", {"variables": {"a": 1}, "by": {}}, {"variables", "by"}),
        ("correlation", {"variables": ["age"]}, {"variables"}),
        ("correlation", {"variables": ["age", "pain"]}, {"variables"}),
        ("correlation", {"variables": ["age", "sex"], "coefficient": "kendall"}, {"coefficient"}),
        ("correlation", {"variables": ["age", "sex"], "missing": 3}, {"missing"}),
        ("correlation", {"variables": ["age", "sex"], "within_site": "yes"}, {"within_site"}),
        ("correlation", {"variables": ["age", float("nan")]}, {"variables"}),
        ("regression", {}, {"outcome", "terms"}),
        ("regression", {"outcome": "pain", "terms": ["age"]}, {"outcome"}),
        ("regression", {"outcome": "note", "terms": ["pid"]}, {"outcome", "terms"}),
        ("regression", {"outcome": "age", "terms": ["age"]}, {"terms"}),
        ("regression", {"outcome": "disease", "terms": ["site"]}, {"terms"}),
        ("regression", {"outcome": "disease", "terms": ["region"]}, {"terms"}),
        ("regression", {"outcome": "disease", "terms": ["age"], "family": "poisson"}, {"family"}),
        (
            "regression",
            {"outcome": "disease", "terms": ["age"], "family": None, "strategy": 1},
            {"strategy"},
        ),
        ("regression", {"outcome": "disease", "terms": ["age"], "offset": "count"}, {"offset"}),
        (
            "regression",
            {"outcome": "disease", "terms": ["age"], "standard_errors": "hc9"},
            {"standard_errors"},
        ),
        (
            "regression",
            {"outcome": "disease", "terms": ["age"], "site_effects": 1},
            {"site_effects"},
        ),
        (
            "regression",
            {"outcome": "disease", "terms": ["age"], "interactions": "age"},
            {"interactions"},
        ),
        (
            "regression",
            {"outcome": "disease", "terms": ["age"], "interactions": [["age"]]},
            {"interactions"},
        ),
        (
            "regression",
            {"outcome": "disease", "terms": ["age"], "interactions": [["age", "sex"]]},
            {"interactions"},
        ),
        (
            "regression",
            {"outcome": "disease", "terms": ["age"], "interactions": [["age", "age"]]},
            {"interactions"},
        ),
        (
            "regression",
            {
                "outcome": "disease",
                "terms": ["age"],
                "interactions": [["age", "site"], ["site", "age"]],
            },
            {"interactions"},
        ),
        (
            "regression",
            {
                "outcome": "disease",
                "terms": ["age"],
                "site_effects": False,
                "interactions": [["age", "site"]],
            },
            {"interactions"},
        ),
        (
            "regression",
            {"outcome": "disease", "terms": ["age"], "interactions": [[{"a": []}, None]]},
            {"interactions"},
        ),
        (
            "regression",
            {"outcome": "disease", "terms": ["age"], "interactions": [["age", "site"]] * 10_000},
            {"interactions"},
        ),
    ],
)
def test_wrong_fields_are_named(method, parameters, fields):
    errors = _errors(method, parameters)
    assert set(errors) == fields
    assert all(isinstance(text, str) and 0 < len(text) < 400 for text in errors.values())


@pytest.mark.parametrize("method", list(METHODS))
@pytest.mark.parametrize("parameters", [None, [], "age", 3, [["outcome", "disease"]]])
def test_parameters_must_be_an_object(method, parameters):
    assert set(_errors(method, parameters)) == {"parameters"}


def test_long_values_are_not_repeated_in_full():
    errors = _errors("describe", {"variables": ["x" * 10_000], "y" * 10_000: 1})
    assert all(len(name) <= 60 and len(text) < 200 for name, text in errors.items())


junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([*VARIABLES, "site", "pearson", "binomial"]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = [
    "variables",
    "by",
    "coefficient",
    "missing",
    "within_site",
    "outcome",
    "family",
    "terms",
    "interactions",
    "site_effects",
    "offset",
    "standard_errors",
    "strategy",
    "other",
]


@pytest.mark.parametrize("method", list(METHODS))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(parameters=st.dictionaries(st.sampled_from(NAMES), junk, max_size=6))
def test_junk_is_refused_or_filled_but_never_breaks(method, parameters):
    try:
        filled = METHODS[method].fill(parameters, VARIABLES)
    except ParameterError as error:
        answered = error.errors
    else:
        answered = filled.to_json()
    assert json.dumps(answered, allow_nan=False)
