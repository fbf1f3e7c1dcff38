"""The second stage: each term's site estimates pooled, by region, and checked for agreement."""

from typing import Any

import numpy as np

from datasets.engine.methods import meta
from datasets.engine.methods.contract import Warning, warning
from datasets.engine.methods.regression.design import INTERCEPT, Design

Study = dict[str, Any]


def two_stage(
    design: Design, studies: list[Study], places: dict[str, dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[Warning]]:
    """One entry per coefficient that a site can estimate on its own.

    Maximum likelihood everywhere, unless a site's estimate of that term is infinite: then Firth's
    estimate at every site, so that all are of one kind. REML with Knapp-Hartung.
    """
    rows, warnings = [], []
    for index in design.of_site():
        name = design.columns[index].name
        if name == INTERCEPT:
            continue
        entry, complaints = _term(name, index, studies, places)
        rows.append(entry)
        warnings.extend(complaints)
    return rows, warnings


def _term(
    name: str, index: int, studies: list[Study], places: dict[str, dict[str, Any]]
) -> tuple[dict[str, Any], list[Warning]]:
    separated = [s["site"] for s in studies if name in [e["term"] for e in s["separation"]]]
    kind = "firth" if separated else "ml"
    warnings: list[Warning] = []
    if separated:
        message = (
            f"The site estimates of {name} are Firth's at every site, because at "
            f"{' and '.join(separated)} the ordinary estimate is infinite."
        )
        warnings.append(warning("firth_for_all_sites", message))
    found = [(study, _estimate(study[kind], index)) for study in studies]
    used = [(study, pair) for study, pair in found if pair is not None]
    labels = _labels([study["site"] for study, _pair in used])
    b = [pair[0] for _study, pair in used]
    se = [pair[1] for _study, pair in used]
    entry: dict[str, Any] = {
        "term": name,
        "k": len(used),
        "overall": None,
        "heterogeneity": None,
        "studies": [],
        "regions": [],
        "between_regions": None,
        "leave_one_out": [],
        "egger": None,
    }
    if not used:
        return entry, warnings
    pooled = meta.pool(b, se)
    entry["studies"] = [
        {
            "label": labels[k],
            **places[study["site"]],
            "n": study["n"],
            "estimate": b[k],
            "se": se[k],
            "ci": [b[k] - meta.NORMAL_975 * se[k], b[k] + meta.NORMAL_975 * se[k]],
            "weight": pooled.weights[k],
            "method": kind,
        }
        for k, (study, _pair) in enumerate(used)
    ]
    if len(used) < 2:
        return entry, warnings
    entry |= {"overall": pooled.overall, "heterogeneity": pooled.heterogeneity}
    entry["leave_one_out"] = meta.leave_one_out(labels, b, se)
    entry["egger"] = meta.egger(b, se)
    warnings.extend(_about_interval(name, pooled))
    regions = list(dict.fromkeys(one["region"] for one in entry["studies"]))
    groups = []
    for region in regions:
        inside = [k for k, one in enumerate(entry["studies"]) if one["region"] == region]
        group = meta.pool([b[k] for k in inside], [se[k] for k in inside])
        groups.append(group)
        entry["regions"].append(
            {
                "region": region,
                "k": len(inside),
                "n": sum(entry["studies"][k]["n"] for k in inside),
                "weight": sum(pooled.weights[k] for k in inside),
                "overall": group.overall,
                "heterogeneity": group.heterogeneity,
            }
        )
        if len(regions) > 1 and group.estimate * pooled.estimate < 0:
            low, high = group.overall["ci"]
            message = (
                f"In {region} the effect of {name} points the other way "
                f"({group.estimate:.3g}, 95 % CI {low:.3g} to {high:.3g}) than over all sites "
                f"({pooled.estimate:.3g})."
            )
            warnings.append(warning("sign_reversal", message))
    entry["between_regions"] = meta.between(groups)
    return entry, warnings


def _estimate(found: dict[str, Any] | None, index: int) -> tuple[float, float] | None:
    """Estimate and standard error of one column, if the site has both."""
    if not found or found.get("problem") or index not in found["columns"]:
        return None
    k = found["columns"].index(index)
    variance = found["covariance"][k][k]
    return (found["estimates"][k], float(np.sqrt(variance))) if variance > 0 else None


def _about_interval(name: str, pooled: meta.Pooled) -> list[Warning]:
    found = []
    if pooled.estimator == "PM":
        message = f"REML did not converge for {name}; the Paule-Mandel estimate is used."
        found.append(warning("estimator", message))
    if pooled.narrower:
        message = (
            f"For {name} the Knapp-Hartung interval is narrower than the normal one, which "
            "happens when few sites agree by chance: read both, and rely on the wider."
        )
        found.append(warning("narrow_interval", message))
    return found


def _labels(sites: list[str]) -> list[str]:
    """Site names, numbered where one site brought several datasets."""
    return [
        site if sites.index(site) == k else f"{site} ({sites[: k + 1].count(site)})"
        for k, site in enumerate(sites)
    ]
