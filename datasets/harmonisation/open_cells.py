"""Cells that nothing is said of yet, what they probably are, and several taken at once."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from datasets.datasets.models import Dataset
from datasets.harmonisation.matrix import Matrix
from datasets.harmonisation.places import cell_id
from datasets.harmonisation.sources import COMPARED, in_words
from datasets.mappings import actions as mappings
from datasets.mappings.models import Mapping
from datasets.mappings.suggestions import Elsewhere, Suggestion, suggest
from datasets.variables.models import SharedVariable
from members.models import User
from portal.common.canonical import sha256_of, with_digits
from portal.common.exceptions import DomainError

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
        """The cell with exactly this rule: another one was not read by whoever took it."""
        digest = sha256_of(with_digits(self.suggestion.rule))[:16]
        return f"{self.variable.pk}.{self.dataset.pk}.{digest}"

    @property
    def place(self) -> str:
        """The cell on the matrix."""
        return cell_id(self.variable, self.dataset)


@dataclass(frozen=True)
class Taken:
    """What became of a suggestion that was taken: a mapping, or why there is none."""

    key: str
    cell: Open | None
    mapping: Mapping | None = None
    error: DomainError | None = None
    batch: uuid.UUID | None = None

    @property
    def outcome(self) -> str:
        """In one word, for scripts."""
        if self.cell is None:
            return "changed"
        return "refused" if self.error else "accepted"


def take(
    found: list[Open], keys: Collection[str], *, by: User, reads_data: bool = True
) -> list[Taken]:
    """Save those whose keys these are, as one step; of a key that is outdated there is no cell."""
    by_key = {one.key: one for one in found}
    batch = uuid.uuid4()
    return [taken(by_key.get(key), key, batch, by, reads_data) for key in dict.fromkeys(keys)]


def taken(cell: Open | None, key: str, batch: uuid.UUID, by: User, reads_data: bool) -> Taken:
    """One suggestion saved, or why it was not."""
    if cell is None:
        return Taken(key, None)
    try:
        mapping = mappings.save(
            variable=cell.variable,
            dataset=cell.dataset,
            version=cell.dataset.versions.ready().latest("number"),
            rule=cell.suggestion.rule,
            by=by,
            reads_data=reads_data,
            batch=batch,
        )
    except DomainError as error:
        return Taken(key, cell, error=error)
    return Taken(key, cell, mapping, batch=batch)


def open_cells(matrix: Matrix) -> tuple[list[Open], bool]:
    """The first cells with a suggestion and all that speaks for it; and whether there are more."""
    likely = []
    matrix.read_profiles(matrix.variables, matrix.datasets)
    for variable in matrix.variables:
        for dataset in matrix.datasets:
            if (variable.pk, dataset.pk) in matrix.mappings:
                continue
            if matrix.probable(variable, dataset):
                likely.append((variable, dataset))
    shown = likely[:MOST]
    figures = drawn(matrix, {variable.pk for variable, _ in shown})
    found = []
    for variable, dataset in shown:
        others = [
            Elsewhere(one.mapping, one.site, one.rule, figures.get(one.mapping.pk))
            for one in matrix.elsewhere(variable, dataset)
        ]
        reads_rows = dataset.pk in matrix.readable
        columns = matrix.columns[dataset.pk]
        suggestion = suggest(variable, columns, others, reads_rows=reads_rows)
        if suggestion:
            found.append(Open(variable, dataset, suggestion))
    return found, len(likely) > MOST


def drawn(matrix: Matrix, variables: set[int]) -> dict[int, Any]:
    """The previews of a few mappings of each variable whose rows the person may read."""
    wanted: dict[int, list[int]] = {}
    for (variable_id, dataset_id), one in matrix.mappings.items():
        if variable_id in variables and one.rule is not None and dataset_id in matrix.readable:
            wanted.setdefault(variable_id, []).append(one.pk)
    few = [pk for found in wanted.values() for pk in found[:COMPARED]]
    return dict(Mapping.objects.filter(pk__in=few).values_list("pk", "preview"))
