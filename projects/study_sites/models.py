"""A place where a project collects data."""

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy

from members.models import Institution
from portal.common.countries import name_of, region_of
from portal.common.models import TimeStamped
from projects.projects.models import Project, tell_project
from projects.projects.visibility import InsideProjectQuerySet


class StudySite(TimeStamped):
    """One site of one project: its name there, its institution, its country."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="sites")
    name = models.CharField(max_length=120)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="sites")
    country = models.CharField(gettext_lazy("country (ISO 3166-1 alpha-3)"), max_length=3)

    objects = InsideProjectQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint("project", Lower("name"), name="study_site_unique_in_project"),
            models.CheckConstraint(
                condition=models.Q(country__regex=r"^[A-Z]{3}$"), name="study_site_country_valid"
            ),
        ]
        triggers = [tell_project("country")]

    def __str__(self) -> str:
        return self.name

    @property
    def country_name(self) -> str:
        return name_of(self.country)

    @property
    def region(self) -> str:
        """The UN M49 sub-region the country lies in."""
        return region_of(self.country)
