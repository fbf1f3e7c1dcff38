"""The answer in one sentence, no surer of itself than its numbers are."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from datasets.engine.rows.frame import VariableInfo

Variables = Mapping[str, VariableInfo]
Answer = dict[str, Any]

LARGE_I2 = 50.0
SMALL_Q_P = 0.1


def answer(
    method: str, parameters: Mapping[str, Any], result: Mapping[str, Any], variables: Variables
) -> Answer:
    """{"sentence", "emphasis", "numbers": [{"label", "value"}]} of a result as it may be shown.

    `emphasis` is the part of the sentence that carries the finding, empty where there is none.
    Regression speaks of its first term. Values are text, ready to be shown.
    """
    if result.get("refused"):
        return _answer(f"This answer is withheld: {result['refused']}")
    if method == "regression":
        return _regression(parameters, result, variables)
    if method == "correlation":
        return _correlation(result, variables)
    return _describe(result, variables)


def number(value: float | None) -> str:
    """Three significant digits or two decimals, as a reader would write it."""
    if value is None:
        return "not given"
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}"
    if size >= 100:
        return f"{value:.0f}"
    if size >= 0.1:
        return f"{value:.2f}"
    return f"{value:.2g}" if value else "0"


def _answer(sentence: str, emphasis: str = "", numbers: Sequence[tuple[str, str]] = ()) -> Answer:
    shown = [{"label": label, "value": value} for label, value in numbers]
    return {"sentence": sentence, "emphasis": emphasis, "numbers": shown}


def _label(name: str, variables: Variables) -> str:
    info = variables.get(name)
    label = info.label if info and info.label else name
    # A label begins a form field with a capital; within a sentence only acronyms keep theirs.
    return label[0].lower() + label[1:] if len(label) > 1 and label[1].islower() else label


def _range(interval: Sequence[float | None]) -> str:
    return f"{number(interval[0])} to {number(interval[1])}"


def _regression(
    parameters: Mapping[str, Any], result: Mapping[str, Any], variables: Variables
) -> Answer:
    places = _places(result)
    first = next((row for row in result["coefficients"] if row["term"] != "(Intercept)"), None)
    if first is None:
        return _answer("No coefficient of this regression may be shown.")
    second = next((row for row in result["two_stage"] if row["term"] == first["term"]), None)
    found = first
    two_stage = parameters["strategy"] == "two_stage"
    if two_stage:
        if second is None or second["overall"] is None:
            return _answer(f"{places} fewer than two sites can say anything of {first['term']}.")
        found = second["overall"]
    outcome = _label(parameters["outcome"], variables)
    what = _exposure(first["term"], variables)
    if found["estimate"] is None:
        why = first["reason"] or "the data do not determine it"
        return _answer(f"{places} the effect of {what} on {outcome} has no estimate: {why}.")
    effect, interval, scale = _effect(found, outcome, parameters["family"])
    low, high = found["ci"]
    bounds = f"95 % CI {_range(interval)}"
    if low is None or high is None:
        sentence = f"{places} {what} {effect}, though how precisely could not be settled"
    elif low * high > 0:
        sentence = f"{places} {what} {effect} ({bounds})"
    else:
        sentence = (
            f"{places} {what} {effect}, but the data are compatible with no effect and with "
            f"either direction ({bounds})"
        )
    sentence += _adjusted(parameters, len(result["sites"]))
    numbers = [(scale, number(_on_scale(found["estimate"], parameters["family"])))]
    numbers.append(("95% confidence", _range(interval)))
    if second is not None and second["overall"] is not None:
        sentence += _agreement(second, parameters["family"])
        if second["overall"]["prediction_interval"] is not None:
            ends = [
                _on_scale(end, parameters["family"])
                for end in second["overall"]["prediction_interval"]
            ]
            numbers.append(("95% prediction, new site", _range(ends)))
        numbers.append(("I²", f"{second['heterogeneity']['i2']:.0f}%"))
    numbers.append(("People", "not given" if result["n"] is None else f"{result['n']:,}"))
    numbers.append(("Sites", _sites(result)))
    return _answer(f"{sentence}.", effect, numbers)


def _effect(
    found: Mapping[str, Any], outcome: str, family: str
) -> tuple[str, list[float | None], str]:
    """What the term does to the outcome, its interval on the scale of the words, that scale."""
    value = _on_scale(found["estimate"], family)
    interval = [_on_scale(end, family) for end in found["ci"]]
    if family == "binomial":
        return f"multiplied the odds of {outcome} by {number(value)}", interval, "Odds ratio"
    change = f"went with {number(abs(value or 0))} {'more' if (value or 0) > 0 else 'less'}"
    return f"{change} {outcome}", interval, "Difference"


def _on_scale(value: float | None, family: str) -> float | None:
    if value is None or family != "binomial":
        return value
    # Beyond this the ratio is no longer a number anybody could read.
    return math.exp(value) if abs(value) < 200 else None


def _exposure(term: str, variables: Variables) -> str:
    name, _, level = term.partition("[")
    info = variables.get(name)
    if ":" in term:
        return f"the interaction of {' and '.join(term.split(':'))}"
    if level:
        return f"{_label(name, variables)} {level.rstrip(']')} against the reference"
    if info and info.type == "boolean":
        return f"{_label(name, variables)} (yes against no)"
    return f"each unit more of {_label(name, variables)}"


def _adjusted(parameters: Mapping[str, Any], sites: int) -> str:
    others = len(parameters["terms"]) - 1
    held = [f"{others} other variable{'s' if others > 1 else ''}"] if others else []
    if sites > 1 and (parameters["site_effects"] or parameters["strategy"] == "two_stage"):
        held.append("site")
    return f", adjusted for {' and '.join(held)}" if held else ""


def _agreement(second: Mapping[str, Any], family: str) -> str:
    """Whether the sites agree, and what that means for a site not yet seen."""
    heterogeneity, overall = second["heterogeneity"], second["overall"]
    i2, p_value = heterogeneity["i2"], heterogeneity["q_p_value"]
    prediction = overall["prediction_interval"]
    if i2 is None or p_value is None:
        return ""
    if i2 < LARGE_I2 and p_value >= SMALL_Q_P:
        few = second["k"] < 5
        tail = ", though few sites could hardly show otherwise" if few else ""
        return f"; the sites do not contradict each other (I² {i2:.0f}%){tail}"
    text = f"; the sites differ (I² {i2:.0f}%, p = {number(p_value)})"
    if prediction is None:
        return text
    ends = [_on_scale(end, family) for end in prediction]
    return f"{text}, and at a new site the effect may lie anywhere from {_range(ends)}"


def _places(result: Mapping[str, Any]) -> str:
    sites = result["sites"]
    if len(sites) == 1:
        return f"At {sites[0]},"
    regions = {one["region"] for one in result["by_site"]}
    within = f" in {len(regions)} regions" if len(regions) > 1 else ""
    return f"Pooled over {len(sites)} sites{within},"


def _sites(result: Mapping[str, Any]) -> str:
    regions = {one["region"] for one in result["by_site"]}
    sites = len(result["sites"])
    return f"{sites} in {len(regions)} regions" if len(regions) > 1 else str(sites)


def _correlation(result: Mapping[str, Any], variables: Variables) -> Answer:
    pairs = [pair for pair in result["pairs"] if pair["r"] is not None]
    if not pairs:
        return _answer("No pair of these variables has a correlation that may be shown.")
    top = max(pairs, key=lambda pair: abs(pair["r"]))
    x, y = _label(top["x"], variables), _label(top["y"], variables)
    found = sum(1 for pair in pairs if pair["q_value"] is not None and pair["q_value"] <= 0.05)
    bounds = f"95 % CI {_range(top['ci'])}, " if top["ci"] else ""
    way = "rises" if top["r"] > 0 else "falls"
    finding = f"{y} {way} with {x}"
    where = "Within sites" if result["within_site"] else "Over all rows"
    sentence = (
        f"{where} {finding} most clearly (r = {number(top['r'])}, {bounds}n = {top['n']:,}); "
        f"{found} of {len(pairs)} pairs stand out after allowing for {len(pairs)} tests"
    )
    both = {top["x"], top["y"]}
    across = next((one for one in result["across_sites"] if {one["x"], one["y"]} == both), None)
    if across is not None and (across["heterogeneity"]["i2"] or 0) >= LARGE_I2:
        sentence += (
            f"; the sites differ in how close the two are (I² {across['heterogeneity']['i2']:.0f}%)"
        )
    numbers = [("Largest r", number(top["r"])), ("Pairs", str(len(pairs)))]
    numbers.append(("Adjusted p ≤ 0.05", str(found)))
    return _answer(f"{sentence}; none of this says what causes what.", finding, numbers)


def _describe(result: Mapping[str, Any], variables: Variables) -> Answer:
    rows = result["rows"]
    emphasis = f"{rows:,} rows"
    sentence = f"{emphasis} hold {len(result['variables'])} variables"
    if result["by"]:
        sentence += f" in {len(result['groups'])} groups by {_label(result['by'], variables)}"
    missing = [
        (one["overall"]["missing"], _label(one["name"], variables))
        for one in result["variables"]
        if one["overall"]["missing"]
    ]
    if missing and rows:
        most, name = max(missing)
        sentence += f"; {name} is missing most often ({100 * most / rows:.0f}% of rows)"
    numbers = [("Rows", f"{rows:,}"), ("Variables", str(len(result["variables"])))]
    return _answer(f"{sentence}.", emphasis, numbers)
