"""`{% options widget.optgroups %}`: what one can choose from in a select."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from django import template
from django.forms.utils import flatatt

from portal.web.figures.svg import Markup

register = template.Library()


@register.simple_tag
def options(groups: Iterable[tuple[str | None, Sequence[dict[str, Any]], int]]) -> Markup:
    """The choices of a select, alone or in groups.

    Django draws each by two templates of its own, and a list of countries has 249.
    """
    return Markup("\n".join(_group(name, choices) for name, choices, _ in groups))


def _group(name: str | None, choices: Sequence[dict[str, Any]]) -> str:
    drawn = "\n".join(_option(**choice) for choice in choices)
    return f'<optgroup label="{escape(str(name))}">\n{drawn}\n</optgroup>' if name else drawn


def _option(value: Any, label: Any, attrs: dict[str, Any], **more: Any) -> str:
    attributes = flatatt(attrs) if attrs else ""
    return f'<option value="{escape(str(value))}"{attributes}>{escape(str(label))}</option>'
