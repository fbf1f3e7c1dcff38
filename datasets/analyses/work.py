"""Run an analysis: in each round every input is summarised by some worker, then one estimates.

What an input answers passes the gate of its own dataset before it is kept anywhere.

The coordinator's state is in the database: the spec of the current round and the parts that came
in. Whoever takes over after a crash goes on from there. A coordinator that waits does its own
analysis' unclaimed parts itself, so one worker is enough and a lost message delays nothing. Where
there are few rows it does every round by itself and in memory: handing out jobs and keeping each
round would take longer than the work.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

from django.db.models import F, Func, JSONField, Value
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext_lazy, gettext_noop

from datasets.analyses.behind import forget_held, held_parts, kept_of
from datasets.analyses.found import Found, as_today
from datasets.analyses.in_memory import InMemory
from datasets.analyses.inputs import (
    Watched,
    at_site,
    few_rows,
    inputs_of,
    not_estimable,
    open_rows,
    release,
    variable_infos,
)
from datasets.analyses.job_pages import crumbs, crumbs_of_part, error_for, stands
from datasets.analyses.models import Analysis, AnalysisPart
from datasets.analyses.provenance import provenance_of
from datasets.analyses.runs import comparable_with
from datasets.analyses.titles import title_told
from datasets.choices import ANALYSIS_TRANSITIONS, AnalysisState, JobKind
from datasets.datasets.permissions import steers
from datasets.engine.guard.gate import Released
from datasets.engine.methods import METHODS, Answer, ParameterError
from datasets.engine.results.provenance import compare
from datasets.engine.sentences import Sentence
from members.audit_events import actions as audit_events
from members.notifications import actions as notifications
from portal.common.models import to_the_minute
from portal.common.text import Text, filled
from portal.common.transitions import move
from portal.jobs import running
from portal.jobs.choices import JobState
from portal.jobs.handlers import Effects, Handler
from portal.jobs.models import Job
from portal.jobs.queue import enqueue, enqueue_group
from portal.jobs.running import Context, JobFailed, claim_and_run

SHORTEST_WAIT, LONGEST_WAIT = 0.02, 0.25

FINISHED: list[Callable[[Analysis, Sequence[Released[Any]]], None]] = []
"""What follows when an answer came; nouns above this one add theirs on start."""

HELD: list[Callable[[Analysis], None]] = []
"""What follows when none came, since people have to decide first."""

CAME_TO_NOTHING: list[Callable[[Analysis], None]] = []
"""What follows when none came, since what the rules let leave carries none."""


def analyse(job: Job, context: Context) -> Effects:
    """Coordinate the rounds until the method has its result."""
    analysis = Analysis.objects.select_related("project", "created_by").get(pk=job.target_id)
    method = METHODS[analysis.method]
    with context.fenced():
        move(analysis, AnalysisState.RUNNING, table=ANALYSIS_TRANSITIONS)
    few = few_rows(analysis)
    here = InMemory(analysis, few, context) if few is not None else None
    while True:
        spec = method.read_spec(analysis.spec)
        answered = here.answered(spec) if here else _collected(analysis, context)
        released = [method.read_released(one) for one in answered]
        try:
            answer = method.answer(released, spec)
        except ParameterError as error:
            failure = not_estimable(error, variable_infos(analysis))
            if _ends_alike(released):
                return partial(_finish, analysis.pk, Found.nothing(failure), released, here)
            if here:
                with context.fenced():
                    here.keep()
            raise failure from error
        if isinstance(answer, Answer):
            found = Found.of(answer, analysis)
            return partial(_finish, analysis.pk, found, released, here)
        analysis.spec = answer.to_json()
        if not here:
            with context.fenced():
                analysis.save(update_fields=["spec"])
            # Read back, so that who goes on and who takes over see the same.
            analysis.refresh_from_db(fields=["spec"])


def summarise(job: Job, context: Context) -> Effects:
    """Answer one round for one input; only what its gate lets go is kept."""
    part = AnalysisPart.objects.select_related("input__version__dataset").get(pk=job.target_id)
    one = part.input
    # The coordinator's memory is by far the largest part of a spec, and no site needs it.
    asked = Func(F("spec"), Value("memory"), arg_joiner=" - ", template="%(expressions)s")
    analysis = (
        Analysis.objects.annotate(asked=Cast(asked, JSONField()))
        .select_related("created_by")
        .only("method", "parameters", "variables", "created_by__name")
        .get(pk=one.analysis_id)
    )
    if analysis.asked["round"] != part.round:
        raise JobFailed("round_over", gettext_noop("The analysis has gone on without this part."))
    method = METHODS[analysis.method]
    parameters = method.parameters.from_json(analysis.parameters)
    spec, variables = method.read_spec(analysis.asked), variable_infos(analysis)
    inputs = inputs_of(one.analysis_id, site=one.site)
    with ExitStack() as tables:
        rows = {
            each.index: Watched(
                open_rows(each, variables, tables, method, parameters), context, analysis
            )
            for each in inputs
        }
        try:
            released = release(one, inputs, rows, method, spec)
        except ParameterError as error:
            raise not_estimable(error, variables) from error
        kept = kept_of(one, analysis, spec, released, rows[one.index], context)

    def effects() -> None:
        kept.enter()
        AnalysisPart.objects.filter(pk=part.pk).update(**kept.fields())

    return effects


@audit_events.written_last()
def follow(job: Job, state: str) -> None:
    """The analysis fails, stops or waits with its coordinator, and its parts with it."""
    analysis = Analysis.objects.get(pk=job.target_id)
    move(analysis, state, table=ANALYSIS_TRANSITIONS)
    if state == JobState.QUEUED:
        forget_held(analysis)
    for part in _jobs_of_parts(analysis).values():
        if state == JobState.QUEUED:
            running.queue_again(part)
        elif part.is_active:
            running.cancel(part)
    if state == JobState.FAILED and _waits(analysis, job):
        for follow_held in HELD:
            follow_held(analysis)
        analysis.refresh_from_db(fields=["state"])
        if analysis.state != AnalysisState.FAILED:
            return
        _ended(analysis.pk)
        text = gettext_lazy(
            "“%(title)s” is held: its data’s keepers decide before anything of it leaves."
        )
        _notify(analysis, job, "held", filled(text, title=title_told(analysis)))
    elif state == JobState.FAILED:
        _ended(analysis.pk)
        text = gettext_lazy("“%(title)s” could not be run.")
        _notify(analysis, job, "failed", filled(text, title=title_told(analysis)))
        if (job.error or {}).get("code") == "not_estimable":
            for follow_nothing in CAME_TO_NOTHING:
                follow_nothing(analysis)


def _ends_alike(released: Sequence[Released[Any]]) -> bool:
    """Whether a question ends in one way, be there an answer or none: where the rows of an input
    have no gate, which of these it is would tell of them.

    What waits for a held share has no end yet.
    """
    return any(one.rules.is_open for one in released) and not any(one.held for one in released)


def _waits(analysis: Analysis, job: Job) -> bool:
    """Whether it has no answer for want of what is held: of everything, or of too much."""
    if (job.error or {}).get("code") not in ("held", "not_estimable"):
        return False
    return held_parts(analysis).exists()


def _open_round(analysis: Analysis, context: Context) -> None:
    """The round's parts and a job for each, hinted at as one group; those there already stay."""
    number = analysis.spec["round"]
    inputs = list(analysis.inputs.all())
    with context.fenced():
        AnalysisPart.objects.bulk_create(
            (AnalysisPart(input=one, round=number) for one in inputs), ignore_conflicts=True
        )
        waiting = AnalysisPart.objects.filter(
            input__in=inputs, round=number, statistics__isnull=True
        ).values_list("pk", flat=True)
        started = set(
            Job.objects.filter(kind=JobKind.SUMMARISE, target_id__in=waiting).values_list(
                "target_id", flat=True
            )
        )
        enqueue_group(
            kind=JobKind.SUMMARISE,
            target_ids=[pk for pk in waiting if pk not in started],
            project_id=analysis.project_id,
            by=analysis.created_by,
        )


def _collected(analysis: Analysis, context: Context) -> list[Any]:
    """What the inputs released this round, in their order, once every part is in."""
    _open_round(analysis, context)
    number, sites = analysis.spec["round"], analysis.inputs.count()
    pause = SHORTEST_WAIT
    while True:
        context.stop_if_asked()
        jobs = _jobs_of_parts(analysis)
        done = sites - len(jobs)
        # How many rounds there will be is not known: each round takes a third of what is left.
        progress = 1 - (2 / 3) ** (number - 1 + done / sites)
        message = Sentence.counting(
            "Round %(number)s: %(done)s of %(count)s site",
            "Round %(number)s: %(done)s of %(count)s sites",
            sites,
            number=number,
            done=done,
        )
        context.report(progress, message, message.kept)
        if not jobs:
            break
        for job in jobs.values():
            if not job.is_active:
                raise JobFailed(**_why(job))
        if any(claim_and_run(job.pk) for job in jobs.values()):
            pause = SHORTEST_WAIT
            continue
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_WAIT)
    parts = AnalysisPart.objects.filter(input__analysis=analysis, round=number)
    return [part.statistics for part in parts.order_by("input__index")]


def _jobs_of_parts(analysis: Analysis) -> dict[int, Job]:
    """The job of each part of the current round that is not in yet, in the order of inputs."""
    parts = AnalysisPart.objects.filter(
        input__analysis=analysis, round=analysis.spec["round"], statistics__isnull=True
    )
    jobs = Job.objects.filter(kind=JobKind.SUMMARISE, target_id__in=parts.values("pk"))
    return {job.target_id: job for job in jobs.order_by("target_id")}


def _why(job: Job) -> dict[str, Any]:
    error = job.error or {
        "code": "part_cancelled",
        "detail": gettext_noop("Work for one site was cancelled."),
    }
    part = AnalysisPart.objects.select_related("input").get(pk=job.target_id)
    return at_site(part.input, error)


@audit_events.written_last()
def _finish(
    analysis_id: int, found: Found, released: list[Released[Any]], here: InMemory | None
) -> None:
    """Keep the result with where it came from, and tell whoever asked."""
    if here:
        here.keep()
    analysis = Analysis.objects.select_related("project", "created_by").get(pk=analysis_id)
    finished_at = to_the_minute(timezone.now())
    provenance = provenance_of(analysis, found.result, released, finished_at)
    datasets = analysis.inputs.values_list("version__dataset", flat=True)
    held = {number for number, one in zip(datasets, released, strict=True) if one.held}
    earlier = comparable_with(analysis, held)
    move(
        analysis,
        AnalysisState.SUCCEEDED,
        table=ANALYSIS_TRANSITIONS,
        result=found.result,
        warnings=found.warnings,
        words=found.words,
        provenance=provenance,
        result_sha256=provenance["result_sha256"],
        compared_with=earlier,
        differences=compare(as_today(earlier), found.result) if earlier else None,
        finished_at=finished_at,
    )
    _ended(analysis.pk)
    job = Job.objects.filter(kind=JobKind.ANALYSE, target_id=analysis.pk).latest("id")
    for follow in FINISHED:
        follow(analysis, released)
    if any(one.rules.is_open for one in released):
        prepare(analysis)
    told_now = Analysis.objects.answered_to(analysis.created_by).filter(pk=analysis.pk).exists()
    text = filled(
        gettext_lazy("“%(title)s” has its result.")
        if told_now
        else gettext_lazy("“%(title)s” is computed; its data’s keepers look at it before you do."),
        title=title_told(analysis),
    )
    _notify(analysis, job, "succeeded", text)


def _ended(number: int) -> None:
    """That is told to the minute alone: lists are ordered and asked by when a row changed."""
    ended_at = to_the_minute(timezone.now())
    Analysis.objects.filter(pk=number).update(updated_at=ended_at)


def prepare(analysis: Analysis) -> None:
    """Have its answer made once more for whoever does not read the rows of what was open."""
    enqueue(
        kind=JobKind.GUARD,
        target_id=analysis.pk,
        project_id=analysis.project_id,
        by=analysis.created_by,
    )


def _notify(analysis: Analysis, job: Job, what: str, text: Text) -> None:
    """Tell whoever asked how it ended: to the minute, for scripts read the inbox as well."""
    notifications.notify(
        [analysis.created_by],
        event=event_of(job, what),
        kind=f"analysis.{what}",
        text=text,
        because=gettext_lazy("You started it."),
        group=analysis.project.title,
        project_id=analysis.project_id,
        url=analysis.get_absolute_url(),
        at=to_the_minute(timezone.now()),
    )


def event_of(job: Job, what: str) -> str:
    """Names how a run ended, for the inbox."""
    return f"analysis.{job.target_id}.{what}.{job.attempt}"


HANDLER = Handler(
    title=gettext_lazy("Run an analysis"),
    work=analyse,
    follow=follow,
    steered_by=steers,
    error_for=error_for,
    stands=stands,
    crumbs=crumbs,
)
PART_HANDLER = Handler(
    title=gettext_lazy("Summarise one site for an analysis"),
    work=summarise,
    steered_by=steers,
    error_for=error_for,
    crumbs=crumbs_of_part,
)
