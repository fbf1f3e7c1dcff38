"""Why a site has no coefficient of its own for a column, found at the site and said in words.

Only a coefficient that means the same at every site may be pooled. Without a row at a category's
reference level, or beside a column it cannot be told apart from, a site's number is another one.
"""

from collections.abc import Sequence

import numpy as np

from datasets.engine.methods.contract import Caution
from datasets.engine.methods.regression.basis import Basis
from datasets.engine.methods.regression.design import Design
from datasets.engine.methods.regression.of_site import own, penalised_at
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.statistics import CrossProducts, Estimates, Lack, Study
from datasets.engine.sentences import Called, Sentence, listed


def lacks_of(design: Design, basis: Basis, sums: CrossProducts) -> tuple[Lack, ...]:
    """What a site with these cross-products cannot estimate, and why."""
    rows = np.diag(sums.cross)
    present = {
        name: {level for level, i in _levels(design, name).items() if rows[i] > 0}
        for name, _ in design.levels
    }
    # Levels are counted by columns of 0 and 1, exactly; a site's own level is no column here.
    absent = {
        name
        for name in present
        if sum(rows[i] for i in _levels(design, name).values()) == sums.n
        and any(i in basis.undetermined for i in _levels(design, name).values())
    }
    constant = {min(one - {0}) for one in basis.dependent if len(one - {0}) == 1}
    found = []
    for i in sorted(basis.undetermined):
        together = min((one for one in basis.dependent if i in one), key=len)
        found.append(_lack(design, i, together, {v: present[v] for v in absent}, constant))
    return tuple(found)


def _lack(
    design: Design,
    index: int,
    together: frozenset[int],
    absent: dict[str, set[str]],
    constant: set[int],
) -> Lack:
    """Why a column is lacking that depends on those `together` with it."""
    parts = {part for i in together for part in design.columns[i].parts}
    for name, present in absent.items():
        whole = len(together) > 1 and all((name, level) in parts for level in present)
        if whole:
            return Lack(index, "reference", tuple(_levels(design, name).values()))
    if together - {0} == {index}:
        return Lack(index, "constant", ())
    for i in sorted(constant):
        if i in together or parts.issuperset(design.columns[i].parts):
            return Lack(index, "constant", (i,))
    return Lack(index, "follows", tuple(sorted(together - {0, index})))


def because_settled(lacks: Sequence[Lack], basis: Basis) -> tuple[Lack, ...]:
    """What a site lacks without the rows of levels that are settled, beside what it lacks anyway.

    `basis` is that of the other rows.
    """
    anyway = {one.column: one for one in lacks}
    return tuple(anyway.get(i) or Lack(i, "settled", ()) for i in sorted(basis.undetermined))


def reasons(design: Design, study: Study, modifier: str | None) -> dict[int, Sentence]:
    """Why columns have no coefficient in a site's model."""
    return {one.column: _reason(design, study, one, modifier) for one in study.lacks}


def at_settled_levels(
    design: Design, studies: Sequence[Study], modifier: str | None
) -> list[Caution]:
    """At which levels of what the effect may differ by sites say nothing of it."""
    found: dict[str, list[str]] = {}
    for study in studies:
        for level in study.settled:
            found.setdefault(level, []).append(study.site)
    return [
        Caution(
            "no_site_estimate",
            Sentence.counting(
                "Where %(name)s is %(level)s, %(outcome)s does not vary at %(sites)s, which gives "
                "the pool no estimate there.",
                "Where %(name)s is %(level)s, %(outcome)s does not vary at %(sites)s, which give "
                "the pool no estimates there.",
                len(sites),
                **_at_level(design, modifier or "", level),
                sites=listed(sites),
            ),
        )
        for level, sites in found.items()
    ]


def _at_level(design: Design, name: str, level: str) -> dict[str, Called]:
    """The outcome, and a level at which it does not vary."""
    return {
        "outcome": Called.variable(design.outcome),
        "name": Called.variable(name),
        "level": Called.level(name, level),
    }


def left_out_of_pool(design: Design, studies: Sequence[Study], exposure: str) -> list[Caution]:
    """Which of the sites' coefficients of the exposure are not pooled, cause by cause."""
    found: dict[tuple[str, tuple[int, ...], tuple[int, ...]], list[str]] = {}
    # A site that lacks a model lacks everything alike, which is said of the site.
    for study in (one for one in studies if not one.lack):
        for (why, others), columns in _of_exposure(design, study, exposure).items():
            found.setdefault((why, others, columns), []).append(study.site)
    return [
        Caution("no_site_estimate", _left_out(design, sites, *cause))
        for cause, sites in found.items()
    ]


def without_error(
    design: Design, studies: Sequence[Study], parameters: Parameters
) -> list[Caution]:
    """Where one row alone settles the exposure's effect, whose robust error is then unknown."""
    found: dict[tuple[int, ...], list[str]] = {}
    for study in (one for one in studies if not one.lack and one.deviance != 0):
        penalised = penalised_at(design, parameters.exposure, studies, study)
        ours = own(study, penalised) or Estimates()
        columns = tuple(
            column
            for k, column in enumerate(ours.columns)
            if parameters.exposure in design.columns[column].term and not ours.covariance[k][k] > 0
        )
        if columns:
            found.setdefault(columns, []).append(study.site)
    return [
        Caution(
            "no_site_estimate",
            Sentence.counting(
                "At %(sites)s one row alone determines %(terms)s, which leaves it no robust "
                "standard error: it gives the pool no estimate.",
                "At %(sites)s one row alone determines %(terms)s, which leaves them no robust "
                "standard error: they give the pool no estimates.",
                len(sites),
                sites=listed(sites),
                terms=listed([design.called(i) for i in columns]),
            ),
        )
        for columns, sites in found.items()
    ]


def _of_exposure(
    design: Design, study: Study, exposure: str
) -> dict[tuple[str, tuple[int, ...]], tuple[int, ...]]:
    """What a site lacks of the exposure, by cause."""
    found: dict[tuple[str, tuple[int, ...]], tuple[int, ...]] = {}
    for one in study.lacks:
        if exposure not in design.columns[one.column].term or one.why == "settled":
            continue
        others = one.others if one.why == "reference" else ()
        if one.why == "follows":
            others = tuple(sorted({one.column, *one.others}))
        found[one.why, others] = (*found.get((one.why, others), ()), one.column)
    return found


def _left_out(
    design: Design, sites: Sequence[str], why: str, others: Sequence[int], columns: Sequence[int]
) -> Sentence:
    said = {"sites": listed(sites), "terms": listed([design.called(i) for i in columns])}
    match why:
        case "reference":
            name, level = _reference(design, others)
            return Sentence.counting(
                "%(sites)s has no row with the reference level %(level)s of %(name)s, and gives "
                "the pool no estimate of what hangs on it: %(terms)s.",
                "%(sites)s have no row with the reference level %(level)s of %(name)s, and give "
                "the pool no estimates of what hangs on it: %(terms)s.",
                len(sites),
                level=level,
                name=name,
                **said,
            )
        case "constant":
            return Sentence.counting(
                "%(sites)s gives the pool no estimate of what does not vary there, nor of what "
                "cannot be told apart from it: %(terms)s.",
                "%(sites)s give the pool no estimates of what does not vary there, nor of what "
                "cannot be told apart from it: %(terms)s.",
                len(sites),
                **said,
            )
    return Sentence.counting(
        "The rows of %(sites)s cannot tell %(names)s apart, so it gives the pool no estimate of "
        "%(terms)s.",
        "The rows of %(sites)s cannot tell %(names)s apart, so they give the pool no estimates of "
        "%(terms)s.",
        len(sites),
        names=listed([design.called(i) for i in others if not design.columns[i].is_intercept]),
        **said,
    )


def _reason(design: Design, study: Study, one: Lack, modifier: str | None) -> Sentence:
    site = study.site
    match one.why:
        case "settled":
            own = dict(design.columns[one.column].parts).get(modifier or "")
            level = own if own in study.settled else study.settled[0]
            return Sentence(
                "%(outcome)s does not vary at %(site)s where %(name)s is %(level)s",
                site=site,
                **_at_level(design, modifier or "", level),
            )
        case "reference":
            name, level = _reference(design, one.others)
            return Sentence(
                "%(site)s has no row with the reference level %(level)s of %(name)s",
                site=site,
                level=level,
                name=name,
            )
        case "constant" if one.others:
            name = design.called(one.others[0])
            return Sentence("%(name)s does not vary at %(site)s", name=name, site=site)
        case "constant":
            return Sentence("does not vary at %(site)s", site=site)
    return Sentence(
        "cannot be told apart from %(names)s at %(site)s",
        names=listed([design.called(i) for i in one.others]),
        site=site,
    )


def _reference(design: Design, columns: Sequence[int]) -> tuple[Called, Called]:
    """The category that these columns are levels of, and its reference level."""
    name = design.columns[columns[0]].parts[0][0]
    return Called.variable(name), Called.level(name, dict(design.levels)[name][0])


def _levels(design: Design, name: str) -> dict[str, int]:
    """The columns of a category's levels, the reference excepted."""
    return {
        str(column.parts[0][1]): i
        for i, column in enumerate(design.columns)
        if column.term == (name,)
    }
