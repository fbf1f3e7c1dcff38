"""Harmonisation pages: the grid of variables and datasets, and one variable in every dataset."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from datasets.choices import MappingStatus
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, granted_on
from datasets.harmonisation import actions as shared_variables
from datasets.harmonisation.matrix import Matrix, look, newest_versions
from datasets.harmonisation.narrowing import matrix_context
from datasets.harmonisation.places import matrix_datasets
from datasets.harmonisation.sources import rule_in_words
from datasets.mappings.caution import RuleCaution, codes_told, of_account
from datasets.mappings.cautions import cautions, newest_columns
from datasets.mappings.levels import SeenLevels
from datasets.mappings.shown import previews_for
from datasets.mappings.told import rows_read_among
from datasets.variables.forms import RepeatForm, SharedVariableForm
from datasets.variables.models import SharedVariable
from portal.common.door import form_on, led_to
from portal.common.exceptions import Invalid
from portal.common.forms import add_errors, form_page
from portal.common.pages import Request, say
from projects.projects.head import open_project, project_page
from projects.projects.permissions import require
from projects.roles import Permission


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
    datasets = matrix_datasets(request.user, project)
    matrix = Matrix(request.user, project, datasets, context["granted"])
    return form_page(
        request,
        "datasets/harmonisation/variables.html",
        {**context, "form": form, **matrix_context(request, matrix)},
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


def variable_page(
    request: Request,
    slug: str,
    name: str,
    *,
    changing: SharedVariableForm | None = None,
    repeating: RepeatForm | None = None,
) -> HttpResponse:
    """The page of one variable, with a form that came back with errors if there is one."""
    project, context = project_page(request, slug, needs=Permission.SEE_INSIDE)
    found = get_object_or_404(project.variables.select_related("project", "repeat_of"), name=name)
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
            "waves": waves_of(found),
            "repeating": repeating or RepeatForm(prefix="wave"),
            "is_repeating": repeating is not None,
            "sources": sources_of(request, found, matrix_datasets(request.user, project), context),
        },
    )


def waves_of(found: SharedVariable) -> list[SharedVariable]:
    """The same thing measured at other times, the first wave among them."""
    first = found.repeat_of or found
    return [one for one in (first, *first.repeats.order_by("id")) if one.pk != found.pk]


def sources_of(
    request: Request, found: SharedVariable, datasets: list[Dataset], context: dict[str, Any]
) -> list[dict[str, Any]]:
    """Per dataset: the mapping, and its figures as this person may see them."""
    mapped = {
        one.dataset_id: one
        for one in found.mappings.filter(dataset__in=datasets).select_related(
            "version", "changed_by", "approved_by", "dataset"
        )
    }
    shown = previews_for(request.user, list(mapped.values()))
    levels = SeenLevels(request.user, [found])
    versions = newest_versions(datasets)
    readable = rows_read_among(request.user, mapped.values())
    rules = {pk: one.rule or {} for pk, one in mapped.items()}
    columns = newest_columns(rules, {str(rule.get("column", "")) for rule in rules.values()})
    sources = []
    for dataset in datasets:
        one = mapped.get(dataset.pk)
        preview, suppressed = shown[one.pk] if one else (None, [])
        looked_at: list[RuleCaution] = []
        if one:
            column = columns.get((dataset.pk, str(rules[dataset.pk].get("column", ""))))
            reads_rows = dataset.pk in readable
            looked_at = [
                *cautions(found, [column] if column else [], one.rule, reads_rows=reads_rows),
                *of_account((preview or {}).get("account")),
                *levels.cautions(found, dataset.pk),
            ]
        may_map = DatasetPermission.MAP in granted_on(request.user, dataset, context["granted"])
        sources.append(
            {
                "dataset": dataset,
                "mapping": one,
                **look(levels.status(one, found) if one else MappingStatus.UNDETERMINED, looked_at),
                "cautions": looked_at,
                "codes": codes_told(looked_at),
                "rule": rule_in_words(one, reads_rows=dataset.pk in readable) if one else "",
                "waits": one is not None and one.waits(found.project),
                "preview": preview,
                "suppressed": suppressed,
                "may_map": may_map and dataset.pk in versions,
                "has_version": dataset.pk in versions,
            }
        )
    return sources
