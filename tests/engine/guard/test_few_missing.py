"""Whether a few values of a column are missing or none reads the same without row access."""

import pytest

from datasets.engine.guard import disclosure


@pytest.mark.parametrize("threshold", [5, 10])
@pytest.mark.parametrize("declared", [None, {"c": ["a", "b", "c"]}])
def test_a_few_missing_values_read_as_none(threshold, declared):
    """Exactly where 1 to 4 were missing it was withheld how many: that told them from none."""

    for kind, counts, edges in (
        ("category", [100, 100], None),
        ("boolean", [203], None),
        ("integer", [200], [0, 200]),
        ("number", [], [0, 10]),
        ("identifier", [], None),
    ):
        seen = []
        for missing in (0, 1, threshold - 1):
            n = 303 - missing
            cells = [*counts, n - sum(counts)]
            coded = kind in ("category", "boolean", "integer")
            top = [{"value": "abc"[k], "n": one} for k, one in enumerate(cells)] if coded else []
            histogram = edges and {"edges": [*edges, 400][-len(cells) - 1 :], "counts": cells}
            distinct = len(cells) if coded else n
            shown = disclosure.gate_column(
                {"name": "c", "type": kind, "n": n, "missing": missing, "distinct": distinct}
                | {"min": 0, "max": 399, "mean": None, "sd": None, "quantiles": None}
                | {"histogram": histogram, "grid": histogram, "top": top},
                303,
                threshold,
                declared,
            )
            levels = [one["n"] for one in shown["top"]]
            bins = sum(shown["histogram"]["counts"]) if shown["histogram"] else None
            seen.append((shown["n"], shown["missing"], shown["distinct"], sum(levels), bins))
        assert seen == [(305, 0, len(cells) if coded else 305, 305 * coded, edges and 305)] * 3
