"""Who sees outputs that wait for a release, and what was decided on them."""

from typing import Any

from django.db import models
from django.db.models import Q

from datasets.choices import GUARDED_ACCESS, ReleaseDecision, ReleaseOutcome
from datasets.datasets.visibility import CONTROL_ROLES, ROW_ROLES, projects_of, rows_read


class ReleaseQuerySet(models.QuerySet[Any]):
    """Releases by who may see them."""

    def visible_to(self, user: Any) -> "ReleaseQuerySet":
        """Those of datasets that the person keeps or manages, where they may read the rows; and
        those that another person decided on and they may confirm."""
        if not user.is_authenticated:
            return self.none()
        manages = Q(dataset__project__in=projects_of(user, CONTROL_ROLES))
        keeps = Q(dataset__created_by=user, dataset__project__in=projects_of(user, ROW_ROLES))
        to_confirm = Q(
            decision__in=(ReleaseDecision.RELEASE, ReleaseDecision.IN_PART),
            outcome=ReleaseOutcome.HELD,
        )
        return self.filter(manages | keeps, rows_read(user, "dataset__") | to_confirm)

    def asked_by(self, user: Any) -> "ReleaseQuerySet":
        """Shares of answers that the person asked for, and may ask for still."""
        if not user.is_authenticated:
            return self.none()
        theirs = projects_of(user, ROW_ROLES)
        return self.filter(analysis__created_by=user, analysis__project__in=theirs)

    def waiting(self) -> "ReleaseQuerySet":
        """Those that somebody has to decide on: of data that is guarded still."""
        return self.filter(outcome=ReleaseOutcome.HELD, dataset__access__in=GUARDED_ACCESS)
