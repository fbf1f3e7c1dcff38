"""What of a regression leaves for whoever may not read the rows.

No level of a variable, no cell of an interaction and no site with few complete rows, and no more
coefficients than the rows carry.
"""

from dataclasses import replace

import numpy as np

from datasets.engine.guard.suppression import hidden_in_line
from datasets.engine.guard.withheld import Notes, Suppressed
from datasets.engine.methods.regression.design import SITE, Part
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.result import LevelCount, Regression, SiteModel

MOST_COLUMNS = 0.33
"""A model may have this many coefficients per row."""


def guard(
    result: Regression, parameters: Parameters, threshold: int
) -> tuple[Regression, Suppressed]:
    """The regression without sites of fewer than `threshold` rows, or nothing of it."""
    t, notes = threshold, Notes()
    why = _refusal(result, parameters, t)
    if why:
        notes.add("the whole model", why)
        return _refused(result, why), notes.suppressed
    small = {
        one.site: reason
        for one in result.by_site
        if (reason := _site_refusal(one, result.counts, t))
    }
    by_site = []
    for one in result.by_site:
        if one.site in small:
            notes.add(f"estimates of {one.site}", small[one.site])
            one = _without_estimates(one, small[one.site])
        by_site.append(one)
    shown = replace(result, by_site=tuple(by_site), counts=())
    if small:
        notes.add("two_stage", "the pooled sites would give the withheld one back")
        shown = replace(shown, two_stage=())
    shown = _without_sizes(shown, t)
    excluded = [*(one.n_excluded for one in shown.by_site), shown.n_excluded]
    if any(0 < (n or 0) < t for n in excluded):
        notes.add("n_excluded", f"fewer than {t} rows were left out somewhere")
        by_site = [replace(one, n_excluded=None) for one in shown.by_site]
        shown = replace(shown, by_site=tuple(by_site), n_excluded=None)
    return shown, notes.suppressed


def _refusal(result: Regression, parameters: Parameters, t: int) -> str:
    """Why the pooled model must not be shown; empty if it may."""
    n = result.n or 0
    given = sum(1 for one in result.coefficients if one.reason is None)
    p = max(given, n - (result.df_residual or 0))
    if p > MOST_COLUMNS * n:
        return f"{p} coefficients are too many for {n} rows."
    pooled: dict[tuple[Part, ...], int] = {}
    for one in result.counts:
        pooled[one.parts] = pooled.get(one.parts, 0) + one.n
    for parts, rows in pooled.items():
        if 0 < rows < t:
            return f"a level of {LevelCount('', parts, rows).variable} has fewer than {t} rows."
    if result.site_effects and any(0 < (result.n_by_site[s] or 0) < t for s in result.sites):
        return f"a site has fewer than {t} complete rows."
    for one in result.counts:
        if (*one.variables, SITE) in parameters.interactions and 0 < one.n < t:
            return f"a level of {one.variable} has fewer than {t} rows at a site."
    return ""


def _refused(result: Regression, why: str) -> Regression:
    """What was asked, and nothing of the answer."""
    return Regression(
        outcome=result.outcome,
        family=result.family,
        strategy=result.strategy,
        standard_errors=result.standard_errors,
        site_effects=result.site_effects,
        rounds=result.rounds,
        n=None,
        n_excluded=None,
        sites=(),
        excluded_sites=(),
        n_by_site={},
        method=result.method,
        coefficients=(),
        separation=(),
        deviance=None,
        null_deviance=None,
        df_residual=None,
        df_null=None,
        r_squared=None,
        adjusted_r_squared=None,
        sigma=None,
        log_likelihood=None,
        aic=None,
        term_tests=(),
        interaction_tests=(),
        by_site=(),
        two_stage=(),
        counts=(),
        refused=why,
    )


def _site_refusal(one: SiteModel, counts: tuple[LevelCount, ...], t: int) -> str:
    """Why a site's own model must not be shown; empty if it may."""
    n = one.n or 0
    estimated = sum(1 for row in one.coefficients if row.estimate is not None)
    if 0 < n < t:
        return f"fewer than {t} complete rows"
    if estimated > MOST_COLUMNS * n:
        return f"too many coefficients for {n} rows"
    for level in counts:
        if level.site == one.site and 0 < level.n < t:
            return f"a level of {level.variable} has fewer than {t} rows there"
    return ""


def _without_estimates(one: SiteModel, reason: str) -> SiteModel:
    return replace(
        one, coefficients=(), separation=(), reason=reason, deviance=None, df_residual=None
    )


def _without_sizes(result: Regression, t: int) -> Regression:
    """Small numbers of complete rows at a site, and one more if the total gave them back."""
    # A database orders keys by their names, which must not decide what is hidden.
    sites = [site for site in result.sites if site in result.n_by_site]
    hidden = hidden_in_line(np.array([result.n_by_site[site] or 0 for site in sites]), t)
    gone = set(sites) if hidden is None else {sites[k] for k in hidden}
    return replace(
        result,
        n_by_site={site: None if site in gone else n for site, n in result.n_by_site.items()},
        by_site=tuple(replace(one, n=None) if one.site in gone else one for one in result.by_site),
    )
