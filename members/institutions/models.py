"""Hospitals, universities and other places people work at."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Lower, Upper
from django.utils.translation import gettext_lazy

from portal.common.models import TimeStamped


class Institution(TimeStamped):
    """A place people work at, in one country."""

    name = models.CharField(max_length=200)
    country = models.CharField(gettext_lazy("country (ISO 3166-1 alpha-3)"), max_length=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), "country", name="institution_unique_in_country"),
            models.CheckConstraint(
                condition=models.Q(country__regex=r"^[A-Z]{3}$"), name="institution_country_valid"
            ),
        ]
        indexes = [GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="institution_trigram")]

    def __str__(self) -> str:
        return self.name
