"""Where one is and where one can go: breadcrumbs, tabs, sortable heads."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.http import HttpRequest

from portal.common.pages import address

register = template.Library()


@register.inclusion_tag("components/breadcrumbs.html")
def crumbs(*steps: str) -> dict[str, Any]:
    """`{% crumbs "Projects" url project.title url "Members" %}`: pairs, then the page itself."""
    pairs = zip(steps[0:-1:2], steps[1::2], strict=True)
    return {"steps": [{"label": label, "url": url} for label, url in pairs], "here": steps[-1]}


@register.inclusion_tag("components/breadcrumbs.html")
def trail(places: Sequence[tuple[str, str]], here: str) -> dict[str, Any]:
    """`{% trail places "Here" %}`: pages by label and address, then the page itself."""
    return {"steps": [{"label": label, "url": url} for label, url in places], "here": here}


@register.inclusion_tag("components/tab.html", takes_context=True)
def tab(context: dict[str, Any], url: str, label: str, count: int | None = None) -> dict[str, Any]:
    """A tab, marked when it is the page one is on."""
    return {
        "url": url,
        "label": label,
        "count": count,
        "current": context["request"].path == url,
    }


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(
    context: dict[str, Any], label: str, field: str, numeric: bool = False
) -> dict[str, Any]:
    """A table head that sorts by ?ordering=; the second click turns the order round."""
    request: HttpRequest = context["request"]
    current = request.GET.get("ordering", "")
    # Numbers are looked at from the largest down.
    first, second = (f"-{field}", field) if numeric else (field, f"-{field}")
    url = address(request, ordering=second if current == first else first)
    sort = {field: "ascending", f"-{field}": "descending"}.get(current, "none")
    return {"label": label, "url": url, "sort": sort, "numeric": numeric}
