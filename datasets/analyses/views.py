"""A project's analyses: the list, the builder, and one analysis from waiting to its result."""

from functools import partial
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from datasets.analyses import actions as analyses
from datasets.analyses.forms import AnalysisForm, input_value
from datasets.analyses.methods import PAGES
from datasets.analyses.models import Analysis
from datasets.analyses.result import context_of, said_of
from datasets.analyses.shown import answer_for, offers_rerun, tests_run
from datasets.analyses.standing import standing_of
from datasets.choices import AnalysisState, JobKind
from datasets.datasets.models import Dataset
from datasets.datasets.rules import rules_for
from datasets.engine.results import tables
from datasets.pools.pool import pool
from datasets.versions.models import Version, newest_of_each
from portal.common.door import form_on
from portal.common.exceptions import Invalid
from portal.common.forms import form_page
from portal.common.pages import Request, in_order, say
from portal.jobs.models import Job
from portal.jobs.shown import part
from portal.web.downloads import csv_file
from projects.models import Project
from projects.projects.head import project_page
from projects.roles import Permission

PAGE = 25


STATE_LOOK = {
    AnalysisState.QUEUED: ("clock", ""),
    AnalysisState.RUNNING: ("hourglass", "info"),
    AnalysisState.SUCCEEDED: ("circle-check", "ok"),
    AnalysisState.FAILED: ("circle-alert", "warning"),
    AnalysisState.CANCELLED: ("ban", ""),
}


@require_safe
def analysis_list(request: Request, slug: str) -> HttpResponse:
    """The project's analyses, newest first."""
    project, context = project_page(request, slug, needs=Permission.SEE_INSIDE)
    found = (
        Analysis.objects.visible_to(request.user)
        .filter(project=project)
        .select_related("created_by")
        .defer("spec", "result", "provenance", "warnings", "words", "parameters", "variables")
    )
    page, previous, following = in_order(request, found, size=PAGE, key="-created_at")
    context |= {
        "rows": [
            {"analysis": one, "method": PAGES[one.method].label, **look(one.state)} for one in page
        ],
        "previous": previous,
        "next": following,
    }
    return render(request, "datasets/analyses/list.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request, slug: str) -> HttpResponse:
    """Put a question together, look at it once more, register and run it."""
    project, context = project_page(request, slug, needs=Permission.ANALYSE)
    asked = request.POST if request.method == "POST" else request.GET
    like = asked_like(request, project)
    method = like.method if like else asked.get("method", next(iter(PAGES)))
    if method not in PAGES:
        raise Http404
    versions = ready_versions(request, project)
    offered = pool(project, newest_of_each(versions))
    filled = filled_like(request, like) if like else None
    form_of = partial(PAGES[method].form, versions=versions, pool=offered)
    form = form_of(request.POST or None, initial=filled)
    # Sent as it is filled, the form may ask less than the earlier question did.
    asked_more = None
    if like and not form_of(filled).asks(like.parameters):
        asked_more = like
    step = request.POST.get("step", "")
    checked = None
    if request.method == "POST" and form.is_valid():
        question = {
            "project": project,
            "title": form.cleaned_data["title"],
            "method": method,
            "inputs": form.cleaned_data["inputs"],
            "parameters": form.parameters,
        }
        try:
            if step == "run":
                purpose = form.cleaned_data["purpose"]
                analysis = analyses.start(**question, purpose=purpose, by=request.user)
                say(request, gettext("The question is registered. The answer appears here."))
                return redirect(analysis)
            checked = analyses.check(**question, by=request.user)
        except Invalid as error:
            place_errors(form, error)
    if step == "edit" or form.errors:
        checked = None
    return form_page(
        request,
        "datasets/analyses/new.html",
        {
            **context,
            "form": form,
            "method": method,
            "methods": [
                {"value": key, "label": page.label, "text": page.introduction}
                for key, page in PAGES.items()
            ],
            "introduction": PAGES[method].introduction,
            "versions": versions,
            "left_out": list(offered.left_out.items()),
            "asked_more": asked_more,
            "checked": checked and check_of(form, checked, method),
        },
    )


def asked_like(request: Request, project: Project) -> Analysis | None:
    """The earlier question that a new one begins from, where the address names one."""
    number = request.GET.get("like", "") if request.method != "POST" else ""
    if not number:
        return None
    if len(number) > 18:  # Very many digits are more than int() takes.
        raise Http404
    seen = Analysis.objects.visible_to(request.user).filter(project=project)
    return get_object_or_404(seen, pk=number) if number.isdecimal() else None


def filled_like(request: Request, analysis: Analysis) -> dict[str, Any]:
    """The form's fields as they were for the earlier question."""
    return {
        **PAGES[analysis.method].form.filled_by(analysis),
        "title": analysis.title,
        "inputs": [input_value(one.version) for one in visible_inputs(request, analysis)],
    }


@require_safe
def detail(request: Request, pk: int) -> HttpResponse:
    """One analysis: how far it is, what to do when it failed, or its result."""
    analysis = find(request, pk)
    answer = answer_for(request.user, analysis)
    if answer is None:
        # Whether every number is as it was tells of the numbers.
        analysis.differences = None
    context = frame_of(request, analysis)
    if answer is None:
        closed = analysis.state == AnalysisState.SUCCEEDED
        page = "closed" if closed else "pending"
        return render(request, f"datasets/analyses/{page}.html", context)
    answer = answer.in_words()
    context |= {
        "answer": answer,
        "result": answer.result,
        "provenance": answer.provenance,
        "environment": list(answer.provenance["environment"].items()),
        "tables": list(tables.tables_of(answer.result)),
        "refused": answer.result.get("refused", ""),
        "cautions": answer.warnings,
    }
    context["tests"] = tests_run(analysis)
    if answer.in_part:
        context["said"] = said_of(analysis, answer.result)
        return render(request, "datasets/analyses/pooled.html", context)
    if not context["refused"]:
        context |= context_of(analysis, answer, request.GET.get("term", ""))
    return render(request, f"datasets/analyses/{analysis.method}.html", context)


@require_safe
def specification(request: Request, pk: int) -> HttpResponse:
    """What was asked, of what: the JSON from which the API would run it again."""
    analysis = find(request, pk)
    return JsonResponse(
        {
            "title": analysis.title,
            "method": analysis.method,
            "inputs": [
                {"dataset": one.version.dataset_id, "version": one.version.number}
                for one in visible_inputs(request, analysis)
            ],
            "parameters": analysis.parameters,
        },
        json_dumps_params={"indent": 2, "ensure_ascii": False},
    )


@require_safe
def table(request: Request, pk: int, name: str) -> HttpResponse:
    """One table of the result as CSV."""
    answer = answer_for(request.user, find(request, pk))
    found = tables.tables_of(answer.result) if answer else {}
    if name not in found:
        raise Http404
    return csv_file(f"analysis-{pk}-{name}.csv", tables.to_csv(found[name]))


@form_on("analysis", "pk")
def rerun(request: Request, pk: int) -> HttpResponse:
    """Run it again from its provenance, to compare every number."""
    analysis = find(request, pk)
    again = analyses.rerun(analysis=analysis, by=request.user)
    say(
        request,
        gettext("It runs again. When it is done, this page says whether every number agrees."),
    )
    return redirect(again)


def find(request: Request, pk: int) -> Analysis:
    """A visible analysis, or 404."""
    seen = Analysis.objects.visible_to(request.user)
    return get_object_or_404(seen.select_related("project", "created_by", "rerun_of"), pk=pk)


def look(state: str) -> dict[str, str]:
    """A state as an icon, a word and a colour."""
    icon, tag = STATE_LOOK[AnalysisState(state)]
    return {"icon": icon, "tag": tag, "word": str(AnalysisState(state).label)}


def frame_of(request: Request, analysis: Analysis) -> dict[str, Any]:
    """What the page has in every state: tags, people, data, other runs."""
    runs = list(
        (analysis.rerun_of or analysis)
        .reruns.exclude(pk=analysis.pk)
        .only("id", "state", "differences", "finished_at", "rerun_of")
        .order_by("-id")
    )
    hide_differences(request, runs)
    return {
        "analysis": analysis,
        "standing": standing_of(request.user, analysis),
        "method_label": PAGES[analysis.method].label,
        **look(analysis.state),
        "reproduced": next((run for run in runs if run.agrees), None),
        "runs": [{"run": run, **look(run.state)} for run in runs],
        "inputs": visible_inputs(request, analysis),
        "may_rerun": offers_rerun(request.user, analysis),
        **progress_of(request, analysis),
    }


def hide_differences(request: Request, runs: list[Analysis]) -> None:
    """Of runs whose answer the person may not read, say no more than that they are done."""
    ids = [run.pk for run in runs]
    read = Analysis.objects.answered_to(request.user).filter(pk__in=ids)
    open_to = set(read.values_list("pk", flat=True)) if ids else set()
    for run in runs:
        if run.pk not in open_to:
            run.differences = None


def visible_inputs(request: Request, analysis: Analysis) -> list[Any]:
    """The inputs whose datasets the person may know of, in their order."""
    seen = Dataset.objects.visible_to(request.user).values("pk")
    inputs = analysis.inputs.filter(version__dataset__in=seen)
    return list(inputs.select_related("version__dataset"))


def progress_of(request: Request, analysis: Analysis) -> dict[str, Any]:
    """How far the work is; only who sees the job is told by the page itself."""
    job = Job.objects.visible_to(request.user).latest_of(JobKind.ANALYSE, analysis.pk)
    if job is None:
        return {"job": None}
    return {"job": job, "part": part(job, request.user)}


def ready_versions(request: Request, project: Project) -> list[Version]:
    """Every ready version the person may use, by dataset, the newest first."""
    seen = Version.objects.visible_to(request.user).ready().filter(dataset__project=project)
    return list(
        seen.select_related("dataset__site", "dataset__project").order_by("dataset_id", "-number")
    )


def place_errors(form: AnalysisForm, error: Invalid) -> None:
    """The API's messages at the form's fields."""
    for path, texts in error.errors.items():
        field = form.field_of(path)
        for text in texts:
            form.add_error(field, text)
    if not error.errors:
        form.add_error(None, error.detail)


def check_of(form: AnalysisForm, checked: analyses.Checked, method: str) -> dict[str, Any]:
    """The question in plain words, and which input can give which variable."""
    used = checked.pool.named(checked.parameters.names)
    rows = sum(version.rows or 0 for version in checked.versions)
    sites = {version.dataset.site for version in checked.versions}
    countries = {site.country for site in sites}
    return {
        "summary": PAGES[method].in_words(checked.parameters.to_json()),
        "rows": rows,
        "datasets": len(checked.versions),
        "sites": len(sites),
        "countries": len(countries),
        "variables": used,
        "inputs": [
            {
                "version": version,
                "gives": [variable.name in rules for variable in used],
                "limits": rules_for(version.dataset),
                "rules_kept": version.dataset.get_disclosure_rules_display(),
            }
            for version, rules in zip(checked.versions, checked.pool.rules, strict=True)
        ],
        "entered": [
            (name, value)
            for name, values in cast(QueryDict, form.data).lists()
            if name not in ("csrfmiddlewaretoken", "step")
            for value in values
        ],
    }
