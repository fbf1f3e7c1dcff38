"""What is told of a rule: its values only to whoever may read the rows they are values of."""

from collections.abc import Iterable
from typing import Any

from datasets.datasets.models import Dataset
from datasets.mappings.models import Mapping
from datasets.versions.shown import keyed
from portal.common.canonical import sha256_of, with_digits

Rule = dict[str, Any]

OF_COLUMNS = ("kind", "column", "from", "to", "analyte")
"""Parts of a rule that speak of columns and units, and of no value."""


def rule_told(rule: Rule | None, dataset: int, *, reads_rows: bool) -> Rule | None:
    """The rule, or what of it speaks of no value: a value can be a patient's number.

    The hash, which nobody can make of a guess, tells one such rule of the dataset from another.
    """
    if rule is None or reads_rows or set(rule) <= set(OF_COLUMNS):
        return rule
    told = {name: rule[name] for name in OF_COLUMNS if name in rule}
    return told | {"sha256": keyed(sha256_of(with_digits(rule)), dataset)}


def is_told_whole(rule: Rule | None) -> bool:
    """Whether nothing was left out of what was told of it."""
    return rule is None or "sha256" not in rule


def rows_read_among(user: Any, mappings: Iterable[Mapping]) -> set[int]:
    """Their datasets whose rows the person reads."""
    datasets = Dataset.objects.filter(pk__in={one.dataset_id for one in mappings})
    return set(datasets.rows_readable_by(user).values_list("pk", flat=True))
