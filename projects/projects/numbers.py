"""Numbers about projects that lists show and sort by."""

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from projects.projects.models import Project


def number_of(field: str) -> Coalesce:
    """How many different values the project's sites have of a field."""
    counted = (
        Project.objects.filter(pk=OuterRef("pk"))
        .order_by()
        .values("pk")
        .annotate(n=Count(f"sites__{field}", distinct=True))
        .values("n")
    )
    return Coalesce(Subquery(counted), 0)
