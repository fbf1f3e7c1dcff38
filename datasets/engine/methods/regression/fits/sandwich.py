"""White's sandwich, for robust standard errors, as a sum over rows."""

from typing import Literal

import numpy as np

Robust = Literal["", "hc1", "hc3"]
"""Which robust errors are asked for; none when empty."""

ALONE = 1e-9
"""How near 1 a leverage counts as 1: such a row, alone in its level, decides its own fit."""


def sandwich_of(
    robust: Robust,
    inverse: np.ndarray | None,
    x: np.ndarray,
    residual: np.ndarray,
    weight: np.ndarray,
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Covariance (p, p) of coefficients with this `inverse` information; None if not asked.

    The sum of squared (for HC3 leave-one-out) residuals times what a row does to coefficients.
    Rows with leverage 1, whose leave-one-out residual is 0/0, are added up apart, unsquared.
    """
    if not robust or inverse is None:
        return None, None
    influence = x @ inverse
    if robust == "hc1":
        return (influence * (residual**2)[:, None]).T @ influence, None
    leverage = weight * np.einsum("ij,ij->i", influence, x)
    alone = 1 - leverage <= ALONE
    others, own = influence[~alone], influence[alone]
    left_out = residual[~alone] / (1 - leverage[~alone])
    return (others * (left_out**2)[:, None]).T @ others, (own * weight[alone, None]).T @ own
