"""Datasets: find them, a project's data, bring new data, change what is said of them."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from datasets.actions import datasets
from datasets.forms.datasets import DatasetFilterForm, DatasetForm, NewDatasetForm
from datasets.models import Access, Dataset, Mapping, MappingStatus
from datasets.permissions import require_audit, require_change
from members.models import AuditEvent
from portal.common.exceptions import Conflict, Invalid
from portal.common.http import add_errors, form_page, say, sent
from projects.models import Project
from projects.permissions import Permission, require
from projects.views.head import project_page

PAGE = 25
COUNTED = 1000


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """The datasets the person may see."""
    form = DatasetFilterForm(request.GET)
    matching = form.applied_to(Dataset.objects.visible_to(request.user))
    total = matching.order_by()[: COUNTED + 1].count()
    shown = (
        matching.select_related("project", "site")
        .with_row_right(request.user)
        .with_latest_version(request.user)
    )
    rows, previous, following = page_of(request, shown)
    return render(
        request,
        "datasets/dataset/list.html",
        {
            "form": form,
            "rows": rows,
            "total": f"more than {COUNTED:,}" if total > COUNTED else f"{total:,}",
            "noun": "dataset" if total == 1 else "datasets",
            "chips": chips_of(request, form),
            "previous": previous,
            "next": following,
        },
    )


@require_safe
def of_project(request: HttpRequest, slug: str) -> HttpResponse:
    """A project's data: which site has brought what, and how much of it is harmonised."""
    project, context = project_page(request, slug)
    require(request.user, Permission.SEE_INSIDE, project)
    complete = Q(status__in=(MappingStatus.COMPLETE, MappingStatus.PARTIAL))
    mapped = dict(
        Mapping.objects.filter(complete, dataset__project=project)
        .values_list("dataset")
        .annotate(Count("pk"))
    )
    shown = (
        Dataset.objects.visible_to(request.user)
        .filter(project=project)
        .select_related("site__institution")
        .with_row_right(request.user)
        .with_latest_version(request.user)
        .order_by("site_id", "-pk")
    )
    rows = [{"dataset": dataset, "mapped": mapped.get(dataset.pk, 0)} for dataset in shown]
    with_data = {row["dataset"].site_id for row in rows}
    return render(
        request,
        "datasets/dataset/of_project.html",
        {
            **context,
            "rows": rows,
            "variable_count": project.variables.count(),
            "sites_without": [s for s in project.sites.all() if s.pk not in with_data],
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, slug: str) -> HttpResponse:
    """Bring data to a project: description and file in one step."""
    project, context = project_page(request, slug)
    require(request.user, Permission.ADD_DATA, project)
    initial = {"site": context["membership"].site_id} if context["membership"] else {}
    form = NewDatasetForm(*sent(request), project=project, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            dataset = datasets.create(project=project, by=request.user, **form.cleaned_data)
        except (Invalid, Conflict) as error:
            say_in(form, error)
        else:
            say(request, "Your file arrived. It is being read now; you may close this page.")
            return redirect(dataset)
    return form_page(
        request,
        "datasets/dataset/new.html",
        {**context, "form": form, "has_sites": project.sites.exists()},
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what is said of a dataset, and who may read it."""
    dataset = find(request, pk)
    require_change(request.user, dataset)
    form = DatasetForm.of(dataset, sent(request)[0])
    if request.method == "POST" and form.is_valid():
        try:
            datasets.change(dataset=dataset, by=request.user, **form.cleaned_data)
        except Invalid as error:
            add_errors(form, error)
        else:
            say(request, "Changed.")
            return redirect(dataset)
    return form_page(request, "datasets/dataset/edit.html", {"dataset": dataset, "form": form})


@login_required
@require_safe
def audit(request: HttpRequest, pk: int) -> HttpResponse:
    """Who did what to the dataset, downloads included."""
    dataset = find(request, pk)
    require_audit(request.user, dataset)
    rows, previous, following = page_of(request, AuditEvent.objects.filter(dataset_id=pk))
    return render(
        request,
        "datasets/dataset/audit.html",
        {"dataset": dataset, "rows": rows, "previous": previous, "next": following},
    )


def find(request: HttpRequest, pk: int) -> Any:
    """The dataset, if the person may see it, or 404."""
    visible = Dataset.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("project", "site", "created_by"), pk=pk)


def say_in(form: Any, error: Invalid | Conflict) -> None:
    """Put a refusal beside the field it speaks of; a clash is about the file."""
    if isinstance(error, Invalid):
        add_errors(form, error)
    else:
        form.add_error("file", error.detail)


def page_of(request: HttpRequest, rows: Any) -> tuple[list[Any], str, str]:
    """A page of rows from the newest down, and the addresses of the pages beside it.

    The address names the row next to the page, so any depth costs the same.
    """
    after, before = (number_in(request, name) for name in ("after", "before"))
    if before is not None:
        found = list(rows.filter(pk__gt=before).order_by("pk")[: PAGE + 1])
        more_newer, more_older = len(found) > PAGE, True
        found = found[:PAGE][::-1]
    else:
        rows = rows if after is None else rows.filter(pk__lt=after)
        found = list(rows.order_by("-pk")[: PAGE + 1])
        more_newer, more_older = after is not None, len(found) > PAGE
        found = found[:PAGE]
    return (
        found,
        address(request, before=found[0].pk) if found and more_newer else "",
        address(request, after=found[-1].pk) if found and more_older else "",
    )


def number_in(request: HttpRequest, name: str) -> int | None:
    """A row's number in the address; what is none is left out."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def address(request: HttpRequest, **values: Any) -> str:
    """This page's address from another row on."""
    query = request.GET.copy()
    for name in ("after", "before"):
        query.pop(name, None)
    for name, value in values.items():
        query[name] = value
    return f"?{query.urlencode()}"


def chips_of(request: HttpRequest, form: DatasetFilterForm) -> list[dict[str, str]]:
    """Every active filter, with the address that leaves it out."""
    titles = {"project": Project.objects.visible_to(request.user)}
    chips = []
    for name in form.fields:
        value = form.cleaned_data.get(name)
        if not value:
            continue
        label = Access(value).label if name == "access" else value
        if name in titles:
            label = titles[name].filter(slug=value).values_list("title", flat=True).first() or value
        query = request.GET.copy()
        for dropped in (name, "after", "before"):
            query.pop(dropped, None)
        chips.append(
            {"group": str(form[name].label), "label": label, "url": f"?{query.urlencode()}"}
        )
    return chips
