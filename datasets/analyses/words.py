"""Words that pages of several methods say."""

from django.utils.translation import gettext_lazy

PLACES = {
    "site": gettext_lazy("site"),
    "region": gettext_lazy("region"),
    "country": gettext_lazy("country"),
}
PLACE_HEADS = {
    "site": gettext_lazy("Site"),
    "region": gettext_lazy("Region"),
    "country": gettext_lazy("Country"),
}
"""The same where they begin a line, alone."""


def called(name: str) -> str:
    """A group as people call it: a place in their language, a variable by its name."""
    return str(PLACES.get(name, name))
