"""What an analysis’ page offers besides its answer, and which of the project’s tests it makes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Q, Sum

from datasets.analyses.models import Analysis
from datasets.analyses.runs import OtherSites, is_answer
from datasets.choices import AnalysisState
from projects.projects.permissions import can
from projects.roles import Permission


def offers_rerun(user: Any, analysis: Analysis) -> bool:
    """Whether the page offers the person to run the analysis again, or to look at an estimate whose
    checks fail."""
    return can(user, Permission.ANALYSE, analysis.project)


def offers_first(user: Any, analysis: Analysis, sites: Mapping[int, OtherSites]) -> bool:
    """Whether the page offers the person to let this answer stand on the project's page; `sites`
    are the other sites of its runs."""
    return can(user, Permission.EDIT_PROJECT, analysis.project) and is_answer(analysis, sites)


@dataclass(frozen=True)
class CountedTests:
    """Which tests of its project an analysis makes: those up to `last` of all there are."""

    last: int
    of: int


def questions_that_count(project: int) -> models.QuerySet[Analysis]:
    """The questions of a project whose tests count, since chance is found among many: one that is
    run again counts once, and one that was cancelled not at all.

    Whether the rows gave a p-value does not count: that would be told to all who read the sum.
    """
    asked = Analysis.objects.filter(project=project, rerun_of=None)
    return asked.exclude(state=AnalysisState.CANCELLED)


def tests_run(analysis: Analysis) -> CountedTests:
    """Which of the project's tests they are, by the order in which they were asked for."""
    first = analysis.rerun_of_id or analysis.pk
    asked = questions_that_count(analysis.project_id)
    counted = asked.aggregate(of=Sum("tests"), last=Sum("tests", filter=Q(pk__lte=first)))
    return CountedTests(last=counted["last"] or 0, of=counted["of"] or 0)
