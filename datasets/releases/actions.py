"""Decide on what leaves a dataset, and ask again without what was withheld."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from datasets.analyses import actions as analyses
from datasets.analyses.models import Analysis
from datasets.analyses.titles import title_told
from datasets.analyses.work import event_of
from datasets.choices import (
    RELEASE_TRANSITIONS,
    AnalysisState,
    JobKind,
    ReleaseDecision,
    ReleaseOutcome,
    ReleasePolicy,
)
from datasets.engine.methods import METHODS
from datasets.ledger.work import let_pass
from datasets.releases.locked import locked_share
from datasets.releases.models import Release
from datasets.releases.permissions import require_decision
from datasets.releases.same import question_of, rules_of, same_elsewhere
from datasets.releases.work import (
    DECIDED,
    add_held,
    decided,
    settle_not_run,
    tell_keepers,
)
from members.audit_events import actions as audit_events
from members.models import User
from members.notifications import actions as notifications
from portal.common.exceptions import Conflict, Invalid
from portal.common.text import Text, filled, short_day
from portal.common.transitions import move
from portal.jobs.models import Job
from projects.projects.permissions import require
from projects.roles import Permission


@audit_events.written_last()
def decide(*, release: Release, decision: str, reason: str = "", by: User) -> Release:
    """Release an output as far as one dataset is in it, release only what is pooled, or withhold.

    Where the dataset asks for two persons, the second confirms what the first decided, or
    withholds. What was released can be taken back.
    """
    require_decision(by, release)
    release = locked_share(release)
    require_decision(by, release)
    reason = reason.strip()
    require_fitting(release, decision, reason)
    before = {"outcome": release.outcome, "decision": release.decision}
    if decision == ReleaseDecision.WITHHOLD:
        close(release, ReleaseOutcome.REFUSED, first(decision, reason, by))
        settle_not_run(release.analysis)
    elif release.waits_for_second:
        close(
            release,
            ReleaseOutcome.RELEASED,
            {"confirmed_by": by, "confirmed_at": timezone.now()},
        )
    elif release.policy == ReleasePolicy.TWO_PERSONS:
        release.rules = rules_of(release)
        for name, value in first(decision, reason, by).items():
            setattr(release, name, value)
        release.save()
        decided(release)
        tell_keepers(release, "first")
    else:
        close(release, ReleaseOutcome.RELEASED, first(decision, reason, by))
    is_over = release.outcome != ReleaseOutcome.HELD
    same = same_elsewhere(release, before["outcome"]) if is_over else []
    # The words stay with the release: those who read the trail need not read the data.
    audit_events.record(
        "release.decided",
        release,
        by=by,
        scopes=release.scopes,
        before=before,
        after={
            "analysis": release.analysis_id,
            "outcome": release.outcome,
            "decision": release.decision,
            "has_reason": bool(reason),
            "also": [one.analysis_id for one in same],
        },
    )
    if is_over:
        for other in same:
            close(other, release.outcome, {name: getattr(release, name) for name in DECIDED})
        go_on(release, by)
        tell_others(release, same)
    return release


def require_fitting(release: Release, decision: str, reason: str) -> None:
    """Raises Invalid where an output cannot be decided on so, Conflict where it was already."""
    if decision not in ReleaseDecision.values:
        raise Invalid(errors={"decision": gettext("Choose what becomes of this output.")})
    withhold = decision == ReleaseDecision.WITHHOLD
    if release.outcome == ReleaseOutcome.REFUSED or (
        release.outcome == ReleaseOutcome.RELEASED and not withhold
    ):
        raise decided_already(release)
    if withhold and not reason:
        raise Invalid(errors={"reason": gettext("Say why: whoever asked reads it.")})
    if release.waits_for_second and decision not in (release.decision, ReleaseDecision.WITHHOLD):
        raise Invalid(
            errors={"decision": gettext("Confirm what the first person decided, or withhold.")}
        )
    if decision == ReleaseDecision.IN_PART and (refusal := no_part_of(release)):
        raise Invalid(errors={"decision": refusal})


def ask_without(*, analysis: Analysis, by: User) -> Analysis:
    """The same question of the other datasets: all but those that were withheld."""
    require(by, Permission.ANALYSE, analysis.project)
    withheld = analysis.releases.filter(outcome=ReleaseOutcome.REFUSED)
    if analysis.state != AnalysisState.FAILED:
        withheld = withheld.filter(contributes=True)
    left_out = set(withheld.values_list("dataset", flat=True))
    if not left_out:
        raise Conflict(gettext("Nothing of this answer was withheld."), code="nothing_withheld")
    inputs = analysis.inputs.select_related("version").exclude(version__dataset__in=left_out)
    if not inputs:
        raise Conflict(
            gettext("Every dataset of this question was withheld, so none is left to ask."),
            code="all_withheld",
        )
    return analyses.start(
        project=analysis.project,
        title=analysis.title,
        method=analysis.method,
        inputs=[
            {"dataset": one.version.dataset_id, "version": one.version.number} for one in inputs
        ],
        parameters=analysis.parameters,
        purpose=analysis.purpose,
        by=by,
        labels=True,
    )


def no_part_of(release: Release) -> str:
    """Why the output cannot be released in part; empty where it can."""
    if METHODS[release.analysis.method].pooled is None:
        return gettext("This method has no answer that is only pooled.")
    if not Release.objects.hidden_in_pool().filter(pk=release.pk).exists():
        return gettext(
            "A pool hides a site only where a person decides for at least three organisations in "
            "it, since others are subtracted: release all of it, or withhold."
        )
    return ""


def first(decision: str, reason: str, by: User) -> dict[str, Any]:
    """What the person who decides leaves on it."""
    return {
        "decision": decision,
        "reason": reason,
        "decided_by": by,
        "decided_at": timezone.now(),
        "confirmed_by": None,
        "confirmed_at": None,
    }


def close(release: Release, outcome: str, values: dict[str, Any]) -> None:
    """Move it to its end, and take it off the inbox of everybody who could decide."""
    kept_to = rules_of(release)
    move(release, outcome, table=RELEASE_TRANSITIONS, field="outcome", rules=kept_to, **values)
    decided(release)


def go_on(release: Release, by: User) -> None:
    """What a decision brings: another run of what was held before it was added, and words to
    whoever asked once nobody else decides."""
    if release.outcome == ReleaseOutcome.RELEASED and release.held:
        # Who confirms need not read the rows; who decided first did, when they decided.
        let_pass(
            dataset=release.dataset,
            question_sha256=question_of(release),
            by=release.decided_by or by,
        )
        add_held(release, by)
    else:
        tell_outcome(release)


def tell_others(release: Release, same: Sequence[Release]) -> None:
    """Whoever asked the same again hears the same, once each."""
    told = {release.analysis.created_by_id}
    for one in same:
        if one.contributes and one.analysis.created_by_id not in told:
            told.add(one.analysis.created_by_id)
            tell_outcome(one)


def tell_outcome(release: Release) -> None:
    """What became of the answer, to whoever asked for it."""
    analysis = release.analysis
    asker = analysis.created_by
    if release.outcome == ReleaseOutcome.REFUSED:
        tell_asker(
            release,
            filled(
                gettext_lazy("%(site)s withholds “%(title)s”, and says why."),
                site=release.dataset.site.name,
                title=title_told(analysis),
            ),
        )
    elif Analysis.objects.answered_to(asker).filter(pk=analysis.pk).exists():
        # That keepers look at it first is no news any more.
        if job := Job.objects.latest_of(JobKind.ANALYSE, analysis.pk):
            notifications.settle(event=event_of(job, "succeeded"))
        tell_asker(
            release,
            filled(gettext_lazy("“%(title)s” is released to you."), title=title_told(analysis)),
        )


def tell_asker(release: Release, text: Text) -> None:
    analysis = release.analysis
    notifications.notify(
        [analysis.created_by],
        event=f"analysis.{analysis.pk}.decided.{release.pk}.{release.outcome}",
        kind=f"release.{release.outcome}",
        text=text,
        because=gettext_lazy("You asked the question."),
        group=analysis.project.title,
        project_id=analysis.project_id,
        url=analysis.get_absolute_url(),
    )


def decided_already(release: Release) -> Conflict:
    """Somebody else was faster, or the rules were."""
    if release.decided_by is None or release.decided_at is None:
        return Conflict(
            gettext("The rules of this dataset decided on this output."), code="already_decided"
        )
    return Conflict(
        gettext("%(name)s decided on this output on %(day)s.")
        % {"name": release.decided_by.name, "day": short_day(release.decided_at)},
        code="already_decided",
    )
