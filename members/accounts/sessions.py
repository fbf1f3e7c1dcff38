"""What a request was let in with, to be asked again while its answer still runs."""

from dataclasses import dataclass
from typing import Any, Self

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.utils.crypto import constant_time_compare

from members.api_tokens.models import ApiToken
from members.users.models import User


@dataclass(frozen=True)
class Entry:
    """An API token or a session, or neither for somebody unknown."""

    user_id: int | None
    token_id: int | None
    session: Any

    @classmethod
    def of(cls, request: Any) -> Self:
        """The request's, of a page or of the API."""
        token = getattr(request, "auth", None)
        return cls(
            user_id=request.user.pk,
            token_id=token.pk if isinstance(token, ApiToken) else None,
            session=request.session,
        )

    def person(self) -> User | AnonymousUser | None:
        """Whoever it lets in now: the account as it is stored, or None when it has ended."""
        if self.user_id is None:
            return AnonymousUser()
        user = User.objects.filter(pk=self.user_id, is_active=True).first()
        return user if user is not None and self._counts_for(user) else None

    def _counts_for(self, user: User) -> bool:
        if self.token_id is not None:
            return ApiToken.objects.visible_to(user).live().filter(pk=self.token_id).exists()
        stored = self.session.__class__(self.session.session_key).load()
        # A new password changes the hash, as it does for the next page.
        return constant_time_compare(stored.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
