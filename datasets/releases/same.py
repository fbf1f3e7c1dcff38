"""Which shares of a dataset, in the runs of one question, are one output: decided on once."""

from typing import Any

from django.db import models
from django.db.models import F

from datasets.analyses.models import Analysis, AnalysisInput
from datasets.analyses.runs import runs_of
from datasets.choices import ReleaseDecision, ReleaseOutcome
from datasets.ledger.models import Allowance
from datasets.releases.models import SHOWN, Release


def released_before(analysis: Analysis) -> dict[int, Release]:
    """By dataset, the release of this very question before: of the same numbers, of the same share
    beside other sites, or of what was held then, which this run adds. The last word counts."""
    if analysis.rerun_of_id is None:
        return {}
    decided = family_of(analysis).exclude(outcome=ReleaseOutcome.HELD)
    ordered = decided.select_related("analysis", "decided_by", "confirmed_by").order_by(
        F("decided_at").asc(nulls_first=True), "pk"
    )
    asked = {one.version.dataset_id: one.question_sha256 for one in pinned_of(analysis)}
    allowed = set(
        Allowance.objects.filter(dataset__in=asked, question_sha256__in=asked.values()).values_list(
            "dataset", "question_sha256"
        )
    )
    once_held = {dataset for dataset, _ in allowed}
    found: dict[int, Release] = {}
    for one in ordered.defer("analysis__spec", "analysis__result"):
        share = Release(analysis=analysis, dataset_id=one.dataset_id)
        if one.outcome == ReleaseOutcome.REFUSED:
            found.pop(one.dataset_id, None)
        elif has_numbers_of(analysis, one) or (
            (
                one.dataset_id in once_held
                and (one.dataset_id, question_of(one)) in allowed
                # What other rules let go of it nobody looked at.
                and rules_of(one) in (None, rules_of(share))
            )
            or (one.decision and is_same_output(one, share))
        ):
            found[one.dataset_id] = one
    return found


def withheld_before(analysis: Analysis) -> set[int]:
    """Datasets of which a person withheld this very question, whoever asked it, and let it go in
    no run since."""
    asked = {one.version.dataset_id: one.question_sha256 for one in pinned_of(analysis)}
    decided = (
        Release.objects.filter(
            dataset__in=asked,
            analysis__method=analysis.method,
            analysis__parameters=analysis.parameters,
        )
        .exclude(analysis=analysis)
        .exclude(decision="")
        .exclude(outcome=ReleaseOutcome.HELD)
    )
    last = {
        one.dataset_id: one.outcome
        for one in decided.order_by("decided_at", "pk")
        if question_of(one) == asked[one.dataset_id]
    }
    return {dataset for dataset, outcome in last.items() if outcome == ReleaseOutcome.REFUSED}


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
    if one.held and other.held:
        return True
    if one.analysis.result_sha256 == other.analysis.result_sha256:
        return True
    if ReleaseDecision.IN_PART in (one.decision, other.decision):
        return False
    return rules_of(one) is not None and rules_of(one) == rules_of(other)


def pinned_of(analysis: Analysis) -> models.QuerySet[AnalysisInput]:
    """Its inputs, each with what its question rests on."""
    pinned = AnalysisInput.objects.filter(analysis=analysis).select_related("analysis", "version")
    return pinned.defer("analysis__spec", "analysis__result", "analysis__provenance")


def question_of(release: Release) -> str:
    """What was asked of the share's dataset."""
    return pinned_of(release.analysis).get(version__dataset=release.dataset_id).question_sha256


def rules_of(release: Release) -> dict[str, Any] | None:
    """The rules that the gate of the share's dataset kept to; None where no answer came."""
    provenance = release.analysis.provenance
    if provenance is None:
        return None
    for one, rules in zip(provenance["inputs"], provenance["disclosure"]["rules"], strict=True):
        if one["dataset"] == release.dataset_id:
            return dict(rules)
    return None


def has_numbers_of(analysis: Analysis, release: Release) -> bool:
    """Whether an answer repeats number for number the one that was released."""
    if not release.contributes:
        return False
    if release.analysis_id == analysis.compared_with_id:
        return not analysis.differences
    return release.analysis.result_sha256 == analysis.result_sha256
