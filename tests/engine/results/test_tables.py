"""A result's tables as CSV, for programs that calculate and for those that run formulas."""

import pytest

from datasets.engine.results.tables import to_csv


@pytest.mark.parametrize("number", ["-Inf", "+Inf", "-9", "+1.5", "-.5", "-1e-05"])
def test_a_number_is_written_as_one(number):
    assert to_csv([{"level": number}]) == f"level\n{number}\n"


@pytest.mark.parametrize(
    "text", ["-", "+A1", "-1+2", "-Info", "=1", "@SUM(A1)", "\t-1", "-1\t", "-٣", "-1e", "-1-Inf"]
)
def test_what_could_be_run_is_quoted(text):
    assert to_csv([{"level": text}]) == f"level\n'{text}\n"
