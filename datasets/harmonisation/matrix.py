"""All shared variables by all datasets: what each cell of the matrix says."""

from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper
from django.db.models.fields.json import KeyTransform
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from datasets.choices import MappingStatus
from datasets.columns.models import Column
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, granted_on
from datasets.datasets.visibility import rows_read
from datasets.harmonisation.places import cell_id
from datasets.mappings.caution import RuleCaution, codes_told, of_account
from datasets.mappings.cautions import cautions, newest_columns, read_parts
from datasets.mappings.levels import SeenLevels
from datasets.mappings.models import Mapping
from datasets.mappings.suggestions import Columns, Elsewhere, Suggestion, candidates, suggest
from datasets.mappings.told import rule_told
from datasets.variables.models import SharedVariable
from datasets.versions.models import Version
from portal.common.text import counted
from portal.web.templatetags.components import tag
from projects.models import Project

STATUS_LOOK = {
    MappingStatus.COMPLETE: ("circle-check", "ok"),
    MappingStatus.PARTIAL: ("triangle-alert", "warning"),
    MappingStatus.IMPOSSIBLE: ("ban", ""),
    MappingStatus.UNDETERMINED: ("circle-dashed", ""),
}


NO_TOPIC = gettext_lazy("Other variables")

WAITING = "waiting"
"""Beside the statuses: a rule that a second person has to approve."""

WAITING_FOR_ME = "waiting_for_me"
"""Of those the ones that this person may approve."""


def look(status: str, cautions: Iterable[RuleCaution] = ()) -> dict[str, str]:
    """A status as an icon, a word and a colour: no value may be lost, and one that means missing be
    taken as measured."""
    icon, tag = STATUS_LOOK[MappingStatus(status)]
    word, codes = str(MappingStatus(status).label), codes_told(cautions)
    if codes and status == MappingStatus.COMPLETE:
        icon, tag = STATUS_LOOK[MappingStatus.PARTIAL]
        word = gettext("Complete, but look at %(values)s") % {"values": codes}
    return {"icon": icon, "tag": tag, "word": word, "status": status}


class Matrix:
    """What one person sees of a project's variables and datasets; a fixed number of queries."""

    def __init__(
        self,
        user: Any,
        project: Project,
        datasets: list[Dataset],
        granted: Any,
        *,
        exact: bool = True,
    ) -> None:
        """With `exact=False` no value and no count of one is spoken of, whoever asks."""
        self.user, self.project, self.datasets = user, project, datasets
        self.exact = exact
        self.looked_at = datasets
        found = project.variables.select_related("project").order_by("id")
        # Waves of one variable stand together, after the first of them.
        self.variables = sorted(found, key=lambda one: (one.repeat_of_id or one.pk, one.pk))
        seen = Mapping.objects.visible_to(user).filter(variable__project=project)
        self.mappings = {
            (one.variable_id, one.dataset_id): one
            for one in seen.defer("preview").annotate(account=KeyTransform("account", "preview"))
        }
        readable = Dataset.objects.rows_readable_by(user).filter(
            pk__in=[one.pk for one in datasets]
        )
        self.readable = set(readable.values_list("pk", flat=True)) if exact else set()
        self.mine = {
            one.pk for one in datasets if DatasetPermission.MAP in granted_on(user, one, granted)
        }

    @cached_property
    def versions(self) -> dict[int, Version]:
        """The newest version of each dataset that the person may map."""
        return newest_versions([one for one in self.datasets if one.pk in self.mine])

    @cached_property
    def columns(self) -> dict[int, Columns]:
        """What these versions have, as far as somebody looks at their datasets."""
        looked_at = {one.pk for one in self.looked_at}
        wanted = {pk: version for pk, version in self.versions.items() if pk in looked_at}
        found = columns_of(wanted, profiles=False)
        return {dataset_id: Columns(columns) for dataset_id, columns in found.items()}

    @property
    def suggests(self) -> bool:
        """Whether the person may map something that nothing is said of yet."""
        return any(
            (variable.pk, pk) not in self.mappings
            for variable in self.variables
            for pk in self.versions
        )

    def status(self, variable: SharedVariable, dataset: Dataset) -> str:
        """What is known of one cell."""
        mapping = self.mappings.get((variable.pk, dataset.pk))
        if mapping is None:
            return MappingStatus.UNDETERMINED
        return self.levels.status(mapping, variable)

    @cached_property
    def levels(self) -> SeenLevels:
        """What rules make of categories whose levels nothing names."""
        return SeenLevels(self.user, self.variables, exact=self.exact)

    @cached_property
    def source_columns(self) -> dict[tuple[int, str], Column]:
        """By dataset and name, the columns that the rules looked at take as they are or convert."""
        looked_at = [one.pk for one in self.looked_at]
        rules = [one.rule for one in self.mappings.values() if one.rule is not None]
        return newest_columns(looked_at, {str(one.get("column", "")) for one in rules})

    def cautions(self, variable: SharedVariable, dataset: Dataset) -> list[RuleCaution]:
        """What to look at in a mapping: another unit, an unusual size, a code for missing that is
        measured, no value at all, levels of its own."""
        mapping = self.mappings.get((variable.pk, dataset.pk))
        if mapping is None or mapping.rule is None:
            return []
        column = self.source_columns.get((dataset.pk, str(mapping.rule.get("column", ""))))
        found = [column] if column else []
        reads_rows = dataset.pk in self.readable
        return [
            *cautions(variable, found, mapping.rule, reads_rows=reads_rows),
            *(of_account(mapping.account) if reads_rows else []),
            *self.levels.cautions(variable, dataset.pk),
        ]

    def states(self, variable: SharedVariable, dataset: Dataset) -> set[str]:
        """What the matrix can be narrowed to and the cell is."""
        found = {self.status(variable, dataset)}
        mapping = self.mappings.get((variable.pk, dataset.pk))
        if mapping is not None and mapping.waits(self.project):
            found.add(WAITING)
            if self.may_approve(mapping):
                found.add(WAITING_FOR_ME)
        return found

    def may_approve(self, mapping: Mapping) -> bool:
        """Whether the person maps its dataset and is another one than who set the rule."""
        return mapping.dataset_id in self.mine and mapping.changed_by_id != self.user.pk

    def counts(self, variables: list[SharedVariable], datasets: list[Dataset]) -> Counter[str]:
        """How often each state is there."""
        return Counter(
            state for one in variables for other in datasets for state in self.states(one, other)
        )

    def topics(
        self, variables: list[SharedVariable], datasets: list[Dataset]
    ) -> list[dict[str, Any]]:
        """Variables by topic, each with a cell per dataset."""
        tags = {
            status: tag(shown["word"], icon=shown["icon"], kind=shown["tag"])
            for status in MappingStatus.values
            for shown in [look(status)]
        }
        topics: dict[str, list[dict[str, Any]]] = {}
        self.read_profiles(variables, datasets)
        for variable in variables:
            url = reverse("project-variable", args=[self.project.slug, variable.name])
            cells = [self.cell(variable, dataset, url, tags) for dataset in datasets]
            row = {"variable": variable, "url": url, "cells": cells}
            topics.setdefault(variable.topic, []).append(row)
        return [{"name": name or NO_TOPIC, "rows": rows} for name, rows in topics.items()]

    def cell(
        self, variable: SharedVariable, dataset: Dataset, url: str, tags: dict[str, Any]
    ) -> dict[str, Any]:
        """One cell: its status, how many rows have a value, or which column it may be."""
        mapping = self.mappings.get((variable.pk, dataset.pk))
        detail, look_at = "", self.cautions(variable, dataset)
        probable = None
        if mapping is None:
            probable = self.probable(variable, dataset)
            if probable:
                detail = gettext("probably %(column)s") % {"column": probable.column}
                look_at = probable.against
        elif mapping.rule is not None and dataset.pk in self.readable:
            detail = kept_in_words(mapping.account)
        if mapping is not None and mapping.waits(self.project):
            mine = self.may_approve(mapping)
            detail = gettext("waits for you") if mine else gettext("waits for a second person")
        return {
            "id": cell_id(variable, dataset),
            "url": f"{url}mappings/{dataset.pk}/",
            "tag": self._tag(self.status(variable, dataset), look_at, tags),
            "site": dataset.site.name,
            "detail": detail,
            "is_suggested": probable is not None,
            "cautions": look_at,
        }

    def _tag(self, status: str, cautions: list[RuleCaution], tags: dict[str, Any]) -> Any:
        """A status with its look, which most cells share."""
        if not codes_told(cautions):
            return tags[status]
        shown = look(status, cautions)
        return tag(shown["word"], icon=shown["icon"], kind=shown["tag"])

    def read_profiles(self, variables: list[SharedVariable], datasets: list[Dataset]) -> None:
        """Read, at once, what `probable` looks at of columns that these cells may come from."""
        wanted = {
            column.pk: column
            for variable in variables
            for dataset in datasets
            if dataset.pk in self.columns and (variable.pk, dataset.pk) not in self.mappings
            for column in candidates(
                variable, self.columns[dataset.pk], self.elsewhere(variable, dataset)
            )
        }
        read_parts(list(wanted.values()))

    def probable(self, variable: SharedVariable, dataset: Dataset) -> Suggestion | None:
        """Which column it probably is, and what speaks against it; None where the person maps
        nothing, or no column looks like it."""
        columns = self.columns.get(dataset.pk)
        if columns is None:
            return None
        others, reads_rows = self.elsewhere(variable, dataset), dataset.pk in self.readable
        return suggest(variable, columns, others, reads_rows=reads_rows)

    def elsewhere(self, variable: SharedVariable, dataset: Dataset) -> list[Elsewhere]:
        """The mappings with a rule that others of the datasets have of the variable."""
        found = self._rules.get(variable.pk, [])
        return [one for one in found if one.mapping.dataset_id != dataset.pk]

    @cached_property
    def _rules(self) -> dict[int, list[Elsewhere]]:
        rules: dict[int, list[Elsewhere]] = {}
        sites = {one.pk: one.site.name for one in self.datasets}
        for (variable_id, dataset_id), one in self.mappings.items():
            if one.rule is not None and dataset_id in sites:
                rule = rule_told(one.rule, dataset_id, reads_rows=dataset_id in self.readable)
                there = Elsewhere(one, sites[dataset_id], rule)
                rules.setdefault(variable_id, []).append(there)
        for variable_id, found in copied_rules(self.user, self.variables).items():
            rules.setdefault(variable_id, []).extend(found)
        return rules


def copied_rules(user: Any, variables: list[SharedVariable]) -> dict[int, list[Elsewhere]]:
    """By variable the rules that its original has in another project, as one may see them."""
    originals = {one.copied_from_id for one in variables if one.copied_from_id}
    if not originals:
        return {}
    seen = Mapping.objects.visible_to(user).filter(variable__in=originals, rule__isnull=False)
    seen = seen.select_related("dataset__site", "dataset__project").defer("preview")
    reads = ExpressionWrapper(rows_read(user, "dataset__"), output_field=BooleanField())
    rules: dict[int, list[Elsewhere]] = {}
    for one in seen.annotate(rows_readable=reads):
        names = {"site": one.dataset.site.name, "project": one.dataset.project.title}
        place = gettext("%(site)s in “%(project)s”") % names
        rule = rule_told(one.rule, one.dataset_id, reads_rows=one.rows_readable)
        rules.setdefault(one.variable_id, []).append(Elsewhere(one, place, rule))
    return {one.pk: rules[one.copied_from_id] for one in variables if one.copied_from_id in rules}


def kept_in_words(account: dict[str, Any] | None) -> str:
    """How many rows have a value, and how many values the rule leaves out; that none has one is a
    caution."""
    if not account or not account["kept"]:
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
