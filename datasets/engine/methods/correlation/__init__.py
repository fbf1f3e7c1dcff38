"""`correlation`: Pearson's r of every pair, pooled or within sites, and meta-analysed across them.

Result:
    {"variables", "coefficient", "missing", "within_site", "rows",
     "pairs": [{"x", "y", "n", "df", "r", "ci", "p_value", "q_value"}],
     "matrix", "n_matrix", "order", "min_eigenvalue",
     "across_sites": [{"x", "y", "overall", "heterogeneity", "studies": [{"label", "site",
                       "country", "region", "n", "r", "estimate", "se", "ci", "weight"}]}]}
Estimates across sites are on Fisher's z scale; `r` of a study is its own correlation.
Agrees with R's `cor`, `cor.test`, `p.adjust(, "BH")`, `hclust(, "average")`, metafor's ZCOR.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from datasets.engine.methods import meta
from datasets.engine.methods.contract import (
    ParameterError,
    Parameters,
    Result,
    Spec,
    Statistics,
    Warning,
    inputs_json,
    json_safe,
    site_order,
    warning,
)
from datasets.engine.methods.fields import Fields
from datasets.engine.methods.missing_codes import MissingCodes, suspicious
from datasets.engine.methods.pair_moments import PairMoments
from datasets.engine.methods.tails import t_tail
from datasets.engine.rows.frame import InputInfo, Rows, VariableInfo

KNOWN = ("variables", "coefficient", "missing", "within_site")


def fill(parameters: Any, variables: Mapping[str, VariableInfo]) -> Parameters:
    """`variables` (two or more numbers), `coefficient`, `missing`, `within_site`.

    Raises ParameterError with a message per field.
    """
    fields = Fields(parameters, variables, KNOWN)
    fields.names(
        "variables",
        lambda info: info.is_numeric,
        "correlation takes numbers and booleans",
        default=[name for name, info in variables.items() if info.is_numeric],
        least=2,
    )
    if fields.choice("coefficient", ("pearson", "spearman"), "pearson") == "spearman":
        fields.errors["coefficient"] = "spearman is not offered yet; pearson is."
    fields.choice("missing", ("pairwise", "listwise"), "pairwise")
    fields.flag("within_site", False)
    return fields.done()


def plan(parameters: Parameters, inputs: Sequence[InputInfo]) -> Spec:
    """One round is enough: moments are sums."""
    return {"round": 1, "parameters": parameters, "inputs": inputs_json(inputs)}


def summarise(rows: Rows, spec: Spec) -> Statistics:
    """Pairwise moments of one site's rows, and values that look like missing codes."""
    parameters = spec["parameters"]
    names = parameters["variables"]
    site = ""
    n = 0
    present = np.zeros(len(names), dtype=np.int64)
    missing_codes = MissingCodes()

    def blocks() -> Iterator[np.ndarray]:
        nonlocal site, n, present
        for frame in rows:
            absent = np.full(frame.n, np.nan)
            block = np.column_stack([frame.columns.get(name, absent) for name in names])
            if frame.n:
                site = str(frame.columns["site"][0])
            n += frame.n
            present = present + np.isfinite(block).sum(axis=0)
            for name, column in zip(names, block.T, strict=True):
                missing_codes.watch(name, column)
            if parameters["missing"] == "listwise":
                block = block[np.isfinite(block).all(axis=1)]
            yield block

    moments = PairMoments.of(blocks(), len(names))
    if not n:
        return {"sites": {}}
    part = {
        "rows": n,
        "present": present.tolist(),
        "moments": moments.to_json(),
        "notes": missing_codes.notes(),
    }
    return {"sites": {site: part}}


def combine(*statistics: Statistics) -> Statistics:
    """Moments added per site."""
    sites: dict[str, dict[str, Any]] = {}
    for one in statistics:
        for site, part in one["sites"].items():
            sites[site] = _added(sites[site], part) if site in sites else part
    return {"sites": sites}


def estimate(statistics: Statistics, spec: Spec) -> Result | Spec:
    """Correlations with intervals and tests. Raises ParameterError without a single row."""
    parameters = spec["parameters"]
    names = parameters["variables"]
    sites = [site for site in site_order(spec) if site in statistics["sites"]]
    if not sites:
        raise ParameterError({"variables": "the inputs hold no rows."})
    moments = {site: PairMoments.from_json(statistics["sites"][site]["moments"]) for site in sites}
    pooled, groups = _pooled(list(moments.values()), parameters["within_site"], len(names))
    r = pooled.correlation()
    pairs = [
        _pair(names, i, j, pooled.n[i, j], groups[i, j], r[i, j])
        for i, j in combinations(range(len(names)), 2)
    ]
    adjusted = benjamini_hochberg([one["p_value"] for one in pairs])
    for one, q_value in zip(pairs, adjusted, strict=True):
        one["q_value"] = q_value
    result = {
        **parameters,
        "rows": sum(part["rows"] for part in statistics["sites"].values()),
        "pairs": pairs,
        "matrix": r,
        "n_matrix": pooled.n.astype(int),
        "order": _order(names, r),
        "min_eigenvalue": float(np.linalg.eigvalsh(r)[0]) if np.isfinite(r).all() else None,
        "across_sites": _across_sites(names, moments, spec),
    }
    return Result(json_safe(result), _warnings(statistics, names))


def benjamini_hochberg(p_values: Sequence[float | None]) -> list[float | None]:
    """Adjusted p-values; a missing one is no test and stays missing (R: `p.adjust(, "BH")`)."""
    tested = [i for i, p in enumerate(p_values) if p is not None and np.isfinite(p)]
    adjusted: list[float | None] = [None] * len(p_values)
    smallest = 1.0
    ranked = sorted(tested, key=lambda i: p_values[i] or 0.0)
    for rank in range(len(ranked), 0, -1):
        place = ranked[rank - 1]
        smallest = min(smallest, (p_values[place] or 0.0) * len(ranked) / rank)
        adjusted[place] = smallest
    return adjusted


def _added(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    both = PairMoments.from_json(first["moments"]) + PairMoments.from_json(second["moments"])
    return {
        "rows": first["rows"] + second["rows"],
        "present": [a + b for a, b in zip(first["present"], second["present"], strict=True)],
        "moments": both.to_json(),
        "notes": first["notes"] + second["notes"],
    }


def _pooled(
    moments: list[PairMoments], within_site: bool, p: int
) -> tuple[PairMoments, np.ndarray]:
    """The pool, and per pair how many means were taken off."""
    total = PairMoments.empty(p)
    if not within_site:
        for one in moments:
            total = total + one
        return total, np.ones((p, p))
    for one in moments:
        total = total.within(one)
    return total, sum((one.n > 0).astype(float) for one in moments) + np.zeros((p, p))


def _pair(names: list[str], i: int, j: int, n: float, groups: float, r: float) -> dict[str, Any]:
    """One pair with Fisher's interval and the t test, as `cor.test` does them."""
    df = int(n - 1 - groups)
    row: dict[str, Any] = {
        "x": names[i],
        "y": names[j],
        "n": int(n),
        "df": df if df > 0 else None,
        "r": float(r),
        "ci": None,
        "p_value": None,
    }
    if not np.isfinite(r) or df < 1:
        row["r"] = float(r) if df >= 1 else None
        return row
    if abs(r) < 1:
        row["p_value"] = 2 * t_tail(abs(r) * np.sqrt(df / (1 - r * r)), df)
        if df > 1:
            half = meta.NORMAL_975 / np.sqrt(df - 1)
            row["ci"] = np.tanh([np.arctanh(r) - half, np.arctanh(r) + half]).tolist()
    else:
        row["p_value"], row["ci"] = 0.0, [float(r), float(r)]
    return row


def _order(names: list[str], r: np.ndarray) -> list[str]:
    """Leaves of the average-linkage tree on 1 − |r|, arranged as R's `hclust` does."""
    from scipy.cluster import hierarchy  # slow to import, and seldom needed

    p = len(names)
    distance = 1 - np.abs(np.where(np.isfinite(r), r, 0.0))
    tree = hierarchy.linkage(distance[np.triu_indices(p, 1)], "average")
    leaves: dict[int, list[int]] = {i: [i] for i in range(p)}
    for step, (a, b, _height, _size) in enumerate(tree):
        first, second = sorted((int(a), int(b)))
        leaves[p + step] = leaves[first] + leaves[second]
    return [names[i] for i in leaves[2 * p - 2]]


def _across_sites(
    names: list[str], moments: dict[str, PairMoments], spec: Spec
) -> list[dict[str, Any]]:
    """Fisher-z meta-analysis per pair; sites with fewer than four complete pairs are left out."""
    if len(moments) < 2:
        return []
    places = {one["site"]: one for one in reversed(spec["inputs"])}
    r = {site: one.correlation() for site, one in moments.items()}
    rows = []
    for i, j in combinations(range(len(names)), 2):
        usable = [
            site
            for site, one in moments.items()
            if one.n[i, j] > 3 and np.isfinite(r[site][i, j]) and abs(r[site][i, j]) < 1
        ]
        if len(usable) < 2:
            continue
        z = [float(np.arctanh(r[site][i, j])) for site in usable]
        se = [float(1 / np.sqrt(moments[site].n[i, j] - 3)) for site in usable]
        pooled = meta.pool(z, se)
        studies = [
            {
                "label": site,
                "site": site,
                "country": places[site]["country"],
                "region": places[site]["region"],
                "n": int(moments[site].n[i, j]),
                "r": float(r[site][i, j]),
                "estimate": z[k],
                "se": se[k],
                "ci": [z[k] - meta.NORMAL_975 * se[k], z[k] + meta.NORMAL_975 * se[k]],
                "weight": pooled.weights[k],
            }
            for k, site in enumerate(usable)
        ]
        rows.append(
            {
                "x": names[i],
                "y": names[j],
                "overall": pooled.overall,
                "heterogeneity": pooled.heterogeneity,
                "studies": studies,
            }
        )
    return rows


def _warnings(statistics: Statistics, names: list[str]) -> list[Warning]:
    found = []
    for site, part in statistics["sites"].items():
        for note in part["notes"]:
            found.append(suspicious(note["variable"], note["value"], note["n"], site))
        for name, present in zip(names, part["present"], strict=True):
            if part["rows"] and not present:
                message = f"{name} was not collected at {site}: every value is missing there."
                found.append(warning("not_collected", message))
    return found
