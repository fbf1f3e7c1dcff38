"""The page of a dataset, and the data of a project."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from datasets.choices import GUARDED_ACCESS, WITH_RULE, Access
from datasets.columns.profiles import lines_of, missing_share
from datasets.datasets.models import Dataset
from datasets.datasets.shown import Offered, limits_of, offered_to, profiles
from datasets.datasets.views import find as find_dataset
from datasets.domains.shown import declaring
from datasets.mappings.models import Mapping
from datasets.releases.models import Release
from datasets.rows import actions as files
from datasets.rows.preview import preview_of
from datasets.uploads import actions as uploads
from datasets.uploads.forms import NewDatasetForm
from datasets.versions.models import Version
from datasets.versions.shown import file_for, problems_for, profile_for
from datasets.versions.views import job_part, visible_versions
from portal.common.countries import country_beside
from portal.common.exceptions import Conflict, Invalid
from portal.common.forms import add_errors, form_page, sent
from portal.common.pages import Request, count_up_to, say
from portal.common.text import counted
from projects.choices import Role
from projects.models import Project
from projects.projects.head import project_page
from projects.roles import Permission

PAGE = 25


@require_safe
def of_project(request: Request, slug: str) -> HttpResponse:
    """A project's data: which site has brought what, and how much of it is harmonised."""
    project, context = project_page(request, slug, needs=Permission.SEE_INSIDE)
    visible = Dataset.objects.visible_to(request.user).filter(project=project)
    shown = (
        visible.select_related("site__institution")
        .with_row_right(request.user)
        .with_latest_version(request.user)
        .order_by("site_id", "-pk")
    )
    datasets = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    complete = Q(status__in=WITH_RULE)
    mapped = dict(
        Mapping.objects.filter(complete, dataset__in=[dataset.pk for dataset in datasets])
        .values_list("dataset")
        .annotate(Count("pk"))
    )
    return render(
        request,
        "datasets/overview/of_project.html",
        {
            **context,
            "datasets": datasets,
            "rows": [{"dataset": each, "mapped": mapped.get(each.pk, 0)} for each in datasets],
            "variable_count": project.variables.count(),
            "sites_without": project.sites.exclude(pk__in=project.datasets.values("site")),
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request, slug: str) -> HttpResponse:
    """Bring data to a project: description and file in one step."""
    project, context = project_page(request, slug, needs=Permission.ADD_DATA)
    form = NewDatasetForm(*sent(request), project=project)
    if request.method == "POST" and form.is_valid():
        try:
            dataset = uploads.bring(project=project, by=request.user, **form.cleaned_data)
        except (Invalid, Conflict) as error:
            add_errors(form, error, at="file")
        else:
            say(
                request,
                gettext("Your file arrived. It is being read now; you may close this page."),
            )
            return redirect(dataset)
    return form_page(
        request,
        "datasets/overview/new.html",
        {
            **context,
            "form": form,
            "has_sites": project.sites.exists(),
            "profiles": profiles(),
        },
    )


WHO_READS = {
    Access.OPEN: gettext_lazy("Everyone may read the rows."),
    Access.REGISTERED: gettext_lazy("Everyone with an account may read the rows."),
    Access.PROJECT: gettext_lazy("Contributors, stewards and leads of the project read the rows."),
    Access.CONTROLLED: gettext_lazy("Stewards and leads of the project read the rows."),
    Access.SUMMARIES: gettext_lazy(
        "The rows stay with the person who keeps them; all others get summaries."
    ),
}


@require_safe
def latest(request: Request, pk: int) -> HttpResponse:
    """The dataset: its newest version that can be read, or what became of its first file."""
    dataset = find_dataset(request, pk)
    seen = list(visible_versions(request, dataset))
    ready = [version for version in seen if version.is_ready]
    return page(request, dataset, seen, (ready or seen or [None])[0])


@require_safe
def detail(request: Request, pk: int, number: int) -> HttpResponse:
    """One version of the dataset."""
    dataset = find_dataset(request, pk)
    seen = list(visible_versions(request, dataset))
    chosen = next((version for version in seen if version.number == number), None)
    if chosen is None:
        raise Http404
    return page(request, dataset, seen, chosen)


def page(
    request: Request, dataset: Any, seen: list[Version], version: Version | None
) -> HttpResponse:
    """The dataset's page at this version; for htmx only the preview."""
    offered = offered_to(request.user, dataset)
    reads = offered.reads_rows
    context: dict[str, Any] = {"dataset": dataset, "version": version, "reads_rows": reads}
    if version is not None and version.is_ready:
        columns = list(version.columns.all())
        if reads:
            context["preview"] = preview_of(request, version, columns)
        if request.htmx and request.htmx.target == "preview":
            return render(request, "datasets/rows/preview.html", context)
        profile = profile_for(request.user, version, columns=columns)
        mapped = variables_of(request.user, dataset)
        context |= {
            "lines": lines_of(profile, mapped),
            "exact": profile["exact"],
            "profile_of": profile["version"],
            "profile_rows": profile["rows"],
            "mapped": sum(column["name"] in mapped for column in profile["columns"]),
            "stats": [
                {"label": gettext("Rows"), "value": str(version.rows_for(reads=reads))},
                {"label": gettext("Columns"), "value": counted(version.column_count or 0)},
                {"label": gettext("Missing cells"), "value": missing_share(profile)},
                {
                    "label": gettext("Site"),
                    "value": dataset.site.name,
                    "note": country_beside(dataset.site.country, dataset.site.name),
                },
            ],
        }
    if version is not None:
        context["problems"] = problems_for(request.user, version)
        context["file"] = file_for(version, reads_rows=reads)
    newest = seen[0] if seen else None
    return render(
        request,
        "datasets/overview/detail.html",
        {
            **context,
            "versions": seen,
            "newest": newest,
            "newer_unread": newest if newest and newest != version else None,
            "job": job_part(request, newest),
            "changes": offered.changes,
            "brings": offered.changes and reads,
            "reads_audit": offered.reads_audit,
            "inside": Project.objects.inside_visible_to(request.user)
            .filter(pk=dataset.project_id)
            .exists(),
            "access": access_of(request.user, dataset, offered),
            "limits": limits_of([dataset]) if dataset.access in GUARDED_ACCESS else [],
            "declares": declaring(request.user, dataset),
            "to_release": waiting_at(request.user, dataset),
            "formats": files.FORMATS,
        },
    )


def waiting_at(user: Any, dataset: Dataset) -> int | None:
    """How many outputs wait for the person here; None for whoever decides on none."""
    if dataset.access not in GUARDED_ACCESS or not user.is_authenticated:
        return None
    seen = Release.objects.visible_to(user).filter(dataset=dataset)
    return count_up_to(seen.waiting()) if seen.exists() else None


def variables_of(user: Any, dataset: Dataset) -> dict[str, list[str]]:
    """The shared variables made from each column of the dataset."""
    found: dict[str, list[str]] = {}
    mappings = Mapping.objects.visible_to(user).filter(dataset=dataset, rule__isnull=False)
    read = mappings.values_list("preview__before", "variable__name").order_by("variable_id")
    for columns, name in read:
        for column in columns or []:
            found.setdefault(column["name"], []).append(name)
    return found


def access_of(user: Any, dataset: Dataset, offered: Offered) -> dict[str, Any]:
    """What the person may see of the dataset, and why."""
    role, reads = offered.role, offered.reads_rows
    if not user.is_authenticated:
        you = gettext("You are not signed in.")
    elif role is None:
        you = gettext("You are not a member of the project.")
    elif dataset.created_by_id == user.pk and reads:
        you = gettext("You keep these data.")
    else:
        you = gettext("Your role in the project: %(role)s.") % {"role": Role(role).label}
    return {
        "title": gettext("Rows and summaries") if reads else gettext("Summaries only"),
        "icon": "lock-open" if reads else "eye",
        "reason": gettext("%(who)s %(you)s")
        % {"who": WHO_READS[Access(dataset.access)], "you": you},
        "guard": ""
        if reads
        else gettext("Counts below %(threshold)s, extremes and rare values are withheld from you.")
        % {"threshold": dataset.threshold},
    }
