"""Which intervals an answer over sites has, in words."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext

from datasets.engine.methods.shared import meta
from datasets.engine.methods.shared.tails import NORMAL_975


def is_narrower(overall: dict[str, Any]) -> bool:
    """Whether Hartung and Knapp's interval is narrower than the plain one, which is taken then."""
    (low, high), (plain_low, plain_high) = overall["ci"], overall["ci_normal"]
    return bool(high - low < plain_high - plain_low)


def wider(overall: dict[str, Any]) -> list[float]:
    """The wider of the two, as an answer has it."""
    ends: list[float] = overall["ci_normal" if is_narrower(overall) else "ci"]
    return ends


def predicted(overall: dict[str, Any], tau2: float, k: int) -> list[float] | None:
    """The prediction interval that goes with the wider one, as an answer over `k` sites has it."""
    ends: list[float] | None = overall["prediction_interval"]
    if ends is None or not is_narrower(overall):
        return ends
    low, high = overall["ci_normal"]
    return [*meta.predicted(overall["estimate"], (high - low) / (2 * NORMAL_975), tau2, k)]


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
    with_prediction = [spread for _, overall, spread in pools if overall["prediction_interval"]]
    if with_prediction:
        value = (
            gettext(
                "t with k − 1 degrees of freedom (k sites), also where τ² is estimated as 0, as "
                "here"
            )
            if any(not spread["tau2"] for spread in with_prediction)
            else gettext("t with k − 1 degrees of freedom (k sites)")
        )
        rows.append({"label": gettext("Prediction interval"), "value": value})
    return rows
