"""Words that pages of several methods say."""

from django.utils.translation import gettext_lazy

from datasets.engine.methods.shared.words import PLACE_HEADS, PLACES
from portal.common.text import told


def called(name: str) -> str:
    """A group as people call it within a sentence: a place in their language, a variable by its
    name."""
    return told(PLACES[name].kept) if name in PLACES else name


def called_first(name: str) -> str:
    """The same where it begins a line."""
    return told(PLACE_HEADS[name].kept) if name in PLACE_HEADS else name


TABLES = {
    "across_sites": gettext_lazy("Pairs within sites"),
    "across_sites_studies": gettext_lazy("Pairs at each site"),
    "by_site": gettext_lazy("Each site’s model"),
    "by_site_coefficients": gettext_lazy("Coefficients of each site’s model"),
    "by_site_separation": gettext_lazy("Separation at each site"),
    "coefficients": gettext_lazy("Coefficients of the model over all rows"),
    "counts": gettext_lazy("Rows by level and site"),
    "diagnostics": gettext_lazy("Checks before the estimate"),
    "excluded_sites": gettext_lazy("Sites left out"),
    "groups": gettext_lazy("Groups and their rows"),
    "interaction_tests": gettext_lazy("Tests of interactions"),
    "pairs": gettext_lazy("Pairs over all rows"),
    "separation": gettext_lazy("Separation over all rows"),
    "term_tests": gettext_lazy("Tests of terms"),
    "two_stage": gettext_lazy("Effects pooled over sites"),
    "two_stage_leave_one_out": gettext_lazy("Pooled effects without each site"),
    "two_stage_regions": gettext_lazy("Effects by region"),
    "two_stage_studies": gettext_lazy("Effects by site"),
    "variables": gettext_lazy("Variables"),
    "variables_counts": gettext_lazy("Variables’ values"),
    "variables_groups": gettext_lazy("Variables by group"),
    "variables_groups_counts": gettext_lazy("Variables’ values by group"),
}
"""A result's tables as people call them; their files have the engine's names."""


def table_called(name: str) -> str:
    """One of them; a table that nobody named keeps its name."""
    return str(TABLES.get(name, name))
