"""Which shares of a dataset, in the runs of one question, are one output: decided on once."""

from collections.abc import Collection, Iterator
from typing import Any

from django.db import models
from django.db.models import F

from datasets.analyses.models import Analysis, AnalysisInput
from datasets.analyses.runs import runs_of
from datasets.choices import GUARDED_ACCESS, ReleaseDecision, ReleaseOutcome
from datasets.datasets.rules import rules_for
from datasets.ledger.figures import figures_of
from datasets.releases.models import SHOWN, Release


def decided_before(analysis: Analysis) -> dict[int, Release]:
    """By dataset, the release of this very question before: of the same numbers, of the same share
    beside other sites, or of what was held then, which this run adds. The last word counts.

    What was withheld since this run was asked is withheld of it; who asks after that asks anew.
    """
    if analysis.rerun_of_id is None:
        return {}
    decided = family_of(analysis).exclude(outcome=ReleaseOutcome.HELD)
    ordered = decided.select_related("analysis", "decided_by", "confirmed_by").order_by(
        F("decided_at").asc(nulls_first=True), "pk"
    )
    shares = {one.dataset_id: one for one in analysis.releases.all()}
    found: dict[int, Release] = {}
    for one in ordered.defer("analysis__spec", "analysis__result"):
        share = shares.get(one.dataset_id)
        is_same = one.decision and share is not None and is_same_output(one, share)
        if one.outcome == ReleaseOutcome.REFUSED:
            found.pop(one.dataset_id, None)
            if is_same and one.decided_at and one.decided_at > analysis.created_at:
                found[one.dataset_id] = one
        elif is_same or has_numbers_of(analysis, one):
            found[one.dataset_id] = one
    return found


def withheld_before(analysis: Analysis, datasets: Collection[int]) -> set[int]:
    """Of these datasets those of which a person withheld what is asked for now, whoever asked it
    and however, and let it go in no answer since.

    A question is spelled in many ways: what counts is which columns of which rows its figures are
    about. Who asks for all that was withheld, and more, asks for it.
    """
    decided = Release.objects.filter(dataset__in=datasets).exclude(analysis=analysis)
    decided = decided.exclude(decision="").exclude(outcome=ReleaseOutcome.HELD)
    closed = decided.filter(outcome=ReleaseOutcome.REFUSED)
    asked = pinned_of(analysis).filter(version__dataset__in=closed.values("dataset"))
    return {
        one.version.dataset_id
        for one in asked
        if _is_withheld(one, decided.filter(dataset=one.version.dataset_id))
    }


def _is_withheld(asked: AnalysisInput, decided: models.QuerySet[Release]) -> bool:
    last_words: dict[str, str] = {}
    for question, outcome in _questions_of(decided):
        last_words.pop(question, None)
        last_words[question] = outcome
    if asked.question_sha256 in last_words:
        return last_words[asked.question_sha256] == ReleaseOutcome.REFUSED
    dataset = asked.version.dataset_id
    figures = figures_of(dataset, {asked.question_sha256, *last_words})
    last = {
        figure: outcome
        for question, outcome in last_words.items()
        for figure in figures.get(question, ())
    }
    refused = [one for one, outcome in last.items() if outcome == ReleaseOutcome.REFUSED]
    return any(
        one.is_asked_by(figure)
        for figure in figures.get(asked.question_sha256, ())
        if last.get(figure) != ReleaseOutcome.RELEASED
        for one in refused
    )


def _questions_of(decided: models.QuerySet[Release]) -> Iterator[tuple[str, str]]:
    """What was asked in each of a dataset's shares, and how it ended, the last word last."""
    inputs = AnalysisInput.objects.filter(
        version__dataset=F("analysis__releases__dataset"), analysis__releases__in=decided
    ).annotate(outcome=F("analysis__releases__outcome"))
    inputs = inputs.select_related("analysis").order_by(
        "analysis__releases__decided_at", "analysis__releases__pk"
    )
    for one in inputs.defer("analysis__spec", "analysis__result", "analysis__provenance"):
        yield one.question_sha256, one.outcome


def withheld_beside(release: Release) -> models.QuerySet[Release]:
    """Other sites' shares of its answer that somebody there withheld: by these it is closed to
    whoever does not read their rows."""
    return release.analysis.releases.exclude(pk=release.pk).filter(
        outcome=ReleaseOutcome.REFUSED, contributes=True, dataset__access__in=GUARDED_ACCESS
    )


def family_of(analysis: Analysis) -> models.QuerySet[Release]:
    """Shares of the other runs of its question."""
    runs = runs_of(analysis).exclude(pk=analysis.pk)
    return Release.objects.filter(analysis__in=runs.values("pk"))


def same_elsewhere(release: Release, outcome: str) -> list[Release]:
    """Shares of the dataset in other runs that are the same output and stand there, of held ones
    those that nobody decided on yet: one word is enough for all of them."""
    others = family_of(release.analysis).filter(dataset=release.dataset_id, outcome=outcome)
    if outcome == ReleaseOutcome.HELD:
        others = others.filter(decision="")
    found = others.select_related(*SHOWN).order_by("pk")
    return [one for one in found if is_same_output(release, one)]


def is_same_output(one: Release, other: Release) -> bool:
    """Whether who looked at one share of a dataset, in a run of a question, looked at the other.

    A site's numbers are the same whatever other sites are in the run: what the same rules let go
    of the same question. Of what is released in part it is the pool that somebody looked at.
    """
    if question_of(one) != question_of(other):
        return False
    if ReleaseDecision.IN_PART in (one.decision, other.decision) and pool_of(one) != pool_of(other):
        return False
    contribute = one.contributes and other.contributes
    if contribute and one.analysis.result_sha256 == other.analysis.result_sha256:
        return True
    kept_to = rules_of(one)
    return bool(kept_to) and kept_to == rules_of(other)


def pinned_of(analysis: Analysis) -> models.QuerySet[AnalysisInput]:
    """Its inputs, each with what its question rests on."""
    pinned = AnalysisInput.objects.filter(analysis=analysis).select_related("analysis", "version")
    return pinned.defer("analysis__spec", "analysis__result", "analysis__provenance")


def question_of(release: Release) -> str:
    """What was asked of the share's dataset."""
    return pinned_of(release.analysis).get(version__dataset=release.dataset_id).question_sha256


def rules_of(release: Release) -> dict[str, Any]:
    """The rules by which somebody looks at a share, or did when they decided: until then what is
    held is computed by those of the day whenever they look."""
    if release.held and not release.decision:
        return rules_for(release.dataset).to_json()
    return dict(release.rules)


def pool_of(release: Release) -> dict[int, tuple[str, dict[str, Any]]]:
    """What a share is pooled with, or would be: of each other dataset in the answer the question
    and the rules."""
    analysis = release.analysis
    left_out = set(analysis.releases.filter(contributes=False).values_list("dataset", flat=True))
    kept_to = (analysis.provenance or {}).get("disclosure", {}).get("rules", [])
    return {
        one.version.dataset_id: (one.question_sha256, rules)
        for one, rules in zip(pinned_of(analysis), kept_to, strict=False)
        if one.version.dataset_id not in left_out | {release.dataset_id}
    }


def has_numbers_of(analysis: Analysis, release: Release) -> bool:
    """Whether an answer repeats number for number the one that was released."""
    if not release.contributes:
        return False
    if release.analysis_id == analysis.compared_with_id:
        return not analysis.differences
    return release.analysis.result_sha256 == analysis.result_sha256
