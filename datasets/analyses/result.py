"""A finished analysis as its page shows it: figures, tables and words for each method."""

from typing import Any

from datasets.analyses.inputs import variable_infos
from datasets.analyses.methods import PAGES
from datasets.analyses.methods.checks import checks_of
from datasets.analyses.models import Analysis
from datasets.analyses.shown import Answer, answer_for
from datasets.choices import AnalysisState
from datasets.engine.methods import METHODS
from datasets.engine.sentences import Sentence
from portal.common.text import number_told, told, told_around
from projects.models import Project

MOST_ABOVE = 4
"""Cautions that stand with the answer; more would keep people from it, and are folded."""


def newest_answer(user: Any, project: Project | None, **conditions: Any) -> dict[str, Any]:
    """The newest answer the project found, as its own page shows it; empty while there is none."""
    found = (
        Analysis.objects.visible_to(user)
        .answered_to(user)
        .filter(project=project, state=AnalysisState.SUCCEEDED, rerun_of=None, **conditions)
    )
    analysis = found.select_related("project").defer("spec").order_by("-id").first()
    answer = answer_for(user, analysis) if analysis else None
    if analysis is None or answer is None:
        return {}
    answer = answer.in_words()
    context = {"analysis": analysis, "answer": answer, "refused": answer.result.get("refused", "")}
    if context["refused"]:
        return context
    if answer.in_part:
        return context | {"said": said_of(analysis, answer.result), "cautions": answer.warnings}
    return context | context_of(analysis, answer, "")


def context_of(analysis: Analysis, answer: Answer, term: str) -> dict[str, Any]:
    """What the page of this method needs besides the analysis itself."""
    context = PAGES[analysis.method].context(analysis, answer.result, term)
    terms = (answer.result.get("answer") or {}).get("terms", [])
    first = [one for one in answer.warnings if one["code"] in METHODS[analysis.method].said_first]
    others = [one for one in answer.warnings if one not in first]
    on_answer = [one for one in others if one.get("about") in (None, *terms)]
    on_others = [one for one in others if one not in on_answer]
    return context | {
        "said": said_of(analysis, answer.result),
        "first": first,
        "cautions": on_answer[:MOST_ABOVE],
        "notes": [*on_answer[MOST_ABOVE:], *on_others],
        "checks": checks_of(answer.result.get("diagnostics", [])),
    }


def said_of(analysis: Analysis, result: dict[str, Any]) -> dict[str, Any]:
    """The answer in sentences."""
    variables = {info.name: info for info in variable_infos(analysis)}
    method = METHODS[analysis.method]
    parameters = method.parameters.from_json(analysis.parameters)
    said = method.say(parameters, method.result.from_json(result), variables)
    before, emphasis, after = told_around(
        said.sentence.kept, said.emphasis.kept if said.emphasis else None
    )
    return {
        "before": before,
        "emphasis": emphasis,
        "after": after,
        "numbers": [
            {"label": told(one.label.kept), "value": _value(one.value)} for one in said.numbers
        ],
    }


def _value(value: str) -> str:
    if isinstance(value, Sentence):
        return told(value.kept)
    return number_told(value)
