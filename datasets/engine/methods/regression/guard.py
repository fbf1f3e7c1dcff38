"""What of a regression leaves for whoever may not read the rows.

No level of a variable, no cell of an interaction and no site with few complete rows, and no more
coefficients than the rows carry.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from datasets.engine.guard.claims import CLOSEST
from datasets.engine.guard.suppression import hidden_in_line
from datasets.engine.guard.withheld import Notes, Suppressed
from datasets.engine.methods.regression.checks import for_readers
from datasets.engine.methods.regression.design import SITE, Part
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.result import (
    Answered,
    LevelCount,
    Regression,
    SiteModel,
)
from datasets.engine.sentences import Sentence

MOST_COLUMNS = 0.33
"""A model may have this many coefficients per row."""

TELLS_OF_ROWS = Sentence("it would tell too much of single rows")
"""Of terms that give the outcome: that they do is nobody's business without row rights, either."""


def guard(
    result: Regression, parameters: Parameters, threshold: int
) -> tuple[Regression, Suppressed]:
    """The regression without sites of fewer than `threshold` rows, or nothing of it."""
    t, notes = threshold, Notes()
    why = _refusal(result, parameters, t)
    if why:
        notes.of_place(Sentence("the whole model"), why)
        return refused(result, why), notes.suppressed
    small = {
        one.site: reason
        for one in result.by_site
        if (reason := _site_refusal(one, result.counts, t))
    }
    by_site = []
    for one in result.by_site:
        if one.site in small:
            notes.of_place(Sentence("estimates of %(site)s", site=one.site), small[one.site])
            one = _without_estimates(one, small[one.site])
        by_site.append(one)
    shown = replace(result, by_site=tuple(by_site), counts=())
    if small:
        reason = Sentence("the pooled sites would give the withheld one back")
        notes.of_part("two_stage", reason)
        shown = replace(shown, two_stage=())
    shown = _without_sizes(shown, t, notes)
    if shown.answer and (small or any(one.n is None for one in shown.by_site)):
        shown = replace(shown, answer=_of_one_model(shown.answer))
    excluded = [*(one.n_excluded for one in shown.by_site), shown.n_excluded]
    if any(0 < (n or 0) < t for n in excluded):
        reason = Sentence("fewer than %(threshold)s rows were left out somewhere", threshold=t)
        notes.of_part("n_excluded", reason)
        by_site = [replace(one, n_excluded=None) for one in shown.by_site]
        answer = shown.answer and replace(shown.answer, n_excluded=None)
        shown = replace(shown, by_site=tuple(by_site), n_excluded=None, answer=answer)
    hides_sites = bool(small) or any(one.n is None for one in shown.by_site)
    return for_readers(shown, hides_sites=hides_sites), notes.suppressed


def _refusal(result: Regression, parameters: Parameters, t: int) -> Sentence | None:
    """Why the pooled model must not be shown; None if it may."""
    if result.deviance == 0 or (result.r_squared or 0.0) > CLOSEST**2:
        return TELLS_OF_ROWS
    n = result.n or 0
    given = sum(1 for one in result.coefficients if one.estimate is not None)
    levels: Counter[tuple[Part, ...]] = Counter()
    for one in result.counts:
        levels[one.parts] += one.n
    if why := _thinness(n, max(given, n - (result.df_residual or 0)), levels, t):
        return why
    if result.site_effects and any(0 < (result.n_by_site[s] or 0) < t for s in result.sites):
        return Sentence("a site has fewer than %(threshold)s complete rows", threshold=t)
    for one in result.counts:
        if (*one.variables, SITE) in parameters.interactions and 0 < one.n < t:
            return Sentence(
                "a level of %(name)s has fewer than %(threshold)s rows at a site",
                name=one.called,
                threshold=t,
            )
    return None


def _site_refusal(one: SiteModel, counts: tuple[LevelCount, ...], t: int) -> Sentence | None:
    """Why a site's own model must not be shown; None if it may."""
    if one.deviance == 0:
        return TELLS_OF_ROWS
    estimated = sum(1 for row in one.coefficients if row.estimate is not None)
    levels = {level.parts: level.n for level in counts if level.site == one.site}
    return _thinness(one.n or 0, estimated, levels, t)


def _thinness(
    n: int, coefficients: int, levels: Mapping[tuple[Part, ...], int], t: int
) -> Sentence | None:
    """What a model of `n` rows, so many of them of each level, would tell of too few people."""
    if 0 < n < t:
        return Sentence("fewer than %(threshold)s complete rows", threshold=t)
    if coefficients > MOST_COLUMNS * n:
        return Sentence("too many coefficients for the rows")
    for parts, rows in levels.items():
        if 0 < rows < t:
            return Sentence(
                "a level of %(name)s has fewer than %(threshold)s rows",
                name=LevelCount("", parts, rows).called,
                threshold=t,
            )
    return None


def refused(result: Regression, why: Sentence) -> Regression:
    """What was asked, and nothing of the answer, nor by which estimates it would have been."""
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
        method="ols" if result.family == "gaussian" else "ml",
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
        refused=Sentence("Too few people stand behind this model: %(why)s.", why=why),
    )


def _of_one_model(answer: Answered) -> Answered:
    """The answer by the model over all rows alone: the sites' own would give one back."""
    beside = answer.checked_another_way
    kept = replace(
        answer,
        estimate=None,
        ci=None,
        prediction_interval=None,
        p_value=None,
        by=(),
        k=0,
        df=None,
        estimator="one_stage",
        interaction_test=None,
        overall_test=None,
        checked_another_way=None,
        reason=Sentence(
            "a site is too small to be shown, and what the others have would give its own away; "
            "leave that site out, or ask for one effect without an interaction"
        ),
    )
    if beside is None or beside.estimate is None:
        return kept
    return replace(kept, estimate=beside.estimate, ci=beside.ci, p_value=beside.p_value)


def _without_estimates(one: SiteModel, reason: Sentence) -> SiteModel:
    return replace(
        one, coefficients=(), separation=(), reason=reason, deviance=None, df_residual=None
    )


def _without_sizes(result: Regression, t: int, notes: Notes) -> Regression:
    """Small numbers of complete rows at a site, and one more if the total gave them back."""
    # A database orders keys by their names, which must not decide what is hidden.
    sites = [site for site in result.sites if site in result.n_by_site]
    hidden = hidden_in_line(np.array([result.n_by_site[site] or 0 for site in sites]), t)
    gone = set(sites) if hidden is None else {sites[k] for k in hidden}
    # Degrees of freedom, intervals and reasons of their own models would tell the sizes.
    reason = Sentence("its number of rows would give a withheld one back")
    by_site = []
    for one in result.by_site:
        if one.site in gone:
            if one.coefficients:
                notes.of_place(Sentence("estimates of %(site)s", site=one.site), reason)
                one = _without_estimates(one, reason)
            one = replace(one, n=None)
        by_site.append(one)
    return replace(
        result,
        n_by_site={site: None if site in gone else n for site, n in result.n_by_site.items()},
        by_site=tuple(by_site),
    )
