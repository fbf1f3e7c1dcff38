"""`{% icon "users" %}`: an icon drawn in place, silent for screen readers."""

import re
from functools import cache

from django import template
from django.conf import settings

from portal.web.figures.svg import Markup

register = template.Library()

SHAPES = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


@register.simple_tag
@cache
def icon(name: str) -> Markup:
    """Draws an icon of static/vendor/lucide; the words beside it carry the meaning."""
    file = settings.BASE_DIR / "static" / "vendor" / "lucide" / f"{name}.svg"
    (shapes,) = SHAPES.findall(file.read_text())
    inner = re.sub(r"\s+", " ", shapes).replace("> <", "><").replace(" />", "/>").strip()
    return Markup(f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">{inner}</svg>')
