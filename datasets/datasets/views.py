"""Datasets: find them, a project's data, bring new data, change what is said of them."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from datasets.choices import Access
from datasets.datasets import actions as datasets
from datasets.datasets.forms import DatasetFilterForm, DatasetForm
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import require_audit, require_change
from members.models import AuditEvent
from portal.common.exceptions import Conflict, Invalid
from portal.common.http import add_errors, form_page, say, sent
from projects.models import Project

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
        "datasets/datasets/list.html",
        {
            "form": form,
            "rows": rows,
            "total": total,
            "bounded_at": COUNTED if total > COUNTED else None,
            "chips": chips_of(request, form),
            "previous": previous,
            "next": following,
        },
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
            say(request, gettext("Changed."))
            return redirect(dataset)
    return form_page(request, "datasets/datasets/edit.html", {"dataset": dataset, "form": form})


@login_required
@require_safe
def audit(request: HttpRequest, pk: int) -> HttpResponse:
    """Who did what to the dataset, downloads included."""
    dataset = find(request, pk)
    require_audit(request.user, dataset)
    rows, previous, following = page_of(request, AuditEvent.objects.filter(dataset_id=pk))
    return render(
        request,
        "datasets/datasets/audit.html",
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
