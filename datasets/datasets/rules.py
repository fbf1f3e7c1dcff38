"""Which rules a dataset's statistics keep to: what its owner chose, and who may read the rows."""

from datasets.choices import GUARDED_ACCESS
from datasets.datasets.models import Dataset
from datasets.engine.guard.rules import OPEN, Rules, rules_of


def rules_for(dataset: Dataset) -> Rules:
    """The rules as they are now: whoever asks, they are the same."""
    if dataset.access not in GUARDED_ACCESS:
        # Whoever may ask a question of it reads its rows as well.
        return OPEN
    return rules_of(dataset.disclosure_rules, dataset.threshold)
