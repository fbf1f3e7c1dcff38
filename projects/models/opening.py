"""What a project lacks and looks for."""

from django.db import models

from members.models import Discipline
from portal.common.models import TimeStamped, one_of
from projects.models.project import Project


class OpeningKind(models.TextChoices):
    """The kinds of gap people can fill."""

    DISCIPLINE = "discipline", "Discipline"
    METHOD = "method", "Methods and statistics"
    REGION = "region", "Sites in a region"
    DATA = "data", "Data"
    RESOURCE = "resource", "Equipment or funding"
    REVIEW = "review", "Peer or ethics review"


class Opening(TimeStamped):
    """One gap of a project, open until it is filled."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="openings")
    kind = models.CharField(max_length=12, choices=OpeningKind)
    detail = models.CharField(max_length=120)
    discipline = models.CharField(max_length=32, choices=Discipline.choices, blank=True)
    filled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            one_of("opening", "kind", OpeningKind),
            models.CheckConstraint(
                condition=models.Q(discipline__in=["", *Discipline.values]),
                name="opening_discipline_valid",
            ),
        ]

    def __str__(self) -> str:
        return self.detail
