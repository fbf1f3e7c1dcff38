"""Who sees which rows: each access rule of people and their things is written here, once."""

from typing import Any, Self

from allauth.account.models import EmailAddress
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone


class UserQuerySet(models.QuerySet[Any]):
    """People by who may see them."""

    def visible_to(self, user: Any) -> Self:
        """Signed-in people see themselves and the active ones whose address is verified."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(pk=user.pk) | (Q(is_active=True) & self.has_verified_address()))

    def verified(self) -> Self:
        return self.filter(self.has_verified_address())

    @staticmethod
    def has_verified_address() -> Exists:
        return Exists(EmailAddress.objects.filter(user=OuterRef("pk"), verified=True))


class OwnQuerySet(models.QuerySet[Any]):
    """Rows that only the person they belong to sees."""

    owner = "user"

    def visible_to(self, user: Any) -> Self:
        return self.filter(**{self.owner: user}) if user.is_authenticated else self.none()


class ApiTokenQuerySet(OwnQuerySet):
    """The tokens' questions."""

    def live(self) -> Self:
        """Those that still open something."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())


class NotificationQuerySet(OwnQuerySet):
    """The inbox's questions."""

    owner = "recipient"

    def open(self) -> Self:
        return self.filter(done_at__isnull=True)

    def by_urgency(self) -> Self:
        """What waits on the person first, the earliest due date first, then the newest."""
        waits = models.Case(models.When(action_label="", then=1), default=0)
        return self.order_by(waits, models.F("due_at").asc(nulls_last=True), "-created_at", "-id")


class AuditEventQuerySet(models.QuerySet[Any]):
    """The trail of one thing, for whoever may read it: the upper apps decide who that is."""

    def for_project(self, project_id: int) -> Self:
        return self.filter(project_id=project_id).order_by("-id")

    def for_dataset(self, dataset_id: int) -> Self:
        return self.filter(dataset_id=dataset_id).order_by("-id")
