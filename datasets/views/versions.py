"""The page of a dataset, which is the page of one of its versions; uploads and downloads."""

from functools import partial
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from datasets.actions import files, versions
from datasets.forms.datasets import UploadForm
from datasets.forms.versions import ReadOptionsForm
from datasets.models import Access, Dataset, Mapping, Version
from datasets.permissions import (
    can_change,
    can_read_audit,
    can_read_rows,
    problems_for,
    profile_for,
)
from datasets.views.datasets import find as find_dataset
from datasets.views.datasets import say_in
from datasets.views.jobs import part
from datasets.views.preview import preview_of
from datasets.views.profiles import lines_of, missing_share
from members.sessions import Entry
from portal.common.exceptions import Conflict, Invalid
from portal.common.http import attachment, csv_report, form_page, say, sent
from projects.models import Project
from projects.permissions import role_in

WHO_READS = {
    Access.OPEN: "Everyone may read the rows.",
    Access.REGISTERED: "Everyone with an account may read the rows.",
    Access.PROJECT: "Contributors, stewards and leads of the project read the rows.",
    Access.CONTROLLED: "Stewards and leads of the project read the rows.",
    Access.SUMMARIES: "The rows stay with the person who keeps them; all others get summaries.",
}


@require_safe
def latest(request: HttpRequest, pk: int) -> HttpResponse:
    """The dataset: its newest version that can be read, or what became of its first file."""
    dataset = find_dataset(request, pk)
    seen = list(visible_versions(request, dataset))
    ready = [version for version in seen if version.is_ready]
    return page(request, dataset, seen, (ready or seen or [None])[0])


@require_safe
def detail(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One version of the dataset."""
    dataset = find_dataset(request, pk)
    seen = list(visible_versions(request, dataset))
    chosen = next((version for version in seen if version.number == number), None)
    if chosen is None:
        raise Http404
    return page(request, dataset, seen, chosen)


def page(
    request: HttpRequest, dataset: Any, seen: list[Version], version: Version | None
) -> HttpResponse:
    """The dataset's page at this version; for htmx only the preview."""
    reads = can_read_rows(request.user, dataset)
    context: dict[str, Any] = {"dataset": dataset, "version": version, "reads_rows": reads}
    if version is not None and version.is_ready:
        columns = list(version.columns.all())
        if reads:
            context["preview"] = preview_of(request, version, columns)
        if request.htmx and request.htmx.target == "preview":
            return render(request, "datasets/version/preview.html", context)
        profile = profile_for(request.user, version, columns=columns)
        mapped = variables_of(request.user, dataset)
        context |= {
            "lines": lines_of(profile, mapped),
            "exact": profile["exact"],
            "mapped": sum(column["name"] in mapped for column in profile["columns"]),
            "stats": [
                {"label": "Rows", "value": f"{version.rows:,}"},
                {"label": "Columns", "value": f"{version.column_count:,}"},
                {"label": "Missing cells", "value": missing_share(profile)},
                {"label": "Site", "value": dataset.site.name, "note": dataset.site.country_name},
            ],
        }
    if version is not None:
        context["problems"] = problems_for(request.user, version)
    newest = seen[0] if seen else None
    return render(
        request,
        "datasets/version/detail.html",
        {
            **context,
            "versions": seen,
            "newest": newest,
            "newer_unread": newest if newest and newest != version else None,
            "job": job_part(request, newest),
            "changes": can_change(request.user, dataset),
            "reads_audit": can_read_audit(request.user, dataset),
            "inside": Project.objects.inside_visible_to(request.user)
            .filter(pk=dataset.project_id)
            .exists(),
            "access": access_of(request.user, dataset, reads),
            "formats": files.FORMATS,
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a new version."""
    dataset = find_dataset(request, pk)
    versions.require_upload(dataset=dataset, by=request.user)
    form = UploadForm(*sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            version = versions.upload(dataset=dataset, by=request.user, **form.cleaned_data)
        except (Invalid, Conflict) as error:
            say_in(form, error)
        else:
            say(request, "Your file arrived. It is being read now; you may close this page.")
            return redirect(version)
    return form_page(request, "datasets/version/upload.html", {"dataset": dataset, "form": form})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def read_options(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Overrule how the file is read."""
    version = find(request, pk, number)
    versions.require_upload(dataset=version.dataset, by=request.user)
    form = ReadOptionsForm(sent(request)[0], version=version)
    if request.method == "POST" and form.is_valid():
        try:
            again = versions.read_again(version=version, options=form.options(), by=request.user)
        except Invalid as error:
            form.add_error(None, error.detail)
        else:
            say(request, "The file is read again with your options.")
            return redirect(again)
    return form_page(
        request,
        "datasets/version/read_options.html",
        {"version": version, "dataset": version.dataset, "form": form},
    )


@require_safe
def download(request: HttpRequest, pk: int, number: int, format: str) -> HttpResponseBase:
    """The version's bytes."""
    version = find(request, pk, number)
    opened = files.open_file(
        version=version,
        format=format,
        by=request.user,
        part=request.headers.get("Range", ""),
    )
    return attachment(
        request,
        opened.file,
        filename=opened.filename,
        content_type=opened.content_type,
        sha256=opened.sha256,
        may_go_on=partial(files.may_go_on, version=version, entry=Entry.of(request)),
    )


@require_safe
def problems(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """What was wrong with the file, as a CSV file to work through."""
    version = find(request, pk, number)
    names = ("row", "column", "value", "code", "detail", "cure")
    rows = [
        [problem.get(name) for name in names] for problem in problems_for(request.user, version)
    ]
    return csv_report(f"problems-{version.dataset_id}-v{version.number}.csv", [names, *rows])


def find(request: HttpRequest, pk: int, number: int) -> Version:
    """A version of the dataset, if the person may see it, or 404."""
    visible = Version.objects.visible_to(request.user)
    return get_object_or_404(
        visible.select_related("dataset__project", "dataset__site"), dataset=pk, number=number
    )


def visible_versions(request: HttpRequest, dataset: Dataset) -> Any:
    """The versions the person may see, newest first."""
    visible = Version.objects.visible_to(request.user).filter(dataset=dataset)
    return visible.select_related("created_by").order_by("-number")


def job_part(request: HttpRequest, newest: Version | None) -> dict[str, Any] | None:
    """The newest version's job, as long as the version is no result to look at."""
    job = newest.latest_job() if newest and not newest.is_ready else None
    if job is None or not request.user.is_authenticated:
        return None
    return part(job, request.user)


def variables_of(user: Any, dataset: Dataset) -> dict[str, list[str]]:
    """The shared variables made from each column of the dataset."""
    found: dict[str, list[str]] = {}
    mappings = Mapping.objects.visible_to(user).filter(dataset=dataset, rule__isnull=False)
    read = mappings.values_list("preview__before", "variable__name").order_by("variable_id")
    for columns, name in read:
        for column in columns or []:
            found.setdefault(column["name"], []).append(name)
    return found


def access_of(user: Any, dataset: Dataset, reads: bool) -> dict[str, Any]:
    """What the person may see of the dataset, and why."""
    role = role_in(user, dataset.project)
    if not user.is_authenticated:
        you = "You are not signed in."
    elif role is None:
        you = "You are not a member of the project."
    elif dataset.created_by_id == user.pk and reads:
        you = "You keep these data."
    else:
        you = f"You are {role} in the project."
    return {
        "title": "Rows and summaries" if reads else "Summaries only",
        "icon": "lock-open" if reads else "eye",
        "reason": f"{WHO_READS[Access(dataset.access)]} {you}",
        "guard": ""
        if reads
        else f"Counts below {dataset.threshold}, extremes and rare values are withheld from you.",
    }
