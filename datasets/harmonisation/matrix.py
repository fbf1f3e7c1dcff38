"""All shared variables by all datasets: what each cell of the matrix says."""

from collections import Counter
from typing import Any

from django.db.models.fields.json import KeyTransform
from django.utils.translation import gettext, gettext_lazy

from datasets.choices import MappingStatus
from datasets.columns.models import Column
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, granted_on
from datasets.mappings.models import Mapping
from datasets.mappings.suggestions import Columns, Elsewhere, suggest
from datasets.variables.models import SharedVariable
from datasets.versions.models import Version
from portal.common.pages import Request
from portal.common.text import counted
from projects.models import Project

STATUS_LOOK = {
    MappingStatus.COMPLETE: ("circle-check", "ok"),
    MappingStatus.PARTIAL: ("triangle-alert", "warning"),
    MappingStatus.IMPOSSIBLE: ("ban", ""),
    MappingStatus.UNDETERMINED: ("circle-dashed", ""),
}


NO_TOPIC = gettext_lazy("Other variables")


def look(status: str) -> dict[str, str]:
    """A status as an icon, a word and a colour."""
    icon, tag = STATUS_LOOK[MappingStatus(status)]
    return {"icon": icon, "tag": tag, "word": str(MappingStatus(status).label), "status": status}


def cell_id(variable: SharedVariable, dataset: Dataset) -> str:
    """The cell's own place on the page."""
    return f"cell-{variable.name}-{dataset.pk}"


class Matrix:
    """What one person sees of a project's variables and datasets; a fixed number of queries."""

    def __init__(
        self, request: Request, project: Project, datasets: list[Dataset], granted: Any
    ) -> None:
        self.datasets = datasets
        self.suggests = False
        self.variables = list(project.variables.select_related("project").order_by("id"))
        seen = Mapping.objects.visible_to(request.user).filter(variable__project=project)
        self.mappings = {
            (one.variable_id, one.dataset_id): one
            for one in seen.defer("preview").annotate(account=KeyTransform("account", "preview"))
        }
        self.readable = set(
            Dataset.objects.rows_readable_by(request.user)
            .filter(pk__in=[one.pk for one in datasets])
            .values_list("pk", flat=True)
        )
        self.mine = {
            one.pk
            for one in datasets
            if DatasetPermission.MAP in granted_on(request.user, one, granted)
        }
        self.versions = newest_versions(datasets if self.mine else [])
        self.columns = {
            dataset_id: Columns(columns)
            for dataset_id, columns in columns_of(self.versions, profiles=False).items()
        }

    def topics(self) -> tuple[list[dict[str, Any]], Counter[str]]:
        """Variables by topic, each with a cell per dataset; and how often each status is there."""
        counts: Counter[str] = Counter()
        topics: dict[str, list[dict[str, Any]]] = {}
        for variable in self.variables:
            cells = [self.cell(variable, dataset) for dataset in self.datasets]
            counts.update(cell["status"] for cell in cells)
            topics.setdefault(variable.topic, []).append({"variable": variable, "cells": cells})
        named = [{"name": name or NO_TOPIC, "rows": rows} for name, rows in topics.items()]
        return named, counts

    def cell(self, variable: SharedVariable, dataset: Dataset) -> dict[str, Any]:
        """One cell: its status, how many rows have a value, or which column it may be."""
        mapping = self.mappings.get((variable.pk, dataset.pk))
        status = mapping.status if mapping else MappingStatus.UNDETERMINED
        detail = ""
        if mapping is None:
            column = self.probable(variable, dataset)
            self.suggests = self.suggests or bool(column)
            detail = gettext("probably %(column)s") % {"column": column} if column else ""
        elif mapping.rule is not None and dataset.pk in self.readable:
            detail = kept_in_words(mapping.account)
        place = cell_id(variable, dataset)
        return {"dataset": dataset, "id": place, "detail": detail, **look(status)}

    def probable(self, variable: SharedVariable, dataset: Dataset) -> str:
        """The column that it probably is, by its name; empty where the person maps nothing."""
        columns = self.columns.get(dataset.pk)
        if columns is None or dataset.pk not in self.mine:
            return ""
        found = suggest(
            variable,
            columns,
            self.elsewhere(variable, dataset),
            reads_rows=dataset.pk in self.readable,
            in_full=False,
        )
        return found.column if found else ""

    def elsewhere(self, variable: SharedVariable, dataset: Dataset) -> list[Elsewhere]:
        """The mappings with a rule that others of the datasets have of the variable."""
        if not hasattr(self, "_rules"):
            self._rules: dict[int, list[Elsewhere]] = {}
            sites = {one.pk: one.site.name for one in self.datasets}
            for (variable_id, dataset_id), one in self.mappings.items():
                if one.rule is not None and dataset_id in sites:
                    site = Elsewhere(one, sites[dataset_id])
                    self._rules.setdefault(variable_id, []).append(site)
        found = self._rules.get(variable.pk, [])
        return [one for one in found if one.mapping.dataset_id != dataset.pk]


def kept_in_words(account: dict[str, Any] | None) -> str:
    """How many rows have a value, and how many values the rule leaves out."""
    if not account:
        return ""
    if account["unaccounted"]:
        return gettext("%(lost)s of %(values)s lost") % {
            "lost": counted(account["unaccounted"]),
            "values": counted(account["values"]),
        }
    return gettext("%(kept)s with a value") % {"kept": counted(account["kept"])}


def newest_versions(datasets: list[Dataset]) -> dict[int, Version]:
    """The newest ready version of each dataset."""
    ready = Version.objects.ready().filter(dataset__in=datasets)
    newest = ready.order_by("dataset", "-number").distinct("dataset").select_related("dataset")
    return {version.dataset_id: version for version in newest}


def columns_of(versions: dict[int, Version], *, profiles: bool = True) -> dict[int, list[Column]]:
    """The columns of each dataset's version, in file order."""
    dataset_of = {version.pk: dataset_id for dataset_id, version in versions.items()}
    found: dict[int, list[Column]] = {dataset_id: [] for dataset_id in versions}
    columns = Column.objects.filter(version__in=dataset_of)
    for column in columns if profiles else columns.defer("profile"):
        found[dataset_of[column.version_id]].append(column)
    return found
