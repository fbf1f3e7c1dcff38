"""A question on somebody's desk: what its form holds and a draft keeps, and what it could use."""

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Sum
from django.forms import MultipleChoiceField

from datasets.analyses import actions as analyses
from datasets.analyses.asked import Blocked, Checked
from datasets.analyses.forms import AnalysisForm, input_value
from datasets.analyses.methods import PAGES
from datasets.analyses.methods.variables import ShownVariable
from datasets.analyses.models import Analysis, Draft
from datasets.analyses.readiness import readiness
from datasets.analyses.ready import Readiness
from datasets.analyses.shown import questions_that_count
from datasets.analyses.standing import usual_waits
from datasets.analyses.titles import made_titles
from datasets.datasets.models import Dataset
from datasets.datasets.shown import limits_of, who_has_rules
from datasets.engine.methods import METHODS, ParameterError
from datasets.pools.pool import Pool, pool
from datasets.versions.models import Version, newest_of_each
from portal.common.exceptions import Invalid
from portal.common.forms import NameField, NamesField
from portal.common.pages import Request
from portal.common.text import listed
from projects.models import Project

Answers = dict[str, list[str]]


@dataclass
class Sheet:
    """The question: its method, what its form holds, and what it could use."""

    request: Request
    project: Project
    method: str
    draft: Draft | None = None
    like: Analysis | None = None
    blocked: list[Version] = dataclasses.field(default_factory=list)
    """Inputs that the question would have to go on without, once it is checked."""

    @cached_property
    def versions(self) -> list[Version]:
        """Every ready version the person may use, by dataset, the newest first."""
        seen = Version.objects.visible_to(self.request.user).ready()
        found = list(
            seen.filter(dataset__project=self.project)
            .select_related("dataset__site", "dataset__project")
            .order_by("dataset_id", "-number")
        )
        readable = Dataset.objects.rows_readable_by(self.request.user).filter(project=self.project)
        read = set(readable.values_list("pk", flat=True))
        for one in found:
            one.dataset.rows_readable = one.dataset_id in read
        return found

    @cached_property
    def offered(self) -> Pool:
        """What they offer together."""
        return pool(self.project, newest_of_each(self.versions))

    def form(self, data: Any = None, initial: dict[str, Any] | None = None) -> AnalysisForm:
        """The method's form."""
        made: AnalysisForm = PAGES[self.method].form(
            data, initial=initial, versions=self.versions, pool=self.offered
        )
        return made

    def held(self) -> dict[str, Any] | None:
        """What the form holds before anybody sends it; None for an empty one."""
        if self.draft is not None:
            return values_of(self.form(), self.draft.answers)
        if self.like is not None and self.like.method == self.method:
            return filled_like(self.request, self.like)
        return None

    def checked(self, form: AnalysisForm) -> Checked | None:
        """The question, if it can be asked as it is; else what is wrong stands at its fields."""
        if not form.is_valid():
            return None
        try:
            return analyses.check(
                project=self.project,
                method=self.method,
                inputs=form.cleaned_data["inputs"],
                parameters=form.parameters,
                by=self.request.user,
                labels=True,
            )
        except Invalid as error:
            self.place_errors(form, error)
            return None

    def place_errors(self, form: AnalysisForm, error: Invalid) -> None:
        """The API's messages at the form's fields."""
        for path, texts in error.errors.items():
            field = form.field_of(path)
            for text in texts:
                form.add_error(field, text)
        if not error.errors:
            form.add_error(None, error.detail)
        if isinstance(error, Blocked):
            self.blocked = error.versions

    def panel(self, question: Checked | None, form: AnalysisForm) -> dict[str, Any]:
        """What the question can use, or what it still lacks."""
        if question is None:
            chosen = form.is_bound and any(form[name].value() for name in form.needs)
            problems = [text for texts in form.errors.values() for text in texts] if chosen else []
            return {
                "problems": problems,
                "blocked": {
                    "sites": listed(list(dict.fromkeys(v.dataset.site.name for v in self.blocked))),
                    "inputs": " ".join(input_value(one) for one in self.blocked),
                },
            }
        datasets = [one.dataset for one in question.versions]
        limits = limits_of(datasets)
        ready = readiness(question, self.method, self.request.user, labels=True)
        return {
            "ready": ready,
            "drops": drops_of(ready, form),
            "costliest": ready.costliest
            and str(ShownVariable(self.offered.variables[ready.costliest.variable])),
            "listwise": getattr(question.parameters, "missing", "") == "listwise",
            "limits": limits,
            "ruled": who_has_rules(limits),
            "waits": usual_waits(datasets),
            "plan": PAGES[self.method].in_words(labelled(question.parameters.to_json(), form)),
            "will_be": tests_to_come(self.project, question.parameters.tests),
        }


def labelled(value: Any, form: AnalysisForm) -> Any:
    """Parameters with variables by their labels, as the question in words names them."""
    if isinstance(value, dict):
        return {key: labelled(one, form) for key, one in value.items()}
    if isinstance(value, list):
        return [labelled(one, form) for one in value]
    known = isinstance(value, str) and value in form.pool.variables
    return form.called(value) if known else value


def drops_of(ready: Readiness, form: AnalysisForm) -> list[dict[str, Any]]:
    """Each site that would be lost, why, and which variables to leave out to keep it."""
    fixed = form.fixed
    return [
        {
            "site": one,
            "names": [form.called(name) for name in one.absent],
            "cure": "\n".join(one.absent)
            if one.absent and not any(name in fixed for name in one.absent)
            else "",
        }
        for one in ready.left_out
    ]


def answers_of(form: AnalysisForm, request: Request) -> Answers:
    """What was sent for each of the form's fields, as a database can keep it."""
    return {
        name: [value.replace("\0", "") for value in request.POST.getlist(name)]
        for name in form.fields
    }


def draft_called(form: AnalysisForm, method: str) -> dict[str, Any]:
    """What a list calls the draft: the title that was typed, or what it asks, where that can be
    told."""
    form.is_valid()
    title = str(form.cleaned_data.get("title", ""))
    if title or form.errors:
        return {"title": title}
    try:
        question = METHODS[method].fill(form.parameters, form.pool.variables)
    except ParameterError:
        return {}
    chosen = [(one["dataset"], one["version"]) for one in form.cleaned_data["inputs"]]
    versions = [one for one in form.versions if (one.dataset_id, one.number) in chosen]
    sites = [one.dataset.site.name for one in versions]
    variables = form.pool.variables.values()
    return {"made_titles": made_titles(method, question.to_json(), variables, sites)}


def values_of(form: AnalysisForm, answers: Answers) -> dict[str, Any]:
    """The same as the form takes it: lists for those that take several, else one value.

    What was never sent, since another method's page does not ask it, is as a new page has it.
    """
    values: dict[str, Any] = {}
    for name, field in form.fields.items():
        if name not in answers:
            values[name] = form.get_initial_for_field(field, name)
            continue
        found = answers[name]
        value = found if isinstance(field, MultipleChoiceField) else next(iter(found), "")
        # A name is found again as it is offered, whatever line ends a form made of its own.
        named = isinstance(field, NameField | NamesField)
        values[name] = field.to_python(value) if named else value
    return values


def tests_to_come(project: Project, tests: int) -> range:
    """The numbers that the next tests in the project have: chance is found among many."""
    first = (questions_that_count(project.pk).aggregate(of=Sum("tests"))["of"] or 0) + 1
    return range(first, first + tests)


def filled_like(request: Request, analysis: Analysis) -> dict[str, Any]:
    """The form's fields as they were for the earlier question."""
    seen = Dataset.objects.visible_to(request.user).values("pk")
    inputs = analysis.inputs.filter(version__dataset__in=seen).select_related("version")
    return {
        **PAGES[analysis.method].form.filled_by(analysis),
        # Without one it is called what it asks, and so is a changed one.
        "title": analysis.title,
        "inputs": [input_value(one.version) for one in inputs],
    }
