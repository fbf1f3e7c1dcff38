"""Which rules a dataset's statistics keep to, from the access level and threshold of its owner."""

from datasets.choices import Access
from datasets.datasets.models import Dataset
from datasets.engine.guard.rules import Profile, Rules, rules_of

PROFILE_BY_ACCESS: dict[str, Profile] = {
    # Everybody who may ask a question of these reads their rows as well.
    Access.OPEN: "open",
    Access.REGISTERED: "open",
    Access.PROJECT: "open",
    Access.CONTROLLED: "standard",
    Access.SUMMARIES: "standard",
}


def rules_for(dataset: Dataset) -> Rules:
    """The rules as they are now: whoever asks, they are the same."""
    return rules_of(PROFILE_BY_ACCESS[dataset.access], dataset.threshold)
