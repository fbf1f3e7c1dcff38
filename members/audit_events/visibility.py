"""The trail of one thing."""

from typing import Any, Self

from django.db import models


class AuditScopeQuerySet(models.QuerySet[Any]):
    """The trail of one thing, for whoever may read it: the upper apps decide who that is."""

    def of(self, kind: str, number: int) -> Self:
        """What belongs to this thing, with its event, the newest first.

        Lists turn pages by `event_id` here, not by the event's own id, for then one index serves
        the thing, the order and the place to go on from. The events of a page come by a query of
        their own: in a join the database may walk down all events to meet those deep in a trail.
        """
        found = self.filter(kind=kind, number=number)
        return found.prefetch_related("event").order_by("-event_id")
