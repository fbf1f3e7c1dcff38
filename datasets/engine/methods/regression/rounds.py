"""The rounds of a regression: what is asked of the sites next, and with what state."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from datasets.engine.methods.contract import (
    ParameterError,
    Parameters,
    Result,
    Spec,
    Statistics,
    inputs_json,
    json_safe,
)
from datasets.engine.methods.regression import firth
from datasets.engine.methods.regression.counts import count_rows, design_of
from datasets.engine.methods.regression.design import Blocks, Design, independent
from datasets.engine.methods.regression.fits import (
    Fit,
    advance,
    solve_ols,
    start_ml,
    sums_of,
)
from datasets.engine.methods.regression.models import MAIN, PENALISED, models
from datasets.engine.methods.regression.result import assemble
from datasets.engine.methods.regression.study import (
    cross_products,
    fit_study,
    infinite_terms,
    profiles,
)
from datasets.engine.rows.frame import InputInfo, Rows

MOST_PROFILED = 16
"""Coefficients up to which all of a separated pool get profile intervals. In a larger model only
the separated ones do, and Wald's serve the others: a profile takes three fits over all sites."""


def plan(parameters: Parameters, inputs: Sequence[InputInfo]) -> Spec:
    """The first round: counts."""
    return {
        "round": 1,
        "ask": "counts",
        "parameters": parameters,
        "inputs": inputs_json(inputs),
        "memory": {},
    }


def summarise(rows: Rows, spec: Spec) -> Statistics:
    """What the round asks of one input; `rows` are all rows of that input."""
    if spec["ask"] == "counts":
        return count_rows(rows, spec)
    design = Design.from_json(spec["design"])
    blocks = Blocks(rows, design)
    statistics: Statistics = {}
    if spec["ask"] == "cross":
        statistics = cross_products(blocks, len(design.columns))
    elif spec["fits"]:
        statistics = {"fits": _fit_sums([Fit.from_json(one) for one in spec["fits"]], blocks)}
    if spec["studies"]:
        statistics["studies"] = _study(rows, blocks, design, spec)
    return json_safe(statistics)


def combine(*statistics: Statistics) -> Statistics:
    """Numbers added, studies put side by side in the order given."""
    total: Statistics = {}
    for one in statistics:
        total = _add(total, one)
    return total


def estimate(statistics: Statistics, spec: Spec) -> Result | Spec:
    """The result, or the next round. Raises ParameterError when no model can be fitted."""
    memory = spec["memory"]
    if spec["ask"] == "counts":
        design = design_of(statistics, spec)
        several = sum(1 for part in statistics["sites"].values() if part["complete"]) > 1
        return spec | {
            "round": 2,
            "ask": "cross",
            "design": design.to_json(),
            "fits": [],
            "studies": "ml" if several else "",
            "memory": {"counts": statistics},
        }
    design = Design.from_json(spec["design"])
    if spec["ask"] == "cross":
        cross, score = np.asarray(statistics["cross"]), np.asarray(statistics["score"])
        fits = _start(design, spec["parameters"], statistics["n"], cross, score)
        studies = statistics.get("studies", [])
        memory = memory | {"cross": statistics["cross"], "yy": statistics["yy"]}
    else:
        fits = {name: Fit.from_json(one) for name, one in memory["fits"].items()}
        for asked, sums in zip(spec["fits"], statistics.get("fits", []), strict=True):
            fit = fits[asked["name"]]
            (firth.advance_firth if fit.kind == "firth" else advance)(fit, sums)
        studies = statistics.get("studies", memory["studies"])
        _follow_up(fits, design, spec["parameters"], np.asarray(memory["cross"]))
    wanted = "firth" if spec["ask"] == "cross" and any(s["separation"] for s in studies) else ""
    still_open = [fit for fit in fits.values() if not fit.done or fit.hc]
    memory = memory | {
        "fits": {name: fit.to_json() for name, fit in fits.items()},
        "studies": studies,
    }
    if still_open or wanted:
        return json_safe(
            spec
            | {
                "round": spec["round"] + 1,
                "ask": "fits",
                "fits": [fit.to_json() for fit in still_open],
                "studies": wanted,
                "memory": memory,
            }
        )
    return assemble(design, fits, spec | {"memory": memory})


def _start(
    design: Design,
    parameters: Parameters,
    n: int,
    cross: np.ndarray,
    score: np.ndarray,
) -> dict[str, Fit]:
    wanted = models(design, parameters)
    columns = design.of_terms(wanted[MAIN])
    rank = len(independent(cross[np.ix_(columns, columns)]))
    if n <= rank:
        message = f"{n} complete rows are too few for {rank} coefficients."
        raise ParameterError({"terms": message})
    if parameters["family"] == "binomial":
        centred = score - cross[0] / 2
        return {
            name: start_ml(name, design.of_terms(terms), cross, centred)
            for name, terms in wanted.items()
        }
    robust = "" if parameters["standard_errors"] == "model" else parameters["standard_errors"]
    return {
        name: solve_ols(name, design.of_terms(terms), cross, score, robust if name == MAIN else "")
        for name, terms in wanted.items()
    }


def _follow_up(
    fits: dict[str, Fit], design: Design, parameters: Parameters, cross: np.ndarray
) -> None:
    """Fits that only a finished or a separated main model calls for."""
    main, penalised = fits[MAIN], fits.get(PENALISED)
    if main.kind != "ml":
        return
    if main.infinite is not None:
        if penalised is None:
            fits[PENALISED] = firth.start(PENALISED, main.columns, cross)
        elif penalised.done and not penalised.problem:
            few = len(main.columns) <= MOST_PROFILED
            columns = main.columns if few else infinite_terms(design, main)
            for _column, _goal, fit in profiles(penalised, design, columns):
                fits.setdefault(fit.name, fit)
    robust = parameters["standard_errors"]
    if main.done and not main.problem and main.infinite is None and main.meat is None:
        main.hc = "" if robust == "model" else robust


def _fit_sums(fits: list[Fit], blocks: Blocks) -> list[dict[str, Any]]:
    totals: list[dict[str, Any]] = [{} for _ in fits]
    for x, y in blocks:
        for k, fit in enumerate(fits):
            totals[k] = _add(totals[k], sums_of(fit, x, y))
    return totals


def _study(rows: Rows, blocks: Blocks, design: Design, spec: Spec) -> list[dict[str, Any]]:
    site = next((str(frame.columns["site"][0]) for frame in rows if frame.n), None)
    sums = cross_products(blocks, len(design.columns))
    if site is None or not sums["n"]:
        return []
    study = fit_study(
        site,
        blocks,
        design,
        spec["parameters"]["family"],
        spec["parameters"]["standard_errors"],
        sums=sums,
        penalised=spec["studies"] == "firth",
    )
    return [study | {"n_excluded": blocks.rows - study["n"]}]


def _add(first: Any, second: Any) -> Any:
    """Addition of what sites answer: objects by key, numbers and arrays by element."""
    if isinstance(first, dict):
        both = dict(first)
        for name, value in second.items():
            if name in ("studies", "notes"):
                both[name] = both.get(name, []) + value
            else:
                both[name] = _add(both[name], value) if name in both else value
        return both
    if isinstance(first, list):
        if not first:
            return second
        if isinstance(first[0], dict):
            return [_add(a, b) for a, b in zip(first, second, strict=True)]
        return (np.asarray(first) + np.asarray(second)).tolist()
    return first + second
