"""Suggestions for whatever nothing is said of yet: read, ticked, accepted in one go."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from datasets.columns.models import Column
from datasets.datasets.models import Dataset
from datasets.harmonisation.matrix import Matrix, cell_id
from datasets.harmonisation.sources import COMPARED, in_words
from datasets.harmonisation.views import visible_datasets
from datasets.mappings import actions as mappings
from datasets.mappings.models import Mapping
from datasets.mappings.suggestions import Elsewhere, Suggestion, suggest
from datasets.variables.models import SharedVariable
from portal.common.canonical import sha256_of, with_digits
from portal.common.door import led_to
from portal.common.exceptions import DomainError
from portal.common.pages import Request, say
from projects.projects.head import project_page
from projects.roles import Permission

MOST = 40
"""So many stand on one page; those accepted make room for the next."""


@dataclass(frozen=True)
class Open:
    """A cell without a mapping, and what it probably is."""

    variable: SharedVariable
    dataset: Dataset
    suggestion: Suggestion

    @property
    def rule(self) -> str:
        """The rule as one line."""
        return in_words(self.suggestion.rule)

    @property
    def key(self) -> str:
        """The cell with exactly this rule: another one was not read by whoever ticked it."""
        digest = sha256_of(with_digits(self.suggestion.rule))[:16]
        return f"{self.variable.pk}.{self.dataset.pk}.{digest}"

    @property
    def place(self) -> str:
        """The cell on the matrix."""
        return cell_id(self.variable, self.dataset)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: Request, slug: str) -> HttpResponse:
    """What is suggested for whatever the person may map; a POST accepts what is ticked."""
    project, context = project_page(request, slug, needs=Permission.ADD_DATA)
    datasets = visible_datasets(request, project)
    found, more = open_cells(Matrix(request, project, datasets, context["granted"]))
    if request.method == "POST":
        accept(request, found)
        return led_to("mapping-review", slug=slug)
    return render(
        request,
        "datasets/harmonisation/review.html",
        {**context, "found": found, "more": more},
    )


def accept(request: Request, found: list[Open]) -> None:
    """Save what is ticked and still suggested; say of each other one why not."""
    ticked = set(request.POST.getlist("suggestion"))
    saved = 0
    for one in found:
        if one.key not in ticked:
            continue
        ticked.remove(one.key)
        version = one.dataset.versions.ready().latest("number")
        try:
            mappings.save(
                variable=one.variable,
                dataset=one.dataset,
                version=version,
                rule=one.suggestion.rule,
                by=request.user,
            )
        except DomainError as error:
            names = {"dataset": one.dataset.title, "variable": one.variable.name}
            text = gettext("%(dataset)s, %(variable)s: %(error)s")
            messages.warning(request, text % {**names, "error": error.detail})
        else:
            saved += 1
    if ticked:
        text = ngettext(
            "%(count)s suggestion is another one meanwhile: look at it again.",
            "%(count)s suggestions are other ones meanwhile: look at them again.",
            len(ticked),
        )
        messages.warning(request, text % {"count": len(ticked)})
    text = ngettext(
        "%(count)s suggestion is accepted.", "%(count)s suggestions are accepted.", saved
    )
    say(request, text % {"count": saved})


def open_cells(matrix: Matrix) -> tuple[list[Open], bool]:
    """The first cells with a suggestion and all that speaks for it; and whether there are more."""
    likely = []
    for variable in matrix.variables:
        for dataset in matrix.datasets:
            if (variable.pk, dataset.pk) in matrix.mappings:
                continue
            column = matrix.probable(variable, dataset)
            if column:
                likely.append((variable, dataset, matrix.columns[dataset.pk].named[column]))
    shown = likely[:MOST]
    with_profiles(matrix, [column for _, _, column in shown])
    figures = drawn(matrix, {variable.pk for variable, _, _ in shown})
    found = []
    for variable, dataset, _ in shown:
        others = [
            Elsewhere(one.mapping, one.site, figures.get(one.mapping.pk))
            for one in matrix.elsewhere(variable, dataset)
        ]
        reads_rows = dataset.pk in matrix.readable
        columns = matrix.columns[dataset.pk]
        suggestion = suggest(variable, columns, others, reads_rows=reads_rows)
        if suggestion:
            found.append(Open(variable, dataset, suggestion))
    return found, len(likely) > MOST


def with_profiles(matrix: Matrix, wanted: list[Column]) -> None:
    """Read the profiles of these columns, and of no others, in one query."""
    profiles = dict(
        Column.objects.filter(pk__in=[one.pk for one in wanted]).values_list("pk", "profile")
    )
    for column in wanted:
        column.profile = profiles[column.pk]


def drawn(matrix: Matrix, variables: set[int]) -> dict[int, Any]:
    """The previews of a few mappings of each variable whose rows the person may read."""
    wanted: dict[int, list[int]] = {}
    for (variable_id, dataset_id), one in matrix.mappings.items():
        if variable_id in variables and one.rule is not None and dataset_id in matrix.readable:
            wanted.setdefault(variable_id, []).append(one.pk)
    few = [pk for found in wanted.values() for pk in found[:COMPARED]]
    return dict(Mapping.objects.filter(pk__in=few).values_list("pk", "preview"))
