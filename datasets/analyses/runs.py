"""The runs of one question: which sites each of them has, which are compared, which is its answer.

What is held of a run when it is computed, and released later, is in a later run: that one is about
other rows, and no repetition.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery, Window
from django.db.models.functions import Coalesce, RowNumber

from datasets.analyses.models import Analysis, AnalysisPart
from datasets.analyses.visibility import AnalysisQuerySet
from datasets.choices import AnalysisState


@dataclass(frozen=True)
class OtherSites:
    """Sites by which a run is about other rows than the first of its question."""

    joined: list[str]
    """Their share was held from the first run, and is in this one."""
    lacking: list[str]
    """Their share is in the first run, and held from this one."""


def runs_of(analysis: Analysis) -> AnalysisQuerySet:
    """All runs of its question, itself among them."""
    first = analysis.rerun_of_id or analysis.pk
    return Analysis.objects.filter(Q(pk=first) | Q(rerun_of=first))


def comparable_with(analysis: Analysis, held: set[int]) -> Analysis | None:
    """The earliest run with an answer that has the same sites, for one of which these datasets are
    held; None for a first run, and where there is no such run."""
    if analysis.rerun_of_id is None:
        return None
    earlier = runs_of(analysis).filter(pk__lt=analysis.pk, state=AnalysisState.SUCCEEDED)
    held_of: dict[int, set[int]] = {}
    parts = AnalysisPart.objects.filter(input__analysis__in=earlier.values("pk")).exclude(held=[])
    for run, dataset in parts.values_list("input__analysis", "input__version__dataset"):
        held_of.setdefault(run, set()).add(dataset)
    found = (run for run in earlier.order_by("pk") if held_of.get(run.pk, set()) == held)
    return next(found, None)


def other_sites(analysis: Analysis, runs: Iterable[Analysis]) -> dict[int, OtherSites]:
    """By run of the question, where it has not the sites of the first."""
    several = [run.pk for run in runs]
    if not several:
        return {}
    first = analysis.rerun_of_id or analysis.pk
    shares = Analysis.objects.filter(pk__in=[first, *several], releases__isnull=False)
    in_run: dict[int, dict[int, str]] = {}
    held_of: dict[int, dict[int, str]] = {}
    for run, dataset, site, contributes, held in shares.order_by("releases__dataset").values_list(
        "pk",
        "releases__dataset",
        "releases__dataset__site__name",
        "releases__contributes",
        "releases__held",
    ):
        if contributes or held:
            (in_run if contributes else held_of).setdefault(run, {})[dataset] = site
    found = {
        run: OtherSites(
            joined=_both(held_of.get(first), in_run.get(run)),
            lacking=_both(in_run.get(first), held_of.get(run)),
        )
        for run in several
    }
    return {run: sites for run, sites in found.items() if sites.joined or sites.lacking}


def _both(one: dict[int, str] | None, other: dict[int, str] | None) -> list[str]:
    names = [site for dataset, site in (one or {}).items() if dataset in (other or {})]
    return list(dict.fromkeys(names))


@dataclass(frozen=True)
class FullerRun:
    """A later run of a question that has sites which were held from an earlier one."""

    run: Analysis
    joined: list[str]

    @property
    def pk(self) -> int:
        """The run's number."""
        return self.run.pk


def fuller_runs(user: Any, analyses: Iterable[Analysis]) -> dict[int, FullerRun]:
    """By answer that has nothing of what was held from its question's first run, the newest one
    that has it and that the person may see; asked at the same cost for one and for many."""
    questions = {
        one.pk: one.rerun_of_id or one.pk
        for one in analyses
        if one.state == AnalysisState.SUCCEEDED
    }
    if not questions:
        return {}
    asked = {*questions.values()}
    seen = Analysis.objects.visible_to(user)
    runs = seen.filter(Q(pk__in=asked) | Q(rerun_of__in=asked))
    shares = runs.filter(state=AnalysisState.SUCCEEDED, releases__isnull=False)
    held: dict[int, dict[int, str]] = {}
    in_run: dict[int, dict[int, dict[int, str]]] = {}
    for run, first, dataset, site, contributes, is_held in shares.order_by(
        "-pk", "releases__dataset"
    ).values_list(
        "pk",
        "rerun_of",
        "releases__dataset",
        "releases__dataset__site__name",
        "releases__contributes",
        "releases__held",
    ):
        if contributes and first is not None:
            in_run.setdefault(first, {}).setdefault(run, {})[dataset] = site
        elif is_held and first is None:
            held.setdefault(run, {})[dataset] = site
    found = {}
    for pk, question in questions.items():
        later = in_run.get(question, {})
        joined = {run: _both(held.get(question), sites) for run, sites in later.items()}
        newest = next((run for run, sites in joined.items() if sites), None)
        if newest is not None and not joined.get(pk):
            found[pk] = FullerRun(Analysis(pk=newest), joined[newest])
    return found


def is_answer(analysis: Analysis, sites: Mapping[int, OtherSites] | None = None) -> bool:
    """Whether it is an answer to its question by itself: the first one, or one with more sites.

    `sites` are the other sites of its runs, for whoever asked for these before.
    """
    if analysis.state != AnalysisState.SUCCEEDED:
        return False
    if analysis.rerun_of_id is None:
        return True
    own = (other_sites(analysis, [analysis]) if sites is None else sites).get(analysis.pk)
    return bool(own and own.joined)


def stands_first(analysis: Analysis, sites: Mapping[int, OtherSites] | None = None) -> bool:
    """Whether its question was put on the project's page, and it is an answer to it."""
    if analysis.rerun_of is None:
        return analysis.stands_first
    return analysis.rerun_of.stands_first and is_answer(analysis, sites)


def left_out_by_rules(analysis: Analysis, datasets: Collection[int]) -> set[int]:
    """Those of these datasets of which every later run that everybody is told has nothing, since
    their rules let nothing of the question leave."""
    later = runs_of(analysis).filter(pk__gt=analysis.pk, state=AnalysisState.SUCCEEDED)
    told = later.answered_to(AnonymousUser()).filter(releases__dataset__in=datasets)
    has, lacks = set(), set()
    for dataset, contributes, held in told.values_list(
        "releases__dataset", "releases__contributes", "releases__held"
    ):
        if contributes:
            has.add(dataset)
        elif not held:
            lacks.add(dataset)
    return lacks - has


def fullest(found: models.QuerySet[Analysis]) -> models.QuerySet[Any]:
    """Of each question one of its answers among these, with as many sites as there are; `question`
    is its first run, and `chosen` whether that was put on the project's page."""
    held = Analysis.objects.filter(
        pk=OuterRef(OuterRef("rerun_of")),
        releases__contributes=False,
        releases__held__0__isnull=False,
    )
    in_run = Analysis.objects.filter(
        pk=OuterRef("pk"),
        releases__contributes=True,
        releases__dataset__in=held.values("releases__dataset"),
    )
    counted = in_run.values("pk").annotate(n=Count("releases")).values("n")
    found = found.annotate(
        question=Coalesce("rerun_of", "pk"),
        chosen=Coalesce("rerun_of__stands_first", "stands_first"),
        joined=Coalesce(Subquery(counted), 0),
    ).filter(Q(rerun_of=None) | Q(joined__gt=0))
    place = Window(RowNumber(), partition_by=["question"], order_by=["-joined", "pk"])
    return found.annotate(place=place).filter(place=1)
