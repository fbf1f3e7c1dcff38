"""What follows by itself when an answer came: it is held or let go."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy

from datasets.analyses import actions as analyses
from datasets.analyses.behind import held_parts
from datasets.analyses.models import Analysis
from datasets.analyses.runs import runs_of
from datasets.analyses.titles import title_told
from datasets.choices import (
    GUARDED_ACCESS,
    RELEASE_TRANSITIONS,
    AnalysisState,
    ReleaseOutcome,
    ReleasePolicy,
)
from datasets.datasets.models import Dataset
from datasets.engine.guard.gate import Released
from datasets.releases.locked import locked_datasets, locked_shares, shares_of
from datasets.releases.models import SHOWN, Release
from datasets.releases.permissions import people_to_ask
from datasets.releases.same import (
    decided_before,
    same_elsewhere,
    withheld_before,
    withheld_beside,
)
from members.audit_events import actions as audit_events
from members.models import User
from members.notifications import actions as notifications
from portal.common.models import to_the_minute
from portal.common.text import filled
from portal.common.transitions import move
from projects.models import Project
from projects.projects.permissions import can, people_with
from projects.roles import Permission

PEOPLE = ("decided_by", "confirmed_by")

DECIDED = ("decision", "reason", "decided_at", "decided_by", "confirmed_at", "confirmed_by")
"""What a person's word on a share leaves on it."""

NOT_DECIDED = {name: "" if name in ("decision", "reason") else None for name in DECIDED}

NOTHING_LEAVES = gettext_lazy(
    "“%(title)s” was computed with %(dataset)s, which you released, and the rules of these data "
    "let nothing of it leave."
)
NOTHING_CAME = gettext_lazy(
    "“%(title)s” was computed with %(dataset)s, which you released, and no answer came: what the "
    "rules let leave carries none."
)

TO_DECIDE = ("held", "first", "answered")
"""What whoever decides on one is told: that it waits, that a first person decided, what whoever
asked it says."""

STEPS = (*TO_DECIDE, "asked", "nothing")
"""And that whoever asked it is to say more; that what somebody released adds nothing."""


def output_came(analysis: Analysis, released: Sequence[Released[Any]]) -> None:
    """Where each guarded dataset's share of a new answer stands; its keepers hear what waits.

    What somebody decided on this question, or on the same numbers, is not asked once more.
    """
    settle_not_run(analysis)
    inputs = list(analysis.inputs.select_related("version"))
    # Who closes one meanwhile waits and finds the answer then; what is closed by now is seen here.
    datasets = locked_datasets([one.version.dataset_id for one in inputs])
    of_ledger = dict(held_parts(analysis).values_list("input", "held"))
    asked = {one.dataset_id: one for one in locked_shares(analysis)}
    shares: list[tuple[Release, Released[Any]]] = []
    anew: list[int] = []
    for one, answer in zip(inputs, released, strict=True):
        dataset, held = datasets[one.version.dataset_id], of_ledger.get(one.pk, [])
        if answer.rules.is_open and dataset.access not in GUARDED_ACCESS and not held:
            continue
        release = asked.get(dataset.pk) or Release(analysis=analysis, dataset=dataset)
        release.policy, release.held = dataset.release_policy, held
        release.contributes = not answer.whole and not held
        kept_to = answer.rules.to_json()
        if release.decision and not stands_under(kept_to, release):
            ask_anew(release)
            anew.append(release.dataset_id)
        release.rules = kept_to
        # Who decided before looked at it beside certain others: all of them are known first.
        release.save()
        shares.append((release, answer))
    late = [one for one, _ in shares if one.decision]
    before = decided_before(analysis)
    by_rules = [one.pk for one in datasets.values() if one.release_policy == ReleasePolicy.GATE]
    withheld = withheld_before(analysis, by_rules) if by_rules else set()
    for release, answer in shares:
        if release in late:
            continue
        came, number = before.get(release.dataset_id), release.dataset_id
        set_on(release, outcome_of(release, answer, came, was_withheld=number in withheld))
        release.save()
        if release.outcome == ReleaseOutcome.HELD and not same_elsewhere(release, release.outcome):
            tell_keepers(release, again=number in anew)
    add_what_was_decided(late)
    for release, answer in shares:
        if answer.whole and not release.held:
            tell_what_adds_nothing(release, NOTHING_LEAVES)


def came_to_nothing(analysis: Analysis) -> None:
    """No answer came, and nobody has to decide: what the rules let leave carries none."""
    settle_not_run(analysis)
    for release in shares_of(analysis).order_by("pk"):
        tell_what_adds_nothing(release, NOTHING_CAME)


def tell_what_adds_nothing(release: Release, text: Any) -> None:
    """That what somebody released, since it was held, is in no answer all the same; once."""
    runs = runs_of(release.analysis).values("pk")
    released = Release.objects.filter(
        analysis__in=runs, dataset=release.dataset_id, outcome=ReleaseOutcome.RELEASED
    ).exclude(decision="")
    held = released.exclude(held=[]).select_related(*SHOWN, *PEOPLE).order_by("pk").last()
    if held is None:
        return
    # Who may look at the output no more, since they left or data closed, is told nothing of it.
    seen = Release.objects.filter(pk=held.pk)
    notifications.notify(
        [one for one in (held.decided_by, held.confirmed_by) if one and seen.visible_to(one)],
        event=event_of(held.pk, "nothing"),
        kind="release.nothing",
        text=filled(text, title=title_told(held.analysis), dataset=held.dataset.title),
        because=gettext_lazy("You released it."),
        group=held.analysis.project.title,
        project_id=held.analysis.project_id,
        url=held.get_absolute_url(),
        at=to_the_minute(timezone.now()),
    )


def stands_under(rules: dict[str, Any], release: Release) -> bool:
    """Whether what was decided on a share while it was computed holds for what these rules let go:
    of what others would nobody looked at. What is withheld stays so."""
    return release.outcome == ReleaseOutcome.REFUSED or release.rules == rules


def ask_anew(*releases: Release) -> None:
    """They wait as if nobody had said a word on them; the trail keeps that somebody had."""
    decided(*releases)
    held = ReleaseOutcome.HELD
    for release in releases:
        before = {"outcome": release.outcome, "decision": release.decision}
        if release.outcome == ReleaseOutcome.RELEASED:
            move(release, held, table=RELEASE_TRANSITIONS, field="outcome", **NOT_DECIDED)
        else:
            set_on(release, NOT_DECIDED)
            release.save(update_fields=[*NOT_DECIDED, "updated_at"])
        audit_events.record(
            "release.held_anew",
            release,
            by=None,
            scopes=release.scopes,
            before=before,
            after={"analysis": release.analysis_id, "outcome": held, "decision": release.decision},
        )


def set_on(release: Release, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(release, name, value)


def question_held(analysis: Analysis) -> None:
    """No answer came, since shares are held: their keepers decide whether one may."""
    settle_not_run(analysis)
    late = []
    locked_shares(analysis)
    for part in held_parts(analysis).select_related("input__version__dataset").order_by("pk"):
        dataset = part.input.version.dataset
        release, _ = Release.objects.update_or_create(
            analysis=analysis,
            dataset=dataset,
            defaults={"held": part.held},
            create_defaults={
                "policy": dataset.release_policy,
                "contributes": False,
                "held": part.held,
            },
        )
        if release.outcome == ReleaseOutcome.HELD and not release.decision:
            tell_keepers(release)
        late.append(release)
    add_what_was_decided(late)


def add_what_was_decided(shares: Sequence[Release]) -> None:
    """What was held in a run while its keeper released it is added by another one."""
    for release in shares:
        by = release.confirmed_by or release.decided_by
        if release.outcome == ReleaseOutcome.RELEASED and release.held and by is not None:
            add_held(release, by)
            return


def add_held(release: Release, by: User) -> None:
    """Run again what was held before it was released; a run that is not over yet does so at its
    end. Where neither who asked nor who decided may any more, those who may are told.

    Of an answer that another site withheld from whoever asked it brings none: that would be closed
    to them as well, and ask there again.
    """
    analysis = release.analysis
    # It may have ended while the decision waited for the share.
    analysis.refresh_from_db(fields=["state"])
    asker = analysis.created_by
    readable = Dataset.objects.rows_readable_by(asker).values("pk")
    if withheld_beside(release).exclude(dataset__in=readable).exists():
        return
    able = next(
        (one for one in (asker, by) if can(one, Permission.ANALYSE, analysis.project)), None
    )
    if able is None:
        if analysis.state in (AnalysisState.FAILED, AnalysisState.SUCCEEDED):
            tell_nobody_runs_it(release)
        return
    if analysis.state == AnalysisState.FAILED:
        analyses.try_again(analysis=analysis, by=able)
    elif analysis.state == AnalysisState.SUCCEEDED:
        analyses.rerun(analysis=analysis, by=able, as_decided=True)


def tell_nobody_runs_it(release: Release) -> None:
    """That what was released waits for somebody to run it, to those who manage the project's
    data."""
    analysis = release.analysis
    notifications.notify(
        people_with(Permission.MANAGE_DATA, analysis.project),
        event=event_of(release.pk, "not_run"),
        kind="release.not_run",
        text=filled(
            gettext_lazy(
                "“%(title)s” is released with %(dataset)s, and neither who asked nor who decided "
                "may run it any more: run it again."
            ),
            title=title_told(analysis),
            dataset=release.dataset.title,
        ),
        because=gettext_lazy("You may run analyses in this project."),
        group=analysis.project.title,
        project_id=analysis.project_id,
        url=analysis.get_absolute_url(),
    )


def settle_not_run(analysis: Analysis) -> None:
    """Nobody has to run the question again any more: somebody did, or it was withheld since."""
    runs = runs_of(analysis).values("pk")
    held = Release.objects.filter(analysis__in=runs).exclude(held=[])
    _settle(held)


def _settle(held: QuerySet[Release], **of: User) -> None:
    events = [event_of(pk, "not_run") for pk in held.values_list("pk", flat=True)]
    if events:
        notifications.settle(event=events, **of)


def outcome_of(
    release: Release, answer: Released[Any], before: Release | None, *, was_withheld: bool
) -> dict[str, Any]:
    """What becomes of one share, before anybody decides; what a person withheld when it was asked
    before no rules let go."""
    if before is not None and (release.held or not answer.whole):
        return {
            "outcome": before.outcome,
            **{name: getattr(before, name) for name in DECIDED},
        }
    if release.held:
        return {"outcome": ReleaseOutcome.HELD}
    if answer.whole:
        return {"outcome": ReleaseOutcome.REFUSED}
    # Of data that closed while it ran no gate looked at it.
    by_rules = release.policy == ReleasePolicy.GATE and not answer.rules.is_open
    if by_rules and not was_withheld:
        return {"outcome": ReleaseOutcome.RELEASED}
    return {"outcome": ReleaseOutcome.HELD}


def decided(*releases: Release) -> None:
    """Take releases off the inbox of everybody who could decide."""
    datasets = {one.dataset_id for one in releases}
    waiting = Release.objects.filter(dataset__in=datasets, outcome=ReleaseOutcome.HELD, decision="")
    over = datasets.difference(waiting.values_list("dataset", flat=True))
    events = [event_of(one.pk, step) for one in releases for step in STEPS]
    notifications.settle(event=[*events, *map(event_of_earlier, over)])


def rights_changed(project: Project, user: User) -> None:
    """Take off the inbox what leads the person nowhere any more: what they no longer decide on, are
    asked about or may run, and what came of outputs that they may not look at any more."""
    if not can(user, Permission.MANAGE_DATA, project):
        held_here = Release.objects.filter(analysis__project=project).exclude(held=[])
        _settle(held_here, recipient=user)
    shares = Release.objects.filter(dataset__project=project)
    held = shares.filter(outcome=ReleaseOutcome.HELD)
    theirs = Release.objects.visible_to(user)
    unseen = held.exclude(pk__in=theirs.values("pk"))
    asked = held.filter(analysis__created_by=user)
    asked = asked.exclude(pk__in=Release.objects.asked_by(user).values("pk"))
    released = shares.filter(Q(decided_by=user) | Q(confirmed_by=user))
    released = released.exclude(pk__in=theirs.values("pk"))
    of_steps = ((unseen, TO_DECIDE), (asked, ("asked",)), (released, ("nothing",)))
    closed = held.exclude(dataset__in=theirs.values("dataset"))
    events = [
        event_of(pk, step)
        for found, steps in of_steps
        for pk in found.values_list("pk", flat=True)
        for step in steps
    ]
    events += [event_of_earlier(one) for one in closed.values_list("dataset", flat=True).distinct()]
    notifications.settle(event=events, recipient=user)


def event_of(pk: int, step: str = "held") -> str:
    """What the inbox calls it."""
    return f"release.{pk}.{step}"


def event_of_earlier(dataset: int) -> str:
    """What the inbox calls all earlier answers over a dataset that wait since something changed."""
    return f"dataset.{dataset}.earlier"


def tell_keepers(
    release: Release,
    step: str = "held",
    *,
    people: list[User] | None = None,
    again: bool = False,
) -> None:
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
            title=title_told(release.analysis),
            dataset=release.dataset.title,
        ),
        because=gettext_lazy("You decide what leaves these data."),
        group=release.analysis.project.title,
        project_id=release.analysis.project_id,
        url=release.get_absolute_url(),
        action_label=gettext_lazy("Decide"),
        again=again,
        # It waits since work has ended: scripts read the inbox as well.
        at=to_the_minute(timezone.now()),
    )
