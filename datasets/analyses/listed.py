"""Analyses as lists show them: the answer with its interval, or how far the work is."""

import math
from collections.abc import Sequence
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils.translation import gettext

from datasets.analyses.methods import PAGES
from datasets.analyses.models import Analysis, AnalysisInput, AnalysisPart
from datasets.analyses.result import said_of
from datasets.analyses.shown import Answer, answers_for
from datasets.choices import AnalysisState, JobKind
from portal.common.text import retold
from portal.jobs.choices import JobState
from portal.jobs.models import Job
from portal.web.figures.interval import interval
from portal.web.figures.svg import finite
from portal.web.templatetags.text import fixed, sig
from portal.web.templatetags.text import interval as ends_told

UNDER_WAY = (AnalysisState.QUEUED, AnalysisState.RUNNING)


def rows_of(user: Any, analyses: Sequence[Analysis]) -> list[dict[str, Any]]:
    """A line for each, at the same cost for one and for a page full."""
    answers = answers_for(user, [one for one in analyses if one.state == AnalysisState.SUCCEEDED])
    messages = _messages(user, [one for one in analyses if one.state in UNDER_WAY])
    return [
        {
            "analysis": one,
            "method": PAGES[one.method].label,
            "message": messages.get(one.pk, ""),
            **_answered(one, answers.get(one.pk)),
        }
        for one in analyses
    ]


def _answered(analysis: Analysis, answer: Answer | None) -> dict[str, Any]:
    """The answer's sentence and its picture; nothing while there is none."""
    if answer is None:
        return {}
    result = answer.in_words().result
    if result.get("refused"):
        return {"refused": result["refused"]}
    return {"said": said_of(analysis, result), "picture": picture_of(result)}


def picture_of(result: dict[str, Any]) -> dict[str, Any] | None:
    """The interval of an answer that is one effect, drawn and in numbers."""
    answer = result.get("answer")
    # Where the effect differs there is no one number to draw.
    if not isinstance(answer, dict) or not answer.get("ci") or answer.get("interaction_test"):
        return None
    estimate, (low, high) = answer.get("estimate"), answer["ci"]
    if not (finite(estimate) and finite(low) and finite(high)):
        return None
    is_ratio = answer["scale"] == "ratio"
    if is_ratio:
        shown = [math.exp(min(one, 700.0)) for one in (estimate, low, high)]
        name = gettext("Odds ratio %(estimate)s, 95%% interval %(ends)s") % {
            "estimate": fixed(shown[0]),
            "ends": ends_told(shown[1:]),
        }
    else:
        name = gettext("Difference %(estimate)s, 95%% interval %(low)s to %(high)s") % {
            "estimate": sig(estimate),
            "low": sig(low),
            "high": sig(high),
        }
    return {"drawing": interval(estimate, low, high, is_ratio=is_ratio), "numbers": name}


def _messages(user: Any, analyses: Sequence[Analysis]) -> dict[int, str]:
    """How far each is, for whoever sees its job."""
    if not analyses:
        return {}
    seen = Job.objects.visible_to(user).filter(
        kind=JobKind.ANALYSE, target_id__in=[one.pk for one in analyses]
    )
    return {job.target_id: retold(job.message, job.said) for job in seen.order_by("id")}


def sites_of(analysis: Analysis, inputs: Sequence[AnalysisInput]) -> list[dict[str, Any]]:
    """Which sites of these inputs have answered the present round, and which are computing."""
    parts = AnalysisPart.objects.filter(input__in=inputs, round=analysis.spec["round"])
    known = {
        number: (pk, answered)
        for pk, number, answered in parts.annotate(
            answered=ExpressionWrapper(Q(statistics__isnull=False), BooleanField())
        ).values_list("pk", "input_id", "answered")
    }
    running = set(
        Job.objects.filter(
            kind=JobKind.SUMMARISE,
            state=JobState.RUNNING,
            target_id__in=[p for p, _ in known.values()],
        ).values_list("target_id", flat=True)
    )
    found: dict[str, dict[str, Any]] = {}
    for one in inputs:
        part, answered = known.get(one.pk, (None, False))
        line = found.setdefault(one.site, {"site": one.site, "done": True, "running": False})
        line["done"] &= answered
        line["running"] |= part in running
    return list(found.values())
