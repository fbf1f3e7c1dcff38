"""A description's first table: what it counts is as sure there as in the tables below it."""

from types import SimpleNamespace

from datasets.analyses.methods.at_a_glance import at_a_glance


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
