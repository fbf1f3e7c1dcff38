"""What follows by itself when a dataset or its site changes: answers over data that closed wait,
those that are pooled beside it may."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy, ngettext_lazy

from datasets.analyses.models import AnalysisInput
from datasets.choices import GUARDED_ACCESS, AnalysisState, ReleaseDecision, ReleaseOutcome
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, people_who
from datasets.releases.models import SHOWN, Release
from datasets.releases.work import STEPS, ask_anew, event_of, event_of_earlier, tell_keepers
from members.notifications import actions as notifications
from portal.common.text import counted, filled
from projects.models import StudySite

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
        notifications.settle(event=event_of_earlier(dataset.pk))
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
    tell_of_earlier(dataset)


def pools_changed(dataset: Dataset, before: Mapping[str, Any]) -> None:
    """Whoever asks data by themselves whose rules release alone subtracts them from a pool."""
    if any(before[name] != getattr(dataset, name) for name in OF_POOLS):
        ask_given_away(dataset.releases.all())


def organisations_changed(site: StudySite) -> None:
    """Of sites that turn out to be one organisation it subtracts all."""
    ask_given_away(Release.objects.filter(dataset__site=site))


def ask_given_away(pooled: QuerySet[Release]) -> None:
    """What somebody let go in part beside these shares is asked anew where its pool hides it no
    longer, also where a second person has to confirm it."""
    in_part = Release.objects.filter(
        analysis__in=pooled.values("analysis"),
        decision=ReleaseDecision.IN_PART,
        contributes=True,
    )
    hidden = in_part.hidden_in_pool().values("pk")
    given_away = in_part.exclude(pk__in=hidden).order_by("dataset", "pk")
    given_away = given_away.select_related(*SHOWN).defer("analysis__spec", "analysis__result")
    ask_anew(*given_away)
    for dataset, shares in groupby(given_away, lambda one: one.dataset):
        first, *more = shares
        if dataset.access not in GUARDED_ACCESS:
            continue
        if more:
            tell_of_earlier(dataset)
        else:
            tell_keepers(first, again=True)


def tell_of_earlier(dataset: Dataset) -> None:
    """One line for all earlier answers that wait: there may be hundreds."""
    count = dataset.releases.filter(outcome=ReleaseOutcome.HELD, decision="").count()
    if not count:
        return
    text = ngettext_lazy(
        "%(count)s earlier answer over %(dataset)s waits for you",
        "%(count)s earlier answers over %(dataset)s wait for you",
        count,
    )
    notifications.notify(
        people_who(DatasetPermission.RELEASE, dataset),
        event=event_of_earlier(dataset.pk),
        kind="release.held",
        text=filled(text, count=counted(count), dataset=dataset.title),
        because=gettext_lazy("You decide what leaves these data."),
        group=dataset.project.title,
        project_id=dataset.project_id,
        url=f"/releases/?dataset={dataset.pk}",
        action_label=gettext_lazy("Decide"),
        again=True,
    )
