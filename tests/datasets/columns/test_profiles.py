"""Columns in words."""

import pytest

from datasets.columns.profiles import lines_of, missing_share, words_of


def column(type, **values):
    return {"name": "c", "type": type, "n": 100, "missing": 0, "distinct": 50, **values}


QUANTILES = {"0.25": 8, "0.5": 14, "0.75": 26}


@pytest.mark.parametrize(
    ("profile", "first", "second"),
    [
        (column("integer", quantiles=QUANTILES, min=1, max=59),
         "Median 14 (IQR 8–26)", "Range 1 to 59"),
        (column("number", mean=5.5, sd=1.25), "Mean 5.5 (SD 1.25)", "Range withheld"),
        (column("number", quantiles=None), "Withheld", "Range withheld"),
        (column("integer", n=0), "No values", ""),
        (column("boolean", distinct=2, top=[{"value": True, "n": 61}, {"value": False, "n": 39}]),
         "Yes: 61%", "No: 39%"),
        (column("category", distinct=9, top=[{"value": "Thyolo", "n": 31}, {"value": "B", "n": 9}]),
         "9 values", "Most often Thyolo: 31%"),
        (column("category", top=[{"value": None, "n": None}]), "Withheld", ""),
        (column("integer", distinct=2, top=[{"value": 1, "n": 70}, {"value": 0, "n": 30}]),
         "1: 70%", "0: 30%"),
        (column("date", min="2023-03-01", max="2025-08-31"), "2023-03-01 to 2025-08-31", ""),
        (column("date", quantiles={"0.5": "2024-01-01"}), "Median 2024-01-01", "Range withheld"),
        (column("identifier", distinct=100), "100 unique", "One value per row"),
        (column("text", distinct=41), "41 different", ""),
    ],
)  # fmt: skip
def test_two_short_lines(profile, first, second):
    assert words_of(profile) == (first, second)


def test_flags_missing_and_variables():
    suspicious = [{"value": 0, "n": 172, "why": "far from all other values, which are 85 to 603"}]
    profile = {"rows": 200, "columns": [column("number", missing=25, suspicious=suspicious)]}
    line = lines_of(profile, {"c": ["chol"]})[0]
    assert line["flags"] == ["0 occurs 172 times: far from all other values, which are 85 to 603"]
    assert (line["missing"], line["variables"]) == ("12.5%", ["chol"])


def test_a_few_missing_values_are_no_share_of_none():
    told = {"rows": 200, "columns": [column("number", approximate=True)]}
    (line,) = lines_of(told, {})
    assert (line["missing"], missing_share(told)) == ("few", "few")
    exact = {"rows": 200, "columns": [column("number")]}
    assert lines_of(exact, {})[0]["missing"] == missing_share(exact) == "0%"


@pytest.mark.parametrize(
    ("code", "told"), [("a", "years"), ("mm[Hg]", "mmHg"), ("", ""), ("1", "")]
)
def test_units_are_written_as_people_do(code, told):
    profile = {"rows": 200, "columns": [column("integer", unit=code)]}
    [line] = lines_of(profile, {})
    assert (line["kind"], line["unit_told"]) == ("whole number", told)
