"""A description's first table: what it counts is as sure there as in the tables below it."""

from types import SimpleNamespace

from django.template.loader import render_to_string

from datasets.analyses.methods.at_a_glance import at_a_glance
from datasets.analyses.methods.describe import (
    decimals_of,
    in_digits,
    is_withheld,
    quartile_decimals,
)
from datasets.analyses.methods.footnotes import Footnotes


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


NOTES = [
    {"variable": "pain", "site": "Oslo", "where": "Oslo, pain", "reason": "two values are rare"},
    {"variable": "age", "where": "age", "reason": "fewer than 5 rows have it"},
]


def test_every_withheld_cell_says_why():
    """A table that was withheld in part marked no cell: the reasons stood in a fold below it."""
    footnotes = Footnotes(NOTES)
    assert footnotes.mark("pain", "Oslo", is_withheld=False) == 1, "in part"
    assert footnotes.mark("pain", "Hue", is_withheld=False) is None
    assert footnotes.mark("pain", None, is_withheld=False) is None, "all rows are told"
    assert footnotes.mark("pain", "Hue", is_withheld=True) == 2, "this reader is told no more"
    assert footnotes.mark("age", "Hue", is_withheld=True) == 3
    assert footnotes.mark("pain", "Oslo", is_withheld=True) == 1
    assert footnotes.said[0] == "Oslo, pain: two values are rare."
    assert footnotes.said[1].startswith("Withheld by rules of its site: ")
    groups = [{"mean": None, "n": 9, "missing": 0, "mark": 1}]
    shown = SimpleNamespace(is_yes_no=False, unit="")
    glance = at_a_glance([{"shown": shown, "counted": False, "lines": groups}])
    columns = [{"level": "Oslo", "n": 9}]
    told = {"glance": glance, "columns": columns, "footnotes": footnotes.said}
    html = render_to_string("datasets/analyses/glance.html", told)
    assert 'href="#why-1" aria-describedby="why-1"' in html
    assert '<li id="why-1">Oslo, pain: two values are rare.</li>' in html


def test_a_line_without_some_figure_is_withheld_and_one_without_values_is_not():
    known = {"n": 9, "mean": 1.0, "quantiles": {"0.5": 1.0}, "counts": [{"n": 9}]}
    assert not is_withheld(known, counted=False)
    assert is_withheld(known | {"quantiles": None}, counted=False)
    assert is_withheld(known | {"counts": [{"n": 5}, {"n": None}]}, counted=True)
    assert is_withheld(known | {"counts": None}, counted=True)
    assert not is_withheld(known | {"n": 0, "mean": None, "quantiles": None}, counted=False)
