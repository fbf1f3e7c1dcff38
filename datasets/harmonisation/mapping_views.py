"""One variable at one dataset: its page and what its forms do, and the same rule for others."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods
from django_htmx.http import retarget

from datasets.choices import MappingStatus
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, require
from datasets.harmonisation.matrix import columns_of, look, newest_versions
from datasets.harmonisation.places import matrix_datasets, place_of
from datasets.harmonisation.sources import (
    drafted,
    in_words,
    is_another_column,
    source_of,
    suggested,
)
from datasets.harmonisation.views import find as find_variable
from datasets.mappings import actions as mappings
from datasets.mappings.caution import codes_told
from datasets.mappings.forms import MappingForm
from datasets.mappings.levels import with_status_seen
from datasets.mappings.models import Mapping
from datasets.mappings.proposals import propose
from datasets.mappings.shown import all_gated
from datasets.variables.models import SharedVariable
from portal.common.door import form_on
from portal.common.exceptions import Invalid, NotAllowed
from portal.common.forms import add_errors
from portal.common.pages import Request, say
from projects.projects.head import project_page
from projects.roles import Permission

PARTS = {
    "effect": "datasets/harmonisation/effect.html",
    "cell": "datasets/harmonisation/cell.html",
}
"""What is sent alone when a script asks for it, by the element it is put into."""


@require_http_methods(["GET", "HEAD", "POST"])
def mapping(request: Request, slug: str, name: str, dataset_id: int) -> HttpResponse:
    """Where the variable comes from in the dataset; a POST tries a rule, or keeps it."""
    _, context = project_page(request, slug, needs=Permission.SEE_INSIDE)
    if request.method == "POST":
        variable, dataset = find(request, slug, name, dataset_id)
    else:
        variable = find_variable(request, slug, name)
        dataset = visible(request, variable, dataset_id)
    posted = request.POST if request.method == "POST" else None
    # Where scripts run another column is drawn at once, with its values.
    anew = posted is not None and bool(request.htmx) and is_another_column(posted, dataset)
    source = source_of(request, variable, dataset, context, posted, anew=anew)
    form = source.get("form")
    draft, status = None, 200
    if posted is not None:
        if form is None:
            raise Http404
        if posted.get("step") != "preview":
            kept = keep(request, variable, dataset, form)
            if kept is not None:
                with_status_seen(request.user, [kept])
                say(
                    request,
                    gettext("%(dataset)s: %(variable)s is mapped (%(status)s).")
                    % {
                        "dataset": dataset.title,
                        "variable": variable.name,
                        "status": str(MappingStatus(kept.status_seen).label).lower(),
                    },
                )
                return back(request, variable, dataset)
            status = 422
        elif not anew:
            draft = drafted(request, variable, dataset, form)
    target = "cell" if anew else request.htmx.target or ""
    part = PARTS.get(target) if request.htmx else None
    shown = {
        **context,
        "variable": variable,
        "dataset": dataset,
        "source": source,
        "draft": draft,
        "invalid": form if status == 422 else None,
    }
    answer = TemplateResponse(
        request, part or "datasets/harmonisation/mapping.html", shown, status=status
    )
    return retarget(answer, "#cell") if anew else answer


def keep(
    request: Request, variable: SharedVariable, dataset: Dataset, form: MappingForm
) -> Mapping | None:
    """Save what the form says; None where it says what is wrong with it."""
    if not form.is_valid():
        return None
    version = dataset.versions.ready().get(number=form.cleaned_data["version"])
    try:
        return mappings.save(
            variable=variable,
            dataset=dataset,
            version=version,
            status=form.decided,
            rule=form.rule,
            note=form.cleaned_data["note"],
            by=request.user,
        )
    except Invalid as error:
        place_error(form, error)
    except NotAllowed as error:
        form.add_error(None, error.detail)
    return None


@form_on("mapping", "slug", "name", "dataset_id")
def accept(request: Request, slug: str, name: str, dataset_id: int) -> HttpResponse:
    """Take the suggested rule as it is, or with what may mean missing set missing."""
    variable, dataset = find(request, slug, name, dataset_id)
    if variable.mappings.filter(dataset=dataset, rule__isnull=False).exists():
        raise Http404
    version = newest_versions([dataset]).get(dataset.pk)
    if version is None:
        raise Http404
    columns = columns_of({dataset.pk: version})[dataset.pk]
    suggestion = suggested(request.user, variable, dataset, columns)
    if suggestion is None:
        raise Http404
    rule = suggestion.rule_without_codes if request.POST.get("codes") else suggestion.rule
    mappings.save(variable=variable, dataset=dataset, version=version, rule=rule, by=request.user)
    say(
        request,
        gettext("%(dataset)s: %(variable)s comes from %(column)s now.")
        % {"dataset": dataset.title, "variable": variable.name, "column": suggestion.column},
    )
    return back(request, variable, dataset)


@form_on("mapping", "slug", "name", "dataset_id")
def remove(request: Request, slug: str, name: str, dataset_id: int) -> HttpResponse:
    """Forget how a dataset is mapped."""
    variable, dataset = find(request, slug, name, dataset_id)
    mappings.remove(mapping=existing(variable, dataset), by=request.user)
    say(
        request,
        gettext("%(dataset)s is no longer mapped to %(variable)s.")
        % {"dataset": dataset.title, "variable": variable.name},
    )
    return back(request, variable, dataset)


@form_on("mapping", "slug", "name", "dataset_id")
def undo(request: Request, slug: str, name: str, dataset_id: int) -> HttpResponse:
    """Take the last change back."""
    variable, dataset = find(request, slug, name, dataset_id)
    undone = mappings.undo(mapping=existing(variable, dataset), by=request.user)
    return gone_back(request, variable, dataset, undone.revision - 2)


@form_on("mapping", "slug", "name", "dataset_id")
def restore(request: Request, slug: str, name: str, dataset_id: int) -> HttpResponse:
    """Make the mapping what it was at an earlier revision."""
    variable, dataset = find(request, slug, name, dataset_id)
    found = existing(variable, dataset)
    revision = get_object_or_404(found.revisions, number=number_posted(request, "revision"))
    mappings.restore(mapping=found, revision=revision, by=request.user)
    return gone_back(request, variable, dataset, revision.number)


@form_on("mapping", "slug", "name", "dataset_id")
def approve(request: Request, slug: str, name: str, dataset_id: int) -> HttpResponse:
    """Say as a second person that the rule is right."""
    variable, dataset = find(request, slug, name, dataset_id, approves=True)
    revision = number_posted(request, "revision")
    mappings.approve(
        mapping=existing(variable, dataset),
        revision=revision,
        by=request.user,
        without_values="without_values" in request.POST,
    )
    say(
        request,
        gettext("%(dataset)s: the rule of %(variable)s is approved.")
        % {"dataset": dataset.title, "variable": variable.name},
    )
    return back(request, variable, dataset)


def gone_back(
    request: Request, variable: SharedVariable, dataset: Dataset, revision: int
) -> HttpResponse:
    """Says which revision is in force again."""
    say(
        request,
        gettext("%(dataset)s: the mapping is as it was at revision %(revision)s.")
        % {"dataset": dataset.title, "revision": revision},
    )
    return back(request, variable, dataset)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: Request, slug: str, name: str, dataset_id: int) -> HttpResponse:
    """Show what this dataset's rule would do to the others; a POST applies it to those ticked."""
    variable, dataset = find(request, slug, name, dataset_id, applies=True)
    mapping = existing(variable, dataset)
    if mapping.rule is None:
        raise Http404
    project, context = project_page(request, slug)
    others = [one for one in matrix_datasets(request.user, project) if one.pk != dataset.pk]
    if request.method == "POST":
        chosen = set(request.POST.getlist("dataset"))
        versions = newest_versions([one for one in others if str(one.pk) in chosen])
        saved = mappings.save_all(
            variable=variable, versions=list(versions.values()), rule=mapping.rule, by=request.user
        )
        sentence = ngettext(
            "The rule is applied to %(count)s more dataset.",
            "The rule is applied to %(count)s more datasets.",
            len(saved),
        )
        say(request, sentence % {"count": len(saved)})
        return back(request, variable, dataset)
    proposals = propose(variable=variable, rule=mapping.rule, datasets=others, by=request.user)
    fitting = [one for one in proposals if not one.error]
    shown = all_gated(request.user, {one.dataset.pk: (one.dataset, one.preview) for one in fitting})
    with_status_seen(request.user, [one.current for one in fitting if one.current])
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
                    "preview": shown[one.dataset.pk][0],
                    "codes": codes_told(one.cautions),
                    "current": look(one.current.status_seen) if one.current else None,
                }
                for one in fitting
            ],
            "misfits": [one for one in proposals if one.error],
        },
    )


def visible(request: Request, variable: SharedVariable, dataset_id: int) -> Dataset:
    """A dataset of the variable's project that the person may know of, or 404."""
    seen = Dataset.objects.visible_to(request.user).select_related("project", "site")
    return get_object_or_404(seen, project=variable.project_id, pk=dataset_id)


def find(
    request: Request,
    slug: str,
    name: str,
    dataset_id: int,
    *,
    approves: bool = False,
    applies: bool = False,
) -> tuple[SharedVariable, Dataset]:
    """The variable and a visible dataset of the same project, or 404; and may map it, or 403.

    Who `approves` is somebody else than who set the rule; who `applies` it elsewhere is told all
    of it.
    """
    variable = find_variable(request, slug, name)
    dataset = visible(request, variable, dataset_id)
    require(request.user, DatasetPermission.MAP, dataset)
    if approves:
        mappings.require_another(mapping=existing(variable, dataset), by=request.user)
    if applies:
        mappings.require_told(mapping=existing(variable, dataset), by=request.user)
    return variable, dataset


def existing(variable: SharedVariable, dataset: Dataset) -> Mapping:
    """The mapping there is, or 404."""
    return get_object_or_404(
        variable.mappings.select_related("dataset__project", "variable__project", "version"),
        dataset=dataset,
    )


def back(request: Request, variable: SharedVariable, dataset: Dataset) -> HttpResponse:
    """To the cell of the matrix one came from."""
    return redirect(place_of(request.user, variable, dataset))


def number_posted(request: Request, name: str) -> int:
    """A number that a button sends along, or 404."""
    number = request.POST.get(name, "")
    if not number.isdecimal() or len(number) > 9:
        raise Http404
    return int(number)


def place_error(form: MappingForm, error: Invalid) -> None:
    """What is wrong with a rule belongs to the part of the form it was made from."""
    part: dict[str, Any] = {"expression": "sql", "copy": "column", "unit": "from_unit"}
    part["recode"] = "recoding"
    texts = error.errors.pop("rule", None)
    for text in texts or ():
        form.add_error(part.get(form.cleaned_data["kind"], "kind"), text)
    if error.errors or not texts:
        add_errors(form, error)
