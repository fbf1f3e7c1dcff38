"""Where a cell of the matrix stands: on which page, and there at which element."""

from typing import Any

from django.db.models import Q
from django.urls import reverse

from datasets.datasets.models import Dataset
from datasets.datasets.visibility import DatasetQuerySet
from datasets.variables.models import SharedVariable
from projects.models import Project

IN_ORDER = ("site_id", "id")
"""Sites in the order in which the project took them in, and there the oldest dataset first."""

SITES = 25
"""So many datasets stand beside each other; the others are on the next pages."""


def cell_id(variable: SharedVariable, dataset: Dataset) -> str:
    """The cell's own place on its page."""
    return f"cell-{variable.name}-{dataset.pk}"


def place_of(user: Any, variable: SharedVariable, dataset: Dataset) -> str:
    """The address of a cell, on the page of the whole matrix that it stands on."""
    project = dataset.project
    shown = _shown_to(user, project)
    of_site = Q(site=dataset.site_id, pk__lt=dataset.pk)
    page = shown.filter(Q(site__lt=dataset.site_id) | of_site).count() // SITES + 1
    url = reverse("project-variables", args=[project.slug])
    query = f"?page={page}" if page > 1 else ""
    return f"{url}{query}#{cell_id(variable, dataset)}"


def matrix_datasets(user: Any, project: Project) -> list[Dataset]:
    """The project's datasets the person may know of and that can be read, site by site."""
    shown = _shown_to(user, project).select_related("site", "project")
    return list(shown.order_by(*IN_ORDER))


def _shown_to(user: Any, project: Project) -> DatasetQuerySet:
    return Dataset.objects.visible_to(user).harmonisable().filter(project=project)
