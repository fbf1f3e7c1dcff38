"""Which rules a dataset's statistics keep to: what its owner chose, and who may read the rows."""

from datasets.choices import Access
from datasets.datasets.models import Dataset
from datasets.engine.guard.rules import OPEN, Rules, rules_of

READ_BY_ALL_WHO_ASK = frozenset({Access.OPEN, Access.REGISTERED, Access.PROJECT})
"""Whoever may ask a question of these reads their rows as well: their own rules are for others."""


def rules_for(dataset: Dataset) -> Rules:
    """The rules as they are now: whoever asks, they are the same."""
    if dataset.access in READ_BY_ALL_WHO_ASK:
        return OPEN
    return rules_of(dataset.disclosure_rules, dataset.threshold)
