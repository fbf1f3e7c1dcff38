"""Whose token it is, and whether it still opens something."""

from typing import Self

from django.utils import timezone

from members.users.visibility import OwnQuerySet


class ApiTokenQuerySet(OwnQuerySet):
    """The tokens' questions."""

    def live(self) -> Self:
        """Those that still open something."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())
