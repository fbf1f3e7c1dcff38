"""The builder of questions: one page in four steps over a draft, with what it can use beside it."""

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from secrets import token_hex
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import Sum
from django.forms import MultipleChoiceField
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from datasets.analyses import actions as analyses
from datasets.analyses.asked import Blocked, Checked
from datasets.analyses.forms import AnalysisForm, input_value
from datasets.analyses.inputs import variable_infos
from datasets.analyses.methods import PAGES
from datasets.analyses.methods.variables import Shown
from datasets.analyses.models import Analysis, Draft
from datasets.analyses.picker import pictures_of, sites_of
from datasets.analyses.readiness import Readiness, readiness
from datasets.analyses.shown import questions_that_count
from datasets.analyses.standing import usual_waits
from datasets.datasets.models import Dataset
from datasets.datasets.shown import limits_of, who_has_rules
from datasets.pools.pool import Pool, pool
from datasets.versions.models import Version, newest_of_each
from portal.common.exceptions import Invalid
from portal.common.forms import NameField, NamesField, form_page
from portal.common.pages import Request, number_in, say
from portal.common.text import listed
from projects.models import Project
from projects.projects.head import project_page
from projects.roles import Permission

Answers = dict[str, list[str]]

REFERRED = frozenset({"exposure", "terms", "first", "second"})
"""Fields whose categories have a reference level to choose."""

TEMPLATE = "datasets/analyses/new.html"


@dataclass
class Sheet:
    """A question on somebody's desk: its method, what its form holds, and what it could use."""

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
                title=form.cleaned_data["title"],
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
            and str(Shown(self.offered.variables[ready.costliest.variable])),
            "listwise": getattr(question.parameters, "missing", "") == "listwise",
            "limits": limits,
            "ruled": who_has_rules(limits),
            "waits": usual_waits(datasets),
            "plan": PAGES[self.method].in_words(labelled(question.parameters.to_json(), form)),
            "will_be": tests_to_come(self.project, question.parameters.tests),
        }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request, slug: str) -> HttpResponse:
    """Put a question together, see what it can use, register and run it."""
    project, context = project_page(request, slug, needs=Permission.ANALYSE)
    if request.method == "POST":
        return posted(request, project, context)
    draft = like = None
    if "draft" in request.GET:
        drafts = Draft.objects.visible_to(request.user).filter(project=project)
        draft = get_object_or_404(
            drafts.select_related("like", "analysis"), pk=number_in(request, "draft")
        )
    elif "like" in request.GET:
        like = asked_like(request, project)
    known = draft or like
    method = request.GET.get("method") or (known.method if known else next(iter(PAGES)))
    if method not in PAGES:
        raise Http404
    sheet = Sheet(request, project, method, draft, like)
    held = sheet.held()
    form = sheet.form(held)
    question = sheet.checked(form) if held is not None else None
    shown = sheet.panel(question, form)
    # Sent as it is filled, the form may ask less than the earlier question did.
    asked_more = like if like and held and not sheet.form(held).asks(like.parameters) else None
    if form.errors:
        # A draft is allowed to be unfinished.
        form = sheet.form(initial=held)
    return page(sheet, context | {"asked_more": asked_more}, form, shown)


def posted(request: Request, project: Project, context: dict[str, Any]) -> HttpResponse:
    """Keep what was sent as a draft, then do what was pressed."""
    names = request.POST.getlist("method")
    step = request.POST.get("step", "")
    if not names or not {*names} <= PAGES.keys():
        raise Http404
    drafts = Draft.objects.visible_to(request.user).filter(project=project)
    found = drafts.filter(pk=_whole(request.POST.get("draft", ""))).first()
    if step == "discard":
        if found is not None:
            analyses.discard(draft=found, by=request.user)
            say(request, gettext("The draft is thrown away."))
        return redirect("project-analyses", project.slug)
    like = Analysis.objects.visible_to(request.user).filter(project=project)
    copied = like.filter(pk=_whole(request.POST.get("like", ""))).first()
    sheet = Sheet(request, project, names[0], found, copied)
    form = sheet.form(request.POST)
    answers = answers_of(form, request)
    if (out := request.POST.get("leave_out")) is not None:
        left = [name for name in answers.get(form.ticking, ()) if name not in out.split("\n")]
        answers[form.ticking] = left
    if (without := request.POST.get("leave_out_inputs")) is not None:
        kept = [value for value in answers["inputs"] if value not in without.split()]
        answers["inputs"] = kept
    before = found.answers if found else {}
    try:
        draft = analyses.keep(
            project=project,
            draft=found,
            method=names[-1],
            answers=answers,
            title=title_of(form),
            sheet=request.POST.get("sheet", "").replace("\0", "")[:64],
            like=copied,
            by=request.user,
        )
    except Invalid as error:
        form.add_error(None, error.detail)
        return page(sheet, context, form, {"problems": [error.detail]})
    sheet = Sheet(request, project, names[-1], draft)
    if request.htmx:
        changed = {name for name, values in answers.items() if before.get(name, []) != values}
        return panel(sheet, context, changed)
    if step == "run" and form.is_valid():
        try:
            analysis = analyses.ask(
                draft=draft,
                title=form.cleaned_data["title"],
                inputs=form.cleaned_data["inputs"],
                parameters=form.parameters,
                purpose=form.cleaned_data["purpose"],
                by=request.user,
            )
        except Invalid as error:
            sheet.place_errors(form, error)
        else:
            say(request, gettext("The question runs. The answer appears here."))
            return redirect(analysis)
    if step == "run" or (step == "check" and sheet.checked(form) is None):
        return page(sheet, context, form, sheet.panel(None, form))
    return HttpResponseRedirect(draft.get_absolute_url() + ("#check" if step == "check" else ""))


def panel(sheet: Sheet, context: dict[str, Any], changed: set[str]) -> HttpResponse:
    """The part of the page that changes while somebody fills it in."""
    form = sheet.form(sheet.held())
    shown = sheet.panel(sheet.checked(form), form)
    assert sheet.draft is not None
    response = render(
        sheet.request,
        "datasets/analyses/builder_part.html",
        context
        | context_of(sheet, sheet.form(initial=sheet.held()), shown)
        # What somebody may be ticking meanwhile is never drawn anew under their hands.
        | {
            "swaps_by_site": "terms" in changed,
            "swaps_references": not changed.isdisjoint(REFERRED),
        },
    )
    response["HX-Replace-Url"] = sheet.draft.get_absolute_url()
    return response


def page(
    sheet: Sheet, context: dict[str, Any], form: AnalysisForm, shown: dict[str, Any]
) -> HttpResponse:
    """The whole page."""
    return form_page(sheet.request, TEMPLATE, context | context_of(sheet, form, shown))


def context_of(sheet: Sheet, form: AnalysisForm, shown: dict[str, Any]) -> dict[str, Any]:
    """What both the page and its part show."""
    draft, answered = sheet.draft, "ready" in shown
    pictures = pictures_of(sheet.request.user, sheet.project, form, sheet.versions)
    return {
        "form": form,
        "method": sheet.method,
        "methods": [
            {"value": key, "label": one.label, "text": one.introduction}
            for key, one in PAGES.items()
        ],
        "introduction": PAGES[sheet.method].introduction,
        "versions": sheet.versions,
        "left_out": list(sheet.offered.left_out.items()),
        "draft": draft,
        "sheet": sheet.request.POST.get("sheet") or token_hex(32),
        "like": draft.like if draft else sheet.like,
        "registered": draft.analysis if draft else None,
        "rows": [{"offer": one, "picture": pictures.get(one.info.name)} for one in form.offers],
        "sites": sites_of(sheet.versions),
        "step_names": [
            {"at": "question", "title": gettext("Question"), "done": answered},
            {"at": "variables", "title": gettext("Variables"), "done": answered},
            {"at": "model", "title": gettext("Model"), "done": answered},
            {"at": "check", "title": gettext("Check"), "done": False},
        ],
        **shown,
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


def title_of(form: AnalysisForm) -> str:
    """What a list calls the draft: what was typed, or the question as far as it can be told."""
    form.is_valid()
    return str(form.cleaned_data.get("title", ""))


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


def asked_like(request: Request, project: Project) -> Analysis | None:
    """The earlier question that a new one begins from, where the address names one."""
    number = request.GET.get("like", "")
    if len(number) > 18:  # Very many digits are more than int() takes.
        raise Http404
    seen = Analysis.objects.visible_to(request.user).filter(project=project)
    return get_object_or_404(seen, pk=number) if number.isdecimal() else None


def filled_like(request: Request, analysis: Analysis) -> dict[str, Any]:
    """The form's fields as they were for the earlier question."""
    seen = Dataset.objects.visible_to(request.user).values("pk")
    inputs = analysis.inputs.filter(version__dataset__in=seen).select_related("version")
    page, sites = PAGES[analysis.method], analysis.inputs.values_list("site", flat=True)
    asked = analysis.parameters, variable_infos(analysis), list(sites)
    made = []
    for language, _ in settings.LANGUAGES:
        with translation.override(language):
            made.append(page.title_of(*asked))
    return {
        **page.form.filled_by(analysis),
        # What followed from the question follows from a changed one too.
        "title": "" if analysis.title in made else analysis.title,
        "inputs": [input_value(one.version) for one in inputs],
    }


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
