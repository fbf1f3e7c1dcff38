"""A description's first table: what it counts is as sure there as in the tables below it."""

from types import SimpleNamespace

from datasets.analyses.methods.at_a_glance import at_a_glance
from datasets.analyses.methods.describe import decimals_of, in_digits, quartile_decimals


def test_a_count_that_some_sites_rounded_is_about_so_many():
    """It was “509 (55%)” above a table that said ≈510."""
    shown = SimpleNamespace(is_yes_no=True)
    groups = [
        {
            "missing": 0,
            "missing_share": "",
            "counts": [{"value": "yes", "n": n, "share": "55%", "approximate": about}],
        }
        for n, about in ((509, True), (115, False))
    ]
    (line,) = at_a_glance([{"shown": shown, "counted": True, "lines": groups}])
    assert [cell["text"] for cell in line["cells"]] == ["≈510 (55%)", "115 (55%)"]


def test_a_tables_numbers_have_the_decimals_of_its_most_rounded_line():
    """A column had 54.4 (9) beside 55.32 (9.03)."""
    quantiles = {"0.25": 49.0, "0.5": 54.25, "0.75": 61.0}
    exact = {"mean": 55.317, "sd": 9.032, "n": 123, "quantiles": quantiles}
    rounded = {"mean": 54.4, "sd": 9.0, "n": 305, "quantiles": quantiles, "approximate": True}
    decimals = decimals_of([exact, rounded], 9.4)
    written = quartile_decimals([exact, rounded], decimals)
    shown = [in_digits(line, decimals, written) for line in (exact, rounded)]
    assert [(one["mean_text"], one["sd_text"]) for one in shown] == [
        ("55.3", "9.0"),
        ("54.4", "9.0"),
    ]
    assert shown[1]["quartiles"] == ["≈49.0", "≈54.2", "≈61.0"]
    assert shown[0]["quartiles"] == ["49.0", "54.2", "61.0"]
    whole = [one | {"quantiles": dict.fromkeys(quantiles, 49.0)} for one in (exact, rounded)]
    assert quartile_decimals(whole, decimals) == 0, "values that nobody wrote with decimals"
    assert decimals_of([exact], 9.4) == 2
