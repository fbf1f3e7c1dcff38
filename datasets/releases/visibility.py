"""Who sees outputs that wait for a release, and what was decided on them."""

from typing import Any

from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery

from datasets.choices import GUARDED_ACCESS, ReleaseDecision, ReleaseOutcome, ReleasePolicy
from datasets.datasets.visibility import CONTROL_ROLES, ROW_ROLES, projects_of, rows_read

LEAST_ORGANISATIONS = 3
"""Of two in a pool, each subtracts itself and has the other."""

HIDDEN = Q(organisations__gte=LEAST_ORGANISATIONS)


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

    def let_go(self) -> "ReleaseQuerySet":
        """Those that keep the answer from nobody: what is released, in part only while its pool
        hides it, and what adds nothing to it."""
        whole = ~Q(decision=ReleaseDecision.IN_PART)
        released = Q(outcome=ReleaseOutcome.RELEASED)
        return self.with_organisations().filter(Q(contributes=False) | released & (whole | HIDDEN))

    def hidden_in_pool(self) -> "ReleaseQuerySet":
        """Those that are pooled with enough others that nobody subtracts."""
        return self.with_organisations().filter(HIDDEN)

    def with_organisations(self) -> "ReleaseQuerySet":
        """With `organisations`, how many nobody subtracts from its pool, by the policies of now.

        Sites whose rows all who ask may read do not count, nor do others whose rules release alone:
        whoever asks is told these by themselves.
        """
        beside = self.model._default_manager.filter(
            ~Q(dataset__release_policy=ReleasePolicy.GATE) | Q(pk=OuterRef("pk")),
            analysis=OuterRef("analysis"),
            contributes=True,
            dataset__access__in=GUARDED_ACCESS,
        )
        organisations = Count("dataset__site__institution", distinct=True)
        counted = beside.order_by().values("analysis").annotate(count=organisations).values("count")
        return self.alias(organisations=Subquery(counted))
