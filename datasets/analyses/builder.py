"""The builder of questions: one page in four steps over a draft, with what it can use beside it."""

from secrets import token_hex
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from datasets.analyses import actions as analyses
from datasets.analyses.forms import AnalysisForm
from datasets.analyses.methods import PAGES
from datasets.analyses.models import Analysis, Draft
from datasets.analyses.picker import pictures_of, sites_of
from datasets.analyses.sheet import Answers, Sheet, answers_of, draft_called
from datasets.analyses.titles import title_of
from portal.common.exceptions import Invalid
from portal.common.forms import form_page
from portal.common.pages import Request, number_in, say
from projects.models import Project
from projects.projects.head import project_page
from projects.roles import Permission

REFERRED = frozenset({"exposure", "differs", "terms", "first", "second"})
"""Fields whose categories have a reference level to choose."""

TEMPLATE = "datasets/analyses/new.html"


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
    answers = without_left_out(answers_of(form, request), form, request)
    before = found.answers if found else {}
    try:
        draft = analyses.keep(
            project=project,
            draft=found,
            method=names[-1],
            answers=answers,
            **draft_called(form, names[0]),
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
        analysis = run(sheet, draft, form)
        if analysis is not None:
            say(request, gettext("The question runs. The answer appears here."))
            return redirect(analysis)
    if step == "run" or (step == "check" and sheet.checked(form) is None):
        return page(sheet, context, form, sheet.panel(None, form))
    return HttpResponseRedirect(draft.get_absolute_url() + ("#check" if step == "check" else ""))


def without_left_out(answers: Answers, form: AnalysisForm, request: Request) -> Answers:
    """What was sent, less the variables or the inputs that the pressed button leaves out."""
    left = dict(answers)
    if (names := request.POST.get("leave_out")) is not None:
        out = names.split("\n")
        left[form.ticking] = [one for one in answers.get(form.ticking, ()) if one not in out]
    if (inputs := request.POST.get("leave_out_inputs")) is not None:
        left["inputs"] = [one for one in answers["inputs"] if one not in inputs.split()]
    return left


def run(sheet: Sheet, draft: Draft, form: AnalysisForm) -> Analysis | None:
    """The question, registered; None where it cannot be asked, and why stands at its fields."""
    try:
        return analyses.ask(
            draft=draft,
            title=form.cleaned_data["title"],
            inputs=form.cleaned_data["inputs"],
            parameters=form.parameters,
            purpose=form.cleaned_data["purpose"],
            by=sheet.request.user,
        )
    except Invalid as error:
        sheet.place_errors(form, error)
        return None


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
    like = draft.like if draft else sheet.like
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
        "like": like and {"analysis": like, "title": title_of(like)},
        "registered": draft.analysis if draft else None,
        "rows": [{"offer": one, "picture": pictures.get(one.info.name)} for one in form.offers],
        "references": form.references({name: one.counts for name, one in pictures.items()}),
        "sites": sites_of(sheet.versions),
        "step_names": [
            {"at": "question", "title": gettext("Question"), "done": answered},
            {"at": "variables", "title": gettext("Variables"), "done": answered},
            {"at": "model", "title": gettext("Model"), "done": answered},
            {"at": "check", "title": gettext("Check"), "done": False},
        ],
        **shown,
    }


def asked_like(request: Request, project: Project) -> Analysis | None:
    """The earlier question that a new one begins from, where the address names one."""
    number = request.GET.get("like", "")
    if len(number) > 18:  # Very many digits are more than int() takes.
        raise Http404
    seen = Analysis.objects.visible_to(request.user).filter(project=project)
    return get_object_or_404(seen, pk=number) if number.isdecimal() else None


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
