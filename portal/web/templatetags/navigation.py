"""Where one is and where one can go: tabs."""

from typing import Any

from django import template
from django.utils.translation import gettext

from portal.common.pages import COUNTED
from portal.common.text import counted

register = template.Library()


@register.inclusion_tag("components/tab.html", takes_context=True)
def tab(context: dict[str, Any], url: str, label: str, count: int | None = None) -> dict[str, Any]:
    """A tab, marked when it is the page one is on."""
    return {
        "url": url,
        "label": label,
        "count": up_to(count),
        "current": context["request"].path == url,
    }


def up_to(count: int | None) -> str | None:
    """A count as short as a tab can show it: 12, or 1,000+ where counting stops."""
    if count is None:
        return None
    if count <= COUNTED:
        return str(counted(count))
    return gettext("%(count)s+") % {"count": counted(COUNTED)}
