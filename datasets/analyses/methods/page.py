"""What a method brings to the pages of analyses, besides its template."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datasets.analyses.forms import AnalysisForm
from datasets.analyses.models import Analysis
from portal.common.text import Text

Notes = Sequence[Mapping[str, Any]]
"""What was withheld from an answer, or by a site, and why: each with its place in words."""


def _answer(result: dict[str, Any]) -> dict[str, Any] | None:
    return result.get("answer")


@dataclass(frozen=True)
class MethodPage:
    """Its name, its question in one line, its form, a filled form in words, its result's figures.

    `context(analysis, result, term, notes)` is what `datasets/analyses/<method>.html` shows: its
    `notes` are what the reader is told of what is not there, `among` is of whom the answer is.
    `answer_of(result)` is what a list draws of it.
    """

    label: Text
    introduction: Text
    form: type[AnalysisForm]
    in_words: Callable[[dict[str, Any]], str]
    context: Callable[[Analysis, dict[str, Any], str, Notes], dict[str, Any]]
    answer_of: Callable[[dict[str, Any]], dict[str, Any] | None] = _answer
