"""The second stage: each term's site estimates pooled, by region, and checked for agreement."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from datasets.engine.methods.contract import Caution
from datasets.engine.methods.regression.along import called, called_at, contrasts_of
from datasets.engine.methods.regression.along import places as places_along
from datasets.engine.methods.regression.contradictions import contradictions
from datasets.engine.methods.regression.design import Design
from datasets.engine.methods.regression.of_site import (
    infinite_at,
    interval_of,
    own,
    penalised_at,
    with_infinite_sum,
)
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.result import RegionEstimate, StudyEstimate, TwoStage
from datasets.engine.methods.regression.statistics import Counts, Estimates, Study
from datasets.engine.methods.shared import meta
from datasets.engine.methods.shared.signs import gail_simon
from datasets.engine.rows.frame import InputInfo
from datasets.engine.sentences import Called, Sentence, listed

ALPHA = 0.05

Infinite = tuple[Called | Sentence, Sequence[str]]
"""An effect, and the sites at which its usual estimate is infinite."""


def two_stage(
    design: Design,
    parameters: Parameters,
    counts: Counts,
    studies: Sequence[Study],
    places: dict[str, InputInfo],
) -> tuple[tuple[TwoStage, ...], list[Caution]]:
    """One entry per coefficient that a site can estimate on its own; cautions on the exposure's.

    Each site's estimate is that of its own table (`of_site`). REML with Knapp-Hartung.
    """
    rows: list[TwoStage] = []
    infinite = _infinite_at_levels(design, parameters, counts, studies)
    warnings: list[Caution] = []
    for index in design.of_site():
        if not design.columns[index].is_intercept:
            name = called(design, index, parameters, counts)
            entry, complaints = _term(design, index, name, parameters, studies, places)
            rows.append(entry)
            if parameters.exposure in design.columns[index].term:
                infinite.append((name, [s.site for s in studies if index in infinite_at(s)]))
                warnings.extend(complaints)
    return tuple(rows), [*_infinite(infinite), *warnings]


def _term(
    design: Design,
    index: int,
    name: Called | Sentence,
    parameters: Parameters,
    studies: Sequence[Study],
    places: dict[str, InputInfo],
) -> tuple[TwoStage, list[Caution]]:
    linear = parameters.family == "gaussian"
    by_firth = {
        study.site: penalised_at(design, parameters.exposure, studies, study) for study in studies
    }
    estimates = [(study, own(study, by_firth[study.site])) for study in studies]
    found = [(study, one, _estimate(one, index)) for study, one in estimates]
    used = [(study, one, pair) for study, one, pair in found if one and pair]
    penalised = [s.site for s, _, _ in used if index in by_firth[s.site]]
    warnings = _of_model(name, penalised, parameters)
    entry = TwoStage(design.names[index], len(used))
    if not used:
        return entry, warnings
    labels = _labels([study.site for study, _, _ in used])
    complete, pooled, groups = _pooled(
        entry,
        [
            StudyEstimate(
                label=labels[k],
                site=study.site,
                country=places[study.site].country,
                region=places[study.site].region,
                n=study.n,
                estimate=pair[0],
                se=pair[1],
                ci=interval_of(one, index, pair, study.df_residual if linear else None),
                weight=0.0,
                method="ols" if linear else "firth" if study.site in penalised else "ml",
                approximate=study.rounded,
            )
            for k, (study, one, pair) in enumerate(used)
        ],
    )
    if len(used) > 1:
        warnings.extend(_about_interval(name, pooled))
        warnings.extend(contradictions(name, complete, groups, pooled))
    return complete, warnings


def _infinite_at_levels(
    design: Design, parameters: Parameters, counts: Counts, studies: Sequence[Study]
) -> list[Infinite]:
    """The exposure's effect at each level of what it may differ by, and where it is infinite."""
    contrasts, other = contrasts_of(design, parameters, counts), parameters.modifier
    if not contrasts or other is None:
        return []
    found: list[Infinite] = []
    levels = [level for level, _, _ in places_along(design, other, counts)]
    for number, ((column, _), *_) in enumerate(contrasts):
        level = levels[number % len(levels)]
        name = called_at(design.called(column), other, level)
        found.append((name, with_infinite_sum(studies, number)))
    return found


def _infinite(effects: Sequence[Infinite]) -> list[Caution]:
    """Why effects of the exposure are Firth's at every site: one sentence for all its levels."""
    found = {str(name): (name, sites) for name, sites in effects if sites}
    if not found:
        return []
    names = [name for name, _ in found.values()]
    sites = [where for _, where in found.values()]
    if all(where == sites[0] for where in sites):
        message = Sentence.counting(
            "At %(sites)s the usual estimate of %(terms)s would be infinite, so that of every site "
            "is computed with a correction for that (Firth’s penalised likelihood).",
            "At %(sites)s the usual estimates of %(terms)s would be infinite, so those of every "
            "site are computed with a correction for that (Firth’s penalised likelihood).",
            len(found),
            terms=listed(names),
            sites=listed(sites[0]),
        )
    else:
        message = Sentence(
            "The usual estimates of %(terms)s would be infinite, so those of every site are "
            "computed with a correction for that (Firth’s penalised likelihood).",
            terms=listed(
                [
                    Sentence("%(term)s (at %(sites)s)", term=name, sites=listed(where))
                    for name, where in found.values()
                ]
            ),
        )
    return [Caution("firth_for_all_sites", message)]


def _of_model(
    name: Called | Sentence, penalised: Sequence[str], parameters: Parameters
) -> list[Caution]:
    """That Firth's estimates have no robust errors, where these were asked for."""
    if not penalised or parameters.standard_errors == "model":
        return []
    message = Sentence(
        "The estimates of %(term)s at %(sites)s come with model standard errors, not robust "
        "ones, as all do that are computed with Firth’s correction.",
        term=name,
        sites=listed(penalised),
    )
    return [Caution("standard_errors", message)]


def _pooled(
    entry: TwoStage, studies: Sequence[StudyEstimate]
) -> tuple[TwoStage, meta.Pooled, list[meta.Pooled]]:
    """The same with the pool and those of regions, of which there are none of a single site."""
    b, se = [one.estimate for one in studies], [one.se for one in studies]
    pooled = meta.pool(b, se)
    weighed = zip(studies, pooled.weights, strict=True)
    entry = replace(entry, studies=tuple(replace(one, weight=w) for one, w in weighed))
    if len(studies) < 2:
        return entry, pooled, []
    regions, groups = _by_region(entry.studies)
    complete = replace(
        entry,
        overall=pooled.overall,
        heterogeneity=pooled.heterogeneity,
        regions=regions,
        between_regions=_between(regions, groups),
        leave_one_out=tuple(meta.leave_one_out([one.label for one in studies], b, se)),
        egger=meta.egger(b, se),
        gail_simon=gail_simon(b, se),
    )
    return complete, pooled, groups


def _by_region(
    studies: Sequence[StudyEstimate],
) -> tuple[tuple[RegionEstimate, ...], list[meta.Pooled]]:
    rows, groups = [], []
    for region in dict.fromkeys(one.region for one in studies):
        inside = [one for one in studies if one.region == region]
        group = meta.pool([one.estimate for one in inside], [one.se for one in inside])
        groups.append(group)
        rows.append(
            RegionEstimate(
                region=region,
                k=len(inside),
                n=sum(one.n for one in inside),
                weight=sum(one.weight for one in inside),
                overall=None if len(inside) == 2 else group.overall,
                heterogeneity=group.heterogeneity,
                approximate=any(one.approximate for one in inside),
            )
        )
    return tuple(rows), groups


def _between(
    regions: Sequence[RegionEstimate], groups: Sequence[meta.Pooled]
) -> meta.BetweenGroups | None:
    """Whether regions differ; not tested where fewer than two of them have several sites.

    Nothing tells a region of one site from that site.
    """
    several = sum(one.k > 1 for one in regions)
    return meta.between(groups) if several > 1 else None


def _estimate(found: Estimates | None, index: int) -> tuple[float, float] | None:
    """Estimate and standard error of one column, if the site has both."""
    if found is None or index not in found.columns:
        return None
    k = found.columns.index(index)
    variance = found.covariance[k][k]
    return (found.estimates[k], float(np.sqrt(variance))) if variance > 0 else None


def _about_interval(name: Called | Sentence, pooled: meta.Pooled) -> list[Caution]:
    found = []
    if pooled.narrower:
        message = Sentence(
            "For %(term)s the Hartung–Knapp interval is narrower than the plain one: the answer "
            "has the plain one.",
            term=name,
        )
        found.append(Caution("narrow_interval", message))
    return found


def _labels(sites: Sequence[str]) -> list[str]:
    """Site names, numbered where one site brought several datasets."""
    return [
        site if sites.index(site) == k else f"{site} ({sites[: k + 1].count(site)})"
        for k, site in enumerate(sites)
    ]
