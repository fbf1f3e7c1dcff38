"""The SHA-256 of JSON, written as RFC 8785 says, so that anybody can take it again (ADR 12)."""

import hashlib
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import rfc8785

FAR = 2**53
"""From here on doubles, which are JSON's numbers, leave whole numbers out."""


def sha256_of(value: Any) -> str:
    """In hexadecimal. Raises ValueError for what JSON lacks, and for numbers doubles leave out."""
    doubles = _far_ones(value, lambda whole: double_of(whole) or whole)
    return hashlib.sha256(rfc8785.dumps(doubles)).hexdigest()


def with_digits(value: Any) -> Any:
    """The same, with whole numbers that doubles leave out as their digits."""
    return _far_ones(value, lambda whole: str(whole) if double_of(whole) is None else whole)


def double_of(whole: int) -> float | None:
    """The double that is written with just these digits: 1e23 of the 10**23 a database makes it."""
    try:
        double = float(whole)
    except OverflowError:
        return None
    return double if Decimal(repr(double)) == whole else None


def _far_ones(value: Any, change: Callable[[int], Any]) -> Any:
    if isinstance(value, dict):
        return {key: _far_ones(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_far_ones(item, change) for item in value]
    return change(value) if isinstance(value, int) and abs(value) >= FAR else value
