"""What the figures of a question are about, however it is spelled."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db import models

from datasets.ledger.models import RowSet
from datasets.versions.models import Version


@dataclass(frozen=True)
class Figure:
    """Columns of a version, read over certain rows."""

    columns: frozenset[str]
    rows_sha256: str

    def is_asked_by(self, other: "Figure") -> bool:
        """Whether another one reads all of its columns, and perhaps more, over the same rows."""
        return self.rows_sha256 == other.rows_sha256 and self.columns <= other.columns


def figures_of(version: Version, questions: Collection[str]) -> dict[str, set[Figure]]:
    """By question of a version, as the ledger of its dataset has them."""
    found: dict[str, set[Figure]] = defaultdict(set)
    kept = RowSet.objects.filter(dataset=version.dataset_id, question_sha256__in=questions)
    for question, reads, rows in kept.values_list("question_sha256", "reads", "rows_sha256"):
        columns = frozenset(column for _, columns in reads for column in columns)
        found[question].add(Figure(columns, rows))
    return found


def beside(version: Version, question_sha256: str) -> models.QuerySet[RowSet, str]:
    """The questions of a version of which some figure is about the rows of one of this one's."""
    of_version = RowSet.objects.filter(version=version)
    rows = of_version.filter(dataset=version.dataset_id, question_sha256=question_sha256)
    same = of_version.filter(rows_sha256__in=rows.values("rows_sha256"))
    return same.values_list("question_sha256", flat=True)
