"""Which shares of a dataset, in the runs of one question, are one output: decided on once."""

from collections.abc import Collection
from typing import Any

from django.db import models
from django.db.models import F, Q

from datasets.analyses.models import Analysis, AnalysisInput
from datasets.analyses.runs import runs_of
from datasets.choices import GUARDED_ACCESS, ReleaseDecision, ReleaseOutcome
from datasets.datasets.rules import rules_for
from datasets.ledger.figures import beside, figures_of
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
    alike = set(asking(decided, analysis).values_list("pk", flat=True))
    given_away = set(given_away_in(analysis).values_list("dataset", flat=True))
    found: dict[int, Release] = {}
    for one in ordered.defer("analysis__spec", "analysis__result"):
        share = shares.get(one.dataset_id)
        is_asked = one.pk in alike and one.decision
        is_same = is_asked and share is not None and is_same_output(one, share)
        if one.outcome == ReleaseOutcome.REFUSED:
            found.pop(one.dataset_id, None)
            if is_same and one.decided_at and one.decided_at > analysis.created_at:
                found[one.dataset_id] = one
        elif one.decision == ReleaseDecision.IN_PART and one.dataset_id in given_away:
            # Who said so looked at a pool that hid their rows.
            found.pop(one.dataset_id, None)
        elif is_same or has_numbers_of(analysis, one):
            found[one.dataset_id] = one
    return found


def given_away_in(analysis: Analysis) -> models.QuerySet[Release]:
    """Shares that the pool of an answer does not hide."""
    shares = Release.objects.filter(analysis=analysis, contributes=True)
    return shares.exclude(pk__in=shares.hidden_in_pool().values("pk"))


def withheld_before(analysis: Analysis, datasets: Collection[int]) -> set[int]:
    """Of these datasets those of which a person withheld what is asked for now, whoever asked it
    and however, or let go only what is pooled, and let it go in no answer since.

    A question is spelled in many ways: what counts is which columns of which rows its figures are
    about. Who asks for all that was withheld, and more, asks for it.
    """
    decided = Release.objects.filter(dataset__in=datasets).exclude(analysis=analysis)
    decided = decided.exclude(decision="").exclude(outcome=ReleaseOutcome.HELD)
    kept_back = decided.exclude(decision=ReleaseDecision.RELEASE)
    asked = analysis.inputs.filter(version__dataset__in=kept_back.values("dataset"))
    return {
        one.version.dataset_id
        for one in asked.select_related("version")
        if _is_withheld(one, decided)
    }


def _is_withheld(asked: AnalysisInput, decided: models.QuerySet[Release]) -> bool:
    last_words = _last_words(asked, decided)
    if asked.question_sha256 in last_words:
        return last_words[asked.question_sha256] != ReleaseDecision.RELEASE
    if not set(last_words.values()) - {ReleaseDecision.RELEASE}:
        return False
    figures = figures_of(asked.version, {asked.question_sha256, *last_words})
    last = {
        figure: decision
        for question, decision in last_words.items()
        for figure in figures.get(question, ())
    }
    kept_back = [one for one, decision in last.items() if decision != ReleaseDecision.RELEASE]
    return any(
        one.is_asked_by(figure)
        for figure in figures.get(asked.question_sha256, ())
        if last.get(figure) != ReleaseDecision.RELEASE
        for one in kept_back
    )


def _last_words(asked: AnalysisInput, decided: models.QuerySet[Release]) -> dict[str, str]:
    """What was decided last on this question, and on each other one of the same rows, the newest
    word last: one line for each question, however often it was decided on."""
    questions = beside(asked.version, asked.question_sha256)
    words = AnalysisInput.objects.filter(
        Q(question_sha256=asked.question_sha256) | Q(question_sha256__in=questions),
        version=asked.version_id,
        analysis__releases__in=decided.filter(dataset=asked.version.dataset_id),
    )
    newest_first = words.order_by(
        "question_sha256", "-analysis__releases__decided_at", "-analysis__releases__pk"
    ).distinct("question_sha256")
    found = newest_first.values_list(
        "analysis__releases__decided_at",
        "analysis__releases__pk",
        "question_sha256",
        "analysis__releases__decision",
    )
    return {question: decision for *_, question, decision in sorted(found)}


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
    found = asking(others, release.analysis).select_related(*SHOWN).order_by("pk")
    return [one for one in found if is_same_output(release, one)]


def asking(shares: models.QuerySet[Release], analysis: Analysis) -> models.QuerySet[Release]:
    """Those of whose dataset the same was asked as in this run."""
    return shares.filter(
        analysis__inputs__version__dataset=F("dataset"),
        analysis__inputs__question_sha256__in=analysis.inputs.values("question_sha256"),
    )


def is_same_output(one: Release, other: Release) -> bool:
    """Whether who looked at one share of a dataset looked at the other, in which the same is asked.

    A site's numbers are the same whatever other sites are in the run: what the same rules let go
    of the same question. Of what is released in part it is the pool that somebody looked at.
    """
    if ReleaseDecision.IN_PART in (one.decision, other.decision) and pool_of(one) != pool_of(other):
        return False
    contribute = one.contributes and other.contributes
    if contribute and one.analysis.result_sha256 == other.analysis.result_sha256:
        return True
    kept_to = rules_of(one)
    return bool(kept_to) and kept_to == rules_of(other)


def question_of(release: Release) -> str:
    """What was asked of the share's dataset."""
    inputs = AnalysisInput.objects.filter(analysis=release.analysis_id)
    return inputs.get(version__dataset=release.dataset_id).question_sha256


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
        for one, rules in zip(analysis.inputs.select_related("version"), kept_to, strict=False)
        if one.version.dataset_id not in left_out | {release.dataset_id}
    }


def has_numbers_of(analysis: Analysis, release: Release) -> bool:
    """Whether an answer repeats number for number the one that was released."""
    if not release.contributes:
        return False
    if release.analysis_id == analysis.compared_with_id:
        return not analysis.differences
    return release.analysis.result_sha256 == analysis.result_sha256
