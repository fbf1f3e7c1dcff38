"""The finished regression in the API's words, from fits and studies."""

from typing import Any

import numpy as np

from datasets.engine.methods.contract import (
    Result,
    Spec,
    Warning,
    json_safe,
    site_order,
    warning,
)
from datasets.engine.methods.regression import separation
from datasets.engine.methods.regression.counts import first_warnings, level_counts
from datasets.engine.methods.regression.design import Design
from datasets.engine.methods.regression.fits import Fit
from datasets.engine.methods.regression.models import (
    MAIN,
    PENALISED,
    alone,
    comparisons,
    models,
    named,
)
from datasets.engine.methods.regression.study import estimates, infinite_terms, profile_value
from datasets.engine.methods.regression.two_stage import two_stage
from datasets.engine.methods.tails import (
    NORMAL_975,
    chi2_tail,
    f_tail,
    normal_tail,
    t_quantile,
    t_tail,
)

RESTATED = ("outcome", "family", "strategy", "standard_errors", "site_effects")

ALIASED = "is a combination of earlier terms, or does not vary"


def assemble(design: Design, fits: dict[str, Fit], spec: Spec) -> Result:
    """The result of a regression whose fits are all done."""
    parameters, memory = spec["parameters"], spec["memory"]
    counts, studies = memory["counts"], memory["studies"]
    places = {
        one["site"]: {k: one[k] for k in ("site", "country", "region")}
        for one in reversed(spec["inputs"])
    }
    rows = sum(part["rows"] for part in counts["sites"].values())
    n = sum(part["complete"] for part in counts["sites"].values())
    pooled, warnings = _pooled(design, fits, parameters, counts)
    second_stage, complaints = two_stage(design, studies, places)
    result = {
        **{k: parameters[k] for k in RESTATED},
        "rounds": spec["round"],
        "n": n,
        "n_excluded": rows - n,
        "sites": [site for site in site_order(spec) if _complete(counts, site)],
        "excluded_sites": _excluded(counts, spec),
        "n_by_site": {site: part["complete"] for site, part in counts["sites"].items()},
        **pooled,
        **_fit_statistics(design, fits, parameters, counts, n, memory["yy"]),
        **_tests(design, fits, parameters),
        "by_site": [_by_site(design, s, places, parameters) for s in studies],
        "two_stage": second_stage,
        "counts": level_counts(counts),
    }
    for study in studies:
        for entry in study["separation"]:
            warnings.append(warning("separation", entry["why"]))
        if study["reason"]:
            message = f"{study['site']} has no estimates of its own: {study['reason']}."
            warnings.append(warning("no_site_estimate", message))
    return Result(json_safe(result), first_warnings(counts, spec) + warnings + complaints)


def coefficient(
    name: str,
    estimate: float | None,
    se: float | None,
    *,
    df: int | None,
    exponentiate: bool,
    reason: str = "",
    ci: list[float | None] | None = None,
    p_value: float | None = None,
) -> dict[str, Any]:
    """One row of a coefficient table; Wald with t(df) or the normal unless given otherwise."""
    row: dict[str, Any] = dict.fromkeys(
        ("estimate", "se", "statistic", "p_value", "ci", "exp_estimate", "exp_ci")
    )
    row = {"term": name} | row | {"reason": reason or None}
    if estimate is None or se is None:
        return row
    statistic = estimate / se if se > 0 else None
    if ci is None:
        quantile = t_quantile(0.975, df) if df else NORMAL_975
        ci = [estimate - quantile * se, estimate + quantile * se]
        if statistic is not None:
            tail = t_tail(abs(statistic), df) if df else normal_tail(abs(statistic))
            p_value = 2 * tail
    row |= {"estimate": estimate, "se": se, "statistic": statistic, "p_value": p_value, "ci": ci}
    if exponentiate:
        with np.errstate(over="ignore"):
            row["exp_estimate"] = float(np.exp(estimate))
            row["exp_ci"] = [None if end is None else float(np.exp(end)) for end in ci]
    return row


def _pooled(
    design: Design, fits: dict[str, Fit], parameters: dict[str, Any], counts: dict[str, Any]
) -> tuple[dict[str, Any], list[Warning]]:
    """Coefficients of the pooled model, Firth's where the pool is separated."""
    main = fits[MAIN]
    warnings: list[Warning] = []
    entries: list[dict[str, Any]] = []
    method = "ols" if main.kind == "ols" else "ml"
    found: dict[str, Any] = {"columns": [], "estimates": [], "covariance": []}
    if main.problem:
        message = f"The pooled fit {main.problem}; its coefficients are not given."
        warnings.append(warning("not_converged", message))
    elif main.infinite is None:
        found = estimates(design, main, parameters["standard_errors"])
    else:
        method = "firth"
        outcomes = {
            site: part["levels"][design.outcome]
            for site, part in counts["sites"].items()
            if part["complete"]
        }
        entries = separation.in_pool(design, infinite_terms(design, main), outcomes)
        warnings.extend(
            warning(
                "separation",
                f"{entry['why']} The ordinary estimate of {entry['term']} is infinite; "
                "Firth's penalised estimates are given, with profile intervals.",
            )
            for entry in entries
        )
        found = _penalised(design, fits)
        if not found["columns"]:
            message = "Firth's fit of the separated pool did not converge."
            warnings.append(warning("not_converged", message))
        if parameters["standard_errors"] != "model":
            message = "Firth's estimates come with model standard errors, not robust ones."
            warnings.append(warning("standard_errors", message))
    aliased = [c.name for i, c in enumerate(design.columns) if i not in main.columns]
    if aliased:
        message = f"{', '.join(aliased)} {ALIASED}: no coefficient is given."
        warnings.append(warning("collinear", message))
    df = main.n - len(main.columns) if method == "ols" else None
    table = coefficient_table(
        design,
        range(len(design.columns)),
        found,
        df=df,
        exponentiate=method != "ols",
        reasons={i: ALIASED for i in range(len(design.columns)) if i not in main.columns},
    )
    return {"method": method, "coefficients": table, "separation": entries}, warnings


def coefficient_table(
    design: Design,
    columns: Any,
    found: dict[str, Any],
    *,
    df: int | None,
    exponentiate: bool,
    reasons: dict[int, str],
) -> list[dict[str, Any]]:
    """A row per column, null with its reason where `found` has none."""
    rows = []
    for i in columns:
        if i not in found["columns"]:
            rows.append(
                coefficient(
                    design.columns[i].name,
                    None,
                    None,
                    df=df,
                    exponentiate=exponentiate,
                    reason=reasons.get(i, "has no finite estimate"),
                )
            )
            continue
        k = found["columns"].index(i)
        rows.append(
            coefficient(
                design.columns[i].name,
                found["estimates"][k],
                float(np.sqrt(max(0.0, found["covariance"][k][k]))),
                df=df,
                exponentiate=exponentiate,
                ci=found["ci"][k] if "ci" in found else None,
                p_value=found["p_values"][k] if "p_values" in found else None,
            )
        )
    return rows


def _penalised(design: Design, fits: dict[str, Fit]) -> dict[str, Any]:
    top = fits[PENALISED]
    if top.problem:
        return {"columns": [], "estimates": [], "covariance": []}
    found = estimates(design, top, "model")

    profiled = {
        (i, goal): profile_value(design, top, fits[name])
        for i in found["columns"]
        for goal in ("lower", "upper", "zero")
        if (name := f"{PENALISED}|{i}|{goal}") in fits
    }
    found["ci"] = [
        [profiled[i, "lower"], profiled[i, "upper"]] if (i, "zero") in profiled else None
        for i in found["columns"]
    ]
    found["p_values"] = [profiled.get((i, "zero")) for i in found["columns"]]
    return found


def _fit_statistics(
    design: Design,
    fits: dict[str, Fit],
    parameters: dict[str, Any],
    counts: dict[str, Any],
    n: int,
    yy: float,
) -> dict[str, Any]:
    """Deviances, likelihood and what follows, as R's `glm`, `logLik`, `AIC`, `summary.lm`."""
    main = fits[MAIN]
    p = len(main.columns)
    deviance = main.deviance if not main.problem else None
    found: dict[str, Any] = {
        "deviance": deviance,
        "df_residual": n - p,
        "df_null": n - 1,
        "r_squared": None,
        "adjusted_r_squared": None,
        "sigma": None,
    }
    if parameters["family"] == "binomial":
        sites = counts["sites"].values()
        ones = sum(part["levels"].get(design.outcome, {}).get("1", 0) for part in sites)
        share = ones / n
        null = -2 * (ones * np.log(share) + (n - ones) * np.log1p(-share))
        likelihood = None if deviance is None else -deviance / 2
        aic = None if deviance is None else deviance + 2 * p
        return found | {"null_deviance": null, "log_likelihood": likelihood, "aic": aic}
    assert deviance is not None
    null = yy
    likelihood = -n / 2 * (np.log(2 * np.pi) + np.log(deviance / n) + 1) if deviance > 0 else None
    found |= {
        "null_deviance": null,
        "log_likelihood": likelihood,
        "aic": None if likelihood is None else -2 * likelihood + 2 * (p + 1),
        "sigma": float(np.sqrt(deviance / (n - p))),
    }
    if null > 0:
        r_squared = 1 - deviance / null
        found["r_squared"] = r_squared
        found["adjusted_r_squared"] = 1 - (1 - r_squared) * (n - 1) / (n - p)
    return found


def _tests(
    design: Design, fits: dict[str, Fit], parameters: dict[str, Any]
) -> dict[str, list[dict[str, Any]]]:
    wanted = models(design, parameters)
    robust = parameters["family"] == "gaussian" and parameters["standard_errors"] != "model"

    def test(term: str, larger: list[str], smaller: list[str]) -> dict[str, Any]:
        big, small = fits[named(wanted, larger)], fits[named(wanted, smaller)]
        row: dict[str, Any] = {
            "term": term,
            "test": "LR",
            "chisq": None,
            "f": None,
            "df": len(big.columns) - len(small.columns),
            "df_residual": None,
            "p_value": None,
            "deviance": big.deviance,
        }
        if big.problem or small.problem or row["df"] < 1:
            return row
        assert big.deviance is not None
        assert small.deviance is not None
        gained = max(0.0, small.deviance - big.deviance)
        if parameters["family"] == "binomial":
            p_value = chi2_tail(gained, row["df"])
            return row | {"chisq": gained, "p_value": p_value}
        error = fits[MAIN]
        row["df_residual"] = error.n - len(error.columns)
        row["test"] = "F"
        variance = (error.deviance or 0.0) / row["df_residual"]
        if variance > 0:
            row["f"] = gained / row["df"] / variance
            row["p_value"] = f_tail(row["f"], row["df"], row["df_residual"])
        return row

    term_tests = []
    for term, larger, smaller in comparisons(design):
        row = test(term, larger, smaller)
        del row["deviance"]
        if robust:
            row |= _wald(design, fits[MAIN], term, parameters["standard_errors"])
        term_tests.append(row)
    return {
        "term_tests": term_tests,
        "interaction_tests": [test(*one) for one in alone(design, parameters)],
    }


def _wald(design: Design, main: Fit, term: str, standard_errors: str) -> dict[str, Any]:
    """The robust counterpart of the F test: Wald's, in the full model."""
    found = estimates(design, main, standard_errors)
    places = [k for k, i in enumerate(found["columns"]) if design.columns[i].term == term]
    df = main.n - len(main.columns)
    row: dict[str, Any] = {"test": "Wald F", "f": None, "p_value": None, "df_residual": df}
    if not places:
        return row
    b = np.asarray(found["estimates"])[places]
    covariance = np.asarray(found["covariance"])[np.ix_(places, places)]
    if np.linalg.matrix_rank(covariance) < len(places):
        return row
    f = float(b @ np.linalg.solve(covariance, b)) / len(places)
    return row | {"f": f, "df": len(places), "p_value": f_tail(f, len(places), df)}


def _by_site(
    design: Design,
    study: dict[str, Any],
    places: dict[str, dict[str, Any]],
    parameters: dict[str, Any],
) -> dict[str, Any]:
    binomial = parameters["family"] == "binomial"
    separated = bool(study["separation"])
    found = study["firth"] if separated else study["ml"]
    if found is None or found.get("problem"):
        found = {"columns": [], "estimates": [], "covariance": []}
    reasons = {int(k): text for k, text in study["reasons"].items()}
    if study["reason"]:
        reasons = dict.fromkeys(design.of_site(), study["reason"])
    table = coefficient_table(
        design,
        design.of_site(),
        found,
        df=None if binomial else study["df_residual"],
        exponentiate=binomial,
        reasons=reasons,
    )
    return {
        **places[study["site"]],
        **{k: study[k] for k in ("n", "n_excluded", "deviance", "df_residual", "separation")},
        "method": ("firth" if separated else "ml") if binomial else "ols",
        "reason": study["reason"] or None,
        "coefficients": table,
    }


def _complete(counts: dict[str, Any], site: str) -> bool:
    return site in counts["sites"] and counts["sites"][site]["complete"] > 0


def _excluded(counts: dict[str, Any], spec: Spec) -> list[dict[str, str]]:
    """Sites without a complete row, and what they lack."""
    found = []
    for site in site_order(spec):
        if _complete(counts, site):
            continue
        present = counts["sites"].get(site, {"present": {}})["present"]
        absent = [name for name, n in present.items() if not n]
        why = f"{', '.join(absent)} not collected" if absent else "no complete row"
        found.append({"site": site, "reason": why if present else "no rows"})
    return found
