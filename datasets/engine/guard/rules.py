"""What may leave a dataset: four named profiles, each a row of one table.

The rules are the dataset's own. They apply to its statistics alone, before anything is added to
them, whoever asks: rows of one's own beside them then hide nothing.
"""

from dataclasses import dataclass, replace
from typing import Literal

from datasets.engine.results.records import Record

Profile = Literal["open", "standard", "strict", "sums_only"]


@dataclass(frozen=True)
class Rules(Record):
    """One profile's limits. Rows are people: where one has several, thresholds are too low."""

    profile: Profile
    threshold: int
    """Fewest rows that any count, mean, level or group is about, and any column's rows off its
    most frequent value; also the fewest residual degrees of freedom."""
    dominance_rows: int
    dominance_share: float
    """So few rows may not make up more than this share of a sum, or of a sum of squares."""
    columns_per_row: float
    """Most coefficients of a model per row."""
    leverage: float
    """A row's own weight in its fitted value stays under this."""
    rounding: int
    """Counts of tables are multiples of this."""
    distributions: bool
    """Whether quantiles and histograms may be made at all."""
    query_sets: int
    """Over so many selections of a version's rows any two columns are told together; over another
    one once a person has looked."""

    @property
    def is_open(self) -> bool:
        """Whether the statistics leave as they are."""
        return self.profile == "open"

    @property
    def least_shown(self) -> int:
        """The smallest count but 0 that a table shows: the threshold, rounded up."""
        return -(-self.threshold // self.rounding) * self.rounding

    def rounded(self, count: int) -> int:
        """A count of a table as it may leave: 0 under the threshold, else rounded."""
        if count < self.threshold:
            return 0
        nearest = (count + self.rounding // 2) // self.rounding * self.rounding
        return max(nearest, self.least_shown)


ROUNDING = 5
"""Counts of what is guarded are multiples of this; pages round sums of them to as much."""

PROFILES: dict[str, Rules] = {
    one.profile: one
    for one in (
        # profile, t, n and k of dominance, columns per row, leverage, rounding, distributions,
        # query sets
        Rules("open", 0, 0, 1.0, 1.0, 1.0, 1, True, 0),
        Rules("standard", 5, 2, 0.9, 0.2, 0.5, ROUNDING, True, 8),
        Rules("strict", 10, 2, 0.8, 0.1, 0.3, ROUNDING, True, 4),
        Rules("sums_only", 10, 2, 0.8, 0.1, 0.3, ROUNDING, False, 4),
    )
}
OPEN = PROFILES["open"]


def rules_of(profile: str, threshold: int = 0) -> Rules:
    """A profile's rules with the dataset's own threshold, where that asks for more rows.

    The standard profile takes the dataset's threshold as it is (3, 5, 10 or 11); the stricter
    ones never go below their own. Raises KeyError for a profile that does not exist.
    """
    rules = PROFILES[profile]
    if rules.is_open or not threshold:
        return rules
    least = 3 if profile == "standard" else rules.threshold
    return replace(rules, threshold=max(threshold, least))
