"""The middle of White's sandwich, for robust standard errors."""

from typing import Literal

import numpy as np

Robust = Literal["", "hc1", "hc3"]
"""Which robust errors are asked for; none when empty."""


def middle(
    robust: Robust,
    inverse: np.ndarray | None,
    x: np.ndarray,
    residual: np.ndarray,
    weight: np.ndarray,
) -> np.ndarray | None:
    """Sum of squared (for HC3 leave-one-out) residuals times x x' (p, p); None if not asked."""
    if not robust:
        return None
    if robust == "hc3" and inverse is not None:
        leverage = weight * np.einsum("ij,jk,ik->i", x, inverse, x)
        residual = residual / np.maximum(1 - leverage, 1e-12)
    return (x * (residual**2)[:, None]).T @ x
