"""Which intervals an answer over sites has, in words."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext


def is_narrower(overall: dict[str, Any]) -> bool:
    """Whether Hartung and Knapp's interval is narrower than the plain one, which is taken then."""
    (low, high), (plain_low, plain_high) = overall["ci"], overall["ci_normal"]
    return bool(high - low < plain_high - plain_low)


def intervals_of(
    pools: Sequence[tuple[str, dict[str, Any], dict[str, Any]]],
) -> list[dict[str, str]]:
    """What is said of pools, each with what it is of, its `overall` and its `heterogeneity`."""
    if not pools:
        return []
    narrower = [name for name, overall, _ in pools if is_narrower(overall)]
    label = gettext("Interval")
    if len(narrower) == len(pools):
        said = gettext("The plain interval, since Hartung–Knapp’s would be narrower")
    elif narrower:
        said = gettext("Hartung–Knapp’s; the plain one where that would be narrower: %(names)s") % {
            "names": "; ".join(narrower)
        }
    else:
        said = gettext("Hartung–Knapp’s, which is not narrower than the plain one")
    rows = [{"label": label, "value": said}]
    predicted = [
        (overall, spread) for _, overall, spread in pools if overall["prediction_interval"]
    ]
    if predicted:
        value = (
            gettext(
                "t with k − 1 degrees of freedom (k sites), also where τ² is estimated as 0, as "
                "here"
            )
            if any(not spread["tau2"] for _, spread in predicted)
            else gettext("t with k − 1 degrees of freedom (k sites)")
        )
        rows.append({"label": gettext("Prediction interval"), "value": value})
    return rows
