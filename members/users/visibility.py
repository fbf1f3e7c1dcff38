"""Who sees which people, and the rule for rows that are one’s own."""

from typing import Any, Self

from allauth.account.models import EmailAddress
from django.db import models
from django.db.models import Exists, OuterRef, Q

from portal.common.models import holds


class UserQuerySet(models.QuerySet[Any]):
    """People by who may see them."""

    def visible_to(self, user: Any) -> Self:
        """Signed-in people see themselves and the active ones whose address is verified."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(pk=user.pk) | (Q(is_active=True) & self.has_verified_address()))

    def verified(self) -> Self:
        return self.filter(self.has_verified_address())

    def first_named(self, text: str, most: int) -> list[int]:
        """Ids of the first `most` by name, whose name or institution holds the text.

        Each of the two is looked for by itself, as far as it can matter: one index answers for
        names and another for institutions, but none for either.
        """
        by_name = self.order_by("name", "id").values_list("name", "pk")
        if not text:
            return [pk for _, pk in by_name[:most]]
        named = by_name.filter(holds(text, "name"))[:most]
        working = by_name.filter(holds(text, "profile__institution__name"))[:most]
        found = named.union(working).order_by("name", "pk")[:most]
        return [pk for _, pk in found]

    @staticmethod
    def has_verified_address() -> Exists:
        return Exists(EmailAddress.objects.filter(user=OuterRef("pk"), verified=True))


class OwnQuerySet(models.QuerySet[Any]):
    """Rows that only the person they belong to sees."""

    owner = "user"

    def visible_to(self, user: Any) -> Self:
        return self.filter(**{self.owner: user}) if user.is_authenticated else self.none()
