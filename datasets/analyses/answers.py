"""How much of an analysis’ result one person may see."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.contrib.auth.models import AnonymousUser

from datasets.analyses.answer import Answer
from datasets.analyses.closed import NOT_MADE, NOT_TOLD, STOPPED, UNREAD, Closed, without_answer
from datasets.analyses.decided import decided_since, pooled_only
from datasets.analyses.doubles import with_doubles
from datasets.analyses.inputs import variable_infos
from datasets.analyses.models import Analysis, AnalysisPart, GuardedAnswer
from datasets.analyses.provenance import hash_of
from datasets.analyses.rights import rights_on, rights_on_each
from datasets.analyses.standing import (
    may_be_read,
    outcomes_of_held,
    released_in_part,
    sites_left_out,
)
from datasets.choices import AnalysisState, JobKind
from datasets.datasets.models import Dataset
from datasets.engine.guard.disclosure import in_fives
from datasets.engine.guard.rules import Rules
from datasets.engine.methods import METHODS, Caution
from datasets.engine.methods.sight import Right, gates_of, reads_what_was_open, threshold_for
from datasets.engine.sentences import Kept, Sentence, sentences_in
from datasets.versions.shown import keyed
from portal.jobs.choices import ACTIVE, JobState
from portal.jobs.models import Job

MADE_AGAIN = Caution(
    "guarded_answer",
    Sentence(
        "You do not read all rows behind this answer: it is made of figures that each site rounded "
        "by itself, and may differ from what is told to whoever does."
    ),
)

HELD = "held_by_site"
"""The caution that a person of a site has yet to decide."""

HASHES = ("sha256", "table_sha256", "rules_sha256")
"""Of an input's file, table and rules: by these one would try out what one does not know of it."""


def answer_for(user: Any, analysis: Analysis, *, exact: bool = True) -> Answer | None:
    """The result as the person may see it; None while there is none, or none that is released.

    With `exact=False` it is guarded for everybody.
    """
    if analysis.result is None or not may_be_read(user, analysis, exact=exact):
        return None
    answer = as_released(user, analysis, exact=exact)
    answer = answer and as_decided(answer, analysis)
    sites = released_in_part(user, [analysis], exact=exact).get(analysis.pk)
    if answer and sites:
        answer = only_pooled(answer, analysis, sites)
    return answer and with_doubles(user, answer, analysis)


def answers_for(
    user: Any, analyses: Sequence[Analysis], *, exact: bool = True
) -> dict[int, Answer]:
    """The same of several, by their numbers, without what single sites withheld: for lists."""
    released = set(
        Analysis.objects.answered_to(user if exact else AnonymousUser())
        .filter(pk__in=[one.pk for one in analyses])
        .values_list("pk", flat=True)
    )
    told_of = [one for one in analyses if one.pk in released]
    rights = rights_on_each(user, told_of, exact=exact)
    in_part = released_in_part(user, told_of, exact=exact)
    wholes = {one.pk: whole for one in told_of if (whole := whole_of(one))}
    of_open = guarded_answers(
        [
            number
            for number, whole in wholes.items()
            if not reads_what_was_open(_gates(whole.provenance), rights[number])
        ]
    )
    answers: dict[int, Answer] = {}
    for one in told_of:
        if one.pk not in wholes:
            continue
        answer: Answer | None = told_by(
            one, wholes[one.pk], rights[one.pk], lambda analysis: of_open[analysis.pk]
        )
        if answer and one.pk in in_part:
            answer = only_pooled(answer, one, in_part[one.pk])
        if answer:
            answers[one.pk] = answer
    return answers


def hide_differences(user: Any, runs: Sequence[Analysis], *, exact: bool = True) -> None:
    """Of runs say where they differ from an earlier one to whoever is told both as they are kept.

    Rounded or in part, a number that agrees, or does not, would tell of the one that is not told.
    """
    compared = [run for run in runs if run.differences is not None]
    numbers = {number for run in compared for number in (run.pk, run.compared_with_id or 0)}
    whole = told_as_kept(user, numbers, exact=exact)
    for run in compared:
        if not {run.pk, run.compared_with_id} <= whole:
            run.differences = None


def told_as_kept(user: Any, numbers: Collection[int], *, exact: bool = True) -> set[int]:
    """Those of these analyses whose answer the person is told as it is kept."""
    kept = list(Analysis.objects.filter(pk__in=numbers))
    told_of = answers_for(user, kept, exact=exact)
    return {
        one.pk for one in kept if one.pk in told_of and told_of[one.pk].sha256 == one.result_sha256
    }


def only_pooled(answer: Answer, analysis: Analysis, sites: list[str]) -> Answer | None:
    """What of an answer is of all sites together, where some released no more of theirs."""
    if answer.closed:
        return answer
    method = METHODS[analysis.method]
    result = method.result.from_json(answer.result)
    pooled = method.pooled(result) if method.pooled else None
    if pooled is None:
        return None
    cautions = [pooled_only(site) for site in sites]
    shown = pooled.to_json()
    sha256 = hash_of(shown)
    return Answer(
        shown,
        # The others may speak of single sites.
        [one.to_json() for one in cautions],
        answer.words | sentences_in(cautions),
        sha256=sha256,
        provenance=_of_less(answer.provenance, sha256),
        in_part=sites,
        variables=answer.variables,
    )


def _of_less(provenance: dict[str, Any], sha256: str, *, has_less: bool = True) -> dict[str, Any]:
    """The provenance of what is shown of a result; what is no longer in it has no steps either."""
    if not provenance:
        return provenance
    steps = provenance["steps"]
    return provenance | {"steps": steps[:1] if has_less else steps, "result_sha256": sha256}


def as_released(user: Any, analysis: Analysis, *, exact: bool = True) -> Answer | None:
    """The result as the person would see it, whoever has to release it still."""
    answer = whole_of(analysis)
    if answer and exact:
        answer = _with_details(answer, user, analysis)
    return answer and as_seen(analysis, answer, rights_on(user, analysis, exact=exact))


def as_decided(answer: Answer, analysis: Analysis) -> Answer:
    """An answer that says what became of shares that were held from it, where that was decided."""
    if not any(one["code"] == HELD for one in answer.warnings):
        return answer
    outcomes = outcomes_of_held(analysis)
    without = sites_left_out(analysis, outcomes)
    warnings: list[dict[str, Any]] = []
    words: dict[str, Kept] = {}
    for one in answer.warnings:
        site = answer.words[one["message"]]["values"]["site"] if one["code"] == HELD else ""
        if decided := decided_since(site, outcomes.get(site), is_left_out=site in without):
            words |= sentences_in(decided)
            one = decided.to_json()
        warnings.append(one)
    return replace(answer, warnings=warnings, words=answer.words | words)


def as_seen(analysis: Analysis, answer: Answer, rights: Sequence[Right]) -> Answer:
    """An answer as somebody with these rights on its inputs sees it."""
    found = told_by(analysis, answer, rights)
    limits = {one.dataset: one.threshold for one in rights if not one.readable}
    if not limits:
        return found
    inputs = [
        _without_row_rights(one, limits[one["dataset"]]) if one["dataset"] in limits else one
        for one in found.provenance["inputs"]
    ]
    rows, *others = found.provenance["steps"]
    told_of = {
        "inputs": inputs,
        "steps": [rows | _rows_of(inputs), *others],
        "mapping_set_sha256": keyed(
            found.provenance["mapping_set_sha256"], *(one["dataset"] for one in inputs)
        ),
    }
    return replace(found, provenance=found.provenance | told_of)


def _without_row_rights(one: dict[str, Any], threshold: int) -> dict[str, Any]:
    """An input of the provenance, with hashes and rows as its dataset's own page tells them."""
    hashes = {name: keyed(one[name], one["dataset"]) for name in HASHES}
    rules = kinds_of(one["rules"], one["dataset"])
    told_of = {"rows": in_fives(one["rows"], threshold), "rules": rules}
    return one | hashes | told_of | {"approximate": True}


def kinds_of(rules: Mapping[str, Any], dataset: int) -> dict[str, dict[str, str]]:
    """Mapping rules for whoever may not read the rows: a rule's own words can name a patient.

    The hash, which nobody can make of a guess, tells one rule of the dataset from another.
    """
    return {
        name: {"kind": rule["kind"], "sha256": keyed(hash_of(rule), dataset)}
        for name, rule in rules.items()
    }


def _rows_of(inputs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """How many rows these inputs have, in all and by site."""
    by_site: dict[str, int] = {}
    for one in inputs:
        by_site[one["site"]] = by_site.get(one["site"], 0) + one["rows"]
    about = any(one.get("approximate") for one in inputs)
    return {"n": sum(by_site.values()), "by_site": by_site, "approximate": about}


def whole_of(analysis: Analysis) -> Answer | None:
    """The result as it is kept, before it is asked who reads it."""
    result = analysis.result
    if result is None or analysis.provenance is None:
        return None
    return Answer(
        result,
        analysis.warnings,
        analysis.words,
        sha256=analysis.result_sha256,
        provenance=analysis.provenance,
        variables={info.name: info for info in variable_infos(analysis)},
        closed=without_answer(Sentence.from_kept(analysis.words[result["refused"]]))
        if analysis.found_nothing
        else None,
    )


def guarded_answers(numbers: Sequence[int]) -> dict[int, GuardedAnswer | Closed]:
    """What is told of each of these analyses to whoever does not read the rows of what was open,
    or why nothing is."""
    kept = GuardedAnswer.objects.in_bulk(numbers, field_name="analysis_id")
    missing = [number for number in numbers if number not in kept]
    jobs = Job.objects.filter(kind=JobKind.GUARD, target_id__in=missing).order_by("id")
    states = dict(jobs.values_list("target_id", "state")) if missing else {}
    # One that ended meanwhile has made it.
    made = (*ACTIVE, JobState.SUCCEEDED)
    none_kept = {one: NOT_MADE if states.get(one) in made else STOPPED for one in missing}
    return {**kept, **none_kept}


def _guarded_of(analysis: Analysis) -> GuardedAnswer | Closed:
    return guarded_answers([analysis.pk])[analysis.pk]


def told_by(
    analysis: Analysis,
    whole: Answer,
    rights: Sequence[Right],
    guarded_of: Callable[[Analysis], GuardedAnswer | Closed] = _guarded_of,
) -> Answer:
    """An answer as somebody with these rights is told it; `guarded_of` has what was read at once
    for several."""
    gates = _gates(whole.provenance)
    if not reads_what_was_open(gates, rights):
        found = guarded_of(analysis)
        if isinstance(found, Closed):
            return _closed(whole, found)
        if found.result is None:
            return _closed(whole, NOT_TOLD)
        whole = replace(
            whole,
            closed=None,
            result=found.result,
            warnings=[MADE_AGAIN.to_json(), *found.warnings],
            words=whole.words | found.words | sentences_in(MADE_AGAIN),
            sha256=found.provenance["result_sha256"],
            provenance=found.provenance,
        )
        gates = _gates(whole.provenance)
    elif whole.closed:
        # It can tell of every row.
        return whole if all(one.readable for one in rights) else _closed(whole, UNREAD)
    threshold = threshold_for(gates, rights)
    return whole if threshold is None else limited(analysis, whole, threshold)


def limited(analysis: Analysis, whole: Answer, threshold: int) -> Answer:
    """An answer without what would tell of fewer than `threshold` people."""
    method = METHODS[analysis.method]
    parameters = method.parameters.from_json(analysis.parameters)
    cautions = [Caution.from_json(one) for one in whole.warnings]
    found = method.show(method.result.from_json(whole.result), cautions, parameters, threshold)
    infos = {info.name: info for info in variable_infos(analysis)}
    found = replace(found, result=method.worded(parameters, found.result, infos))
    shown = found.result.to_json()
    # `to_json` leaves no sentence in what it writes; the page still needs them.
    suppressed = [
        one.to_json() | {"where": one.where, "reason": one.reason} for one in found.suppressed
    ]
    # The whole result's hash would let people try out what was withheld, one value at a time.
    sha256 = hash_of(shown)
    return Answer(
        shown,
        [one.to_json() for one in found.warnings],
        whole.words | sentences_in(found),
        suppressed,
        sha256,
        _of_less(whole.provenance, sha256, has_less=bool(suppressed)),
        whole.withheld,
        variables=infos,
    )


def _closed(whole: Answer, closed: Closed) -> Answer:
    """What is told in place of an answer: one sentence, the same for everybody."""
    result = {"refused": str(closed.why)}
    sha256 = hash_of(result)
    return Answer(
        result,
        [],
        dict(sentences_in(closed.why)),
        sha256=sha256,
        provenance=_of_less(whole.provenance, sha256),
        variables=whole.variables,
        closed=closed,
    )


def _gates(provenance: dict[str, Any]) -> dict[int, int]:
    """The threshold that each dataset's gate kept to in the run."""
    datasets = [one["dataset"] for one in provenance["inputs"]]
    rules = provenance["disclosure"].get("rules") or ()
    return gates_of(datasets, [Rules.from_json(one) for one in rules])


def _with_details(answer: Answer, user: Any, analysis: Analysis) -> Answer:
    """With what each site withheld, which rule and by how much, where the person reads its rows."""
    if not answer.provenance["disclosure"].get("withheld_by"):
        return answer
    details, words = _details(user, analysis)
    return replace(answer, withheld=details, words=answer.words | words)


def kept_back(user: Any, analysis: Analysis, *, exact: bool = True) -> Answer | None:
    """Of a question that failed, what its sites withheld, where the person reads their rows; None
    where that is nothing. What waits for a person is told where they decide."""
    if analysis.state != AnalysisState.FAILED or not exact:
        return None
    details, words = _details(user, analysis, held=[])
    infos = {info.name: info for info in variable_infos(analysis)}
    return Answer({}, [], words, withheld=details, variables=infos) if details else None


def _details(
    user: Any, analysis: Analysis, **of: Any
) -> tuple[list[dict[str, Any]], dict[str, Kept]]:
    """What sites withheld in the last round whose rows the person reads, and its sentences."""
    parts = AnalysisPart.objects.filter(
        input__analysis=analysis,
        round=analysis.spec["round"],
        input__version__dataset__in=Dataset.objects.rows_readable_by(user).values("pk"),
        **of,
    )
    kept = [part.statistics for part in parts.order_by("input__index") if part.statistics]
    details = [told_of | {"site": part["site"]} for part in kept for told_of in part["withheld"]]
    return details, {text: said for part in kept for text, said in part["words"].items()}
