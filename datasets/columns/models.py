"""A column of a version: its dictionary entry and its profile."""

from django.db import models
from django.utils.translation import gettext_lazy

from datasets.choices import ColumnType
from datasets.columns.units import unit_told
from datasets.versions.models import Version
from portal.common.models import one_of


class Column(models.Model):
    """One column, in file order."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="columns")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=255)
    type = models.CharField(max_length=12, choices=ColumnType)
    label = models.CharField(max_length=200, blank=True)
    unit = models.CharField(gettext_lazy("unit (UCUM)"), max_length=40, blank=True)
    profile = models.JSONField()

    class Meta:
        ordering = ["position"]
        constraints = [
            one_of("column", "type", ColumnType),
            models.UniqueConstraint("version", "name", name="column_name_once"),
            models.UniqueConstraint("version", "position", name="column_position_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def unit_told(self) -> str:
        """Its unit as people write it."""
        return unit_told(self.unit)
