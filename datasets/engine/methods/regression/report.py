"""The finished regression in the API's words, from fits and studies."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from datasets.engine.methods.contract import Answer, Caution, places_of, site_order
from datasets.engine.methods.regression import lacks, rounded, separation
from datasets.engine.methods.regression.along import called
from datasets.engine.methods.regression.answer import answered
from datasets.engine.methods.regression.checks import checks, ill_conditioned
from datasets.engine.methods.regression.coefficients import ALONE, PERFECT, table
from datasets.engine.methods.regression.counting import first_cautions, level_counts
from datasets.engine.methods.regression.design import Design
from datasets.engine.methods.regression.distant import far_from_sites
from datasets.engine.methods.regression.errors import errors_of_all, other_errors
from datasets.engine.methods.regression.fit_statistics import fit_statistics
from datasets.engine.methods.regression.fits import LeastSquares
from datasets.engine.methods.regression.fits.newton import MOST_STEPS
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.reservations import of_two_sites, reservations
from datasets.engine.methods.regression.result import (
    Regression,
    Separation,
)
from datasets.engine.methods.regression.sites import excluded, lack_of, site_model
from datasets.engine.methods.regression.spec import Memory
from datasets.engine.methods.regression.statistics import (
    Counts,
    Estimates,
    Study,
)
from datasets.engine.methods.regression.study import (
    estimates,
    infinite_terms,
    is_firth,
    profiled,
)
from datasets.engine.methods.regression.term_tests import interaction_tests, term_tests
from datasets.engine.methods.regression.two_stage import two_stage
from datasets.engine.methods.shared.diagnostics import may_stand
from datasets.engine.rows.frame import InputInfo
from datasets.engine.sentences import Called, Sentence, listed

ALIASED = Sentence("is a combination of earlier terms, or does not vary")


def report(
    design: Design,
    memory: Memory,
    parameters: Parameters,
    inputs: Sequence[InputInfo],
    rounds: int,
) -> Answer[Regression]:
    """The result of a regression whose fits are all done."""
    counts, n = memory.counts, memory.counts.complete
    places, order = places_of(inputs), site_order(inputs)
    found, entries, warnings = _pooled(design, memory, parameters)
    main = memory.fits[0]
    if rounded.is_guarded(counts):
        found = rounded.settled(found)
    given = memory.basis(design).columns
    aliased = {i: ALIASED for i in range(len(design.columns)) if i not in given}
    linear = isinstance(main, LeastSquares)
    is_perfect = linear and not main.deviance
    warnings.extend(_not_given(design, aliased, parameters.outcome, is_perfect=is_perfect))
    second_stage, complaints = two_stage(design, parameters, memory.counts, memory.studies, places)
    result = Regression(
        outcome=parameters.outcome,
        family=parameters.family,
        strategy=parameters.strategy,
        standard_errors=errors_of_all(parameters.standard_errors, counts),
        site_effects=parameters.site_effects,
        rounds=rounds,
        n=n,
        n_excluded=counts.rows - n,
        sites=tuple(one.site for one in counts.used(order)),
        excluded_sites=tuple(excluded(counts, order)),
        n_by_site={one.site: one.complete for one in counts.sites},
        method="ols" if linear else "firth" if is_firth(memory, design) else "ml",
        coefficients=table(
            design,
            range(len(design.columns)),
            found,
            df=n - len(main.columns) if linear else None,
            exponentiate=not linear,
            reasons=aliased,
            no_error=ALONE if main.deviance else PERFECT,
            is_rounded=rounded.is_guarded(counts),
        ),
        separation=entries,
        **vars(fit_statistics(memory, parameters)),
        term_tests=term_tests(design, memory, parameters),
        interaction_tests=interaction_tests(design, memory, parameters),
        by_site=tuple(
            site_model(design, study, memory.studies, places[study.site], parameters, counts)
            for study in memory.studies
        ),
        two_stage=second_stage,
        counts=level_counts(counts),
        approximate=rounded.is_guarded(counts),
    )
    answer = answered(design, parameters, memory, found, result)
    result = replace(result, answer=replace(answer, approximate=result.approximate))
    diagnostics = checks(design, memory, parameters, result)
    result = replace(result, diagnostics=diagnostics, shown=may_stand(diagnostics))
    warnings.extend([*reservations(result), *of_two_sites(result)])
    warnings.extend(ill_conditioned(design, memory, parameters))
    # Where it is no other way to check the answer, the answer or its test is of that model.
    answers = result.answer is None or result.answer.checked_another_way is None
    warnings.extend(far_from_sites(design, memory, parameters, inputs, answers=answers))
    warnings.extend(other_errors(parameters.standard_errors, counts, order))
    warnings.extend(_of_sites(design, memory.studies, parameters, counts))
    first = first_cautions(counts, inputs, parameters.outcome)
    return Answer(result, (*first, *warnings, *complaints))


def _not_given(
    design: Design, aliased: Collection[int], outcome: str, *, is_perfect: bool
) -> list[Caution]:
    """Which coefficients, or errors of them, the model over all rows does not have."""
    found = []
    if aliased:
        message = Sentence(
            "No coefficient is given for what follows from earlier terms or does not vary: "
            "%(names)s.",
            names=listed([design.called(i) for i in aliased]),
        )
        found.append(Caution("collinear", message))
    if is_perfect:
        message = Sentence(
            "The terms fit %(outcome)s exactly in every row, which leaves no error to estimate: "
            "no standard error, interval or p-value is given.",
            outcome=Called.variable(outcome),
        )
        found.append(Caution("perfect_fit", message))
    return found


def _of_sites(
    design: Design, studies: Sequence[Study], parameters: Parameters, counts: Counts
) -> list[Caution]:
    """What sites' own models lack, and why."""
    warnings: list[Caution] = []
    for study in studies:
        entries = separation.in_words(design, parameters, counts, study)
        for columns, found in separation.by_term(design, entries):
            terms = [called(design, i, parameters, counts) for i in columns]
            several = len(found) > 1
            why = separation.splits_at(design, study.site, terms) if several else found[0].why
            warnings.append(Caution("separation", why, about=found[0].term))
        reason = lack_of(design, study, parameters.modifier)
        if reason:
            message = Sentence(
                "%(site)s has no estimates of its own: %(reason)s.", site=study.site, reason=reason
            )
            warnings.append(Caution("no_site_estimate", message))
    return [
        *warnings,
        *lacks.at_settled_levels(design, studies, parameters.modifier),
        *lacks.left_out_of_pool(design, studies, parameters.exposure),
        *lacks.without_error(design, studies, parameters),
    ]


def _pooled(
    design: Design, memory: Memory, parameters: Parameters
) -> tuple[Estimates, tuple[Separation, ...], list[Caution]]:
    """Estimates of the pooled model, Firth's where the pool is separated."""
    main, basis = memory.fits[0], memory.basis(design)
    if main.problem:
        message = Sentence(
            "The pooled fit did not converge in %(steps)s steps; its coefficients are not given.",
            steps=MOST_STEPS,
        )
        return Estimates(), (), [Caution("not_converged", message)]
    infinite = infinite_terms(design, basis, main)
    entries = separation.in_pool(design, parameters, infinite, memory.counts)
    if not is_firth(memory, design):
        errors = errors_of_all(parameters.standard_errors, memory.counts)
        found = estimates(design, basis, main, errors)
        return found, entries, _of_one_outcome(design, memory, entries)
    warnings = _separated(design, memory, parameters, entries)
    found, top = Estimates(), memory.penalised
    if top is not None and not top.problem:
        found = profiled(estimates(design, basis, top, "model"), top, memory.profiles)
    if not found.columns:
        message = Sentence(
            "The estimates with the correction for infinite ones (Firth’s penalised likelihood) "
            "could not be computed."
        )
        warnings.append(Caution("not_converged", message))
    if parameters.standard_errors != "model":
        message = Sentence(
            "Estimates with Firth’s correction come with model standard errors, not robust ones."
        )
        warnings.append(Caution("standard_errors", message))
    return found, entries, warnings


def _separated(
    design: Design, memory: Memory, parameters: Parameters, entries: Sequence[Separation]
) -> list[Caution]:
    """What is infinite in the model over all rows, the levels of a category in one sentence."""
    warnings = []
    for columns, found in separation.by_term(design, entries):
        terms = [called(design, i, parameters, memory.counts) for i in columns]
        several = len(found) > 1
        message = Sentence.counting(
            "%(why)s The usual estimate of %(terms)s would be infinite: in the table of all rows "
            "every estimate is computed with a correction for that (Firth’s penalised likelihood), "
            "in the answer only what would be infinite itself.",
            "%(why)s The usual estimates of %(terms)s would be infinite: in the table of all rows "
            "every estimate is computed with a correction for that (Firth’s penalised likelihood), "
            "in the answer only what would be infinite itself.",
            len(found),
            why=separation.splits_in_pool(design, terms) if several else found[0].why,
            terms=listed(terms),
        )
        warnings.append(Caution("separation", message, about=found[0].term))
    return warnings


def _of_one_outcome(design: Design, memory: Memory, entries: Sequence[Separation]) -> list[Caution]:
    """Which sites tell nothing of the other terms, where that is all that is separated."""
    if not entries:
        return []
    sites = separation.of_one_outcome(design, memory.counts)
    message = Sentence.counting(
        "At %(sites)s every row has the same outcome: in the model over all rows its own level is "
        "infinite, and its rows tell nothing of the other terms.",
        "At %(sites)s every row has the same outcome: in the model over all rows their own levels "
        "are infinite, and their rows tell nothing of the other terms.",
        len(sites),
        sites=listed(sites),
    )
    return [Caution("separation", message, about=entries[0].term)]
