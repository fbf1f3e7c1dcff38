"""The funding of a project: who pays how much for how long, and what for."""

from decimal import Decimal
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy

from portal.common.models import TimeStamped
from projects.projects.models import Project
from projects.projects.visibility import InsideProjectQuerySet

DIGITS: dict[str, Any] = {"max_digits": 14, "decimal_places": 3}
"""A dinar of Kuwait has a thousand parts."""


class Grant(TimeStamped):
    """Money that a source gave a project, under a number, for a time."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="grants")
    source = models.CharField(max_length=120)
    grant_number = models.CharField(max_length=80)
    amount = models.DecimalField(**DIGITS, validators=[MinValueValidator(Decimal("0.001"))])
    currency = models.CharField(gettext_lazy("currency (ISO 4217)"), max_length=3)
    starts = models.DateField()
    ends = models.DateField()

    objects = InsideProjectQuerySet.as_manager()

    class Meta:
        ordering = ["starts", "id"]
        constraints = [
            models.UniqueConstraint(
                "project", Lower("source"), Lower("grant_number"), name="grant_unique_in_project"
            ),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="grant_amount_positive"),
            models.CheckConstraint(
                condition=models.Q(currency__regex=r"^[A-Z]{3}$"), name="grant_currency_valid"
            ),
            models.CheckConstraint(
                condition=models.Q(ends__gte=models.F("starts")), name="grant_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.grant_number}"


class GrantAim(models.Model):
    """One thing a grant is for: how much of it is pledged to this, and spent on it."""

    grant = models.ForeignKey(Grant, on_delete=models.CASCADE, related_name="aims")
    aim = models.CharField(max_length=200)
    pledged = models.DecimalField(**DIGITS, validators=[MinValueValidator(0)])
    spent = models.DecimalField(**DIGITS, validators=[MinValueValidator(0)], default=Decimal(0))

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint("grant", Lower("aim"), name="grant_aim_unique"),
            models.CheckConstraint(
                condition=models.Q(pledged__gte=0, spent__gte=0), name="grant_aim_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.aim
