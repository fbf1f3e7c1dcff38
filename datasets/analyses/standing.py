"""Whether an answer may be read yet: what of it was released, who decides on the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser

from datasets.analyses.models import Analysis
from datasets.choices import GUARDED_ACCESS, ReleaseDecision, ReleaseOutcome
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, people_who


@dataclass(frozen=True)
class Waiting:
    """A dataset on whose share of the answer somebody decides, and who may."""

    release: int
    dataset: int
    title: str
    site: str
    people: list[str]
    yours: bool


@dataclass(frozen=True)
class Withholding:
    """A dataset whose keeper withheld the answer, with the words for whoever asked."""

    dataset: int
    site: str
    reason: str


@dataclass(frozen=True)
class Standing:
    """Where an answer stands for everybody; `since` when."""

    status: str
    since: datetime | None
    waiting_for: list[Waiting]
    withheld: list[Withholding]
    in_part: list[str]


def may_be_read(user: Any, analysis: Analysis, *, exact: bool = True) -> bool:
    """Whether no site keeps the answer back from this person, or from this token."""
    reader = user if exact else AnonymousUser()
    return Analysis.objects.answered_to(reader).filter(pk=analysis.pk).exists()


def standing_of(user: Any, analysis: Analysis) -> Standing | None:
    """Where the answer stands; None where nobody decides on it."""
    found = analysis.releases.filter(dataset__access__in=GUARDED_ACCESS).select_related(
        "dataset__site", "dataset__project", "dataset__created_by"
    )
    releases = list(found.order_by("pk"))
    if not releases:
        return None
    held = [one for one in releases if one.outcome == ReleaseOutcome.HELD]
    refused = [one for one in releases if one.outcome == ReleaseOutcome.REFUSED and one.contributes]
    since: datetime | None
    if refused:
        status, since = ReleaseOutcome.REFUSED, min(one.updated_at for one in refused)
    elif closing := [one for one in held if one.contributes]:
        status, since = ReleaseOutcome.HELD, min(one.created_at for one in closing)
    else:
        decided = [one.decided_at for one in releases if one.decided_at]
        status, since = ReleaseOutcome.RELEASED, max(decided, default=analysis.finished_at)
    return Standing(
        status=status.value,
        since=since,
        waiting_for=[_waiting(user, one) for one in held],
        withheld=[
            Withholding(one.dataset_id, one.dataset.site.name, one.reason) for one in refused
        ],
        in_part=[
            one.dataset.site.name
            for one in releases
            if one.outcome == ReleaseOutcome.RELEASED and one.decision == ReleaseDecision.IN_PART
        ],
    )


def _waiting(user: Any, release: Any) -> Waiting:
    second = bool(release.decision)
    needs = DatasetPermission.CONFIRM if second else DatasetPermission.RELEASE
    people = people_who(needs, release.dataset)
    if second:
        kept_out = (release.decided_by_id, release.analysis.created_by_id)
        people = [one for one in people if one.pk not in kept_out]
    return Waiting(
        release=release.pk,
        dataset=release.dataset_id,
        title=release.dataset.title,
        site=release.dataset.site.name,
        people=[one.name for one in people],
        yours=any(one.pk == user.pk for one in people),
    )


def released_in_part(
    user: Any, analyses: Sequence[Analysis], *, exact: bool = True
) -> dict[int, list[str]]:
    """Sites of which the person reads only what is pooled, by the analysis."""
    parts = Analysis.objects.filter(
        pk__in=[one.pk for one in analyses],
        releases__outcome=ReleaseOutcome.RELEASED,
        releases__decision=ReleaseDecision.IN_PART,
        releases__dataset__access__in=GUARDED_ACCESS,
    ).order_by("releases__pk")
    named = list(parts.values_list("pk", "releases__dataset", "releases__dataset__site__name"))
    readable: set[int] = set()
    if exact and named:
        of_parts = Dataset.objects.filter(pk__in=[dataset for _, dataset, _ in named])
        readable = set(of_parts.rows_readable_by(user).values_list("pk", flat=True))
    found: dict[int, list[str]] = {}
    for number, dataset, site in named:
        sites = found.setdefault(number, []) if dataset not in readable else []
        if site not in sites:
            sites.append(site)
    return found
