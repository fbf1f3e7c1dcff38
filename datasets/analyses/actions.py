"""Ask a question of a project's data, and ask it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from datasets.analyses.inputs import input_info
from datasets.analyses.models import Analysis, AnalysisInput, Draft
from datasets.choices import AnalysisState, JobKind
from datasets.engine.methods import METHODS, ParameterError
from datasets.engine.methods.shared.fields import shown
from datasets.engine.rows.frame import InputInfo, VariableInfo
from datasets.pools.inputs import versions_named
from datasets.pools.pool import Pool, pool
from datasets.variables.kept import variables_json
from datasets.versions.models import Version
from members.audit_events import actions as audit_events
from members.models import User
from portal.common.exceptions import Invalid, InvalidTransition, NotAllowed
from portal.common.models import storable, validated_save
from portal.common.text import told
from portal.jobs.queue import enqueue
from projects.models import Project
from projects.projects.permissions import require
from projects.roles import Permission


@dataclass(frozen=True)
class Checked:
    """A question that can be asked: the versions, what they offer together, filled parameters."""

    versions: list[Version]
    pool: Pool
    parameters: Any

    @property
    def variables(self) -> list[VariableInfo]:
        """Those it speaks of."""
        return self.pool.named(self.parameters.names)

    @property
    def inputs(self) -> list[AnalysisInput]:
        """The inputs as they are pinned when it is registered, of no analysis yet."""
        names = [variable.name for variable in self.variables]
        return [
            AnalysisInput(
                index=index,
                version=version,
                site=version.dataset.site.name,
                country=version.dataset.site.country,
                region=version.dataset.site.region,
                rules={name: rules[name] for name in names if name in rules},
            )
            for index, (version, rules) in enumerate(
                zip(self.versions, self.pool.rules, strict=True)
            )
        ]


def start(
    *,
    project: Project,
    title: str,
    method: str,
    inputs: Any,
    parameters: Any,
    by: User,
    purpose: str = "",
) -> Analysis:
    """Register a question with everything it rests on, and queue it.

    `purpose` says what for and why it is safe, to whoever releases the answer.
    """
    checked = check(
        project=project, title=title, method=method, inputs=inputs, parameters=parameters, by=by
    )
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
    sheet: str = "",
    like: Analysis | None = None,
    by: User,
) -> Draft:
    """Save what a form holds so far. What is registered already stays; changes begin a new draft.

    `sheet` names the page: what it sends at the same time, or from the history, is one draft.
    Fields of another method stay as well: whoever goes back to it finds them.
    """
    require(by, Permission.ANALYSE, project)
    # One person's drafts are saved one after the other.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
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
    kept.title, kept.method, kept.answers = title, method, kept.answers | answers
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
    *, draft: Draft, title: str, inputs: Any, parameters: Any, by: User, purpose: str = ""
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


def rerun(*, analysis: Analysis, by: User) -> Analysis:
    """Ask the same again of the same versions under the same rules, to compare every number."""
    require(by, Permission.ANALYSE, analysis.project)
    if analysis.state != AnalysisState.SUCCEEDED:
        raise InvalidTransition(gettext("Only an analysis that has its result can be run again."))
    pinned = [
        AnalysisInput(
            index=one.index,
            version_id=one.version_id,
            site=one.site,
            country=one.country,
            region=one.region,
            rules=one.rules,
        )
        for one in analysis.inputs.all()
    ]
    again = Analysis(
        project=analysis.project,
        title=analysis.title,
        purpose=analysis.purpose,
        method=analysis.method,
        parameters=analysis.parameters,
        variables=analysis.variables,
        rerun_of=analysis.rerun_of or analysis,
        created_by=by,
    )
    return _register(again, pinned, by)


def check(
    *, project: Project, title: str, method: str, inputs: Any, parameters: Any, by: User
) -> Checked:
    """Everything `start` would refuse, without starting: `Invalid` with a message per field."""
    require(by, Permission.ANALYSE, project)
    errors: dict[str, str] = {}
    if not title.strip():
        errors["title"] = gettext("Give the question a title.")
    if method not in METHODS:
        errors["method"] = gettext("Choose one of: %(values)s.") % {"values": ", ".join(METHODS)}
    versions = versions_named(project, inputs, by, errors)
    if errors:
        raise Invalid(errors=errors)
    offered = pool(project, versions)
    try:
        filled = METHODS[method].fill(parameters, offered.variables)
    except ParameterError as error:
        raise Invalid(errors=_in_parameters(error, offered)) from error
    for variable in offered.named(filled.names):
        if variable.name in offered.left_out:
            raise Invalid(errors={"inputs": offered.left_out[variable.name]})
    if not any(version.rows for version in versions):
        raise Invalid(errors={"inputs": gettext("These versions hold no rows.")})
    _planned(method, filled, [_place(index, version) for index, version in enumerate(versions)])
    return Checked(versions, offered, filled)


@transaction.atomic
def _register(analysis: Analysis, pinned: Sequence[AnalysisInput], by: User) -> Analysis:
    parameters = METHODS[analysis.method].parameters.from_json(analysis.parameters)
    analysis.spec = _planned(analysis.method, parameters, [input_info(one) for one in pinned])
    validated_save(analysis)
    for one in pinned:
        one.analysis = analysis
    AnalysisInput.objects.bulk_create(pinned)
    enqueue(kind=JobKind.ANALYSE, target_id=analysis.pk, project_id=analysis.project_id, by=by)
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


def _planned(method: str, parameters: Any, inputs: Sequence[InputInfo]) -> dict[str, Any]:
    """What the first round asks of each site."""
    try:
        planned: dict[str, Any] = METHODS[method].plan(parameters, inputs).to_json()
    except ParameterError as error:
        raise Invalid(errors=_in_parameters(error)) from error
    return planned


def _place(index: int, version: Version) -> InputInfo:
    site = version.dataset.site
    return InputInfo(index=index, site=site.name, country=site.country, region=site.region)


def _in_parameters(error: ParameterError, offered: Pool | None = None) -> dict[str, str]:
    """The engine's messages by the API's field names, with why a variable is not on offer."""
    errors = {}
    for name, text in error.errors.items():
        said = told(text.kept)
        for left_out, why in offered.left_out.items() if offered else ():
            if text.values.get("unknown") == shown(left_out):
                said = why
        errors[name if name == "parameters" else f"parameters.{name}"] = said
    return errors
