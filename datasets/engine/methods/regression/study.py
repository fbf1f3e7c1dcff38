"""One site's own regression, fitted where its rows are: only estimates and covariances leave."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

import numpy as np

from datasets.engine.methods.regression import firth, separation
from datasets.engine.methods.regression.design import Design, independent
from datasets.engine.methods.regression.fits import (
    Fit,
    advance,
    solve_ols,
    start_ml,
    sums_of,
)
from datasets.engine.methods.tails import chi2_tail

Rounds = Iterable[tuple[np.ndarray, np.ndarray]]


def cross_products(blocks: Rounds, p: int) -> dict[str, Any]:
    """n, X'X, X'y and y'y of a site; all a linear model needs (column 0 is the intercept)."""
    n, squares = 0, 0.0
    cross, score = np.zeros((p, p)), np.zeros(p)
    for x, y in blocks:
        n += len(y)
        cross += x.T @ x
        score += x.T @ y
        squares += float(y @ y)
    return {"n": n, "cross": cross, "score": score, "yy": squares}


def fit_study(
    site: str,
    blocks: Rounds,
    design: Design,
    family: str,
    standard_errors: str,
    *,
    sums: dict[str, Any],
    penalised: bool,
) -> dict[str, Any]:
    """A site's model: raw coefficients and covariance by column, and what kept others away.

    `sums` are its `cross_products`. With `penalised` Firth's estimates are added even where
    maximum likelihood exists. Returns {site, n, deviance, df_residual, reason,
    reasons{column: text}, ml, firth, separation[]} with ml and firth null or
    {columns, estimates, covariance}, firth also ci and p_values where it is the site's answer.
    `reason` says why nothing was fitted.
    """
    study: dict[str, Any] = {
        "site": site,
        "n": sums["n"],
        "deviance": None,
        "df_residual": None,
        "reason": "",
        "reasons": {},
        "ml": None,
        "firth": None,
        "separation": [],
    }
    columns = design.of_site()
    cross = sums["cross"]
    kept = [columns[k] for k in independent(cross[np.ix_(columns, columns)])]
    for i in set(columns) - set(kept):
        spread = cross[i, i] - cross[0, i] ** 2 / sums["n"]
        constant = spread <= 1e-11 * max(1.0, cross[i, i])
        study["reasons"][str(i)] = (
            f"does not vary at {site}" if constant else f"follows from other terms at {site}"
        )
    if sums["n"] <= len(kept):
        return study | {"reason": f"{sums['n']} complete rows for {len(kept)} coefficients"}
    if sums["yy"] - sums["score"][0] ** 2 / sums["n"] <= 1e-12 * max(1.0, sums["yy"]):
        return study | {"reason": f"{design.outcome} does not vary at {site}"}
    study["df_residual"] = sums["n"] - len(kept)
    if family == "gaussian":
        hc = "" if standard_errors == "model" else standard_errors
        fit = solve_ols(site, kept, cross, sums["score"], hc)
        _run(fit, blocks)
        study["deviance"] = fit.deviance
        study["ml"] = estimates(design, fit, standard_errors)
        return study
    _logistic(study, site, blocks, design, kept, sums, standard_errors, penalised)
    return study


def estimates(design: Design, fit: Fit, standard_errors: str) -> dict[str, Any]:
    """Raw coefficients of a finished fit with their covariance; infinite ones left out."""
    back = design.to_raw(fit.columns)
    free = fit.free
    assert fit.inverse is not None
    inverse = fit.inverse
    if fit.kind == "ols":
        variance = (fit.deviance or 0.0) / max(1, fit.n - len(free))
        covariance = inverse * variance
    else:
        covariance = inverse
    if fit.meat is not None:
        factor = fit.n / (fit.n - len(free)) if standard_errors == "hc1" else 1.0
        covariance = factor * inverse @ fit.meat @ inverse
    out = infinite_terms(design, fit)
    finite = [k for k, i in enumerate(fit.columns) if i not in out]
    back = back[:, free]
    raw = back @ fit.beta[free]
    if design.outcome_mean and fit.columns[0] == 0:
        raw[0] += design.outcome_mean
    return {
        "columns": [fit.columns[k] for k in finite],
        "estimates": raw[finite].tolist(),
        "covariance": (back @ covariance @ back.T)[np.ix_(finite, finite)].tolist(),
    }


def profiles(fit: Fit, design: Design, columns: Collection[int]) -> Iterator[tuple[int, str, Fit]]:
    """The fits that give these columns of a Firth fit their intervals and tests."""
    back = design.to_raw(fit.columns)
    for k, i in enumerate(fit.columns):
        if i not in columns:
            continue
        for goal in ("lower", "upper", "zero"):
            yield i, goal, firth.start_profile(f"{fit.name}|{i}|{goal}", fit, back[k], goal)


def profile_value(design: Design, top: Fit, fit: Fit) -> float | None:
    """The interval's end a profile fit found, or the p-value of its likelihood ratio."""
    if fit.problem:
        return None
    if fit.goal == "zero":
        assert top.penalised is not None
        assert fit.penalised is not None
        return chi2_tail(2 * (top.penalised - fit.penalised), 1)
    assert fit.contrast is not None
    return float(fit.contrast @ fit.beta)


def infinite_terms(design: Design, fit: Fit) -> dict[int, str]:
    """Columns that a separated fit has no finite estimate for, with where they run to."""
    if fit.infinite is None or fit.null_space is None:
        return {}
    back = design.to_raw(fit.columns)
    return separation.directions(design, fit.columns, back @ fit.infinite, back @ fit.null_space)


def _logistic(
    study: dict[str, Any],
    site: str,
    blocks: Rounds,
    design: Design,
    kept: list[int],
    sums: dict[str, Any],
    standard_errors: str,
    penalised: bool,
) -> None:
    score = sums["score"] - sums["cross"][0] / 2
    fit = start_ml(site, kept, sums["cross"], score)
    while not fit.done:
        _pass(fit, blocks)
        if fit.doubt and not fit.certain:
            distinct = separation.patterns(blocks, kept)
            if len(distinct) <= separation.MOST_PATTERNS:
                fit.certain, fit.doubt = True, False
                fit.probe = separation.direction(distinct)
    study["deviance"] = fit.deviance
    if fit.problem:
        study["reason"] = f"the fit {fit.problem}"
        return
    if standard_errors != "model" and fit.infinite is None:
        fit.hc = standard_errors
        _run(fit, blocks)
    study["ml"] = estimates(design, fit, standard_errors)
    out = infinite_terms(design, fit)
    study["separation"] = separation.at_site(site, design, out, blocks)
    if out or penalised:
        study["firth"] = _penalised(site, blocks, design, kept, sums["cross"], bool(out))


def _penalised(
    site: str, blocks: Rounds, design: Design, kept: list[int], cross: np.ndarray, full: bool
) -> dict[str, Any]:
    top = firth.start(site, kept, cross)
    _run(top, blocks)
    if top.problem:
        return {"problem": top.problem}
    found = estimates(design, top, "model")
    if full:
        values: dict[int, dict[str, float | None]] = {i: {} for i in kept}
        for i, goal, fit in profiles(top, design, kept):
            _run(fit, blocks)
            values[i][goal] = profile_value(design, top, fit)
        found["ci"] = [[values[i]["lower"], values[i]["upper"]] for i in found["columns"]]
        found["p_values"] = [values[i]["zero"] for i in found["columns"]]
    return found | {"problem": ""}


def _run(fit: Fit, blocks: Rounds) -> None:
    while not fit.done or fit.hc:
        _pass(fit, blocks)


def _pass(fit: Fit, blocks: Rounds) -> None:
    total: dict[str, Any] = {}
    for x, y in blocks:
        for name, value in sums_of(fit, x, y).items():
            total[name] = (
                [a + b for a, b in zip(total[name], value, strict=True)]
                if isinstance(value, list) and name in total
                else total[name] + value
                if name in total
                else value
            )
    if fit.kind == "firth":
        firth.advance_firth(fit, total)
    else:
        advance(fit, total)
