"""A variable that a project defines once and every dataset is mapped to."""

import re
from typing import Any, cast

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy

from datasets.choices import ColumnType
from datasets.columns.units import unit_told
from datasets.engine.rows.frame import VariableInfo, VariableType
from portal.common.models import TimeStamped, one_of
from projects.models import Project
from projects.projects.visibility import InsideProjectQuerySet


class Codes(models.JSONField):
    """Meanings by their codes, in the order in which somebody wrote them: it is that of levels.

    They are kept as pairs, for PostgreSQL has an object's keys in an order of its own.
    """

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        pairs = [list(pair) for pair in value.items()] if isinstance(value, dict) else value
        return super().get_db_prep_value(pairs, connection, prepared)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> dict[str, str] | None:
        # Joined to nothing there are none.
        pairs = super().from_db_value(value, expression, connection)
        return None if pairs is None else dict(pairs)


class SharedVariable(TimeStamped):
    """Name, type, unit and codes of a harmonised variable."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="variables")
    name = models.CharField(max_length=63)
    label = models.CharField(max_length=200, blank=True)
    type = models.CharField(max_length=12, choices=ColumnType)
    unit = models.CharField(gettext_lazy("unit (UCUM)"), max_length=40, blank=True)
    codes = Codes(default=dict, blank=True, help_text="For categories and yes/no: code to meaning.")
    topic = models.CharField(max_length=80, blank=True)
    wave = models.CharField(
        max_length=60, blank=True, help_text="When it was measured, of one measured several times."
    )
    repeat_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="repeats"
    )
    copied_from = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="copies",
        help_text="Another project's, whose rules are suggested here.",
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    objects = InsideProjectQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            one_of("shared_variable", "type", ColumnType),
            models.UniqueConstraint("project", "name", name="shared_variable_once"),
            models.CheckConstraint(
                condition=models.Q(name__regex=r"^[A-Za-z][A-Za-z0-9_]*$")
                & ~models.Q(name__in=("site", "country", "region")),
                name="shared_variable_name_valid",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def unit_told(self) -> str:
        """Its unit as people write it, empty for a pure number."""
        return unit_told(self.unit)

    @property
    def wave_in_words(self) -> re.Pattern[str]:
        """Its wave where it is a word of a text, however written: the 1 of “HbA1c” is none."""
        return re.compile(rf"(?<!\w){re.escape(self.wave)}(?!\w)", re.IGNORECASE)

    @property
    def _label_and_wave(self) -> str:
        """Of one thing measured several times, when: or a question of two waves names one twice.

        In brackets, since a sentence has commas of its own.
        """
        if not self.label or not self.wave or self.wave_in_words.search(self.label):
            return self.label
        return f"{self.label} ({self.wave})"

    @property
    def info(self) -> VariableInfo:
        """What the engine knows of it."""
        return VariableInfo(
            name=self.name,
            type=cast(VariableType, self.type),
            label=self._label_and_wave,
            levels=tuple(self.codes) if self.codes else None,
            unit=self.unit,
            meanings=tuple((code, meaning) for code, meaning in self.codes.items() if meaning),
            wave=self.wave,
        )
