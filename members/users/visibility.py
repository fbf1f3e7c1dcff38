"""Who sees which people, and the rule for rows that are one’s own."""

from collections.abc import Sequence
from typing import Any, Self

from allauth.account.models import EmailAddress
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

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

    def first_named(self, text: str, most: int, facets: Sequence[str] = ()) -> list[int]:
        """Ids of the first `most` by name with all facets and the text in name or institution.

        Each of the two is looked for by itself, as far as it can matter: one index answers for
        names and another for institutions, but none for either.
        """
        if not text:
            return [pk for _, pk in self.by_name(facets)[:most]]
        named = holds(text, "name")
        if facets:
            # A facet's names are looked through in order, before anything else of the people is.
            named &= holds(text, "facets__name")
        working = holds(text, "profile__institution__name")
        found = self.by_name(facets, named)[:most].union(self.by_name(facets, working)[:most])
        return [pk for _, pk in found.order_by("listed", "pk")[:most]]

    def by_name(self, facets: Sequence[str], fitting: Q | None = None) -> models.QuerySet[Any, Any]:
        """Names and ids of those who have all facets, in the order that the first facet keeps."""
        people = self
        for facet in facets[1:]:
            people = people.filter(facets__facet=facet)
        fitting = fitting or Q()
        if facets:
            fitting &= Q(facets__facet=facets[0])
        people = people.filter(fitting).annotate(listed=F("facets__name" if facets else "name"))
        return people.order_by("listed", "pk").values_list("listed", "pk")

    @staticmethod
    def has_verified_address() -> Exists:
        return Exists(EmailAddress.objects.filter(user=OuterRef("pk"), verified=True))


class OwnQuerySet(models.QuerySet[Any]):
    """Rows that only the person they belong to sees."""

    owner = "user"

    def visible_to(self, user: Any) -> Self:
        return self.filter(**{self.owner: user}) if user.is_authenticated else self.none()
