"""What follows by itself: an answer that came is held or let go, as is one whose data closed."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy

from datasets.analyses.models import Analysis, AnalysisInput, AnalysisPart
from datasets.choices import (
    GUARDED_ACCESS,
    AnalysisState,
    ReleaseOutcome,
    ReleasePolicy,
)
from datasets.datasets.models import Dataset
from datasets.engine.guard.gate import Released
from datasets.releases.models import Release
from datasets.releases.permissions import people_to_ask
from members.models import User
from members.notifications import actions as notifications
from portal.common.text import filled
from projects.models import Project

SHOWN = ("analysis__project", "analysis__created_by", "dataset__project", "dataset__site")
"""What looking at a release always needs."""


def output_came(analysis: Analysis, released: Sequence[Released[Any]]) -> None:
    """Where each guarded dataset's share of a new answer stands; its keepers hear what waits.

    The same numbers as in an answer that was released are released too.
    """
    inputs = list(analysis.inputs.select_related("version__dataset"))
    of_ledger = dict(
        AnalysisPart.objects.filter(input__in=inputs, round=analysis.spec["round"])
        .exclude(held=[])
        .values_list("input", "held")
    )
    first = released_before(analysis)
    made = []
    for one, answer in zip(inputs, released, strict=True):
        dataset, held = one.version.dataset, of_ledger.get(one.pk, [])
        if answer.rules.is_open and dataset.access not in GUARDED_ACCESS and not held:
            continue
        made.append(
            Release(
                analysis=analysis,
                dataset=dataset,
                policy=dataset.release_policy,
                contributes=not answer.whole and not held,
                held=held,
                **outcome_of(dataset, answer.whole, held, first.get(dataset.pk)),
            )
        )
    Release.objects.bulk_create(made)
    for release in made:
        if release.outcome == ReleaseOutcome.HELD:
            tell_keepers(release)


def outcome_of(
    dataset: Dataset, whole: bool, held: list[Any], before: Release | None
) -> dict[str, Any]:
    """What becomes of one share, before anybody decides."""
    if held:
        return {"outcome": ReleaseOutcome.HELD}
    if whole:
        return {"outcome": ReleaseOutcome.REFUSED}
    if before is not None:
        kept = ("decision", "reason", "decided_at", "decided_by", "confirmed_at", "confirmed_by")
        return {
            "outcome": ReleaseOutcome.RELEASED,
            **{name: getattr(before, name) for name in kept},
        }
    if dataset.release_policy == ReleasePolicy.GATE:
        return {"outcome": ReleaseOutcome.RELEASED}
    return {"outcome": ReleaseOutcome.HELD}


def released_before(analysis: Analysis) -> dict[int, Release]:
    """By dataset, what was released of the answer that this one repeats number for number."""
    if analysis.rerun_of is None or analysis.differences:
        return {}
    released = analysis.rerun_of.releases.filter(outcome=ReleaseOutcome.RELEASED, contributes=True)
    return {one.dataset_id: one for one in released}


def access_changed(dataset: Dataset) -> None:
    """Earlier answers over data that closed go by its policy; who decides on open data is asked no
    more."""
    if dataset.access not in GUARDED_ACCESS:
        for pk in dataset.releases.filter(outcome=ReleaseOutcome.HELD).values_list("pk", flat=True):
            notifications.settle(event=event_of(pk))
        return
    gate = dataset.release_policy == ReleasePolicy.GATE
    earlier = AnalysisInput.objects.filter(
        version__dataset=dataset, analysis__state=AnalysisState.SUCCEEDED
    ).exclude(analysis__releases__dataset=dataset)
    Release.objects.bulk_create(
        Release(
            analysis_id=analysis,
            dataset=dataset,
            policy=dataset.release_policy,
            outcome=ReleaseOutcome.RELEASED if gate else ReleaseOutcome.HELD,
        )
        for analysis in earlier.values_list("analysis", flat=True)
    )


def rights_changed(project: Project, user: User) -> None:
    """Take off the inbox what the person no longer decides on."""
    held = Release.objects.filter(dataset__project=project, outcome=ReleaseOutcome.HELD)
    theirs = Release.objects.visible_to(user).values("pk")
    for pk in held.exclude(pk__in=theirs).values_list("pk", flat=True):
        for step in ("held", "first"):
            notifications.settle(event=event_of(pk, step), recipient=user)


def event_of(pk: int, step: str = "held") -> str:
    """What the inbox calls it."""
    return f"release.{pk}.{step}"


def tell_keepers(release: Release, step: str = "held", *, people: list[User] | None = None) -> None:
    """That an output waits, to whoever may decide on it; the words carry no values."""
    confirming = step == "first"
    notifications.notify(
        people_to_ask(release) if people is None else people,
        event=event_of(release.pk, step),
        kind=f"release.{step}",
        text=filled(
            gettext_lazy("“%(title)s” waits for a second person: %(dataset)s")
            if confirming
            else gettext_lazy("“%(title)s” waits for you before it leaves %(dataset)s"),
            title=release.analysis.title,
            dataset=release.dataset.title,
        ),
        because=gettext_lazy("You decide what leaves these data."),
        group=release.analysis.project.title,
        url=release.get_absolute_url(),
        action_label=gettext_lazy("Decide"),
    )
