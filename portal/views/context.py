"""What every page needs: where one can go, the theme, and how much waits."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy

from members.notifications import actions as notifications
from portal.common.pages import Request

NAV = (
    (gettext_lazy("Projects"), "/projects/"),
    (gettext_lazy("People"), "/people/"),
    (gettext_lazy("Data"), "/datasets/"),
)


THEMES = {"light", "dark"}


def page(request: Request) -> dict[str, Any]:
    """Context of base.html; the count is asked for only where the bell is drawn."""
    return {
        "nav": [
            {"label": label, "url": url, "current": request.path.startswith(url)}
            for label, url in NAV
        ],
        "languages": settings.LANGUAGES,
        "theme": theme_of(request),
        "unread": SimpleLazyObject(lambda: _unread(request)),
    }


def theme_of(request: HttpRequest) -> str:
    """The theme that the reader chose, or nothing where their system's is theirs."""
    theme = request.COOKIES.get("theme", "")
    return theme if theme in THEMES else ""


def _unread(request: Request) -> int:
    """How many notifications the person has not done yet."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return 0
    return notifications.open_count(user)
