"""What a project lacks and looks for."""

from django.db import models
from django.utils.translation import gettext, gettext_lazy

from members.choices import Discipline
from portal.common.countries import SUB_REGIONS, region_name
from portal.common.models import TimeStamped, one_of
from projects.choices import OpeningKind
from projects.openings.visibility import OpeningQuerySet
from projects.projects.models import Project, tell_project


class Opening(TimeStamped):
    """One gap of a project, open until it is filled."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="openings")
    kind = models.CharField(max_length=12, choices=OpeningKind)
    detail = models.CharField(max_length=120, blank=True)
    discipline = models.CharField(max_length=32, choices=Discipline.choices, blank=True)
    method = models.CharField(max_length=80, blank=True)
    region = models.CharField(
        max_length=60, choices=[(name, name) for name in SUB_REGIONS], blank=True
    )
    filled_at = models.DateTimeField(null=True, blank=True)

    objects = OpeningQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            one_of("opening", "kind", OpeningKind),
            models.CheckConstraint(
                condition=models.Q(discipline__in=["", *Discipline.values]),
                name="opening_discipline_valid",
            ),
            models.CheckConstraint(
                condition=models.Q(region__in=["", *SUB_REGIONS]), name="opening_region_valid"
            ),
            models.CheckConstraint(
                condition=~models.Q(detail="", discipline="", method="", region=""),
                name="opening_says_something",
                violation_error_message=gettext_lazy("Say what you are looking for."),
            ),
        ]
        triggers = [tell_project("kind", "filled_at")]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """What is looked for, in a few words."""
        if self.detail:
            return self.detail
        place = (
            gettext("Sites in %(region)s") % {"region": region_name(self.region)}
            if self.region
            else ""
        )
        return self.method or self.get_discipline_display() or place
