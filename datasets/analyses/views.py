"""A project's analyses: the list, and one analysis from waiting to its result."""

from collections import Counter
from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from datasets.analyses import actions as analyses
from datasets.analyses.answers import (
    answer_for,
    hide_differences,
    kept_back,
    told_as_kept,
)
from datasets.analyses.closed import NOT_MADE, STOPPED
from datasets.analyses.decided import without_released
from datasets.analyses.doubles import counts_rows, doubles
from datasets.analyses.forms import LookForm, SearchForm
from datasets.analyses.inputs import variable_infos
from datasets.analyses.listed import UNDER_WAY, look_read, looks_of, rows_of, sites_of
from datasets.analyses.methods import PAGES
from datasets.analyses.models import Analysis, Draft
from datasets.analyses.result import context_of, keyed_at, said_of
from datasets.analyses.runs import OtherSites, other_sites, stands_first
from datasets.analyses.shown import offers_first, offers_rerun, tests_run
from datasets.analyses.standing import (
    has_estimate,
    is_doubted,
    looked_at,
    standing_of,
)
from datasets.analyses.titles import made_title, title_of
from datasets.analyses.words import table_called
from datasets.choices import AnalysisState, JobKind, ReleaseOutcome
from datasets.datasets.models import Dataset
from datasets.engine.results import tables
from portal.common.door import form_on
from portal.common.exceptions import Invalid
from portal.common.forms import add_errors, form_page
from portal.common.pages import Request, in_order, say
from portal.common.text import listed
from portal.jobs.models import Job
from portal.jobs.shown import part
from portal.web.downloads import csv_file
from projects.projects.head import project_page
from projects.roles import Permission

PAGE = 25
MOST_DRAFTS = 10


@require_safe
def analysis_list(request: Request, slug: str) -> HttpResponse:
    """The project's analyses, newest first, or those that are called by the words looked for."""
    project, context = project_page(request, slug, needs=Permission.SEE_INSIDE)
    found = (
        Analysis.objects.visible_to(request.user)
        .filter(project=project)
        .select_related("created_by")
        .defer("spec")
    )
    form = SearchForm(request.GET)
    if form.words:
        found = found.called(form.words)
    page, previous, following = in_order(request, found, size=PAGE, key="-created_at")
    drafts = Draft.objects.visible_to(request.user).open().filter(project=project)
    rows = rows_of(request.user, list(page))
    context |= {
        "drafts": [
            {"draft": one, "method": PAGES[one.method].label}
            for one in drafts.select_related("project").order_by("-updated_at")[:MOST_DRAFTS]
            if one.method in PAGES
        ],
        "form": form,
        "rows": rows,
        "has_pictures": any(row.get("picture") for row in rows),
        "previous": previous,
        "next": following,
    }
    return render(request, "datasets/analyses/list.html", context)


@require_safe
def detail(request: Request, pk: int) -> HttpResponse:
    """One analysis: how far it is, what to do when it failed, or its result."""
    analysis = find(request, pk)
    if request.htmx and analysis.state not in UNDER_WAY:
        # The part that shows how far it is asks no more: the page has the end.
        return HttpResponse(headers={"HX-Refresh": "true"})
    return page_of(request, analysis, LookForm())


@form_on("analysis", "pk")
def look_anyway(request: Request, pk: int) -> HttpResponse:
    """See an estimate whose checks fail: with a reason, which stays."""
    analysis = find(request, pk)
    try:
        analyses.look(analysis=analysis, reason=request.POST.get("reason", ""), by=request.user)
    except Invalid as error:
        form = LookForm(request.POST)
        if form.is_valid():
            add_errors(form, error)
        return page_of(request, analysis, form)
    return redirect(f"{analysis.get_absolute_url()}#ans-h")


def page_of(request: Request, analysis: Analysis, form: LookForm) -> HttpResponse:
    """One analysis as the person may see it; `form` is for looking at a doubted estimate."""
    answer = answer_for(request.user, analysis)
    context = frame_of(request, analysis)
    if answer is None:
        context["asked"] = asked_in_words(analysis, context)
        if analysis.state == AnalysisState.SUCCEEDED:
            return render(request, "datasets/analyses/closed.html", context)
        sites = sites_of(request.user, analysis, context["inputs"])
        # Of a question that is over nothing is told where no site was asked by itself.
        is_over = analysis.state not in UNDER_WAY
        context["sites"] = [] if is_over and not any(one["done"] for one in sites) else sites
        if request.htmx:
            return render(request, "datasets/analyses/progress.html", context)
        found = kept_back(request.user, analysis)
        context["kept_back"] = found and found.in_words()
        context["same_end"] = has_same_end(context)
        context["compared"] = not is_over and is_compared(request, analysis.rerun_of_id)
        return render(request, "datasets/analyses/pending.html", context)
    if context["fuller"] and not answer.in_part:
        # The run that has it is said with its address.
        joined = context["fuller"]["joined"]
        known = {one.site for one in context["inputs"] if one.version.dataset.site.name in joined}
        answer = without_released(answer, known)
    answer = answer.in_words()
    state = {name: context[name] for name in ("icon", "tag", "word")}
    context |= {
        **look_read(state, answer),
        "answer": answer,
        "result": answer.result,
        "provenance": answer.provenance,
        "environment": list(answer.provenance["environment"].items()),
        "keyed_at": keyed_at(answer),
        "tables": [(name, table_called(name)) for name in tables.tables_of(answer.result)],
        "refused": answer.result.get("refused", ""),
        "has_estimate": has_estimate(answer.result),
        "cautions": answer.warnings,
    }
    context["tests"] = tests_run(analysis)
    if answer.closed in (NOT_MADE, STOPPED):
        context["making"] = progress_of(request, analysis, JobKind.GUARD)
    if is_doubted(answer.result):
        looks = list(analysis.looks.select_related("created_by"))
        may_look = context["may_rerun"]
        context |= {"looks": looks, "hatched": not looks, "form": form if may_look else None}
        context["tables"] = context["tables"] if looks else []
    if answer.in_part:
        by_rows = counts_rows(answer)
        context["said"] = said_of(analysis, answer.result, by_rows=by_rows)
        return form_page(request, "datasets/analyses/pooled.html", context)
    if not context["refused"]:
        context |= context_of(analysis, answer, request.GET.get("term", ""))
    return form_page(request, f"datasets/analyses/{analysis.method}.html", context)


def has_same_end(context: dict[str, Any]) -> bool:
    """Whether the question would fail again as it is: what its data and their rules say of it is no
    mishap, and waits for nobody."""
    standing, part = context["standing"], context["part"]
    if context["analysis"].state != AnalysisState.FAILED:
        return False
    if standing is not None and standing.status == ReleaseOutcome.HELD:
        return False
    return part is None or (part["job"].error or {}).get("code") != "gave_up"


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
    """One table of the result as CSV; none of an estimate that nobody has looked at."""
    analysis = find(request, pk)
    answer = answer_for(request.user, analysis)
    hidden = answer is None or (is_doubted(answer.result) and not looked_at([analysis]))
    found = {} if answer is None or hidden else tables.tables_of(answer.result)
    if name not in found:
        raise Http404
    return csv_file(f"analysis-{pk}-{name}.csv", tables.to_csv(found[name]))


@form_on("analysis", "pk")
def rerun(request: Request, pk: int) -> HttpResponse:
    """Run it again from its provenance, to compare every number."""
    analysis = find(request, pk)
    again = analyses.rerun(analysis=analysis, by=request.user)
    if is_compared(request, again.rerun_of_id):
        text = gettext(
            "It runs again. When it is done, this page says whether every number agrees."
        )
    else:
        text = gettext(
            "It runs again. Whether every number agrees is told to whoever reads both answers as "
            "they were computed."
        )
    say(request, text)
    return redirect(again)


def is_compared(request: Request, first: int | None) -> bool:
    """Whether the person may be told if a run agrees with the `first`: no guard stands between
    them and that one's numbers."""
    return first is not None and bool(told_as_kept(request.user, [first]))


@form_on("analysis", "pk")
def put_first(request: Request, pk: int) -> HttpResponse:
    """Let it stand on the project's page; with `first` empty the newest answer again."""
    analysis = find(request, pk)
    first = request.POST.get("first") == "1"
    analyses.put_first(analysis=analysis, first=first, by=request.user)
    if first:
        say(request, gettext("This answer stands on the project’s page now."))
    else:
        say(
            request,
            gettext("The latest answer over the most sites stands on the project’s page again."),
        )
    return redirect(analysis)


def find(request: Request, pk: int) -> Analysis:
    """A visible analysis, or 404."""
    seen = Analysis.objects.visible_to(request.user)
    return get_object_or_404(seen.select_related("project", "created_by", "rerun_of"), pk=pk)


def frame_of(request: Request, analysis: Analysis) -> dict[str, Any]:
    """What the page has in every state: tags, people, data, other runs."""
    runs = list(
        (analysis.rerun_of or analysis)
        .reruns.exclude(pk=analysis.pk)
        .only("id", "state", "differences", "finished_at", "rerun_of", "compared_with")
        .order_by("-id")
    )
    hide_differences(request.user, [analysis, *runs])
    looks = looks_of([analysis, *runs])
    several = [analysis, *runs] if runs or analysis.rerun_of_id else []
    sites = other_sites(analysis, several)
    own = sites.get(analysis.pk)
    inputs = visible_inputs(request, analysis)
    files = Counter(one.site for one in inputs)
    # Who is compared with the same run as this one, or with this one, is about the same rows.
    same = analysis.compared_with_id or analysis.pk
    return {
        "analysis": analysis,
        "title": title_of(analysis),
        "standing": standing_of(request.user, analysis),
        "method_label": PAGES[analysis.method].label,
        **looks[analysis.pk],
        "reproduced": next(
            (run for run in runs if run.agrees and run.compared_with_id == same), None
        ),
        **_listed(own),
        "fuller": None if own and own.joined else fuller_of(runs, sites),
        "runs": [
            {
                "run": run,
                "is_compared": run.compared_with_id == same,
                **_listed(sites.get(run.pk)),
                **looks[run.pk],
            }
            for run in runs
        ],
        "inputs": inputs,
        "of_several_files": listed([site for site, count in files.items() if count > 1]),
        "tells_overlap": doubles(inputs) is not None,
        "may_put_first": offers_first(request.user, analysis, sites),
        "stands_first": stands_first(analysis, sites),
        "may_rerun": offers_rerun(request.user, analysis),
        "part": progress_of(request, analysis, JobKind.ANALYSE),
    }


def fuller_of(runs: list[Analysis], sites: dict[int, OtherSites]) -> dict[str, Any] | None:
    """The newest run that has what was held from the first, and of which sites."""
    for run in runs:
        if run.pk in sites and sites[run.pk].joined and run.state == AnalysisState.SUCCEEDED:
            joined = sites[run.pk].joined
            return {"run": run, "joined": joined, "sites": listed(joined)}
    return None


def _listed(sites: OtherSites | None) -> dict[str, str]:
    """By which sites a run differs from the first of its question, in words."""
    if sites is None:
        return {}
    return {"joined": listed(sites.joined), "lacking": listed(sites.lacking)}


def asked_in_words(analysis: Analysis, frame: dict[str, Any]) -> str:
    """The question itself, where its title is another one; without an answer nothing else says
    it."""
    sites, variables = [one.site for one in frame["inputs"]], variable_infos(analysis)
    asked = made_title(analysis.method, analysis.parameters, variables, sites)
    return "" if asked == frame["title"] else asked


def visible_inputs(request: Request, analysis: Analysis) -> list[Any]:
    """The inputs whose datasets the person may know of, in their order."""
    seen = Dataset.objects.visible_to(request.user).values("pk")
    inputs = analysis.inputs.filter(version__dataset__in=seen)
    return list(inputs.select_related("version__dataset__site"))


def progress_of(request: Request, analysis: Analysis, kind: str) -> dict[str, Any] | None:
    """How far the work is; only who sees the job is told by the page itself."""
    job = Job.objects.visible_to(request.user).latest_of(kind, analysis.pk)
    return job and part(job, request.user)
