"""Units as people write them, and what one is in another; factors are the laboratories' own.

References: AMA Manual of Style, conversion factors to SI (13th ed.): glucose 0.0555, cholesterol
0.0259, triglycerides 0.0113, creatinine 88.4, urea nitrogen 0.357, uric acid 59.485 (umol/L),
bilirubin 17.104, calcium 0.25, magnesium 0.411 (from mg/dL), 25-hydroxyvitamin D 2.496 (from
ng/mL). HbA1c: ngsp.org, 7 % is 53 mmol/mol.
"""

import pytest

from datasets.engine.mapping.problems import RuleError
from datasets.engine.mapping.units import (
    analyte_in,
    conversion,
    convertible,
    is_usual,
    ucum,
    unit_named,
    without_unit,
)
from datasets.engine.mapping.units_table import ALIASES, ANALYTES, UNITS


@pytest.mark.parametrize(
    ("old", "new", "analyte", "factor"),
    [
        ("mg/dL", "mmol/L", "glucose", 0.0555),
        ("mg/dL", "mmol/L", "cholesterol", 0.0259),
        ("mg/dL", "mmol/L", "triglycerides", 0.0113),
        ("mg/dL", "umol/L", "creatinine", 88.4),
        ("mg/dL", "mmol/L", "urea nitrogen", 0.357),
        ("mg/dL", "umol/L", "uric acid", 59.485),
        ("mg/dL", "umol/L", "bilirubin", 17.104),
        ("mg/dL", "mmol/L", "calcium", 0.25),
        ("mg/dL", "mmol/L", "magnesium", 0.411),
        ("ng/mL", "nmol/L", "vitamin D", 2.496),
        ("g/dL", "mmol/L", "haemoglobin", 0.6206),
        ("kPa", "mm[Hg]", "", 7.50062),
        ("lbs", "kg", "", 0.45359237),
        ("inches", "cm", "", 2.54),
        ("months", "years", "", 1 / 12),
    ],
)
def test_a_factor_is_the_laboratories_own(old, new, analyte, factor):
    there = conversion(old, new, analyte)
    assert (there.factor, there.offset) == (pytest.approx(factor, rel=5e-3), 0)
    assert conversion(new, old, analyte).factor == pytest.approx(1 / there.factor, rel=1e-12)


def test_the_same_two_units_differ_between_substances():
    factors = {
        name: conversion("mmol/L", "mg/dL", name).factor
        for name in ("glucose", "cholesterol", "creatinine", "urea")
    }
    assert factors == pytest.approx(
        {"glucose": 18.0156, "cholesterol": 38.665, "creatinine": 11.312, "urea": 6.0056}
    )


@pytest.mark.parametrize(
    ("value", "old", "new", "analyte", "expected"),
    [
        (7, "%", "mmol/mol", "HbA1c", 53),
        (53, "mmol/mol", "%", "HbA1c", 7.0),
        (98.6, "°F", "°C", "", 37),
    ],
)
def test_scales_with_another_zero(value, old, new, analyte, expected):
    into = conversion(old, new, analyte)
    assert value * into.factor + into.offset == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        *((spelling, code) for code, spellings in ALIASES.items() for spelling in spellings),
        *((code, code) for code in UNITS),
        (" MG / DL ", "mg/dL"),
        ("µmol/l", "umol/L"),
        ("μg/L", "ug/L"),
        ("mcg/L", "ug/L"),
        ("MMHG", "mm[Hg]"),
        ("g/l", "g/L"),
        ("mM", ""),
        ("mEq/L", ""),
        ("furlong", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_spellings(written, code):
    assert ucum(written) == code


@pytest.mark.parametrize(
    ("units", "code"),
    [
        (("mmol/L", "mg/dL", ""), "needs_analyte"),
        (("mmol/L", "mg/dL", "HbA1c"), "not_convertible"),
        (("%", "mmol/mol", "glucose"), "not_convertible"),
        (("mmol/L", "mg/dL", "mystery"), "unknown_analyte"),
        (("kg", "cm", ""), "not_convertible"),
        (("stone", "kg", ""), "unknown_unit"),
        ((7, "kg", ""), "unknown_unit"),
    ],
)
def test_what_cannot_be_converted_is_refused_in_words(units, code):
    with pytest.raises(RuleError) as refused:
        conversion(*units)
    assert refused.value.code == code
    assert refused.value.detail


@pytest.mark.parametrize(
    ("texts", "analyte"),
    [
        (("chol", "Serum cholesterol"), "cholesterol"),
        (("x7", "Fasting glucose, mg/dL"), "glucose"),
        (("HbA1c",), "HbA1c"),
        (("crea_1",), "creatinine"),
        (("glucose_creatinine_ratio",), ""),
        (("age",), ""),
    ],
)
def test_the_substance_is_told_from_names_and_labels(texts, analyte):
    assert analyte_in(*texts) == analyte


def test_a_unit_that_is_not_named_is_asked_for():
    """It was “The unit 'None' is not in the table of units”."""
    with pytest.raises(RuleError) as refused:
        conversion("mmol/L", None)
    assert "(from)" in str(refused.value.detail)
    assert "None" not in str(refused.value.detail)


def test_what_a_unit_can_be_converted_to():
    assert "mg/dL" in convertible("mmol/L", "glucose")
    assert "mg/dL" not in convertible("mmol/L")
    assert convertible("nonsense") == []


@pytest.mark.parametrize(
    ("name", "stem", "unit"),
    [
        ("chol_mgdl", "chol", "mg/dL"),
        ("chol_mg_dl", "chol", "mg/dL"),
        ("cholMgDl", "chol", "mg/dL"),
        ("Cholesterol (mmol/L)", "Cholesterol", "mmol/L"),
        ("Serum cholesterol, mg/dl", "Serumcholesterol", "mg/dL"),
        ("sbp_mmhg", "sbp", "mm[Hg]"),
        ("sbp.mmHg", "sbp", "mm[Hg]"),
        ("hb_gdl", "hb", "g/dL"),
        ("height_cm", "height", "cm"),
        ("crea_umoll", "crea", "umol/L"),
        ("crea_umol", "crea", "umol/L"),
        ("bmi_kg_m2", "bmi", "kg/m2"),
        ("hr_bpm", "hr", "/min"),
        ("hba1c_pct", "hba1c", "%"),
        ("wbc_10_9_l", "wbc", "10*9/L"),
        ("age_years", "age", "a"),
        ("dose_mg", "dose", "mg"),
        *((name, name, "") for name in ("sbp_min", "rest_hr", "vit_d", "check_in", "cm", "chol")),
    ],
)
def test_a_name_may_end_in_its_unit(name, stem, unit):
    assert without_unit(name) == (stem, unit)


def test_a_unit_is_named_by_name_or_label_and_by_two_of_them_it_is_not():
    assert unit_named("chol_mgdl") == "mg/dL"
    assert unit_named("chol", "Cholesterol (mmol/L)") == "mmol/L"
    assert unit_named("chol_mgdl", "Cholesterol [mg/dl]") == "mg/dL"
    assert unit_named("chol_mgdl", "Cholesterol (mmol/L)") == ""


REFERENCE = {
    "glucose": ((70, 110, "mg/dL"), (3.9, 6.1, "mmol/L")),
    "creatinine": ((0.6, 1.5, "mg/dL"), (53, 133, "umol/L")),
    "urea": ((17.5, 53, "mg/dL"), (2.9, 8.9, "mmol/L")),
    "calcium": ((8.5, 10.5, "mg/dL"), (2.1, 2.6, "mmol/L")),
    "uric acid": ((2.3, 8.5, "mg/dL"), (137, 506, "umol/L")),
    "potassium": ((13.3, 19.6, "mg/dL"), (3.4, 5.0, "mmol/L")),
    "sodium": ((310, 333, "mg/dL"), (135, 145, "mmol/L")),
    "haemoglobin": ((12.0, 17.5, "g/dL"), (7.5, 10.8, "mmol/L")),
    "HbA1c": ((4.0, 6.0, "%"), (20, 42, "mmol/mol")),
}
"""Adult reference intervals in two units in use, both sexes together: Kratz et al., N Engl J Med
2004;351:1548-63; urea and the electrolytes' masses are computed from theirs in the other unit."""


@pytest.mark.parametrize("analyte", REFERENCE)
def test_a_healthy_median_is_usual_in_its_own_unit_and_in_no_other(analyte):
    """Of haemoglobin 8.5 was usual in g/dL and in mmol/L, so that neither was ever doubted."""
    one, other = REFERENCE[analyte]
    for (low, high, unit), wrong in ((one, other[2]), (other, one[2])):
        for step in range(11):
            median = low + (high - low) * step / 10
            assert is_usual(median, unit, analyte) is True
            assert is_usual(median, wrong, analyte) is False, (median, wrong)


@pytest.mark.parametrize(
    ("median", "unit", "analyte", "usual"),
    [
        (11.5, "g/dL", "haemoglobin", True),
        (6.8, "mmol/L", "haemoglobin", True),
        (15, "mmol/L", "urea", True),
        (11, "%", "HbA1c", True),
        # Grave anaemia in g/dL is health in mmol/L: somebody should look.
        (8.5, "g/dL", "haemoglobin", False),
    ],
)
def test_the_medians_of_the_ill_are_usual_but_where_they_are_health_in_another_unit(
    median, unit, analyte, usual
):
    assert is_usual(median, unit, analyte) is usual


def test_what_is_healthy_is_within_what_is_usual():
    for one in ANALYTES.values():
        if one.healthy:
            assert one.usual[0] < one.healthy[0] < one.healthy[1] < one.usual[1]
