"""The answer in words: right direction, honest about doubt, made of the result's own numbers."""

import re

import pytest

from datasets.engine.methods import METHODS
from datasets.engine.methods.regression.scale import Scale
from datasets.engine.methods.shared.words import (
    amount,
    meaning_of,
    measure_of,
    measured,
    number,
    unit_text,
)
from datasets.engine.rows.frame import VariableInfo
from datasets.engine.sentences import Sentence
from tests.engine.methods.cases import heart, inputs_of, run, variables_of

VARIABLES = {
    "age10": VariableInfo("age10", "number", "Age in decades"),
    "exang": VariableInfo("exang", "boolean", "Angina on exertion"),
    "disease": VariableInfo("disease", "boolean", "Heart disease"),
    "thalach": VariableInfo("thalach", "number", "ECG rate"),
}


def _said(method, table=None, inputs=None, known=VARIABLES, **parameters):
    table = heart() if table is None else table
    found = run(method, table, inputs, **parameters)
    filled = METHODS[method].fill(parameters, variables_of(table))
    result = METHODS[method].result.from_json(found.result)
    told = METHODS[method].say(filled, result, known)
    said = told.to_json() | {"sentence": str(told.sentence)}
    assert said["emphasis"] in said["headline"]
    assert said["headline"] in said["sentence"]
    assert all(set(one) == {"label", "value"} for one in said["numbers"])
    return said


def test_a_settled_effect():
    said = _said(
        "regression", outcome="disease", family="binomial", terms=["exang", "age10", "sex"]
    )
    assert said["sentence"].startswith(
        "For angina on exertion, yes compared with no, the odds of heart disease were 7.84 times "
        "as high (95% CI 2.81 to 21.91). Pooled over 4 sites in 3 regions. Adjusted for age in "
        "decades, sex and site."
    )
    values = {one["label"]: one["value"] for one in said["numbers"]}
    assert values["Odds ratio"] == "7.84"
    assert values["People"] == "865 of 920"
    assert values["Sites"] == "4 in 3 regions"


def test_an_effect_that_is_not_settled_is_not_sold_as_one():
    said = _said(
        "regression",
        outcome="disease",
        family="binomial",
        terms=["age10", "sex", "exang"],
        strategy="two_stage",
    )
    assert (
        "the odds of heart disease were 1.48 times as high; anything from 0.94 to 2.35 fits these "
        "data, and so does no difference." in said["sentence"]
    )


def test_a_linear_effect_says_which_way():
    said = _said("regression", outcome="thalach", terms=["age10"])
    assert "Per 10 years of age, ECG rate was 9.53 lower" in said["sentence"]


def test_what_may_be_lower_or_higher_is_told_without_signs():
    """It was “20.15 lower; anything from -87.83 to 47.53 fits”, which has two scales."""
    said = _said("regression", outcome="chol", terms=["sex"])
    way = r"was [\d.]+ lower; anything from [\d.]+ lower to [\d.]+ higher fits these data"
    assert re.search(way, said["sentence"])


def test_what_is_lower_is_not_said_to_be_so_by_less_than_nothing():
    """It was “5.14 /min lower (95% CI −9.34 to −0.94)”, which denies twice."""
    said = _said("regression", outcome="thalach", terms=["age10"])
    interval = next(one["value"] for one in said["numbers"] if one["label"] == "95% confidence")
    nearest, furthest = (end.strip("−-") for end in reversed(interval.split(" to ")))
    assert f"9.53 lower (95% CI {nearest} to {furthest} lower)." in said["sentence"]


def test_an_estimate_rounded_to_nothing_is_neither_higher_nor_lower():
    """It was “0 mmHg higher”."""
    for exposure, said in (
        ("age10", "Per 10 years of age, ECG rate"),
        ("exang", "yes compared with no, ECG"),
    ):
        parameters = {"outcome": "thalach", "terms": ["age10", "exang"], "exposure": exposure}
        found = run("regression", heart(), None, **parameters).result
        found["answer"]["estimate"] = 0.0
        filled = METHODS["regression"].fill(parameters, variables_of(heart()))
        result = METHODS["regression"].result.from_json(found)
        sentence = METHODS["regression"].say(filled, result, VARIABLES).sentence
        assert said in sentence
        assert "hardly differed (0, rounded)" in sentence
        # At every site: it was “0 at Cleveland to 0 at Hungary”.
        by_site = parameters | {"interaction_with": "site"}
        found = run("regression", heart(), None, **by_site).result
        found["answer"]["by"] = [one | {"estimate": 0.0} for one in found["answer"]["by"]]
        filled = METHODS["regression"].fill(by_site, variables_of(heart()))
        result = METHODS["regression"].result.from_json(found)
        sentence = METHODS["regression"].say(filled, result, VARIABLES).sentence
        assert "hardly differed (0, rounded)" in sentence
        assert "0 higher" not in sentence


def test_levels_are_called_by_what_they_mean():
    asked = {"outcome": "thalach", "terms": ["age10", "exang"], "interaction_with": "exang"}
    assert "(angina on exertion no)" in _said("regression", **asked)["sentence"]
    asked = {"outcome": "thalach", "terms": ["age10", "sex"], "interaction_with": "sex"}
    sex = VariableInfo("sex", "boolean", "Male sex", meanings=(("0", "female"), ("1", "male")))
    said = _said("regression", known=VARIABLES | {"sex": sex}, **asked)["sentence"]
    assert "(female)" in said
    assert "(male)" in said
    assert "male sex female" not in said
    assert "Within sites, the difference minus that for female: " in said
    assert "for male. Pooled over 4 sites in 3 regions. Adjusted for" in said


def test_two_effects_are_both_told_and_do_not_run_from_one_to_the_other():
    by_sex = {"terms": ["age10", "sex"], "interaction_with": "sex"}
    assert _said("regression", outcome="thalach", **by_sex)["emphasis"] == (
        "Per 10 years of age, ECG rate differed by -9.92 (sex 1) and -9.76 (sex 0)"
    )
    ill = {"outcome": "disease", "family": "binomial"}
    assert re.fullmatch(
        r"The odds ratio of heart disease per 10 years of age was \S+ \(sex .\) and \S+ \(sex .\)",
        _said("regression", **ill, **by_sex)["emphasis"],
    )
    exang = {"terms": ["exang", "sex"], "interaction_with": "sex"}
    said = _said("regression", **ill, **exang)["emphasis"]
    assert said.startswith(
        "For angina on exertion, yes compared with no, the odds ratio of heart disease was "
    )
    four = _said("regression", **ill, terms=["exang", "sex"], interaction_with="site")["emphasis"]
    assert "he odds ratio of heart disease ranged from " in four


def test_two_levels_are_compared_by_their_own_names():
    """It was “with male sex … as without”, then “comparing men with women”: in what?"""
    sex = VariableInfo("sex", "boolean", "Male sex", meanings=(("0", "women"), ("1", "men")))
    asked = {"outcome": "disease", "family": "binomial", "terms": ["sex", "age10"]}
    said = _said("regression", known=VARIABLES | {"sex": sex}, **asked)["sentence"]
    assert "For male sex, men compared with women, the odds of heart disease were " in said
    assert "without" not in said.split("Adjusted")[0]
    linear = {"outcome": "thalach", "terms": ["sex", "age10"]}
    said = _said("regression", known=VARIABLES | {"sex": sex}, **linear)["sentence"]
    assert "For male sex, men compared with women, ECG rate was " in said


def test_a_yes_and_a_no_stand_beside_what_they_answer():
    """It was “yes compared with no, the odds …”: of what, nobody could tell; then “with smoker”."""
    meanings = (("0", "no"), ("1", "Yes"))
    angina = VariableInfo("exang", "boolean", "Exercise angina", meanings=meanings)
    asked = {"outcome": "disease", "family": "binomial", "terms": ["exang", "age10"]}
    said = _said("regression", known=VARIABLES | {"exang": angina}, **asked)["sentence"]
    assert "For exercise angina, yes compared with no, the odds of heart disease were " in said
    smoker = VariableInfo("exang", "boolean", "Smoker")
    linear = {"outcome": "thalach", "terms": ["exang", "age10"]}
    for more in ({}, {"interaction_with": "site"}):
        said = _said("regression", known=VARIABLES | {"exang": smoker}, **linear, **more)
        assert "For smoker, yes compared with no, ECG rate " in said["sentence"]
        assert "with smoker" not in said["sentence"]
    # By the levels of it: “-8.61 /min (no) to -4.38 /min (yes)”, of what?
    asked = {"outcome": "thalach", "terms": ["age10", "exang"], "interaction_with": "exang"}
    said = _said("regression", known=VARIABLES | {"exang": angina}, **asked)["sentence"]
    assert "(exercise angina no)" in said
    assert "(exercise angina yes)" in said


def test_a_yes_that_somebody_wrote_down_is_read_in_every_language():
    known = {"exang": VariableInfo("exang", "boolean", meanings=(("0", "no"), ("1", "Yes")))}
    assert meaning_of("exang", "1", known) == Sentence("yes")
    assert isinstance(meaning_of("exang", "0", known), Sentence)
    known = {"cp": VariableInfo("cp", "category", meanings=(("1", "yes"), ("2", "unsure")))}
    assert not isinstance(meaning_of("cp", "1", known), Sentence)


def test_one_site():
    table = heart()
    said = _said(
        "regression",
        table,
        inputs_of(table, sites=["Hungary"]),
        outcome="disease",
        family="binomial",
        terms=["sex"],
    )
    assert "Found at Hungary alone." in said["further"]
    assert "sites" not in said["sentence"]


def test_correlation_and_description():
    said = _said("correlation", variables=["age10", "thalach", "oldpeak"])
    assert said["emphasis"] == "age in decades and ECG rate go in opposite directions"
    assert "says what causes what" in said["sentence"]
    said = _said("describe", variables=["age10", "chol"], by="site")
    assert said["sentence"] == (
        "920 rows hold 2 variables in 4 groups by site. Missing most often is chol (22% of rows)."
    )


def test_a_withheld_answer_says_why():
    method, table = METHODS["regression"], heart()
    table["rare"] = (table["id"] <= 4).astype(float)
    asked = {"outcome": "disease", "family": "binomial", "terms": ["rare"]}
    result = method.result.from_json(run("regression", table, **asked).result)
    filled = method.fill(asked, variables_of(table))
    refused, _ = method.guard(result, filled, 5)
    said = method.say(filled, refused, {})
    assert said.sentence == (
        "This answer is withheld. Too few people stand behind this model: "
        "a level of rare has fewer than 5 rows."
    )
    assert said.numbers == ()


def test_a_level_is_named_by_its_variable():
    said = _said("regression", outcome="disease", family="binomial", terms=["pain", "age10"])
    assert (
        "for pain against pain 1 ranged from 0.33 (95% CI 0.092 to 1.18) for pain 2 to "
        in said["headline"]
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.4834, "1.48"),
        (0.0123, "0.012"),
        (123.4, "123"),
        (45678.9, "45,679"),
        (0.0, "0"),
        (-2.5, "-2.50"),
        (None, "not given"),
    ],
)
def test_numbers_are_as_short_as_a_reader_would_write_them(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("label", "unit", "said"),
    [
        ("Age in decades", "", "per 10 years of age"),
        ("Age in decades", "10.a", "per 10 years of age"),
        ("Age", "10.a", "per 10 years of age"),
        ("Age", "a", "per year of age"),
        ("Weight (kg)", "", "per kg of weight"),
        ("Systolic pressure [mmHg]", "mm[Hg]", "per mmHg of systolic pressure"),
        ("Pain in chest", "", "per unit of pain in chest"),
        ("Weight (kg)", "g", "per g of weight (kg)"),
    ],
)
def test_a_unit_is_told_once_whether_it_stands_in_the_label_or_not(label, unit, said):
    called, code = measure_of("x", {"x": VariableInfo("x", "number", label, unit=unit)})
    assert f"per {amount(1, code)} of {called}" == said


@pytest.mark.parametrize(
    ("label", "wave", "unit", "said"),
    [
        ("Glucose (week)", "week", "", "per unit of glucose (week)"),
        ("Glucose (Week)", "week", "mmol/L", "per mmol/L of glucose (Week)"),
        ("Weight (kg) (6 months)", "6 months", "kg", "per kg of weight (6 months)"),
        ("Weight (kg) (6 months)", "6 months", "", "per kg of weight (6 months)"),
        ("Weight (kg)", "6 months", "kg", "per kg of weight"),
    ],
)
def test_a_wave_is_no_unit(label, wave, unit, said):
    info = VariableInfo("x", "number", label, unit=unit, wave=wave)
    called, code = measure_of("x", {"x": info})
    assert f"per {amount(1, code)} of {called}" == said


def test_several_of_a_unit_are_multiplied_out():
    assert amount(5, "10.a") == "50 years"
    assert measured(2.5, "10.a") == "25.00 years"
    assert unit_text("10.a") == "10 years"
    assert unit_text("10*9/L") == "10⁹/L"
    assert [unit_text(unit) for unit in ("ug/dL", "umol/L", "um")] == ["µg/dL", "µmol/L", "µm"]
    assert [unit_text(unit) for unit in ("[in_i]", "[ft_i]")] == ["inches", "feet"]
    assert [unit_text(unit) for unit in ("mm[Hg]", "[iU]/L", "U/L")] == ["mmHg", "IU/L", "U/L"]


def test_a_very_wide_interval_of_a_ratio_is_told_in_words():
    ratio = Scale(is_ratio=True, in_points=False, unit="")
    assert str(ratio.span([-13.2, 21.9])) == "< 0.001 to > 1,000"
    assert str(ratio.span_of_both([-13.2, 2.0])) == "< 0.001 to 7.39"
    assert str(ratio.span([-21.9, -13.2])) == "< 0.001"
    assert str(ratio.told(-17.36)) == "< 0.001", "it was 0.000000029"
    assert str(ratio.told(900.0)) == "> 1,000"
    assert str(ratio.span([-6.5, -5.5])) == "0.0015 to 0.0041", (
        "what is well known keeps its digits"
    )


def test_a_difference_of_percentages_is_in_points():
    """“HbA1c was 0.50 % lower” reads as a share of itself."""
    percent = Scale(is_ratio=False, in_points=False, unit="%")
    assert str(percent.told(-0.5)) == "-0.50 percentage points"
    assert amount(10, "%") == "10 percentage points", "it was per 10 % of HbA1c"
    assert amount(1, "%") == "percentage point"


def test_one_pair_is_not_the_clearest_of_any():
    said = _said("correlation", variables=["age10", "thalach"])
    assert "(r = " in said["sentence"]
    assert "the clearest" not in said["sentence"]
    several = _said("correlation", variables=["age10", "thalach", "chol"])["sentence"]
    assert "go in opposite directions, the clearest of 3 pairs (r = " in several


def test_a_site_that_cannot_tell_is_counted_among_those_that_were_asked():
    """The title said “(4 sites)” and the sentence “over 3 sites”."""
    said = _said("regression", outcome="thalach", terms=["chol", "age10"])
    assert "Pooled over 3 of 4 sites in 2 regions." in said["further"]
    assert {"label": "Sites", "value": "3 of 4 in 2 regions"} in said["numbers"]
