"""`{% icon "users" %}`: an icon drawn in place, silent for screen readers."""

import re
from functools import cache

from django import template
from django.conf import settings
from django.utils.safestring import SafeString

register = template.Library()

SHAPES = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """Draws an icon of static/vendor/lucide; the words beside it carry the meaning."""
    file = settings.BASE_DIR / "static" / "vendor" / "lucide" / f"{name}.svg"
    shapes = SHAPES.search(file.read_text())
    assert shapes, f"{file} holds no drawing"
    inner = re.sub(r"\s+", " ", shapes[1]).replace("> <", "><").replace(" />", "/>").strip()
    # A file of ours, not what a person wrote.
    return SafeString(f'<svg class="i" viewBox="0 0 24 24" aria-hidden="true">{inner}</svg>')
