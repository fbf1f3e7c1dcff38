"""What a question is called: as somebody called it, else what it asks, in its reader's language."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.utils import translation
from django.utils.functional import lazy
from django.utils.translation import ngettext

from datasets.analyses.models import LONGEST_TITLE, Analysis, AnalysisInput
from datasets.engine import sentences
from datasets.engine.methods import METHODS
from datasets.engine.rows.frame import VariableInfo
from datasets.engine.sentences import Sentence
from datasets.variables.kept import variables_from
from portal.common.text import Text, isolated, listed, told
from portal.web.figures.svg import shorten

CHUNK = 500
"""So many questions are called anew at once."""

MOST_NAMED = 2
"""Sites that a question is called by; of more it gives their number."""


def title_of(analysis: Analysis) -> str:
    """What its reader is told it is called."""
    return titles_of([analysis])[analysis.pk]


def titles_of(analyses: Iterable[Analysis]) -> dict[int, str]:
    """The same of several, at the same cost for one and for many."""
    several = {one.pk: one.title for one in analyses}
    asked = _asked([number for number, title in several.items() if not title])
    return {pk: title or made_title(*asked[pk]) for pk, title in several.items()}


def titles_by_number(numbers: Collection[int]) -> dict[int, str]:
    """The same of those of these numbers that are there."""
    return titles_of(Analysis.objects.filter(pk__in=numbers).only("title"))


def title_told(analysis: Analysis) -> Text:
    """What it is called to whoever reads it: of several people each in their language."""
    if analysis.title:
        return analysis.title
    made: Text = _made_when_read(*_asked([analysis.pk])[analysis.pk])
    return made


def title_kept(number: int) -> str:
    """What the question of an analysis is called, as a value that a kept sentence holds."""
    title = Analysis.objects.values_list("title", flat=True).get(pk=number)
    if title:
        return title
    method, parameters, variables, sites = _asked([number])[number]
    names = list(dict.fromkeys(sites))
    question = _question_of(method, parameters, variables)
    several = Sentence.counting("asked of %(count)s site", "asked of %(count)s sites", len(names))
    told_sites = sentences.listed(names) if len(names) <= MOST_NAMED else several
    return Sentence("%(question)s (%(sites)s)", question=question, sites=told_sites)


def _question_of(method: str, parameters: Any, variables: Iterable[VariableInfo]) -> Sentence:
    """What a question asks, as the engine says it."""
    asks = METHODS[method]
    called = {one.name: _isolated(one) for one in variables}
    return asks.ask(asks.parameters.from_json(parameters), called)


def made_title(
    method: str, parameters: Any, variables: Iterable[VariableInfo], sites: Sequence[str]
) -> str:
    """What a question is called that nobody gave a title: what it asks, and of which sites."""
    question = _question_of(method, parameters, variables)
    names = list(dict.fromkeys(sites))
    # Not all of them need answer.
    several = ngettext("asked of %(count)s site", "asked of %(count)s sites", len(names))
    several %= {"count": len(names)}
    end = " (%s)" % (listed(names) if len(names) <= MOST_NAMED else several)
    room = max(LONGEST_TITLE - len(end), LONGEST_TITLE // 2)
    title = _whole_words(told(question.kept), room) + end
    # A label may have several lines, a title has one.
    return shorten(" ".join(title.splitlines()), LONGEST_TITLE)


def _isolated(variable: VariableInfo) -> VariableInfo:
    """Called by its label, which turns no word beside it where it is written from right to left."""
    label = isolated(variable.label or variable.name)
    return variable if label == variable.name else replace(variable, label=label)


def _whole_words(words: str, length: int) -> str:
    """Cut between two words where it is too long: half a name may be read as another's."""
    if len(words) <= length:
        return words
    whole, _, _ = words[:length].rpartition(" ")
    return whole.rstrip(" ,:") + "…" if whole else shorten(words, length)


def made_titles(*question: Any) -> dict[str, str]:
    """The same in each language."""
    made = {}
    for language, _ in settings.LANGUAGES:
        with translation.override(language):
            made[language] = made_title(*question)
    return made


_made_when_read = lazy(made_title, str)


def refresh_titles() -> None:
    """What lists search and sort by is again what they tell: sentences may have changed since a
    question was asked."""
    asked = Analysis.objects.filter(title="").order_by("pk").only("made_titles")
    while several := list(asked[:CHUNK]):
        questions = _asked([one.pk for one in several])
        stale = []
        for one in several:
            made = made_titles(*questions[one.pk])
            if made != one.made_titles:
                one.made_titles = made
                stale.append(one)
        Analysis.objects.bulk_update(stale, ["made_titles"])
        asked = asked.filter(pk__gt=several[-1].pk)


def _asked(numbers: Collection[int]) -> dict[int, tuple[Any, ...]]:
    """What each question asks and of which sites, as they were when it was asked."""
    if not numbers:
        return {}
    inputs = AnalysisInput.objects.filter(analysis=OuterRef("pk")).order_by("index")
    found = Analysis.objects.filter(pk__in=numbers).values_list(
        "pk", "method", "parameters", "variables", ArraySubquery(inputs.values("site"))
    )
    return {
        pk: (method, parameters, variables_from(variables), sites)
        for pk, method, parameters, variables, sites in found
    }
