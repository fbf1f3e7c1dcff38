"""What an analysis’ page offers besides its answer, and which of the project’s tests it makes."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, Sum

from datasets.analyses.models import Analysis
from datasets.choices import AnalysisState
from projects.projects.permissions import can
from projects.roles import Permission


def offers_rerun(user: Any, analysis: Analysis) -> bool:
    """Whether the page offers the person to run the analysis again, or to look at an estimate whose
    checks fail."""
    return can(user, Permission.ANALYSE, analysis.project)


def offers_first(user: Any, analysis: Analysis) -> bool:
    """Whether the page offers the person to let this answer stand on the project's page."""
    has_answer = analysis.state == AnalysisState.SUCCEEDED and analysis.rerun_of_id is None
    return has_answer and can(user, Permission.EDIT_PROJECT, analysis.project)


@dataclass(frozen=True)
class CountedTests:
    """Which tests of its project an analysis makes: those up to `last` of all there are."""

    last: int
    of: int


def tests_run(analysis: Analysis) -> CountedTests:
    """Every test ever run in the project counts, since chance is found among many; one that is
    run again counts once."""
    first = analysis.rerun_of_id or analysis.pk
    asked = Analysis.objects.filter(project=analysis.project_id, rerun_of=None)
    counted = asked.aggregate(of=Sum("tests"), last=Sum("tests", filter=Q(pk__lte=first)))
    return CountedTests(last=counted["last"] or 0, of=counted["of"] or 0)
