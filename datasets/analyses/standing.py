"""Whether an answer may be read yet: what of it was released, who decides on the rest."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import F
from django.db.models.functions import Coalesce

from datasets.analyses.models import Analysis, Look
from datasets.analyses.runs import left_out_by_rules
from datasets.choices import (
    GUARDED_ACCESS,
    AnalysisState,
    ReleaseDecision,
    ReleaseOutcome,
    ReleasePolicy,
)
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, people_who_each
from members.models import User

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)

NEWEST = 50
"""So many decisions for each dataset say what is usual."""


@dataclass(frozen=True)
class Waiting:
    """A dataset on whose share of the answer somebody decides, and who may."""

    release: int
    dataset: int
    title: str
    site: str
    people: list[str]
    yours: bool
    messages: list[Any]
    """What its people wanted to know first and were answered, for whoever asked and for them."""
    answerable: bool
    """Whether the person is asked something, and has not said a word since."""


@dataclass(frozen=True)
class Withholding:
    """A dataset whose keeper withheld the answer; with the words for whoever asked, for them and
    for whoever may decide on it."""

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


@dataclass(frozen=True)
class UsualWait:
    """How many days people of a dataset usually took to decide on an answer; 0 for under one."""

    title: str
    site: str
    days: int


def usual_waits(datasets: Iterable[Dataset]) -> list[UsualWait]:
    """The median over the newest decisions of each dataset that a person releases, where there are
    any.

    Where two persons decide, the second one's word ends it. What a repeated answer took over from
    the first one nobody decided once more.
    """
    asked = [
        one
        for one in datasets
        if one.access in GUARDED_ACCESS and one.release_policy != ReleasePolicy.GATE
    ]
    ended = Dataset.objects.filter(
        pk__in=[one.pk for one in asked],
        # What was made is kept to the next full minute.
        releases__decided_at__gte=F("releases__created_at") - MINUTE,
        releases__outcome__in=(ReleaseOutcome.RELEASED, ReleaseOutcome.REFUSED),
    ).order_by("-releases__decided_at")
    took: dict[int, list[float]] = {}
    for pk, since, decided in ended.values_list(
        "pk",
        "releases__created_at",
        Coalesce("releases__confirmed_at", "releases__decided_at"),
    )[: NEWEST * len(asked)]:
        took.setdefault(pk, []).append((decided - since) / DAY)
    return [
        UsualWait(one.title, one.site.name, round(median(took[one.pk])))
        for one in asked
        if one.pk in took
    ]


def may_be_read(user: Any, analysis: Analysis, *, exact: bool = True) -> bool:
    """Whether no site keeps the answer back from this person, or from this token."""
    reader = user if exact else AnonymousUser()
    return Analysis.objects.answered_to(reader).filter(pk=analysis.pk).exists()


def outcomes_of_held(analysis: Analysis) -> dict[str, str]:
    """By site, as the analysis calls it, where its shares stand that were held before they were
    added; one that waits still goes before others."""
    held = analysis.releases.filter(contributes=False).exclude(held=[])
    outcomes = dict(held.values_list("dataset", "outcome"))
    found: dict[str, str] = {}
    for site, dataset in analysis.inputs.values_list("site", "version__dataset"):
        if dataset in outcomes and found.get(site) != ReleaseOutcome.HELD:
            found[site] = outcomes[dataset]
    return found


def sites_left_out(analysis: Analysis, outcomes: Mapping[str, str]) -> set[str]:
    """Of the sites with these outcomes those that released what was held of them, and of which no
    later run has anything by their rules."""
    released = [site for site, outcome in outcomes.items() if outcome == ReleaseOutcome.RELEASED]
    if not released:
        return set()
    inputs = list(analysis.inputs.filter(site__in=released).values_list("site", "version__dataset"))
    datasets = {dataset for _, dataset in inputs}
    has = datasets - left_out_by_rules(analysis, datasets)
    return set(released) - {site for site, dataset in inputs if dataset in has}


def has_estimate(result: dict[str, Any]) -> bool:
    """Whether there is any number that could be taken for the answer."""
    answer = result.get("answer")
    if not isinstance(answer, dict):
        return True
    found = [answer.get("estimate"), *(one["estimate"] for one in answer.get("by", []))]
    return any(one is not None for one in found)


def is_doubted(result: dict[str, Any] | None) -> bool:
    """Whether checks fail so that the estimate is not about those it was asked of."""
    if result is None or result.get("refused") or not has_estimate(result):
        return False
    return result.get("shown") is False


def looked_at(analyses: Sequence[Analysis]) -> set[int]:
    """Those whose estimate somebody wanted to see all the same."""
    if not analyses:
        return set()
    found = Look.objects.filter(analysis__in=[one.pk for one in analyses])
    return set(found.values_list("analysis", flat=True))


def standing_of(user: Any, analysis: Analysis, *, exact: bool = True) -> Standing | None:
    """Where the answer stands; None where nobody decides on it.

    What people write about an output may tell of what is in it: with `exact=False`, to a token that
    reads no data, nobody's words are told.
    """
    found = analysis.releases.filter(dataset__access__in=GUARDED_ACCESS).select_related(
        "dataset__site", "dataset__project", "dataset__created_by"
    )
    found = found.prefetch_related("messages__by")
    releases = list(found.order_by("pk"))
    if not releases:
        return None
    none_came = analysis.state == AnalysisState.FAILED
    held = [one for one in releases if one.outcome == ReleaseOutcome.HELD]
    closing = [one for one in releases if one.contributes or none_came]
    refused = [one for one in closing if one.outcome == ReleaseOutcome.REFUSED]
    is_asker = _is_asker(user, analysis)
    # The words of a decision are for whoever asked, and for whoever may look at the output.
    told = releases if is_asker else analysis.releases.visible_to(user)
    reads_words = {one.pk for one in told} if exact else set()
    status = _status({one.outcome for one in closing})
    since: datetime | None
    if status == ReleaseOutcome.REFUSED:
        since = min(one.updated_at for one in refused)
    elif status == ReleaseOutcome.HELD:
        since = min(one.created_at for one in closing if one.outcome == status)
    else:
        decided = [one.decided_at for one in releases if one.decided_at]
        since = max(decided, default=analysis.finished_at)
    return Standing(
        status=status.value,
        since=since,
        waiting_for=[
            _waiting(user, one, people, is_asker=is_asker, exact=exact)
            for one, people in _with_people(held)
        ],
        withheld=[
            Withholding(
                one.dataset_id,
                one.dataset.site.name,
                one.reason if one.pk in reads_words else "",
            )
            for one in refused
        ],
        in_part=[
            one.dataset.site.name
            for one in releases
            if one.outcome == ReleaseOutcome.RELEASED and one.decision == ReleaseDecision.IN_PART
        ],
    )


def statuses_of(analyses: Sequence[Analysis]) -> dict[int, ReleaseOutcome]:
    """Where each answer stands on which somebody decides, at the same cost for many."""
    if not analyses:
        return {}
    none_came = {one.pk for one in analyses if one.state == AnalysisState.FAILED}
    guarded = Analysis.objects.filter(
        pk__in=[one.pk for one in analyses], releases__dataset__access__in=GUARDED_ACCESS
    )
    closing: dict[int, set[str]] = {}
    for number, outcome, contributes in guarded.order_by().values_list(
        "pk", "releases__outcome", "releases__contributes"
    ):
        found = closing.setdefault(number, set())
        # Where nothing came, what is held is what the question waits for.
        if contributes or number in none_came:
            found.add(outcome)
    return {number: _status(outcomes) for number, outcomes in closing.items()}


def _status(outcomes: set[str]) -> ReleaseOutcome:
    """One share that is withheld closes an answer, one that is held delays it."""
    for one in (ReleaseOutcome.REFUSED, ReleaseOutcome.HELD):
        if one in outcomes:
            return one
    return ReleaseOutcome.RELEASED


def _is_asker(user: Any, analysis: Analysis) -> bool:
    """Whether the person asked: who may ask no more, in this project or at all, does so no more."""
    # One person asked for all shares of an answer.
    return analysis.releases.asked_by(user).exists()


def _with_people(held: Sequence[Any]) -> Iterator[tuple[Any, list[User]]]:
    """Each share that waits, with who may take the next decision on it."""
    decided = [one.dataset for one in held if one.decision]
    undecided = [one.dataset for one in held if not one.decision]
    people = people_who_each(DatasetPermission.CONFIRM, decided)
    people |= people_who_each(DatasetPermission.RELEASE, undecided)
    for one in held:
        yield one, [user for user in people[one.dataset_id] if user.pk not in one.kept_out]


def _waiting(
    user: Any, release: Any, people: Sequence[User], *, is_asker: bool, exact: bool
) -> Waiting:
    yours = any(one.pk == user.pk for one in people)
    messages = list(release.messages.all()) if exact and (is_asker or yours) else []
    return Waiting(
        release=release.pk,
        dataset=release.dataset_id,
        title=release.dataset.title,
        site=release.dataset.site.name,
        people=[one.name for one in people],
        yours=yours,
        messages=messages,
        answerable=is_asker and bool(messages) and messages[-1].by_id != user.pk,
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
