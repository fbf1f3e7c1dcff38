"""Which column is suggested, by which rule, and what is said for and against it."""

import numpy as np
import pytest

from datasets.engine.mapping.rules import KEEP
from datasets.engine.profiling.suspicion import suspicious_numbers
from datasets.mappings.cautions import cautions
from datasets.mappings.suggestions import Columns, Elsewhere, suggest
from tests.factories import ColumnFactory, MappingFactory, SharedVariableFactory, VersionFactory

pytestmark = pytest.mark.django_db

SEX = {"1": "male", "2": "female"}


def made(*columns):
    version = VersionFactory(ready=True)
    return Columns(
        ColumnFactory(version=version, position=place, **values)
        for place, values in enumerate(columns)
    )


def top(*values):
    pairs = [{"value": value, "n": 10} for value in values]
    return {"top": pairs, "distinct": len(pairs), "n": 10 * len(pairs)}


@pytest.mark.parametrize(
    ("columns", "found", "reason"),
    [
        ([("Chol", "", "number"), ("chol", "", "number")], "chol", "same name"),
        ([("CHOL_", "", "integer")], "CHOL_", "case and punctuation"),
        ([("x7", "Serum cholesterol", "number")], "x7", "same label"),
        ([("serum-cholesterol", "", "number")], "serum-cholesterol", "variable’s label"),
        ([("tot_chol", "", "number")], "tot_chol", "abbreviations"),
        ([("glucose", "", "number")], None, ""),
        ([("chol", "", "date")], None, ""),
        ([], None, ""),
    ],
)
def test_a_column_is_known_by_name_label_or_abbreviation(columns, found, reason):
    variable = SharedVariableFactory(name="chol", type="number", label="Serum cholesterol")
    named = made(*({"name": n, "label": label, "type": kind} for n, label, kind in columns))
    suggestion = suggest(variable, named)
    assert (suggestion and suggestion.column) == found
    if suggestion:
        assert reason in suggestion.reason


def test_another_unit_is_converted_by_the_factor_of_the_substance():
    variable = SharedVariableFactory(name="chol", type="number", unit="mg/dL", label="Cholesterol")
    column = {"name": "chol", "type": "number", "unit": "mmol/l"}
    suggestion = suggest(variable, made(column))
    assert suggestion.rule == {
        "kind": "unit",
        "column": "chol",
        "from": "mmol/l",
        "to": "mg/dL",
        "analyte": "cholesterol",
    }
    assert "times 38.665 that is mg/dL" in suggestion.reasons[-1]
    against = suggest(variable, made(column | {"unit": "kg"}))
    assert against.rule["kind"] == "copy"
    [said] = against.against
    assert "Its dictionary says kg, the variable is in mg/dL, and no conversion" in said


@pytest.mark.parametrize(
    ("named", "wanted", "middle", "said"),
    [
        ("hba1c", "%", 42, "Its median is 42, which would be unusual in % and usual in mmol/mol:"),
        ("hba1c", "%", 6.1, None),
        ("glucose", "mmol/L", 110, "unusual in mmol/L and usual in mg/dL:"),
        ("glucose", "mmol/L", 40, "unusual in mmol/L: look whether it is the same measurement"),
        ("lactate", "mmol/L", 2, "Its dictionary names no unit, and not every laboratory reports"),
        ("age", "a", 60, None),
    ],
)
def test_values_of_an_unusual_size_or_of_no_known_unit_speak_against_taking_them_as_they_are(
    named, wanted, middle, said
):
    variable = SharedVariableFactory(name=named, type="number", unit=wanted)
    column = {"name": named, "type": "number", "profile": {"quantiles": {"0.5": middle}}}
    against = suggest(variable, made(column), reads_rows=True).against
    assert [said in one for one in against] == ([True] if said else [])
    # To whoever does not read the rows the size of the values says nothing.
    assert "median" not in "".join(suggest(variable, made(column)).against)


@pytest.mark.parametrize(
    ("column", "middle", "variable", "unit", "rule"),
    [
        ("height_in", 66, "height", "cm", "[in_i]"),
        ("HtIn", 66, "height", "cm", "[in_i]"),
        ("height_in", 168, "height", "cm", None),  # centimetres, whatever its name ends in
        ("height_m", 1.68, "height", "cm", "m"),
        ("temp_f", 98.6, "temp", "Cel", "[degF]"),
        ("temp_f", 37, "temp", "Cel", None),
        ("temp_c", 37, "temp", "Cel", "copy"),
        ("checked_in", 66, "checked", "cm", None),
        ("checked_in", 66, "checked", "", None),
        ("height_in", 66, "height_in", "cm", "[in_i]"),
        ("height_in", 168, "height_in", "cm", "copy"),
        ("weight_lb", 170, "weight", "kg", "[lb_av]"),
        ("gluc_mgdl", 95, "glucose", "mmol/L", "mg/dL"),
    ],
)
def test_an_ending_that_may_be_a_unit_is_one_where_the_values_agree(
    column, middle, variable, unit, rule
):
    wanted = SharedVariableFactory(name=variable, type="number", unit=unit)
    profile = {"quantiles": {"0.5": middle}}
    columns = made({"name": column, "type": "number", "profile": profile})
    found = suggest(wanted, columns, reads_rows=True)
    assert (found and (found.rule.get("from") or found.rule["kind"])) == rule
    # To whoever does not read the rows the size of the values says nothing.
    if column.lower().endswith("in") and variable == "height":
        assert suggest(wanted, columns) is None


def test_a_code_for_missing_that_a_rule_would_measure_speaks_against_it():
    """−9 became −347.985 mg/dL, “Complete”, by a suggestion that nothing spoke against."""
    variable = SharedVariableFactory(name="chol", type="number", unit="mg/dL", label="Cholesterol")
    code = suspicious_numbers(np.array([-9.0, *range(2, 9)]), np.array([22, *[50] * 7]))
    profile = {"quantiles": {"0.5": 5.4}, "suspicious": code}
    column = {"name": "chol", "type": "number", "unit": "mmol/L", "profile": profile}
    found = suggest(variable, made(column), reads_rows=True)
    assert found.rule["kind"] == "unit"
    [said] = found.against
    far = "far from all other values, which are 2 to 8"
    assert said == f"−9 occurs 22 times, {far}: if it means missing, the rule has to say so."
    # Nor does a column without a unit hide one; where the rule names it, all is said.
    score = SharedVariableFactory(name="score", type="number")
    version = VersionFactory(ready=True)
    own = ColumnFactory(version=version, name="score", type="integer", profile=profile)
    rule = {"kind": "copy", "column": "score"}
    assert len(cautions(score, [own], rule, reads_rows=True)) == 1
    assert not cautions(score, [own], rule, reads_rows=False)
    named = rule | {"kind": "recode", "map": {"-9": None}, "otherwise": KEEP}
    assert not cautions(score, [own], named, reads_rows=True)
    # A script may name a number as a number, or no codes by null.
    own.unit = "mmol/L"
    unit = {"kind": "unit", "column": "score", "from": "mmol/L", "to": "mmol/L"}
    for codes, left in ((["-9"], 0), ([-9], 0), ([-9.0], 0), ([9], 1), (None, 1), ([], 1)):
        found = cautions(score, [own], unit | {"missing": codes}, reads_rows=True)
        assert sum("may mean missing" in one.brief for one in found) == left


def test_values_become_codes_where_each_can_be_told_and_only_for_whoever_reads_them():
    variable = SharedVariableFactory(name="sex", type="category", codes=SEX)
    column = {"name": "geschl", "type": "category", "profile": top("m", "w", "k.A.")}
    suggestion = suggest(variable, made(column), reads_rows=True)
    assert suggestion.rule == {
        "kind": "recode",
        "column": "geschl",
        "map": {"m": "1", "w": "2", "k.A.": None},
        "otherwise": None,
    }
    assert suggest(variable, made(column), reads_rows=False) is None
    unknown = suggest(
        variable, made(column | {"profile": top("m", "w", "divers")}), reads_rows=True
    )
    assert "divers" not in unknown.rule["map"]
    assert unknown.against == ["Nothing is known of divers."]
    fitting = suggest(variable, made(column | {"profile": top("1", "2")}), reads_rows=True)
    assert fitting.rule["kind"] == "copy"
    assert "Every value is one of the codes." in fitting.reasons


def test_what_other_sites_approved_is_the_best_reason():
    variable = SharedVariableFactory(name="bp", type="number")
    rule = {"kind": "recode", "column": "RRsyst", "map": {"0": None}, "otherwise": {"kind": "copy"}}
    mapping = MappingFactory(
        variable=variable, version__dataset__project=variable.project, rule=rule
    )
    column = {"name": "rr_syst", "type": "number"}
    suggestion = suggest(
        variable, made(column), [Elsewhere(mapping, "Oslo", mapping.rule)], reads_rows=True
    )
    assert suggestion.rule == rule | {"column": "rr_syst"}
    assert suggestion.reasons == [
        "Oslo has it from a column of this name.",
        "The same rule is in use at Oslo.",
    ]
    assert suggest(variable, made(column), []) is None


@pytest.mark.parametrize(("median", "reasons", "against"), [(6.3, 1, 0), (240, 0, 1)])
def test_the_median_beside_another_sites_speaks_for_it_or_against(median, reasons, against):
    variable = SharedVariableFactory(name="chol", type="number", unit="mg/dL")
    mapping = MappingFactory(variable=variable, version__dataset__project=variable.project)
    preview = {"after": {"quantiles": {"0.5": 241.0}}}
    column = {
        "name": "chol",
        "type": "number",
        "unit": "mmol/L",
        "profile": {"quantiles": {"0.5": median}},
    }
    suggestion = suggest(
        variable,
        made(column),
        [Elsewhere(mapping, "Cleveland", mapping.rule, preview)],
        reads_rows=True,
    )
    said = [text for text in suggestion.reasons if "Cleveland it is 241" in text]
    doubts = [text for text in suggestion.against if "Cleveland it is 241" in text]
    assert (len(said), len(doubts)) == (reasons, against)


@pytest.mark.parametrize(
    ("named", "unit", "column", "kind", "reason"),
    [
        ("chol", "mg/dL", "chol_mgdl", "copy", "Its name says mg/dL, which the variable is in."),
        ("chol", "mmol/L", "CHOL_MG_DL", "unit", "Its name says mg/dL: times 0.0258632 that is"),
        ("chol_mmoll", "mmol/L", "chol_mgdl", "unit", "Its name says mg/dL: times 0.0258632"),
        ("chol_mmoll", "mmol/L", "chol", "copy", "But for a unit its name is the same."),
        ("rest_bp", "mm[Hg]", "sbp_mmhg", "copy", "The table of abbreviations has both"),
        ("haemoglobin", "g/dL", "hb_gdl", "copy", "The table of abbreviations has both"),
        ("hba1c", "%", "hba1c_mmolmol", "unit", "Its name says mmol/mol, which can be converted"),
        ("height", "m", "height_cm", "unit", "Its name says cm: times 0.01 that is m."),
        ("creatinine", "mg/dL", "crea_umoll", "unit", "The table of abbreviations has both"),
        ("bmi", "", "bmi_kgm2", "copy", "But for a unit its name is the same."),
        ("chol", "mg/dL", "chol_kg", None, ""),
        ("sbp", "mm[Hg]", "sbp_min", None, ""),
    ],
)
@pytest.mark.parametrize("reads_rows", [True, False])
def test_a_unit_in_a_name_is_no_part_of_it_and_says_how_to_convert(
    named, unit, column, kind, reason, reads_rows
):
    label = "Systolic blood pressure" if named == "rest_bp" else ""
    variable = SharedVariableFactory(name=named, type="number", unit=unit, label=label)
    found = suggest(variable, made({"name": column, "type": "number"}), reads_rows=reads_rows)
    assert (found and found.rule["kind"]) == kind
    if found:
        assert any(reason in one for one in found.reasons), found.reasons
        # A column whose name is silent may be in any of the laboratories' units.
        assert bool(found.against) == (column == "chol")
