"""The spreadsheet of mappings: fetched, sent back, looked at, applied, taken back."""

import uuid
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from datasets.harmonisation import sheet_changes
from datasets.harmonisation.matrix import look
from datasets.harmonisation.sheet import SEPARATORS, decoded
from datasets.harmonisation.sheet_changes import Change
from datasets.harmonisation.sources import in_words, rule_in_words
from datasets.mappings.levels import with_status_seen
from datasets.mappings.models import Mapping
from datasets.mappings.told import rows_read_among
from datasets.versions import storage
from portal.common.door import form_on, led_to
from portal.common.exceptions import Invalid
from portal.common.forms import add_errors
from portal.common.pages import Request, number_in, say
from portal.web.downloads import csv_file
from projects.projects.head import open_project, project_page
from projects.roles import Permission


class SheetForm(forms.Form):
    """The file that was filled in."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        allow_empty_file=True,
        help_text=gettext_lazy("Nothing changes before you have seen what would."),
        error_messages={"required": gettext_lazy("Choose the file to upload.")},
    )


@require_http_methods(["GET", "HEAD"])
def fetch(request: Request, slug: str) -> HttpResponse:
    """The mappings of one dataset, or of all, as a spreadsheet."""
    project = open_project(request, slug, needs=Permission.SEE_INSIDE)
    separator = request.GET.get("separator", "comma")
    if separator not in SEPARATORS:
        raise Http404
    text = sheet_changes.write_sheet(
        project=project,
        user=request.user,
        dataset=number_in(request, "dataset"),
        separator=separator,
    )
    return csv_file(f"mappings-{project.slug}.csv", text)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: Request, slug: str) -> HttpResponse:
    """How to get the file; a POST with a file shows what it would change, or changes it."""
    project, context = project_page(request, slug, needs=Permission.ADD_DATA)
    form, found = SheetForm(), None
    content = None
    if request.method == "POST":
        form = SheetForm(request.POST, request.FILES)
        if "content" in request.POST:
            form = SheetForm()
            content = request.POST["content"].encode()
        elif form.is_valid():
            content = bytes_of(form.cleaned_data["file"])
    if content is not None:
        try:
            found = sheet_changes.plan(project=project, content=content, by=request.user)
            if request.POST.get("step") == "apply" and found.fitting:
                batch, count = sheet_changes.apply(plan=found, by=request.user)
                sentence = ngettext(
                    "%(count)s mapping is changed.", "%(count)s mappings are changed.", count
                )
                say(request, sentence % {"count": count})
                return redirect("mapping-step", slug, batch)
        except Invalid as error:
            form = SheetForm(request.POST)
            form.full_clean()
            form.errors.clear()
            add_errors(form, error)
    shown = {
        **context,
        "form": form,
        "datasets": sheet_changes.seen_datasets(project, request.user),
        "content": decoded(content or b"") if found else "",
        "plan": found,
        "changes": in_rows(request.user, found.fitting) if found else [],
    }
    status = 422 if form.is_bound and form.errors else 200
    return TemplateResponse(request, "datasets/harmonisation/sheet.html", shown, status=status)


def bytes_of(file: UploadedFile) -> bytes:
    """What was sent."""
    return storage.quarantine(file).path.read_bytes()


def in_rows(user: Any, changes: list[Change]) -> list[dict[str, Any]]:
    """Changes as the page shows them."""
    before = [one.before for one in changes if one.before]
    readable = rows_read_among(user, before)
    return [
        {
            "change": one,
            **look(one.status or "", one.cautions),
            "before": told_in_words(one.before, readable) if one.before else "",
            "was": look(one.before.status_seen)["word"] if one.before else "",
            "after": in_words(one.rule) if one.rule else "",
        }
        for one in changes
    ]


def told_in_words(mapping: Mapping, readable: set[int]) -> str:
    return rule_in_words(mapping, reads_rows=mapping.dataset_id in readable)


@login_required
@require_http_methods(["GET", "HEAD"])
def step(request: Request, slug: str, batch: uuid.UUID) -> HttpResponse:
    """What was changed in one step, and the way back."""
    project, context = project_page(request, slug, needs=Permission.ADD_DATA)
    found = sheet_changes.changed_by(project=project, batch=batch, user=request.user)
    if not found:
        raise Http404
    readable = rows_read_among(request.user, found)
    with_status_seen(request.user, found)
    rows = [
        {"mapping": one, **look(one.status_seen), "rule": told_in_words(one, readable)}
        for one in found
    ]
    return TemplateResponse(
        request, "datasets/harmonisation/step.html", {**context, "batch": batch, "rows": rows}
    )


@form_on("mapping-step", "slug", "batch")
def take_back(request: Request, slug: str, batch: uuid.UUID) -> HttpResponse:
    """Make every mapping what it was before the step."""
    project = open_project(request, slug, needs=Permission.ADD_DATA)
    found: list[Mapping] = sheet_changes.changed_by(project=project, batch=batch, user=request.user)
    # Of mappings that a step made nothing is left once it is taken back: a second press says so.
    say(request, sheet_changes.take_back(found=found, batch=batch, by=request.user))
    return led_to("project-variables", at="var-h", slug=slug)
