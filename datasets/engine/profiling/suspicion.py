"""Values that are probably codes for missing: pile-ups far outside the rest of a column."""

import re
from typing import Any

import numpy as np

from datasets.engine.sentences import Number, Sentence

MISSING_CODES = (
    *("?", "NA", "N/A", "n/a", "na", "#N/A", "<NA>", "NaN", "nan", "NULL", "null", "Null"),
    *("None", "none", "missing", "Missing", "MISSING", ".", "-", "--", "*"),
)
"""Spellings of a missing value that are proposed where a column else holds numbers or dates."""
MOST = 6
_CODE = re.compile(r"0|-[1-6]|-?([789])\1{0,5}")
_WORDS = {code.lower() for code in MISSING_CODES if code.lower() != "none"} | {
    *("unknown", "unk", "not known", "not available", "not done", "not applicable", "missing"),
    *("nd", "n.d.", "k.a.", "#value!", "#ref!", "#div/0!", "-9", "-99", "-999", "999", "9999"),
}


def suspicious_numbers(values: np.ndarray, counts: np.ndarray) -> list[dict[str, Any]]:
    """The lowest and highest values that look like codes.

    `values` are sorted and distinct, `counts` how often each occurs. A value is suspicious when
    it is spelled like a code (0, -9, 999) or frequent, and lies beyond Tukey's outer fences
    (three times the interquartile range) of the values that remain.
    """
    if len(values) == 1:
        zeros = values[0] == 0 and counts[0] >= 10
        return [_entry(values[0], counts[0], Sentence("every value is 0"))] if zeros else []
    found: list[int] = []
    low, high = 0, len(values)
    while high - low > 1 and len(found) < MOST:
        if _stands_out(values[low:high], counts[low:high], 0):
            index = low
            low += 1
        elif _stands_out(values[low:high], counts[low:high], high - low - 1):
            index = high - 1
            high -= 1
        else:
            break
        found.append(index)
    why = Sentence(
        "far from all other values, which are %(low)s to %(high)s",
        low=Number(_spelled(values[low])),
        high=Number(_spelled(values[high - 1])),
    )
    return [_entry(values[i], counts[i], why) for i in sorted(found)]


def _stands_out(values: np.ndarray, counts: np.ndarray, index: int) -> bool:
    code = _CODE.fullmatch(_spelled(values[index])) is not None
    if not code and (counts[index] < max(5, 0.02 * int(counts.sum())) or len(values) <= 10):
        return False
    rest, weights = np.delete(values, index), np.delete(counts, index)
    reached = np.cumsum(weights)
    q1 = float(rest[np.searchsorted(reached, 0.25 * reached[-1])])
    q3 = float(rest[np.searchsorted(reached, 0.75 * reached[-1])])
    value, spread = float(values[index]), q3 - q1
    if index == 0 and value < 0 <= float(rest[0]) and code:
        return True
    gap = float(rest[0]) - value if index == 0 else value - float(rest[-1])
    beyond = value < q1 - 3 * spread if index == 0 else value > q3 + 3 * spread
    if len(rest) < 10:
        return beyond and gap > float(rest[-1] - rest[0]) + 1
    return beyond and gap > spread / 2


def suspicious_texts(pairs: list[tuple[str, int]]) -> list[dict[str, Any]]:
    """Words for missing among the most frequent (value, count) pairs."""
    return [
        {"value": value, "n": n, **_said(Sentence("looks like a word for missing"))}
        for value, n in pairs
        if value.strip().lower() in _WORDS
    ][:MOST]


NOT_A_NUMBER = Sentence("not a number, as most values are")


def not_numbers(pairs: list[tuple[str, int]]) -> list[dict[str, Any]]:
    """The few texts that keep a column of numbers from being one."""
    return [{"value": value, "n": n, **_said(NOT_A_NUMBER)} for value, n in pairs[:MOST]]


def _spelled(value: Any) -> str:
    number = float(value)
    return str(int(number)) if _is_whole(number) else f"{number:g}"


def _is_whole(number: float) -> bool:
    """Whether it is written without a point; of 1e308 nobody reads 309 digits."""
    return number.is_integer() and abs(number) < 1e15


def _entry(value: Any, n: Any, why: Sentence) -> dict[str, Any]:
    number = float(value)
    shown = int(number) if _is_whole(number) else number
    return {"value": shown, "n": int(n), **_said(why)}


def _said(why: Sentence) -> dict[str, Any]:
    return {"why": str(why), "said": why.kept}
