"""What a column of a dataset may hold, as whoever keeps the rows declared it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy

from datasets.choices import ColumnType
from datasets.datasets.models import Dataset
from portal.common.models import TimeStamped, one_of


class Domain(TimeStamped):
    """One column's type, range, codes and bins; it belongs to the dataset and survives versions."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="domains")
    column = models.CharField(max_length=255)
    type = models.CharField(max_length=12, choices=ColumnType)
    low = models.FloatField(gettext_lazy("lowest value"), null=True, blank=True)
    high = models.FloatField(gettext_lazy("highest value"), null=True, blank=True)
    levels = models.JSONField(
        default=list, blank=True, help_text="Pairs of a code and its meaning, which may be empty."
    )
    edges = models.JSONField(
        default=list, blank=True, help_text="Edges of a histogram, ascending; its ends are open."
    )
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            one_of("domain", "type", ColumnType),
            models.UniqueConstraint("dataset", "column", name="domain_once_per_column"),
            models.CheckConstraint(
                condition=Q(low__isnull=True) | Q(high__isnull=True) | Q(low__lte=F("high")),
                name="domain_range_ascends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.column} of {self.dataset}"

    @property
    def codes(self) -> tuple[str, ...]:
        """The levels without their meanings."""
        return tuple(code for code, _ in self.levels)

    @property
    def described(self) -> dict[str, Any]:
        """What was declared, as JSON: for the API and the audit trail."""
        return {
            "column": self.column,
            "type": self.type,
            "low": self.low,
            "high": self.high,
            "levels": [{"code": code, "meaning": meaning} for code, meaning in self.levels],
            "edges": self.edges,
        }
