"""What the forms on a variable's page do: map a dataset, take it back, map the others alike."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from datasets.choices import MappingStatus
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, require
from datasets.harmonisation.views import find as find_variable
from datasets.harmonisation.views import (
    in_words,
    look,
    ready_columns,
    variable_page,
    visible_datasets,
)
from datasets.mappings import actions as mappings
from datasets.mappings.forms import MappingForm
from datasets.mappings.models import Mapping
from datasets.mappings.shown import gated_profiles
from datasets.variables.models import SharedVariable
from portal.common.door import form_on, led_to
from portal.common.exceptions import Invalid, NotAllowed
from portal.common.forms import add_errors
from portal.common.pages import Request, say
from projects.projects.head import project_page


@form_on("project-variable", "slug", "name", at="dataset-{dataset_id}")
def save(request: Request, slug: str, name: str, dataset_id: int) -> HttpResponse:
    """Map one dataset; with an error the variable's page comes back with what was entered."""
    variable, dataset = find(request, slug, name, dataset_id)
    versions, columns = ready_columns([dataset])
    ready = versions.get(dataset.pk, [])
    form = MappingForm(
        request.POST,
        versions=ready,
        columns=columns.get(dataset.pk, []),
        prefix=f"mapping-{dataset.pk}",
    )
    if form.is_valid():
        numbered = {str(version.number): version for version in ready}
        try:
            mappings.save(
                variable=variable,
                dataset=dataset,
                version=numbered[form.cleaned_data["version"]],
                status=form.cleaned_data["status"],
                rule=form.rule,
                note=form.cleaned_data["note"],
                by=request.user,
            )
        except Invalid as error:
            place_error(form, error)
        except NotAllowed as error:
            form.add_error(None, error.detail)
        else:
            say(
                request,
                gettext("%(dataset)s: %(variable)s is mapped.")
                % {"dataset": dataset.title, "variable": variable.name},
            )
            return back(slug, name, dataset)
    return variable_page(request, slug, name, mapping=(dataset.pk, form))


@form_on("project-variable", "slug", "name", at="dataset-{dataset_id}")
def accept(request: Request, slug: str, name: str, dataset_id: int) -> HttpResponse:
    """Take the suggested column as it is."""
    variable, dataset = find(request, slug, name, dataset_id)
    versions, columns = ready_columns([dataset])
    suggestion = mappings.suggest(variable, columns.get(dataset.pk, []))
    if suggestion is None or variable.mappings.filter(dataset=dataset).exists():
        raise Http404
    mappings.save(
        variable=variable,
        dataset=dataset,
        version=versions[dataset.pk][0],
        status=MappingStatus.COMPLETE,
        rule=suggestion.rule,
        by=request.user,
    )
    say(
        request,
        gettext("%(dataset)s: %(variable)s is copied from %(column)s.")
        % {"dataset": dataset.title, "variable": variable.name, "column": suggestion.column},
    )
    return back(slug, name, dataset)


@form_on("project-variable", "slug", "name", at="dataset-{dataset_id}")
def remove(request: Request, slug: str, name: str, dataset_id: int) -> HttpResponse:
    """Forget how a dataset is mapped."""
    variable, dataset = find(request, slug, name, dataset_id)
    mappings.remove(mapping=existing(variable, dataset), by=request.user)
    say(
        request,
        gettext("%(dataset)s is no longer mapped to %(variable)s.")
        % {"dataset": dataset.title, "variable": variable.name},
    )
    return back(slug, name, dataset)


@form_on("project-variable", "slug", "name", at="dataset-{dataset_id}")
def restore(request: Request, slug: str, name: str, dataset_id: int) -> HttpResponse:
    """Make the mapping what it was at an earlier revision."""
    variable, dataset = find(request, slug, name, dataset_id)
    mapping = existing(variable, dataset)
    number = request.POST.get("revision", "")
    if not number.isdecimal() or len(number) > 9:
        raise Http404
    revision = get_object_or_404(mapping.revisions, number=int(number))
    mappings.restore(mapping=mapping, revision=revision, by=request.user)
    say(
        request,
        gettext("%(dataset)s: the mapping is as it was at revision %(revision)s.")
        % {"dataset": dataset.title, "revision": revision.number},
    )
    return back(slug, name, dataset)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: Request, slug: str, name: str, dataset_id: int) -> HttpResponse:
    """Show what this dataset's rule would do to the others; a POST applies it to those ticked."""
    variable, dataset = find(request, slug, name, dataset_id)
    mapping = existing(variable, dataset)
    if mapping.rule is None:
        raise Http404
    project, context = project_page(request, slug)
    others = [one for one in visible_datasets(request, project) if one.pk != dataset.pk]
    if request.method == "POST":
        chosen = set(request.POST.getlist("dataset"))
        versions, _ = ready_columns([one for one in others if str(one.pk) in chosen])
        saved = mappings.save_all(
            variable=variable,
            versions=[found[0] for found in versions.values()],
            status=mapping.status,
            rule=mapping.rule,
            by=request.user,
        )
        sentence = ngettext(
            "The rule is applied to %(count)s more dataset.",
            "The rule is applied to %(count)s more datasets.",
            len(saved),
        )
        say(request, sentence % {"count": len(saved)})
        return back(slug, name, dataset)
    proposals = mappings.propose(
        variable=variable, rule=mapping.rule, datasets=others, by=request.user
    )
    return render(
        request,
        "datasets/harmonisation/apply.html",
        {
            **context,
            "variable": variable,
            "dataset": dataset,
            "mapping": mapping,
            "rule": in_words(mapping.rule),
            "fitting": [
                {
                    "proposal": one,
                    "preview": gated_profiles(request.user, one.dataset, one.preview)[0],
                    "current": look(one.current.status) if one.current else None,
                }
                for one in proposals
                if not one.error
            ],
            "misfits": [one for one in proposals if one.error],
        },
    )


def find(request: Request, slug: str, name: str, dataset_id: int) -> tuple[SharedVariable, Dataset]:
    """The variable and a visible dataset of the same project, or 404; and may map it, or 403."""
    variable = find_variable(request, slug, name)
    seen = Dataset.objects.visible_to(request.user).select_related("project", "site")
    dataset = get_object_or_404(seen, project=variable.project_id, pk=dataset_id)
    require(request.user, DatasetPermission.MAP, dataset)
    return variable, dataset


def existing(variable: SharedVariable, dataset: Dataset) -> Mapping:
    """The mapping there is, or 404."""
    return get_object_or_404(
        variable.mappings.select_related("dataset__project", "variable__project", "version"),
        dataset=dataset,
    )


def back(slug: str, name: str, dataset: Dataset) -> HttpResponse:
    """To the dataset's place on the variable's page."""
    return led_to("project-variable", at=f"dataset-{dataset.pk}", slug=slug, name=name)


def place_error(form: MappingForm, error: Invalid) -> None:
    """What is wrong with a rule belongs to the part of the form it was made from."""
    part: dict[str, Any] = {"expression": "sql", "recode": "recoding", "copy": "column"}
    texts = error.errors.pop("rule", None)
    for text in texts or ():
        form.add_error(part.get(form.cleaned_data["kind"], "kind"), text)
    if error.errors or not texts:
        add_errors(form, error)
