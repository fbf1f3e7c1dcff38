"""A project's pooled tables: the list with the form for a new one, and one of them."""

from functools import partial
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from datasets.choices import Overlap
from datasets.columns.units import unit_told
from datasets.datasets.models import Dataset
from datasets.pools import actions as pools
from datasets.pools.forms import PoolForm
from datasets.pools.models import PooledTable
from datasets.pools.permissions import needed_to_remove
from datasets.versions.models import Version
from members.accounts.sessions import Entry
from portal.common.door import form_on
from portal.common.exceptions import Invalid
from portal.common.forms import form_page
from portal.common.pages import Request, in_order, say
from portal.jobs.models import Job
from portal.jobs.shown import part
from portal.web.downloads import attachment
from projects.projects.head import project_page
from projects.roles import Permission

PAGE = 25


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def pooled_tables(request: Request, slug: str) -> HttpResponse:
    """The tables of which the person may read every row, and what a new one may be made of."""
    project, context = project_page(
        request, slug, needs={"GET": Permission.SEE_INSIDE, "POST": Permission.ANALYSE}
    )
    ready = (
        Version.objects.rows_readable_by(request.user)
        .ready()
        .filter(dataset__project=project)
        .order_by("dataset_id", "-number")
        .distinct("dataset_id")
    )
    versions = (
        Version.objects.filter(pk__in=ready.values("pk"))
        .select_related("dataset__site")
        .order_by("dataset__site_id", "dataset_id")
    )
    form = PoolForm(request.POST if request.method == "POST" else None, versions=versions)
    if request.method == "POST" and form.is_valid():
        try:
            table = pools.build(project=project, inputs=form.inputs, by=request.user)
        except Invalid as error:
            for texts in error.errors.values():
                form.add_error("versions", texts)
        else:
            return redirect(table)
    found = PooledTable.objects.visible_to(request.user).filter(project=project)
    page, previous, following = in_order(
        request, found.select_related("created_by"), size=PAGE, key="-created_at"
    )
    seen = Dataset.objects.visible_to(request.user).filter(project=project)
    return form_page(
        request,
        "datasets/pools/list.html",
        {
            **context,
            "form": form,
            "offers": bool(versions),
            "tables": page,
            "previous": previous,
            "next": following,
            "unreadable": list(
                seen.with_row_right(request.user)
                .filter(rows_readable=False)
                .values_list("title", flat=True)[:20]
            ),
        },
    )


@require_safe
def detail(request: Request, pk: int) -> HttpResponse:
    """One table: how far it is, or what is in it, where that came from, and its bytes."""
    # The job first: one that ends between the two is still asked for, and then brings the bytes.
    job = Job.objects.visible_to(request.user).latest_of("pool", pk)
    table = find(request, pk)
    _, context = project_page(request, table.project.slug)
    inputs = table.recipe["inputs"]
    return render(
        request,
        "datasets/pools/detail.html",
        {
            **context,
            "table": table,
            "part": part(job, request.user) if job and not table.is_ready else None,
            "inputs": [
                {**one, "overlap_word": Overlap(one["overlap"]).label, "gives": len(one["rules"])}
                for one in inputs
            ],
            "not_stated": [one["title"] for one in inputs if one["overlap"] == Overlap.NOT_STATED],
            "variables": [
                {
                    **one,
                    "unit_told": unit_told(one["unit"]),
                    "given_by": [e["site"] for e in inputs if one["name"] in e["rules"]],
                }
                for one in table.recipe["variables"]
            ],
            "may_remove": needed_to_remove(request.user, table) in context["granted"],
        },
    )


@require_safe
def recipe(request: Request, pk: int) -> HttpResponse:
    """The recipe as JSON, from which its hash is taken."""
    table = find(request, pk)
    return JsonResponse(table.recipe, json_dumps_params={"indent": 2, "ensure_ascii": False})


@require_safe
def download(request: Request, pk: int, format: str) -> HttpResponseBase:
    """The table's bytes."""
    table = find(request, pk)
    opened = pools.open_file(table=table, format=format, by=request.user)
    return attachment(
        request,
        opened.file,
        filename=opened.filename,
        content_type=opened.content_type,
        sha256=opened.sha256,
        may_go_on=partial(pools.may_go_on, table=table, entry=Entry.of(request)),
    )


@form_on("pooled-table", "pk")
def remove(request: Request, pk: int) -> HttpResponse:
    """Forget the table and its bytes."""
    table = find(request, pk)
    pools.remove(table=table, by=request.user)
    say(request, gettext("The table is gone. It can be made again from the same versions."))
    return redirect("pooled-tables", table.project.slug)


def find(request: Request, pk: int) -> Any:
    """A table the person may read, or 404."""
    seen = PooledTable.objects.visible_to(request.user)
    return get_object_or_404(seen.select_related("project", "created_by"), pk=pk)
