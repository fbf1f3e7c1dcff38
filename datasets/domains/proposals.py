"""What a dataset's keeper is offered to confirm: each column's domain as it could be declared."""

from dataclasses import dataclass

from datasets.choices import ColumnType
from datasets.columns.models import Column
from datasets.datasets.models import Dataset
from datasets.domains.models import Domain
from datasets.engine.guard import disclosure
from datasets.engine.guard.levels import FEW_VALUED

DECLARED_TYPES = (ColumnType.CATEGORY, ColumnType.INTEGER, ColumnType.NUMBER)
"""Of the others there is nothing to declare: yes or no has two levels, and no method takes dates,
text and identifiers without the right to read rows."""


@dataclass(frozen=True)
class Line:
    """One column of the newest version with its domain: declared, or else proposed.

    `outside` counts the rows that have a level which is not proposed.
    """

    domain: Domain
    is_declared: bool
    outside: int = 0

    @property
    def is_proposed(self) -> bool:
        """Whether there is anything to confirm."""
        return not self.is_declared and bool(self.domain.levels or self.domain.edges)


def lines_of(dataset: Dataset) -> list[Line]:
    """What can be declared of the newest version's columns, and what was of earlier ones'."""
    declared = {one.column: one for one in dataset.domains.all()}
    lines = []
    for column in newest_columns(dataset):
        known = declared.pop(column.name, None)
        lines.append(Line(known, True) if known else proposed(dataset, column))
    return lines + [Line(one, True) for one in declared.values()]


def newest_columns(dataset: Dataset) -> list[Column]:
    """The columns of the newest version that have a domain."""
    newest = dataset.versions.ready().order_by("-number").first()
    if newest is None:
        return []
    found = Column.objects.filter(version=newest, type__in=DECLARED_TYPES)
    return list(found.select_related("version"))


def proposed(dataset: Dataset, column: Column) -> Line:
    """Levels that enough rows have, or bins on the grid that no single value moves: so a proposal
    that is confirmed tells of nobody. No range: which values are impossible is not in the data.
    """
    domain = Domain(dataset=dataset, column=column.name, type=column.type)
    if not column.profile:
        return Line(domain, False)
    if column.type == ColumnType.CATEGORY:
        enough = {
            one["value"]: one["n"] for one in column.profile["top"] if one["n"] >= dataset.threshold
        }
        domain.levels = [[level, ""] for level in sorted(enough)]
        return Line(domain, False, column.profile["n"] - sum(enough.values()))
    shown = disclosure.gate_column(column.profile, column.version.rows or 0, dataset.threshold)
    histogram = shown["histogram"]
    domain.edges = histogram["edges"] if histogram and shown["distinct"] > FEW_VALUED else []
    return Line(domain, False)
