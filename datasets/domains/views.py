"""The page where a dataset's keeper declares what its columns may hold."""

from math import ceil

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods

from datasets.datasets.permissions import DatasetPermission
from datasets.datasets.views import find
from datasets.domains import actions as domains
from datasets.domains.forms import DomainsForm, sent_of
from datasets.domains.proposals import lines_of
from portal.common.exceptions import Invalid
from portal.common.forms import form_page, sent
from portal.common.pages import Request, numbered, say

PAGE = 100
"""Columns of one page: four fields each, and a request may have a thousand."""

MEANWHILE = gettext_noop(
    "Version %(number)s was published while you filled this in. What you typed stands beside its "
    "column, where there is one still: look at it once more, then declare."
)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    """Confirm what is proposed for every column, or change it."""
    dataset = find(request, pk, needs=DatasetPermission.DECLARE)
    data, lines = sent(request)[0], lines_of(dataset)
    page = numbered(request, lines, size=PAGE, last=max(1, ceil(len(lines) / PAGE)))
    form = DomainsForm(data, lines=page.rows if data is None else sent_of(data, lines))
    newest = dataset.versions.ready().order_by("-number").values_list("number", flat=True).first()
    version = str(newest or "")
    if data is not None:
        fits = form.is_valid()
        if data.get("version", version) != version:
            form.add_error(None, gettext(MEANWHILE) % {"number": version})
        elif fits:
            try:
                domains.declare(
                    dataset=dataset,
                    domains=form.domains(),
                    among={line.domain.column for line in form.lines},
                    by=request.user,
                )
            except Invalid as error:
                form.refuse(error)
            else:
                say(request, gettext("Declared. Questions asked from now on keep to it."))
                return redirect(f"{request.path}{page.following}" if page.following else dataset)
    context = {"dataset": dataset, "form": form, "version": version, "page": page}
    return form_page(request, "datasets/domains/edit.html", context)
