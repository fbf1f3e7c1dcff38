"""What a regression tells of each site: its own model, or why it has none."""

from collections.abc import Sequence

from datasets.engine.methods.regression import lacks, rounded, separation
from datasets.engine.methods.regression.coefficients import (
    ALONE,
    PERFECT,
    roughly,
    table,
)
from datasets.engine.methods.regression.design import Design
from datasets.engine.methods.regression.errors import errors_at
from datasets.engine.methods.regression.fits.newton import MOST_STEPS
from datasets.engine.methods.regression.of_site import own, penalised_at
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.result import ExcludedSite, SiteModel
from datasets.engine.methods.regression.statistics import Counts, Estimates, SiteCounts, Study
from datasets.engine.methods.shared.words import coefficients_text
from datasets.engine.rows.frame import InputInfo
from datasets.engine.sentences import Called, Sentence, listed


def site_model(
    design: Design,
    study: Study,
    studies: Sequence[Study],
    place: InputInfo,
    parameters: Parameters,
    counts: Counts,
) -> SiteModel:
    """A site's own model as it is told: with Firth's estimates of what is infinite there, and of
    the exposure's effects that are at any site; without estimates, with the reason why."""
    binomial = parameters.family == "binomial"
    penalised = penalised_at(design, parameters.exposure, studies, study)
    estimates = own(study, penalised) or Estimates()
    is_firth = not penalised.isdisjoint(estimates.columns)
    columns = design.of_site()
    reason = lack_of(design, study, parameters.modifier)
    reasons = (
        dict.fromkeys(columns, reason)
        if reason
        else lacks.reasons(design, study, parameters.modifier)
    )
    return SiteModel(
        site=study.site,
        country=place.country,
        region=place.region,
        n=study.n,
        n_excluded=study.n_excluded,
        deviance=study.deviance,
        df_residual=study.df_residual,
        separation=separation.in_words(design, parameters, counts, study),
        method=("firth" if is_firth else "ml") if binomial else "ols",
        reason=reason,
        coefficients=tuple(
            roughly(row) if study.rounded else row
            for row in table(
                design,
                columns,
                estimates,
                df=None if binomial else study.df_residual,
                exponentiate=binomial,
                reasons=reasons,
                no_error=ALONE if study.deviance else PERFECT,
                is_rounded=rounded.is_of_guarded(study.site, counts),
                penalised=penalised,
            )
        ),
        approximate=study.rounded,
        standard_errors="model"
        if is_firth and penalised.issuperset(estimates.columns)
        else errors_at(parameters.standard_errors, is_guarded=study.rounded),
    )


def lack_of(design: Design, study: Study, modifier: str | None) -> Sentence | None:
    """Why a site has no model of its own."""
    match study.lack:
        case "few_rows":
            return Sentence.counting(
                "%(count)s complete row for %(coefficients)s",
                "%(count)s complete rows for %(coefficients)s",
                study.n,
                coefficients=coefficients_text(study.rank),
            )
        case "constant_outcome":
            return Sentence(
                "%(outcome)s does not vary at %(site)s",
                outcome=Called.variable(design.outcome),
                site=study.site,
            )
        case "settled":
            return Sentence(
                "too few rows at levels of %(name)s where %(outcome)s varies",
                name=Called.variable(modifier or ""),
                outcome=Called.variable(design.outcome),
            )
        case "not_converged":
            return Sentence("the fit did not converge in %(steps)s steps", steps=MOST_STEPS)
    return None


def excluded(counts: Counts, order: Sequence[str]) -> list[ExcludedSite]:
    """Sites without a complete row, and what they lack."""
    return [
        ExcludedSite(site, _why_excluded(one))
        for site in order
        if (one := counts.of(site)) is None or not one.complete
    ]


def _why_excluded(one: SiteCounts | None) -> Sentence:
    if one is None:
        return Sentence("no rows")
    absent = [present.variable for present in one.present if not present.n]
    if not absent:
        return Sentence("no complete row")
    return Sentence(
        "%(names)s not collected", names=listed([Called.variable(name) for name in absent])
    )
