"""Cautions and reasons call variables as people do: by labels, units and meanings."""

import json

import numpy as np
import pytest

from datasets.engine.methods import METHODS, Answer, Caution
from datasets.engine.methods.shared.labels import labelled, term_of
from datasets.engine.rows.frame import VariableInfo
from datasets.engine.sentences import Called, Sentence
from tests.engine.methods.cases import heart, inputs_of, variables_of

INFOS = {
    "disease": VariableInfo("disease", "boolean", "Coronary disease"),
    "sex": VariableInfo(
        "sex", "category", "Sex", levels=("0", "1"), meanings=(("0", "woman"), ("1", "man"))
    ),
    "exang": VariableInfo("exang", "boolean", "Exercise angina"),
    "chol": VariableInfo("chol", "number", "Cholesterol", unit="mg/dL"),
    "oldpeak": VariableInfo("oldpeak", "number", "ST depression", unit="mm"),
    "pain": VariableInfo(
        "pain", "category", "Chest pain", meanings=(("1", "typical angina"), ("4", "none"))
    ),
}


@pytest.fixture(scope="module")
def table():
    table = heart()
    there = (table["site"] == "VA Long Beach") & np.isnan(table["chol"])
    table["chol"] = np.where(there, 0.0, table["chol"])
    table["sex"] = np.array([f"{value:g}" for value in table["sex"]], dtype=object)
    return table


def told(table, method="regression", **asked):
    from datasets.engine.methods import run_local

    chosen = METHODS[method]
    filled = chosen.fill(asked, variables_of(table))
    return chosen.told(filled, run_local(chosen, filled, inputs_of(table)), INFOS)


def messages(answer, code):
    return [str(one.message) for one in answer.warnings if one.code == code]


def test_what_separates_is_told_in_meanings(table):
    answer = told(
        table, outcome="disease", family="binomial", terms=["exang", "sex"], exposure="exang"
    )
    [said] = messages(answer, "separation")
    assert said == (
        "At Switzerland every row with sex other than man has coronary disease = yes and none has "
        "coronary disease = no, so the data cannot say how large the effect of sex: man is."
    )
    assert answer.result.by_site[2].separation[0].why == said


def test_what_separates_at_zero_is_told_in_meanings_though_columns_were_centred(monkeypatch):
    # The mean of a yes or no at all sites, subtracted and added again, leaves 1e-16 and not 0.
    monkeypatch.setitem(
        INFOS,
        "sex",
        VariableInfo("sex", "boolean", "Sex", meanings=(("0", "female"), ("1", "male"))),
    )
    table = heart()
    both = np.isin(table["site"], ["Switzerland", "VA Long Beach"])
    table = {name: values[both] for name, values in table.items()}
    answer = told(table, outcome="disease", family="binomial", terms=["sex", "age"], exposure="sex")
    [said] = messages(answer, "separation")
    assert said.startswith("At Switzerland every row with sex = female has coronary disease = yes")


def test_a_likely_code_for_missing_has_its_unit_and_begins_with_a_capital(table):
    answer = told(table, outcome="thalach", terms=["chol"])
    suspicious = [one for one in answer.warnings if one.code == "suspicious_value"]
    assert [str(one.message) for one in suspicious] == [
        "Cholesterol is 0 mg/dL in 56 rows at VA Long Beach, far from all other values: check "
        "whether it is a code for missing."
    ]
    assert suspicious[0].about == "chol"
    assert messages(answer, "not_collected") == [
        "Cholesterol was not collected at Switzerland (every value is missing there), so "
        "Switzerland is left out of this regression."
    ]
    assert answer.result.excluded_sites[0].reason == "cholesterol not collected"


def test_levels_have_their_meanings_and_what_follows_its_labels(table):
    moved = (table["site"] == "Hungary") & (table["pain"] == "1")
    table = table | {"pain": np.where(moved, "2", table["pain"])}
    answer = told(table, outcome="thalach", terms=["pain", "age"])
    [said] = messages(answer, "no_site_estimate")
    assert said == (
        "Hungary has no row with the reference level typical angina of chest pain, and gives the "
        "pool no estimate of what hangs on it: chest pain: 2, chest pain: 3 and chest pain: none."
    )


def test_an_interaction_and_a_site_are_said_as_one_says_them():
    column = Called("oldpeak:site[Hungary]", [("oldpeak", None), ("site", "Hungary")])
    said = Sentence("%(term)s varies.", term=column)
    [caution] = labelled((Caution("x", said),), INFOS)
    assert caution.message == "ST depression × Hungary varies."
    assert labelled(said, {}) == "oldpeak × Hungary varies."
    assert str(said) == "oldpeak:site[Hungary] varies.", "the sentence itself is as it was"


def test_correlations_call_variables_by_their_labels_too(table):
    answer = told(table, "correlation", variables=["chol", "oldpeak", "age"])
    assert isinstance(answer, Answer)
    assert all("chol " not in str(one.message) for one in answer.warnings)
    assert any(str(one.message).startswith("Cholesterol is 0 mg/dL") for one in answer.warnings)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("(Intercept)", "Intercept"),
        ("exang", "Exercise angina"),
        ("pain[4]", "Chest pain: none"),
        ("sex[1]:site[Hungary]", "Sex: man × Hungary"),
        ("oldpeak:pain", "ST depression × chest pain"),
        ("unknown", "unknown"),
        ("pain[4] (2)", "pain[4] (2)"),
    ],
)
def test_a_term_of_a_table_is_told_by_what_its_name_is_made_of(name, said):
    assert term_of(name, INFOS) == said


def test_names_that_hold_brackets_and_colons_are_told_apart():
    infos = {
        "a": VariableInfo("a", "category", "First"),
        "a[x]": VariableInfo("a[x]", "number", "Second"),
        "b:c": VariableInfo("b:c", "number", "Third"),
    }
    assert term_of("a[x]", infos) == "Second"
    assert term_of("a[y]]:b:c", infos) == "First: y] × third"


def test_what_is_called_by_a_name_survives_a_database():
    said = Sentence("%(name)s is rare", name=Called("sex[1]", [("sex", "1")]))
    again = Sentence.from_kept(json.loads(json.dumps(said.kept)))
    assert again == "sex[1] is rare"
    assert labelled(again, INFOS) == "sex: man is rare"
