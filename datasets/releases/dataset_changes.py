"""What follows by itself when a dataset changes: answers over data that closed wait, those that are
pooled beside it may."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy, ngettext_lazy

from datasets.analyses.models import AnalysisInput
from datasets.choices import GUARDED_ACCESS, AnalysisState, ReleaseDecision, ReleaseOutcome
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, people_who
from datasets.releases.models import SHOWN, Release
from datasets.releases.work import STEPS, ask_anew, event_of, event_of_closing, tell_keepers
from members.notifications import actions as notifications
from portal.common.text import counted, filled

OF_POOLS = ("site_id", "access", "release_policy")
"""What of a dataset says whether others are hidden beside it."""


def access_changed(dataset: Dataset, before: Mapping[str, Any]) -> None:
    """Earlier answers over data that closed wait for their keepers, since they passed no gate; who
    decides on open data is asked no more."""
    if dataset.access == before["access"]:
        return
    undecided = dataset.releases.filter(outcome=ReleaseOutcome.HELD)
    if dataset.access not in GUARDED_ACCESS:
        for pk in undecided.values_list("pk", flat=True):
            for step in STEPS:
                notifications.settle(event=event_of(pk, step))
        notifications.settle(event=event_of_closing(dataset.pk))
        return
    earlier = AnalysisInput.objects.filter(
        version__dataset=dataset, analysis__state=AnalysisState.SUCCEEDED
    ).exclude(analysis__releases__dataset=dataset)
    Release.objects.bulk_create(
        Release(
            analysis_id=analysis,
            dataset=dataset,
            policy=dataset.release_policy,
            rules=rules[index] if rules else {},
        )
        for analysis, index, rules in earlier.values_list(
            "analysis", "index", "analysis__provenance__disclosure__rules"
        )
    )
    for release in undecided.exclude(decision="").select_related(*SHOWN):
        tell_keepers(release, "first", again=True)
    tell_of_closing(dataset, undecided.filter(decision="").count())


def pools_changed(dataset: Dataset, before: Mapping[str, Any]) -> None:
    """What was released in part beside these data is asked anew where its pool hides it no longer:
    whoever asks these by themselves subtracts them."""
    if all(before[name] == getattr(dataset, name) for name in OF_POOLS):
        return
    in_part = Release.objects.filter(
        outcome=ReleaseOutcome.RELEASED,
        decision=ReleaseDecision.IN_PART,
        contributes=True,
        analysis__releases__dataset=dataset,
    )
    hidden = in_part.hidden_in_pool().values("pk")
    for release in in_part.exclude(pk__in=hidden).select_related(*SHOWN).order_by("pk"):
        ask_anew(release)
        tell_keepers(release, again=True)


def tell_of_closing(dataset: Dataset, count: int) -> None:
    """One line for all earlier answers that wait: there may be hundreds."""
    if not count:
        return
    text = ngettext_lazy(
        "%(count)s earlier answer over %(dataset)s waits for you",
        "%(count)s earlier answers over %(dataset)s wait for you",
        count,
    )
    notifications.notify(
        people_who(DatasetPermission.RELEASE, dataset),
        event=event_of_closing(dataset.pk),
        kind="release.held",
        text=filled(text, count=counted(count), dataset=dataset.title),
        because=gettext_lazy("You decide what leaves these data."),
        group=dataset.project.title,
        project_id=dataset.project_id,
        url=f"/releases/?dataset={dataset.pk}",
        action_label=gettext_lazy("Decide"),
        again=True,
    )
