"""Dates of a profile as people without row access are told them: as coarsely as numbers."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from datasets.engine.guard.disclosure import gate_column

EPOCH = datetime(1970, 1, 1)
PLACES = ("0.05", "0.25", "0.5", "0.75", "0.95")


def told(**column):
    return gate_column({"name": "born", "distinct": 90, "min": None, "max": None} | column, 100, 5)


def profiled(kind, days):
    """The profile of a column of such days since 1970."""

    def date(day):
        moment = EPOCH + timedelta(days=float(day))
        return moment.date().isoformat() if kind == "date" else moment.isoformat(timespec="seconds")

    counts, edges = np.histogram(days, bins=20)
    return {
        "name": "born",
        "type": kind,
        "n": len(days),
        "missing": 0,
        "distinct": len(np.unique(days)),
        "min": date(min(days)),
        "max": date(max(days)),
        "mean": date(np.mean(days)),
        "sd": None,
        "quantiles": {p: date(np.quantile(days, float(p))) for p in PLACES},
        "histogram": {"edges": [date(edge) for edge in edges], "counts": counts.tolist()},
        "top": [],
    }


@pytest.mark.parametrize("kind", ["date", "datetime"])
def test_no_date_is_told_to_the_day(kind):
    """A mean to the day is a sum: with and without a patient it gave their birthday."""
    rng = np.random.default_rng()
    days = rng.uniform(-8000, 15000, 300)
    days = np.floor(days) if kind == "date" else days
    exact = profiled(kind, days)
    shown = gate_column(exact, 300, 5)
    told_days = {
        p: (datetime.fromisoformat(one) - EPOCH) / timedelta(days=1)
        for p, one in (shown["quantiles"] | {"mean": shown["mean"]}).items()
    }
    # The error of the mean is about 380 days.
    assert all(day % 100 == 0 for day in told_days.values()), told_days
    assert abs(told_days["mean"] - np.mean(days)) < 300
    assert abs(told_days["0.5"] - np.median(days)) < 2000
    assert (shown["min"], shown["max"], shown["sd"]) == (None, None, None)
    less = gate_column(profiled(kind, days[1:]), 299, 5)
    assert (less["mean"], less["quantiles"]["0.5"]) != (exact["mean"], exact["quantiles"]["0.5"])


def test_where_half_of_them_are_one_day_the_others_are_nobodys_own():
    days = np.array([*[7300.0] * 200, *np.linspace(7000, 7299, 50), *np.linspace(7301, 7607, 50)])
    shown = gate_column(profiled("date", days), 300, 5)
    assert shown["mean"] == "1989-12-27", "7300 days after 1970"
    assert shown["quantiles"]["0.95"] not in profiled("date", days)["quantiles"].values()


def test_dates_keep_their_years_alone_at_the_ends():
    edges = ["2001-03-05", "2002-03-05", "2003-03-05", "2004-03-05"]
    shown = told(
        type="date",
        n=100,
        missing=0,
        mean="2002-09-01",
        sd=None,
        grid={"edges": edges, "counts": [50, 48, 2]},
        quantiles={"0.5": "2002-09-01"},
        top=[],
    )
    assert shown["histogram"] == {
        "edges": ["2001-01-01", "2002-03-05", "2004-01-01"],
        "counts": [50, 50],
    }
