"""A finished analysis as its page shows it: figures, tables and words for each method."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.utils.text import capfirst
from django.utils.translation import gettext

from datasets.analyses.answer import Answer
from datasets.analyses.answers import answer_for
from datasets.analyses.doubles import ONCE, counts_rows
from datasets.analyses.inputs import variable_infos
from datasets.analyses.methods import PAGES
from datasets.analyses.methods.checks import checks_of
from datasets.analyses.models import Analysis, AnalysisInput
from datasets.analyses.runs import fullest
from datasets.analyses.standing import has_estimate, is_doubted, looked_at
from datasets.analyses.titles import title_of
from datasets.choices import AnalysisState
from datasets.engine.methods import METHODS
from datasets.engine.methods.contract import Said
from datasets.engine.methods.shared.words import PEOPLE, ROWS
from datasets.engine.sentences import Sentence, in_turn
from portal.common.text import listed, number_told, told, told_around
from projects.models import Project

FOLDED = frozenset({"rounded_by_site", "check_far_from_site", "narrow_interval"})
"""Cautions on how figures are to be read, whatever the answer is: each such figure says it is
about so many; on the model that only checks the answer; and on an interval that was not taken, of
which the note below the figure tells."""

SAID_BY = {"separation": "firth_for_all_sites"}
"""Cautions that explain another one, which stands with the answer in their place."""

WITHHELD = frozenset(
    {"guarded_answer", "withheld_by_site", "held_by_site", "released_since", "kept_by_site"}
)
"""Cautions on what is not in the answer: they are no doubts of what is."""

MOST_ABOVE = 4
"""Cautions that stand with the answer; more would keep people from it, and are folded."""


FEW = 5
"""Of so many answers, the likeliest first, one with something to tell is looked for."""

ABOUT_ONE = [
    name
    for name, method in METHODS.items()
    if "exposure" in {field.name for field in fields(method.parameters)}
]
"""Methods that answer what one exposure has to do with an outcome, as projects mostly ask."""

UNSEEN = Sentence("Its checks fail, so the estimate is not shown here.")


def newest_answer(user: Any, project: Project | None) -> dict[str, Any]:
    """The answer that stands first, else one with something to tell, as its page shows it; empty
    without any.

    What an exposure has to do with an outcome goes before a description, what most sites say before
    what fewer do, and the newest of these before others. Of a question that was run again with what
    was held before, it is the run with the most sites.
    """
    sites = AnalysisInput.objects.filter(analysis=OuterRef("pk")).values("analysis")
    found = (
        fullest(
            Analysis.objects.visible_to(user)
            .answered_to(user)
            .filter(project=project, state=AnalysisState.SUCCEEDED)
        )
        .annotate(
            is_about_one=Q(method__in=ABOUT_ONE),
            sites=Subquery(sites.annotate(n=Count("site", distinct=True)).values("n")),
        )
        .order_by("-chosen", "-is_about_one", "-sites", "-question")
    )
    newest: dict[str, Any] = {}
    for one in found.select_related("project").defer("spec")[:FEW]:
        shown = _at_the_head(user, one)
        if shown and not shown["refused"] and has_estimate(shown["answer"].result):
            return shown
        newest = newest or shown
    return newest


def _at_the_head(user: Any, analysis: Any) -> dict[str, Any]:
    """An answer as its page shows it; empty where it is not told."""
    answer = answer_for(user, analysis)
    if answer is None:
        return {}
    answer = answer.in_words()
    context = {
        "analysis": analysis,
        "title": title_of(analysis),
        "chosen": analysis.chosen,
        "answer": answer,
        "refused": answer.result.get("refused", ""),
    }
    if context["refused"]:
        return context
    if is_doubted(answer.result) and not looked_at([analysis]):
        return context | {"refused": doubts_of(analysis, answer)}
    if answer.in_part:
        by_rows = counts_rows(answer)
        said = said_of(analysis, answer.result, by_rows=by_rows)
        return context | {"said": said, "doubts": doubting(answer.warnings)}
    shown = context_of(analysis, answer, "")
    return context | shown | {"doubts": doubting([*shown["first"], *shown["cautions"]])}


def doubting(cautions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that are doubts of what is in the answer: not what is not, nor that nobody counts
    twice."""
    return [one for one in cautions if one["code"] not in WITHHELD | {ONCE}]


def context_of(analysis: Analysis, answer: Answer, term: str) -> dict[str, Any]:
    """What the page of this method needs besides the analysis itself."""
    notes = (*answer.suppressed, *answer.withheld)
    context = PAGES[analysis.method].context(analysis, answer.result, term, notes)
    terms = (answer.result.get("answer") or {}).get("terms", [])
    first = first_of(analysis, answer)
    withheld_by = [one for one in answer.warnings if one["code"] in WITHHELD]
    others = [one for one in answer.warnings if one not in (*first, *withheld_by)]
    codes = {one["code"] for one in others}
    on_answer = [
        one
        for one in others
        if one.get("about") in (None, *terms)
        and one["code"] not in FOLDED
        and SAID_BY.get(one["code"]) not in codes
    ]
    on_others = [one for one in others if one not in on_answer]
    return context | {
        "said": said_of(analysis, answer.result, by_rows=counts_rows(answer)),
        "first": first,
        "withheld_by": withheld_by,
        "withheld_at": withheld_at(answer),
        "cautions": on_answer[:MOST_ABOVE],
        "notes": [*on_answer[MOST_ABOVE:], *on_others],
        "checks": checks_of(answer.result.get("diagnostics", [])),
    }


def withheld_at(answer: Answer) -> str:
    """The sites of which something is withheld, as far as this reader is told."""
    sites = [one.get("site") for one in (*answer.suppressed, *answer.withheld)]
    return listed([site for site in dict.fromkeys(sites) if site])


def keyed_at(answer: Answer) -> str:
    """The sites whose hashes are keyed for this reader, who reads none of their rows."""
    inputs = answer.provenance["inputs"]
    return listed(list(dict.fromkeys(one["site"] for one in inputs if one.get("approximate"))))


def first_of(analysis: Analysis, answer: Answer) -> list[dict[str, Any]]:
    """Warnings that are said before the answer."""
    first = METHODS[analysis.method].said_first
    return [one for one in answer.warnings if one["code"] in first]


def sentence_of(analysis: Analysis, answer: Answer) -> str:
    """The answer as its page begins, in the engine's English: for a doubted one that nobody has
    looked at, why it is not shown."""
    if refused := answer.result.get("refused"):
        return str(refused)
    if is_doubted(answer.result) and not looked_at([analysis]):
        first = first_of(analysis, answer)
        return first[0]["message"] if first else UNSEEN
    said = _said(analysis, answer.result).sentence
    return said[:1].upper() + said[1:]


def doubts_of(analysis: Analysis, answer: Answer) -> str:
    """What stands in lists in place of an estimate that nobody has looked at."""
    found = [one["message"] for one in first_of(analysis, answer)]
    return found[0] if found else gettext(UNSEEN)


def said_of(analysis: Analysis, result: dict[str, Any], *, by_rows: bool = False) -> dict[str, Any]:
    """The answer in sentences and numbers: its headline around what is set in bold, and what stands
    below; `by_rows` where people may be in several of them."""
    said = _said(analysis, result)
    before, emphasis, after = told_around(
        said.headline.kept, said.emphasis.kept if said.emphasis else None
    )
    if _begins_with_count(said):
        before, emphasis = capfirst(before), emphasis if before else capfirst(emphasis)
    return {
        "before": before,
        "emphasis": emphasis,
        "after": after,
        "first": [told(one.kept) for one in said.first],
        "further": told(in_turn(*said.further).kept) if said.further else "",
        "numbers": [
            {
                "label": told((ROWS if by_rows and one.label == PEOPLE else one.label).kept),
                "value": _value(one.value),
            }
            for one in said.numbers
        ],
    }


def _begins_with_count(said: Said) -> bool:
    """Whether it begins with a number, which may be in words: “about 925 rows”. Names that stand
    there stay as they are."""
    counted = said.emphasis is not None and said.emphasis.template.startswith("%(count)s")
    return counted and said.headline.startswith(str(said.emphasis))


def _said(analysis: Analysis, result: dict[str, Any]) -> Said:
    variables = {info.name: info for info in variable_infos(analysis)}
    method = METHODS[analysis.method]
    parameters = method.parameters.from_json(analysis.parameters)
    return method.say(parameters, method.result.from_json(result), variables)


def _value(value: str) -> str:
    if isinstance(value, Sentence):
        return told(value.kept)
    return number_told(value)
