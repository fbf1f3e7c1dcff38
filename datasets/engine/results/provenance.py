"""Results that can be found again: what computed them, and where two of them differ."""

import math
import platform
from collections.abc import Iterator
from typing import Any

import duckdb
import numpy as np
import scipy

NOTHING = 1e-12


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
