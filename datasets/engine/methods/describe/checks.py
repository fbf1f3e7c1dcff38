"""What is checked of a description: whether enough of each variable is known."""

from dataclasses import replace

from datasets.engine.methods.describe.result import Description
from datasets.engine.methods.shared.diagnostics import held_against

LEAST_KNOWN = 2 / 3
"""Share of its values that each variable is to have."""


def checked(result: Description) -> Description:
    """With the share of values that the worst variable has; null where any may not be shown."""
    shares: list[float] = []
    for variable in result.variables:
        n, missing = variable.overall.n, variable.overall.missing
        if n is None or missing is None:
            shares = []
            break
        if n + missing:
            shares.append(n / (n + missing))
    known = held_against("values_known", min(shares, default=None), LEAST_KNOWN, least=True)
    return replace(result, diagnostics=(known,))
