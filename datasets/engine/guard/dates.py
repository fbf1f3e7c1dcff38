"""Dates of a profile as days, so that they are told as coarsely as numbers are."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

DATES = frozenset({"date", "datetime"})
EPOCH = datetime(1970, 1, 1)
FIRST, LAST = ((one - EPOCH) / timedelta(days=1) for one in (datetime.min, datetime.max))

QUARTILES_APART = 1.349
"""Standard deviations between the quartiles of normal values."""


def in_days(column: Mapping[str, Any]) -> dict[str, Any]:
    """A profile's column of dates as one of days, with a spread about as large as theirs."""
    found = dict(column) | {name: _day(column.get(name)) for name in ("mean", "min", "max")}
    found["type"] = "number"
    quantiles = {p: _day(one) for p, one in (column.get("quantiles") or {}).items()}
    found["quantiles"] = quantiles or None
    if bins := column.get("histogram"):
        found["histogram"] = bins | {"edges": [_day(edge) for edge in bins["edges"]]}
    low, high = quantiles.get("0.25"), quantiles.get("0.75")
    between = 0.0 if low is None or high is None else high - low
    if found["min"] is not None and found["max"] is not None:
        # Where half of them are one day, those about it still are somebody's.
        found["sd"] = between / QUARTILES_APART or (found["max"] - found["min"]) / 2
    return found


def as_dates(told: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Mean and quantiles in days as a profile tells those of a `date` or a `datetime`."""
    quantiles = told["quantiles"]
    if quantiles is not None:
        quantiles = {p: _date(day, kind) for p, day in quantiles.items()}
    return {"mean": _date(told["mean"], kind), "quantiles": quantiles}


def _day(date: str | None) -> float | None:
    return None if date is None else (datetime.fromisoformat(date) - EPOCH) / timedelta(days=1)


def _date(day: float | None, kind: str) -> str | None:
    if day is None:
        return None
    moment = EPOCH + timedelta(days=min(max(day, FIRST), LAST))
    return moment.date().isoformat() if kind == "date" else moment.isoformat(timespec="seconds")
