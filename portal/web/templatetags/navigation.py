"""Where one is and where one can go: tabs."""

from typing import Any

from django import template

register = template.Library()


@register.inclusion_tag("components/tab.html", takes_context=True)
def tab(context: dict[str, Any], url: str, label: str, count: int | None = None) -> dict[str, Any]:
    """A tab, marked when it is the page one is on."""
    return {
        "url": url,
        "label": label,
        "count": count,
        "current": context["request"].path == url,
    }
