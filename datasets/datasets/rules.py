"""Which rules a dataset's statistics keep to: what its owner chose, and who may read the rows."""

from datasets.choices import GUARDED_ACCESS
from datasets.datasets.models import Dataset
from datasets.engine.guard.rules import OPEN, Rules, rules_of


def rules_for(dataset: Dataset) -> Rules:
    """The rules as they are now: whoever asks, they are the same."""
    # Whoever may ask a question of an open one reads its rows as well.
    return guarded_rules_for(dataset) if dataset.access in GUARDED_ACCESS else OPEN


def guarded_rules_for(dataset: Dataset) -> Rules:
    """The rules for whoever reads none of its rows, be it open or guarded."""
    return rules_of(dataset.disclosure_rules, dataset.threshold)
