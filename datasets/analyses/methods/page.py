"""What a method brings to the pages of analyses, besides its template."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datasets.analyses.asked import Checked
from datasets.analyses.forms import AnalysisForm
from datasets.analyses.models import Analysis
from datasets.engine.methods.shared.words import label_of
from datasets.engine.rows.frame import VariableInfo
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

    def title_of(
        self, parameters: dict[str, Any], variables: Iterable[VariableInfo], sites: Sequence[str]
    ) -> str:
        """What a question of these variables at these sites is called that nobody gave a title."""
        known = {one.name: one for one in variables}
        return self.form.title_of(parameters, lambda name: str(label_of(name, known)), sites)

    def title_for(self, checked: Checked) -> str:
        """The same of a question that can be asked."""
        sites = [one.dataset.site.name for one in checked.versions]
        return self.title_of(checked.parameters.to_json(), checked.variables, sites)
