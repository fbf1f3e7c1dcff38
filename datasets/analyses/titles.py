"""What a question is called: as somebody called it, else what it asks, in its reader's language."""

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.utils import translation

from datasets.analyses.inputs import variable_infos
from datasets.analyses.methods import PAGES
from datasets.analyses.models import Analysis, AnalysisInput


def titles_of(analyses: Sequence[Analysis]) -> dict[int, str]:
    """By analysis what its reader is told it is called, at the same cost for one and for many."""
    sites: dict[int, list[str]] = {one.pk: [] for one in analyses}
    found = AnalysisInput.objects.filter(analysis__in=sites).order_by("analysis", "index")
    for number, site in found.values_list("analysis", "site"):
        sites[number].append(site)
    return {one.pk: _title(one, sites[one.pk]) for one in analyses}


def is_given(analysis: Analysis, sites: Iterable[str]) -> bool:
    """Whether somebody gave its title; one that was made of the question is in the language of
    whoever asked."""
    asked = list(sites)
    for language, _ in settings.LANGUAGES:
        with translation.override(language):
            if analysis.title == _made(analysis, asked):
                return False
    return True


def _title(analysis: Analysis, sites: Sequence[str]) -> str:
    return analysis.title if is_given(analysis, sites) else _made(analysis, sites)


def _made(analysis: Analysis, sites: Sequence[str]) -> str:
    page = PAGES[analysis.method]
    return page.title_of(analysis.parameters, variable_infos(analysis), sites)
