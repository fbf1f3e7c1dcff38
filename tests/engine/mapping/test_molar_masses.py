"""Molar masses computed from formulas, and the factors that laboratories and journals publish.

Atomic weights: IUPAC 2021, conventional values where it gives an interval. Haemoglobin A is two
alpha chains (C685H1071N187O194S3), two beta chains (C724H1119N195O201S3) and four haems
(C34H32FeN4O4), counted by the four monomers that it is made of.

Factors: Clinical Chemistry's and the AMA's tables of conventional to SI units (glucose 0.05551,
cholesterol 0.02586, creatinine 88.4, bilirubin 17.1, calcium 0.2495, magnesium 0.4114, phosphorus
0.3229, uric acid 59.48, lactate 0.111, cortisol 27.59, testosterone 0.0347, vitamin B12 0.7378,
25-hydroxyvitamin D 2.496, iron 0.179, folate 2.266, triglycerides 0.0113); haemoglobin 0.6206
(Kratz et al., N Engl J Med 2004;351:1548); urea nitrogen 0.357 as urea. HbA1c: the NGSP's master
equation, ngsp.org/ifcc.asp.
"""

import re

import pytest

from datasets.engine.mapping.units import conversion
from datasets.engine.mapping.units_table import ANALYTES, UNITS

WEIGHTS = {
    "H": 1.008,
    "C": 12.011,
    "N": 14.007,
    "O": 15.999,
    "S": 32.06,
    "Na": 22.98976928,
    "Mg": 24.305,
    "P": 30.973761998,
    "K": 39.0983,
    "Ca": 40.078,
    "Fe": 55.845,
    "Co": 58.933194,
}
FORMULAS = {
    "glucose": "C6H12O6",
    "cholesterol": "C27H46O",
    "triglycerides": "C57H104O6",
    "creatinine": "C4H7N3O",
    "urea": "CH4N2O",
    "urea nitrogen": "N2",
    "uric acid": "C5H4N4O3",
    "bilirubin": "C33H36N4O6",
    "calcium": "Ca",
    "magnesium": "Mg",
    "phosphate": "P",
    "sodium": "Na",
    "potassium": "K",
    "iron": "Fe",
    "lactate": "C3H6O3",
    "vitamin D": "C27H44O2",
    "vitamin B12": "C63H88CoN14O14P",
    "folate": "C19H19N7O6",
    "cortisol": "C21H30O5",
    "testosterone": "C19H28O2",
    "haemoglobin": "C2954H4508N780O806S12Fe4",
}
MONOMERS = {"haemoglobin": 4}


def mass(formula):
    parts = re.findall(r"([A-Z][a-z]?)(\d*)", formula)
    return sum(WEIGHTS[element] * int(count or 1) for element, count in parts)


@pytest.mark.parametrize("name", [name for name, one in ANALYTES.items() if one.molar_mass])
def test_a_molar_mass_is_that_of_the_formula(name):
    expected = mass(FORMULAS[name]) / MONOMERS.get(name, 1)
    assert ANALYTES[name].molar_mass == pytest.approx(expected, rel=1e-3)
    # g/L over g/mol is mol/L
    assert conversion("g/L", "mol/L", name).factor == pytest.approx(1 / expected, rel=1e-3)


@pytest.mark.parametrize(
    ("old", "new", "analyte", "published"),
    [
        ("mg/dL", "mmol/L", "glucose", "0.05551"),
        ("mg/dL", "mmol/L", "cholesterol", "0.02586"),
        ("mg/dL", "mmol/L", "triglycerides", "0.0113"),
        ("mg/dL", "umol/L", "creatinine", "88.4"),
        ("mg/dL", "mmol/L", "urea nitrogen", "0.357"),
        ("mg/dL", "umol/L", "uric acid", "59.48"),
        ("mg/dL", "umol/L", "bilirubin", "17.10"),
        ("mg/dL", "mmol/L", "calcium", "0.2495"),
        ("mg/dL", "mmol/L", "magnesium", "0.4114"),
        ("mg/dL", "mmol/L", "phosphate", "0.3229"),
        ("ug/dL", "umol/L", "iron", "0.179"),
        ("g/dL", "mmol/L", "haemoglobin", "0.6206"),
        ("mg/dL", "mmol/L", "lactate", "0.1110"),
        ("ng/mL", "nmol/L", "vitamin D", "2.496"),
        ("pg/mL", "pmol/L", "vitamin B12", "0.7378"),
        ("ng/mL", "nmol/L", "folate", "2.266"),
        ("ug/dL", "nmol/L", "cortisol", "27.59"),
        ("ng/dL", "nmol/L", "testosterone", "0.0347"),
    ],
)
def test_a_factor_is_the_published_one_to_its_last_digit(old, new, analyte, published):
    decimals = len(published.partition(".")[2])
    factor = conversion(old, new, analyte).factor
    assert factor == pytest.approx(float(published), abs=0.51 * 10**-decimals)


PREFIXES = {"": 1, "d": 1e-1, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12}


@pytest.mark.parametrize("code", [code for code in UNITS if re.fullmatch(r"\w?(g|mol)/\w?L", code)])
def test_a_concentrations_scale_is_that_of_its_prefixes(code):
    above, below = code.split("/")
    stem = "mol" if above.endswith("mol") else "g"
    scale = PREFIXES[above.removesuffix(stem)] / PREFIXES[below.removesuffix("L")]
    assert UNITS[code].scale == pytest.approx(scale, rel=1e-12)


@pytest.mark.parametrize(
    ("old", "new", "factor"),
    [
        ("[ft_i]", "[in_i]", 12),
        ("[in_i]", "cm", 2.54),
        ("[lb_av]", "kg", 0.45359237),
        ("kPa", "mm[Hg]", 7.500615),
        ("mm[Hg]", "cm[H2O]", 1.35951),
        ("a", "d", 365.25),
        ("a", "mo", 12),
        ("wk", "d", 7),
        ("h", "min", 60),
        ("/s", "/min", 60),
        ("10*6/uL", "10*12/L", 1),
        ("10*3/uL", "10*9/L", 1),
        ("ukat/L", "U/L", 60),
        ("nkat/L", "U/L", 0.06),
    ],
)
def test_what_is_no_concentration_is_as_ucum_defines_it(old, new, factor):
    into = conversion(old, new)
    assert (into.factor, into.offset) == (pytest.approx(factor, rel=1e-6), 0)
