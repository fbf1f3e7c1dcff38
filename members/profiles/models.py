"""What a person tells others about themselves."""

import re

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext, gettext_lazy

from members.choices import Discipline
from members.institutions.models import Institution
from members.users.models import User
from portal.common.models import TimeStamped


def validate_orcid(value: str) -> None:
    """Four groups of four with the ISO 7064 MOD 11-2 check character."""
    if not re.fullmatch(r"([0-9]{4}-){3}[0-9]{3}[0-9X]", value):
        raise ValidationError(
            gettext("Write the ORCID iD as 0000-0002-1825-0097."), code="orcid_form"
        )
    digits = value.replace("-", "")
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    if digits[-1] != ("X" if check == 10 else str(check)):
        raise ValidationError(
            gettext("One character of this ORCID iD is wrong: its check digit does not fit."),
            code="orcid_checksum",
        )


# The row is locked so that the person cannot take another name meanwhile.
KEEP_FACETS = """
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM members_personfacet WHERE user_id = OLD.user_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        SELECT * INTO person FROM members_user WHERE id = NEW.user_id FOR SHARE;
        INSERT INTO members_personfacet (facet, name, user_id)
        SELECT DISTINCT 'discipline:' || value, person.name, person.id
        FROM unnest(NEW.disciplines) AS value
        UNION ALL
        SELECT 'country:' || NEW.country, person.name, person.id WHERE NEW.country <> '';
    END IF;
    RETURN NULL;
"""


class Profile(TimeStamped):
    """A person's ORCID, institution, country and disciplines."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="profile")
    orcid = models.CharField(
        gettext_lazy("ORCID iD"),
        max_length=19,
        unique=True,
        null=True,
        blank=True,
        validators=[validate_orcid],
    )
    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, null=True, blank=True, related_name="profiles"
    )
    country = models.CharField(
        gettext_lazy("country (ISO 3166-1 alpha-3)"), max_length=3, blank=True
    )
    disciplines = ArrayField(
        models.CharField(max_length=32, choices=Discipline.choices), default=list, blank=True
    )
    about = models.TextField(max_length=2000, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(country__regex=r"^([A-Z]{3})?$"), name="profile_country_valid"
            ),
            models.CheckConstraint(
                condition=models.Q(orcid__isnull=True)
                | models.Q(orcid__regex=r"^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$"),
                name="profile_orcid_valid",
            ),
            models.CheckConstraint(
                condition=models.Q(disciplines__contained_by=Discipline.values),
                name="profile_disciplines_valid",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="keep_facets",
                when=pgtrigger.After,
                operation=pgtrigger.Insert
                | pgtrigger.Delete
                | pgtrigger.UpdateOf("user_id", "disciplines", "country"),
                declare=[("person", "members_user")],
                func=KEEP_FACETS,
            )
        ]

    def __str__(self) -> str:
        return self.user.name

    @property
    def discipline_names(self) -> list[str]:
        return [str(Discipline(value).label) for value in self.disciplines]
