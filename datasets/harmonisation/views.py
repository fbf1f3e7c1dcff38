"""Harmonisation pages: the grid of variables and datasets, and one variable in every dataset."""

from collections import Counter
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from datasets.choices import MappingStatus
from datasets.columns.models import Column
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, granted_on
from datasets.engine.mapping.rules import KEEP
from datasets.harmonisation import actions as shared_variables
from datasets.mappings import actions as mappings
from datasets.mappings.forms import MappingForm
from datasets.mappings.models import Mapping
from datasets.mappings.shown import previews_for
from datasets.variables.forms import SharedVariableForm
from datasets.variables.models import SharedVariable
from datasets.versions.models import Version
from portal.common.door import form_on, led_to
from portal.common.exceptions import Invalid
from portal.common.forms import add_errors, form_page
from portal.common.pages import Request, say
from projects.models import Project
from projects.projects.head import open_project, project_page
from projects.projects.permissions import require
from projects.roles import Permission

STATUS_LOOK = {
    MappingStatus.COMPLETE: ("circle-check", "ok"),
    MappingStatus.PARTIAL: ("triangle-alert", "warning"),
    MappingStatus.IMPOSSIBLE: ("ban", ""),
    MappingStatus.UNDETERMINED: ("circle-dashed", ""),
}


NO_TOPIC = gettext_lazy("Other variables")


SHOWN_PAIRS = 5


@require_http_methods(["GET", "HEAD", "POST"])
def variables(request: Request, slug: str) -> HttpResponse:
    """The grid; a POST defines a variable."""
    needs = {"GET": Permission.SEE_INSIDE, "POST": Permission.HARMONISE}
    project, context = project_page(request, slug, needs=needs)
    form = SharedVariableForm(request.POST or None, prefix="variable")
    if request.method == "POST" and form.is_valid():
        try:
            variable = shared_variables.create(
                project=project, **form.cleaned_data, by=request.user
            )
        except Invalid as error:
            add_errors(form, error)
        else:
            say(
                request,
                gettext("%(variable)s is defined. Say now where it comes from.")
                % {"variable": variable.name},
            )
            return redirect("project-variable", slug, variable.name)
    datasets = visible_datasets(request, project)
    topics, counts = grid(project, datasets, request)
    return form_page(
        request,
        "datasets/harmonisation/variables.html",
        {
            **context,
            "form": form,
            "datasets": datasets,
            "topics": topics,
            "stats": [
                {"label": MappingStatus(status).label, "value": counts[status]}
                for status in MappingStatus.values
            ],
        },
    )


@require_http_methods(["GET", "HEAD"])
def variable(request: Request, slug: str, name: str) -> HttpResponse:
    """One variable: where it comes from in each dataset, before and after."""
    return variable_page(request, slug, name)


@form_on("project-variable", "slug", "name", at="change-h")
def change(request: Request, slug: str, name: str) -> HttpResponse:
    """Change what the variable is; its mappings are checked again where that matters."""
    found = find(request, slug, name, needs=Permission.HARMONISE)
    form = SharedVariableForm.of(found, request.POST)
    if form.is_valid():
        try:
            found = shared_variables.change(
                variable=found, changes=form.cleaned_data, by=request.user
            )
        except Invalid as error:
            add_errors(form, error)
        else:
            say(request, gettext("%(variable)s is changed.") % {"variable": found.name})
            return led_to("project-variable", at="change-h", slug=slug, name=found.name)
    return variable_page(request, slug, name, changing=form)


@form_on("project-variable", "slug", "name")
def delete(request: Request, slug: str, name: str) -> HttpResponse:
    """Remove a variable that nothing uses."""
    found = find(request, slug, name)
    shared_variables.delete(variable=found, by=request.user)
    say(request, gettext("%(name)s is removed.") % {"name": name})
    return led_to("project-variables", at="var-h", slug=slug)


def find(
    request: Request, slug: str, name: str, *, needs: Permission | None = None
) -> SharedVariable:
    """A variable of a project one sees inside, or 404; and may do with what the page needs."""
    project = open_project(request, slug, needs=Permission.SEE_INSIDE)
    found = get_object_or_404(project.variables.select_related("project"), name=name)
    if needs is not None:
        require(request.user, needs, project)
    return found


def visible_datasets(request: Request, project: Project) -> list[Dataset]:
    """The project's datasets the person may know of, the oldest first."""
    seen = Dataset.objects.visible_to(request.user).filter(project=project)
    return list(seen.select_related("site", "project").order_by("id"))


def grid(
    project: Project, datasets: list[Dataset], request: Request
) -> tuple[list[dict[str, Any]], Counter[str]]:
    """Variables by topic, each with a cell per dataset; and how often each status is there."""
    seen = Mapping.objects.visible_to(request.user).filter(variable__project=project)
    statuses = {
        (variable_id, dataset_id): status
        for variable_id, dataset_id, status in seen.values_list(
            "variable_id", "dataset_id", "status"
        )
    }
    counts: Counter[str] = Counter()
    topics: dict[str, list[dict[str, Any]]] = {}
    for one in project.variables.order_by("id"):
        cells = []
        for dataset in datasets:
            status = statuses.get((one.pk, dataset.pk), MappingStatus.UNDETERMINED)
            counts[status] += 1
            cells.append({"dataset": dataset, **look(status)})
        topics.setdefault(one.topic, []).append({"variable": one, "cells": cells})
    return [{"name": name or NO_TOPIC, "rows": rows} for name, rows in topics.items()], counts


def look(status: str) -> dict[str, str]:
    """A status as an icon, a word and a colour."""
    icon, tag = STATUS_LOOK[MappingStatus(status)]
    return {"icon": icon, "tag": tag, "word": str(MappingStatus(status).label)}


def variable_page(
    request: Request,
    slug: str,
    name: str,
    *,
    changing: SharedVariableForm | None = None,
    mapping: tuple[int, MappingForm] | None = None,
) -> HttpResponse:
    """The page of one variable, with a form that came back with errors if there is one."""
    project, context = project_page(request, slug, needs=Permission.SEE_INSIDE)
    found = get_object_or_404(project.variables.select_related("project"), name=name)
    sources = sources_of(request, found, visible_datasets(request, project), context, mapping)
    return form_page(
        request,
        "datasets/harmonisation/variable.html",
        {
            **context,
            "variable": found,
            # As pairs: to a template, `.items` of an object is its key of that name.
            "codes": list(found.codes.items()),
            "used": shared_variables.is_used(found),
            "changing": changing or SharedVariableForm.of(found),
            "is_changing": changing is not None,
            "sources": sources,
            "invalid": mapping[1] if mapping else None,
        },
    )


def sources_of(
    request: Request,
    found: SharedVariable,
    datasets: list[Dataset],
    context: dict[str, Any],
    invalid: tuple[int, MappingForm] | None,
) -> list[dict[str, Any]]:
    """Per dataset: the mapping, its figures as this person may see them, and the form."""
    mapped = {
        one.dataset_id: one
        for one in found.mappings.filter(dataset__in=datasets)
        .select_related("version", "changed_by", "dataset")
        .prefetch_related("revisions__version", "revisions__changed_by")
    }
    shown = previews_for(request.user, list(mapped.values()))
    versions, columns = ready_columns(datasets)
    sources = []
    for dataset in datasets:
        one = mapped.get(dataset.pk)
        own = columns.get(dataset.pk, [])
        may_map = DatasetPermission.MAP in granted_on(request.user, dataset, context["granted"])
        suggestion = None if one else mappings.suggest(found, own)
        source: dict[str, Any] = {
            "dataset": dataset,
            "mapping": one,
            **look(one.status if one else MappingStatus.UNDETERMINED),
            "rule": in_words(one.rule) if one and one.rule else "",
            "suggestion": suggestion,
            "columns": own,
            "may_map": may_map and bool(versions.get(dataset.pk)),
            "has_version": bool(versions.get(dataset.pk)),
            "revisions": list(one.revisions.all())[:-1][::-1] if one else [],
        }
        if one and one.pk in shown:
            source["preview"], source["suppressed"] = shown[one.pk]
        if source["may_map"]:
            if invalid and invalid[0] == dataset.pk:
                source["form"], source["is_open"] = invalid[1], True
            else:
                source["form"] = MappingForm(
                    versions=versions[dataset.pk],
                    columns=own,
                    mapping=one,
                    suggested=suggestion.column if suggestion else "",
                    prefix=f"mapping-{dataset.pk}",
                )
        sources.append(source)
    return sources


def ready_columns(
    datasets: list[Dataset],
) -> tuple[dict[int, list[Version]], dict[int, list[Column]]]:
    """The ready versions of each dataset, newest first, and the columns of the newest."""
    versions: dict[int, list[Version]] = {}
    for version in Version.objects.ready().filter(dataset__in=datasets).order_by("-number"):
        versions.setdefault(version.dataset_id, []).append(version)
    newest = [found[0] for found in versions.values()]
    columns: dict[int, list[Column]] = {}
    for column in Column.objects.filter(version__in=newest).select_related("version"):
        columns.setdefault(column.version.dataset_id, []).append(column)
    return versions, columns


def in_words(rule: dict[str, Any]) -> str:
    """A rule as one line."""
    if rule["kind"] == "copy":
        return gettext("%(column)s, as it is") % {"column": rule["column"]}
    if rule["kind"] == "expression":
        return str(rule["sql"])
    pairs = [
        gettext("%(value)s → missing") % {"value": value} if new is None else f"{value} → {new}"
        for value, new in list(rule["map"].items())[:SHOWN_PAIRS]
    ]
    more = len(rule["map"]) - len(pairs)
    if more:
        pairs.append(ngettext("%(count)s more", "%(count)s more", more) % {"count": more})
    other = rule.get("otherwise")
    if other == KEEP:
        sentence = gettext("%(column)s: %(pairs)s, all else as it is")
    elif other is None:
        sentence = gettext("%(column)s: %(pairs)s, all else missing")
    else:
        sentence = gettext("%(column)s: %(pairs)s, all else %(other)s")
    return sentence % {"column": rule["column"], "pairs": ", ".join(pairs), "other": other}
