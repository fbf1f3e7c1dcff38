"""Datasets: find them, change what is said of them, see who did what to them."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from datasets.choices import Access
from datasets.datasets import actions as datasets
from datasets.datasets.forms import DatasetFilterForm, DatasetForm
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, require
from datasets.datasets.shown import profiles
from members.models import AuditScope
from portal.common.exceptions import Invalid
from portal.common.forms import add_errors, form_page, sent
from portal.common.pages import COUNTED, Chip, Request, chip, newest_first, say
from projects.models import Project
from projects.overview.words import said_of, who_of

PAGE = 25


@require_safe
def listing(request: Request) -> HttpResponse:
    """The datasets the person may see."""
    form = DatasetFilterForm(request.GET)
    matching = form.applied_to(Dataset.objects.visible_to(request.user), request.user)
    ids = list(matching.order_by().values_list("pk", flat=True)[: COUNTED + 1])
    total = len(ids)
    if total <= COUNTED:
        # Walking down from the newest dataset would pass all of them for a word that few have.
        matching = Dataset.objects.filter(pk__in=ids)
    shown = (
        matching.select_related("project", "site")
        .with_row_right(request.user)
        .with_latest_version(request.user)
    )
    rows, previous, following = newest_first(request, shown, size=PAGE)
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
def edit(request: Request, pk: int) -> HttpResponse:
    """Change what is said of a dataset, and who may read it."""
    dataset = find(request, pk, needs=DatasetPermission.CHANGE)
    form = DatasetForm.of(dataset, sent(request)[0])
    if request.method == "POST" and form.is_valid():
        try:
            datasets.change(dataset=dataset, by=request.user, **form.cleaned_data)
        except Invalid as error:
            add_errors(form, error)
        else:
            say(request, gettext("Changed."))
            return redirect(dataset)
    context = {"dataset": dataset, "form": form, "profiles": profiles()}
    return form_page(request, "datasets/datasets/edit.html", context)


@login_required
@require_safe
def audit(request: Request, pk: int) -> HttpResponse:
    """Who did what to the dataset, downloads included."""
    dataset = find(request, pk, needs=DatasetPermission.READ_AUDIT)
    trail = AuditScope.objects.of("dataset", pk)
    rows, previous, following = newest_first(request, trail, size=PAGE, key="event_id")
    return render(
        request,
        "datasets/datasets/audit.html",
        {
            "dataset": dataset,
            "rows": [(row.event, said_of(row.event, who_of(row.event))) for row in rows],
            "previous": previous,
            "next": following,
        },
    )


def find(request: Request, pk: int, *, needs: DatasetPermission | None = None) -> Any:
    """The dataset, if the person may see it, or 404; and may do what the page needs, or 403."""
    visible = Dataset.objects.visible_to(request.user)
    dataset = get_object_or_404(visible.select_related("project", "site", "created_by"), pk=pk)
    if needs is not None:
        require(request.user, needs, dataset)
    return dataset


def chips_of(request: Request, form: DatasetFilterForm) -> list[Chip]:
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
        chips.append(chip(request, str(form[name].label), label, name))
    return chips
