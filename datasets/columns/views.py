"""The data dictionary that people write: what each column means."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from datasets.columns import actions as columns
from datasets.columns.forms import DictionaryForm
from datasets.datasets.permissions import DatasetPermission
from datasets.versions.reports import csv_report
from datasets.versions.views import find
from portal.common.forms import form_page, sent
from portal.common.pages import Request, say


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, pk: int, number: int) -> HttpResponse:
    """Give columns their labels and units."""
    version = find(request, pk, number, needs=DatasetPermission.CHANGE)
    form = DictionaryForm(sent(request)[0], version=version)
    if request.method == "POST" and form.is_valid():
        columns.describe(version=version, changes=form.changes(), by=request.user)
        say(request, gettext("The data dictionary is saved."))
        return redirect(version)
    return form_page(
        request,
        "datasets/columns/edit.html",
        {"version": version, "dataset": version.dataset, "form": form},
    )


@require_safe
def dictionary(request: Request, pk: int, number: int) -> HttpResponse:
    """The data dictionary as a CSV file."""
    version = find(request, pk, number)
    rows = version.columns.values_list("name", "type", "label", "unit")
    return csv_report(
        f"dictionary-{version.dataset_id}-v{version.number}.csv",
        [("column", "type", "label", "unit"), *rows],
    )
