"""Ask a question of a project's data, and ask it again."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from datasets.analyses.answerable import require_answerable
from datasets.analyses.asked import Blocked, Checked, in_parameters, require_declared
from datasets.analyses.inputs import input_info, variable_infos
from datasets.analyses.models import Analysis, AnalysisInput, Draft, Look
from datasets.analyses.permissions import require_reading, require_told
from datasets.analyses.runs import is_answer
from datasets.analyses.standing import is_doubted
from datasets.analyses.titles import made_titles
from datasets.choices import AnalysisState, JobKind
from datasets.domains.questions import domains_for, known_of
from datasets.engine.methods import METHODS, ParameterError
from datasets.engine.rows.frame import InputInfo
from datasets.pools.inputs import versions_named
from datasets.pools.pool import pool
from datasets.variables.kept import variables_json
from datasets.versions.models import Version
from members.audit_events import actions as audit_events
from members.models import User
from portal.common.exceptions import Invalid, InvalidTransition, NotAllowed
from portal.common.models import storable, validated_save
from portal.jobs.actions import record as record_job
from portal.jobs.models import Job
from portal.jobs.queue import enqueue
from portal.jobs.running import queue_again
from projects.models import Project
from projects.projects.actions import mark_active_at_end
from projects.projects.permissions import require
from projects.roles import Permission


def start(
    *,
    project: Project,
    method: str,
    inputs: Any,
    parameters: Any,
    by: User,
    title: str = "",
    purpose: str = "",
    reads_data: bool = True,
    labels: bool = False,
) -> Analysis:
    """Register a question with everything it rests on, and queue it.

    Without a `title` it is called what it asks. `purpose` says what for and why it is safe, to
    whoever releases the answer. One that is known to have none is refused. With `labels` that is
    said in pages' words; with `reads_data=False` it is asked by a token that reads no rows.
    """
    checked = check(
        project=project,
        method=method,
        inputs=inputs,
        parameters=parameters,
        by=by,
        labels=labels,
        reads_data=reads_data,
    )
    try:
        require_answerable(checked, method, by, labels=labels)
    except ParameterError as error:
        words = {info.name: info for info in checked.variables} if labels else {}
        raise Invalid(errors=in_parameters(error, words=words)) from error
    analysis = Analysis(
        project=project,
        title=title.strip(),
        purpose=purpose.strip(),
        method=method,
        parameters=checked.parameters.to_json(),
        variables=variables_json(checked.variables),
        tests=checked.parameters.tests,
        created_by=by,
    )
    return _register(analysis, checked.inputs, by)


@transaction.atomic
def keep(
    *,
    project: Project,
    draft: Draft | None,
    method: str,
    answers: dict[str, list[str]],
    title: str = "",
    made_titles: dict[str, str] | None = None,
    sheet: str = "",
    like: Analysis | None = None,
    by: User,
) -> Draft:
    """Save what a form holds so far. What is registered already stays; changes begin a new draft.

    Without a title a list calls it by `made_titles`, what it asks in each language. `sheet` names
    the page: what it sends at the same time, or from the history, is one draft.
    Fields of another method stay as well: whoever goes back to it finds them.
    """
    require(by, Permission.ANALYSE, project)
    # One person's drafts are saved one after the other.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if draft is not None:
        # It may have been run or thrown away since it was read: a page saves what was typed last
        # at the moment Run is pressed.
        draft = Draft.objects.select_for_update(of=("self",)).filter(pk=draft.pk).first()
    own = Draft.objects.filter(project=project, created_by=by)
    begun = own.filter(sheet=sheet).first() if sheet else None
    draft = draft or begun
    if draft is None:
        kept = Draft(project=project, like=like, created_by=by, sheet=sheet)
    elif draft.created_by_id != by.pk:
        raise NotAllowed(gettext("Only its author changes a draft."))
    elif draft.analysis_id is None or _asks(draft, method, answers):
        kept = draft
    else:
        kept = _changed(draft, method, draft.answers | answers, "" if begun else sheet)
    kept.title, kept.made_titles = title, made_titles or {}
    kept.method, kept.answers = method, kept.answers | answers
    if not storable(kept.answers):
        raise Invalid(gettext("This is more than a draft can hold."))
    validated_save(kept)
    return kept


def discard(*, draft: Draft, by: User) -> None:
    """Throw a draft away."""
    require(by, Permission.ANALYSE, draft.project)
    if draft.created_by_id != by.pk:
        raise NotAllowed(gettext("Only its author changes a draft."))
    draft.delete()


@transaction.atomic
def ask(
    *, draft: Draft, inputs: Any, parameters: Any, by: User, title: str = "", purpose: str = ""
) -> Analysis:
    """Register a draft as a question, once: sent again, it leads to the same analysis."""
    require(by, Permission.ANALYSE, draft.project)
    kept = Draft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if kept.created_by_id != by.pk:
        raise NotAllowed(gettext("Only its author changes a draft."))
    if kept.analysis is None:
        kept.analysis = start(
            project=kept.project,
            title=title,
            method=kept.method,
            inputs=inputs,
            parameters=parameters,
            purpose=purpose,
            by=by,
            labels=True,
        )
        validated_save(kept)
    return kept.analysis


def _changed(draft: Draft, method: str, answers: dict[str, list[str]], sheet: str) -> Draft:
    """The draft that goes on from a registered one: the one that holds just this, or a new one."""
    like, by = draft.analysis, draft.created_by
    others = Draft.objects.filter(project=draft.project, created_by=by, like=like, method=method)
    found = others.filter(answers=answers).order_by("-pk").first()
    return found or Draft(
        project=draft.project, like=like, created_by=by, answers=draft.answers, sheet=sheet
    )


def _asks(draft: Draft, method: str, answers: dict[str, list[str]]) -> bool:
    """Whether a draft holds just this."""
    return draft.method == method and draft.answers == draft.answers | answers


def rerun(
    *, analysis: Analysis, by: User, as_decided: bool = False, reads_data: bool = True
) -> Analysis:
    """Ask the same again of the same versions under the same rules, to compare every number.

    What a guarded dataset's columns may hold is what its keeper says now; with `as_decided` what
    they said when it was asked, since that is what somebody released. Of what was open then nobody
    did.
    """
    require(by, Permission.ANALYSE, analysis.project)
    require_reading(reads_data=reads_data)
    if analysis.state == AnalysisState.FAILED:
        raise InvalidTransition(
            gettext(
                "This run failed, so it has no number to compare another run with: ask its "
                "question anew."
            )
        )
    if analysis.state != AnalysisState.SUCCEEDED:
        raise InvalidTransition(gettext("Only an analysis that has its result can be run again."))
    variables = variable_infos(analysis)
    inputs = list(analysis.inputs.select_related("version__dataset__project"))
    known = known_of(one.version for one in inputs)
    pinned = [
        AnalysisInput(
            index=one.index,
            version=one.version,
            site=one.site,
            country=one.country,
            region=one.region,
            rules=one.rules,
            domains=one.domains
            if as_decided and one.domains
            else domains_for(known.get(one.version_id), one.rules, variables),
        )
        for one in inputs
    ]
    if not as_decided:
        require_declared(pinned, variables, by)
    again = Analysis(
        project=analysis.project,
        title=analysis.title,
        purpose=analysis.purpose,
        method=analysis.method,
        parameters=analysis.parameters,
        variables=analysis.variables,
        tests=analysis.tests,
        rerun_of=analysis.rerun_of or analysis,
        created_by=by,
    )
    return _register(again, pinned, by)


@transaction.atomic
def look(*, analysis: Analysis, reason: str, by: User, exact: bool = True) -> Look:
    """See an estimate all the same whose checks fail; name and reason stay for everybody.

    Whether they fail is asked of the answer as the person is told it, with `exact=False` as if
    they read no rows.
    """
    require(by, Permission.ANALYSE, analysis.project)
    if not is_doubted(require_told(by, analysis, exact=exact).result):
        raise InvalidTransition(gettext("Nothing of this answer is hidden for failed checks."))
    if not reason.strip():
        raise Invalid(errors={"reason": gettext("Say why: your words stay with the answer.")})
    made = Look(analysis=analysis, reason=reason.strip(), created_by=by)
    validated_save(made)
    audit_events.record(
        "analysis.looked_at",
        analysis,
        by=by,
        scopes={"project": analysis.project_id},
        # The words stay with the answer: those who read the trail need not read that.
        after={"look": made.pk},
    )
    return made


@transaction.atomic
def try_again(*, analysis: Analysis, by: User) -> Analysis:
    """Compute anew what has no answer, for whoever asked it."""
    require(by, Permission.ANALYSE, analysis.project)
    if analysis.state != AnalysisState.FAILED:
        raise InvalidTransition(gettext("Only an analysis that failed can be tried again."))
    job = Job.objects.filter(kind=JobKind.ANALYSE, target_id=analysis.pk).latest("id")
    before = job.state
    if queue_again(job):
        record_job("job.retried", job, by=by, before={"state": before})
    analysis.refresh_from_db()
    return analysis


@transaction.atomic
def put_first(*, analysis: Analysis, first: bool = True, by: User) -> Analysis:
    """Let an answer stand on its project's page, or the newest one again.

    It is its question that is chosen: what was held before and is released since stands there then.
    """
    require(by, Permission.EDIT_PROJECT, analysis.project)
    if first and not is_answer(analysis):
        raise InvalidTransition(
            gettext(
                "Only the first run of a question stands there, or a later one with more sites."
            )
        )
    question = analysis.rerun_of or analysis
    # Two who choose at the same time wait for each other.
    Project.objects.select_for_update(no_key=True).get(pk=analysis.project_id)
    others = Analysis.objects.filter(project=analysis.project_id, stands_first=True)
    question.refresh_from_db(fields=["stands_first", "updated_at"])
    if question.stands_first == first:
        return analysis
    if not first:
        others = others.filter(pk=question.pk)
    others.update(stands_first=False)
    question.stands_first = first
    # One that ended within this minute is told as changed at its end: no change goes back in time.
    question.updated_at = max(timezone.now(), question.updated_at)
    Analysis.objects.filter(pk=question.pk).update(
        stands_first=first, updated_at=question.updated_at
    )
    audit_events.record(
        "analysis.put_first" if first else "analysis.put_back",
        question,
        by=by,
        scopes={"project": analysis.project_id},
    )
    return analysis


def check(
    *,
    project: Project,
    method: str,
    inputs: Any,
    parameters: Any,
    by: User,
    labels: bool = False,
    reads_data: bool = True,
) -> Checked:
    """Everything `start` would refuse, without starting: `Invalid` with a message per field.

    With `labels` the messages call variables as pages do, else by their names.
    """
    require(by, Permission.ANALYSE, project)
    require_reading(reads_data=reads_data)
    errors: dict[str, str] = {}
    if method not in METHODS:
        errors["method"] = gettext("Choose one of: %(values)s.") % {"values": ", ".join(METHODS)}
    versions = versions_named(project, inputs, by, errors)
    if errors:
        raise Invalid(errors=errors)
    offered = pool(project, versions)
    try:
        filled = METHODS[method].fill(parameters, offered.variables)
    except ParameterError as error:
        # A variable that these versions lack still has the label that its project gave it.
        words = {one.name: one.info for one in project.variables.all()} if labels else {}
        raise Invalid(errors=in_parameters(error, offered, words)) from error
    for variable in offered.named(filled.names):
        if variable.name in offered.left_out:
            raise Blocked(offered, filled.names, versions, numbers=not labels)
    if not any(version.rows for version in versions):
        raise Invalid(errors={"inputs": gettext("These versions hold no rows.")})
    places = [_place(index, version) for index, version in enumerate(versions)]
    _planned(method, filled, places, sent=parameters)
    found = Checked(versions, offered, filled)
    require_declared(found.inputs, found.variables, by)
    return found


@transaction.atomic
def _register(analysis: Analysis, pinned: Sequence[AnalysisInput], by: User) -> Analysis:
    parameters = METHODS[analysis.method].parameters.from_json(analysis.parameters)
    analysis.spec = _planned(analysis.method, parameters, [input_info(one) for one in pinned])
    if not analysis.title:
        sites, variables = [one.site for one in pinned], variable_infos(analysis)
        question = (analysis.method, analysis.parameters, variables, sites)
        analysis.made_titles = made_titles(*question)
    validated_save(analysis)
    for one in pinned:
        one.analysis = analysis
    AnalysisInput.objects.bulk_create(pinned)
    enqueue(kind=JobKind.ANALYSE, target_id=analysis.pk, project_id=analysis.project_id, by=by)
    mark_active_at_end(analysis.project)
    audit_events.record(
        "analysis.started" if analysis.rerun_of_id is None else "analysis.rerun",
        analysis,
        by=by,
        scopes={"project": analysis.project_id},
        after={
            "method": analysis.method,
            "parameters": analysis.parameters,
            "versions": [one.version_id for one in pinned],
            "rerun_of": analysis.rerun_of_id,
        },
    )
    return analysis


def _planned(
    method: str, parameters: Any, inputs: Sequence[InputInfo], sent: Any = None
) -> dict[str, Any]:
    """What the first round asks of each site; a refusal stands at those of its parameters that were
    `sent`, where some were."""
    try:
        planned: dict[str, Any] = METHODS[method].plan(parameters, inputs).to_json()
    except ParameterError as error:
        at_sent = {name: text for name, text in error.errors.items() if (sent or {}).get(name)}
        raise Invalid(errors=in_parameters(ParameterError(at_sent or error.errors))) from error
    return planned


def _place(index: int, version: Version) -> InputInfo:
    site = version.dataset.site
    return InputInfo(index=index, site=site.name, country=site.country, region=site.region)
