"""Whether a few values of a column are missing or none reads the same without row access."""

import numpy as np
import pytest

from datasets.engine.guard import disclosure
from datasets.engine.guard.rules import OPEN
from datasets.engine.methods import METHODS, run_local
from tests.attacks.world import Site, inputs_of, texts, variables_of


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


@pytest.mark.parametrize("by", [None, "sex"])
def test_nor_do_a_few_in_a_description_that_is_kept_more_strictly(by):
    """Where 1 to 4 were missing it was withheld how many, and 0 was told."""
    seen = []
    for missing in (0, 1, 4):
        has = np.arange(203) >= missing
        # Whoever lacks a value would have had the most frequent one.
        place = np.where(np.arange(203) < 60, 0, np.arange(203) % 3)
        columns = {
            "age": np.where(has, 40.0 + 10 * place + np.arange(203) % 9, np.nan),
            "ill": np.where(has, place == 0, np.nan),
            "ward": texts(["abc"[k] if one else None for k, one in zip(place, has, strict=True)]),
            "sex": texts(["mf"[k > 100] for k in range(203)]),
        }
        site, method = Site("Oslo", columns, OPEN), METHODS["describe"]
        names = {"variables": ["age", "ill", "ward"], "by": by}
        asked = method.fill(names, variables_of([site]))
        answer = run_local(method, asked, inputs_of([site]))
        told, suppressed = method.guard(answer.result, asked, 5)
        assert not suppressed
        seen.append(
            [
                (part.n, part.missing, [one.n for one in part.counts or ()], part.approximate)
                for one in told.variables
                for part in (one.overall, *one.groups)
            ]
        )
    assert seen[0] == seen[1] == seen[2]
    assert {missing for _, missing, *_ in seen[0]} == {0}
