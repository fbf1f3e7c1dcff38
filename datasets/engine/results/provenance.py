"""Results that can be found again: one canonical JSON, its SHA-256, and what computed it."""

import hashlib
import math
import platform
from collections.abc import Iterator
from typing import Any

import duckdb
import numpy as np
import rfc8785
import scipy

from datasets.engine.rows.frame import SAFE_INTEGER

NOTHING = 1e-12


def canonical(value: Any) -> bytes:
    """`value` as RFC 8785 writes it (JSON Canonicalization Scheme), in UTF-8.

    Keys are sorted by UTF-16 code units, floats have ECMAScript's shortest digits, and a number is
    written alike whether it came as 1 or 1.0, so that a result keeps its hash through a database
    that does not tell them apart. Raises ValueError for NaN, infinities and anything JSON lacks.
    """
    return rfc8785.dumps(_plain(value))


def sha256_of(value: Any) -> str:
    """The SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


def environment() -> dict[str, str]:
    """Versions of everything a number can depend on."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "duckdb": duckdb.__version__,
        "blas": f"{blas.get('name', 'unknown')} {blas.get('version', '')}".strip(),
        "machine": platform.machine(),
    }


def compare(first: Any, second: Any, tolerance: float = 1e-8) -> list[str]:
    """Paths at which two results differ, such as `coefficients[2].estimate`; empty if nowhere.

    Numbers agree within `tolerance` relative to the larger one (or 1e-12, for what is 0 but for
    rounding); booleans, text and null must be equal, lists of equal length, objects of equal keys.
    """
    return list(_differences(first, second, tolerance, ""))


def _differences(first: Any, second: Any, tolerance: float, path: str) -> Iterator[str]:
    if isinstance(first, dict) and isinstance(second, dict):
        for key in sorted(set(first) | set(second), key=str):
            below = f"{path}.{key}" if path else str(key)
            if key not in first or key not in second:
                yield below
            else:
                yield from _differences(first[key], second[key], tolerance, below)
    elif isinstance(first, list) and isinstance(second, list):
        if len(first) != len(second):
            yield path
        else:
            for index, (one, other) in enumerate(zip(first, second, strict=True)):
                yield from _differences(one, other, tolerance, f"{path}[{index}]")
    elif not _equal(first, second, tolerance):
        yield path


def _equal(first: Any, second: Any, tolerance: float) -> bool:
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (first, second))
    if not numbers:
        return type(first) is type(second) and bool(first == second)
    return math.isclose(first, second, rel_tol=tolerance, abs_tol=NOTHING)


def _plain(value: Any) -> Any:
    """Integers that a float does not hold as the nearest one; keys must be text to stay apart."""
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise ValueError("keys must be text")
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, int) and abs(value) > SAFE_INTEGER:
        try:
            return float(value)
        except OverflowError as error:
            raise ValueError(f"not JSON: {error}") from error
    return value
