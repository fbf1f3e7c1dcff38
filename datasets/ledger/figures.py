"""What the figures of a question are about, however it is spelled."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from datasets.ledger.models import RowSet


@dataclass(frozen=True)
class Figure:
    """Columns of one version, read over certain rows."""

    version: int
    columns: frozenset[str]
    rows_sha256: str

    def is_asked_by(self, other: "Figure") -> bool:
        """Whether another one reads all of its columns, and perhaps more, over the same rows."""
        same_rows = (self.version, self.rows_sha256) == (other.version, other.rows_sha256)
        return same_rows and self.columns <= other.columns


def figures_of(dataset: int, questions: Collection[str]) -> dict[str, set[Figure]]:
    """By question, as its dataset's ledger has them."""
    found: dict[str, set[Figure]] = defaultdict(set)
    kept = RowSet.objects.filter(dataset=dataset, question_sha256__in=questions)
    for question, version, reads, rows in kept.values_list(
        "question_sha256", "version", "reads", "rows_sha256"
    ):
        columns = frozenset(column for _, columns in reads for column in columns)
        found[question].add(Figure(version, columns, rows))
    return found
