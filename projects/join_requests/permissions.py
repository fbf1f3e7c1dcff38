"""Who may do what with a request to join, beyond what those who decide may."""

from enum import StrEnum
from typing import Any

from django.utils.translation import gettext

from portal.common.exceptions import NotAllowed
from projects.join_requests.models import JoinRequest


class JoinRequestPermission(StrEnum):
    """What somebody may do with their own request."""

    WITHDRAW = "take it back"


def require_own(user: Any, join_request: JoinRequest) -> None:
    """Raise `NotAllowed` unless it is the person who asked."""
    if join_request.user_id != user.pk:
        raise NotAllowed(gettext("Only the person who asked can take a request back."))
