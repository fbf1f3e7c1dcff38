"""An analysis’ result as one person may see it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Q, Sum
from django.utils.translation import gettext, gettext_lazy

from datasets.analyses.inputs import variable_infos
from datasets.analyses.models import Analysis, AnalysisPart
from datasets.analyses.standing import may_be_read, released_in_part
from datasets.datasets.models import Dataset
from datasets.engine.methods import METHODS, Caution
from datasets.engine.results.provenance import sha256_of
from datasets.engine.sentences import Kept, Sentence, sentences_in
from portal.common.text import told
from projects.projects.permissions import can
from projects.roles import Permission

SENTENCES = ("message", "reason", "refused", "why", "text", "contrast")
"""Keys of a result and of its warnings under which the engine says something."""

PARTS = {
    "two_stage": gettext_lazy("the sites pooled"),
    "n_excluded": gettext_lazy("rows left out"),
}
"""Parts of a result of which something can be withheld."""


def threshold_for(user: Any, analysis: Analysis, *, exact: bool = True) -> int | None:
    """The strictest threshold of the inputs, or None for whoever may read all their rows.

    With `exact=False` it is never None where there are inputs.
    """
    inputs = Dataset.objects.filter(versions__analysis_inputs__analysis=analysis)
    known = list(inputs.with_row_right(user).values_list("threshold", "rows_readable"))
    if not exact:
        known = [(threshold, False) for threshold, _ in known]
    return _strictest(known)


def _strictest(known: Sequence[tuple[int, bool]]) -> int | None:
    """Of datasets with their threshold and whether their rows may be read; None if all may."""
    if all(readable for _, readable in known):
        return None
    return max(threshold for threshold, _ in known)


@dataclass(frozen=True)
class Answer:
    """An analysis' result as one person may see it, its hash, and where it came from.

    `suppressed` was taken out for this reader; `withheld` never left its site, and is told in
    detail to whoever may read the rows there. `in_part` names sites of which only what is pooled
    is in it.
    """

    result: dict[str, Any]
    warnings: list[dict[str, str]]
    suppressed: list[dict[str, Any]]
    sha256: str
    provenance: dict[str, Any]
    words: dict[str, Kept]
    withheld: list[dict[str, Any]] = field(default_factory=list)
    in_part: list[str] = field(default_factory=list)

    def in_words(self) -> "Answer":
        """The same for a page: what the engine says of it, in the reader's language."""
        return replace(
            self,
            result=self._told(self.result),
            warnings=[self._told(one) for one in self.warnings],
            suppressed=[
                one | {"where": _place(one), "reason": self._said(one["reason"])}
                for one in self.suppressed
            ],
            withheld=[
                one | {"where": self._at_site(one), "reason": self._said(one["reason"])}
                for one in self.withheld
            ],
        )

    def _at_site(self, withheld: dict[str, Any]) -> str:
        where = self._said(withheld["where"])
        return gettext("%(site)s, %(where)s") % {"site": withheld["site"], "where": where}

    def _told(self, part: Any) -> Any:
        if isinstance(part, dict):
            return {
                key: self._said(item)
                if key in SENTENCES and isinstance(item, str)
                else self._told(item)
                for key, item in part.items()
            }
        return [self._told(item) for item in part] if isinstance(part, list) else part

    def _said(self, text: str) -> str:
        kept = self.words.get(text)
        return told(kept) if kept else text


def _place(withheld: dict[str, Any]) -> str:
    """Where something was withheld: a part of the result, a sentence, or people's own names."""
    if "part" in withheld:
        return str(PARTS[withheld["part"]])
    where: str = withheld["where"]
    return told(where.kept) if isinstance(where, Sentence) else where


def answer_for(user: Any, analysis: Analysis, *, exact: bool = True) -> Answer | None:
    """The result as the person may see it; None while there is none, or none that is released.

    With `exact=False` it is guarded for everybody.
    """
    if analysis.result is None or not may_be_read(user, analysis, exact=exact):
        return None
    answer = as_released(user, analysis, exact=exact)
    sites = released_in_part(user, [analysis], exact=exact).get(analysis.pk)
    return only_pooled(answer, analysis, sites) if answer and sites else answer


def answers_for(user: Any, analyses: Sequence[Analysis]) -> dict[int, Answer]:
    """The same of several, by their numbers, without what single sites withheld: for lists."""
    released = set(
        Analysis.objects.answered_to(user)
        .filter(pk__in=[one.pk for one in analyses])
        .values_list("pk", flat=True)
    )
    inputs = Dataset.objects.filter(versions__analysis_inputs__analysis__in=released)
    named = inputs.with_row_right(user).values_list(
        "versions__analysis_inputs__analysis", "threshold", "rows_readable"
    )
    known: dict[int, list[tuple[int, bool]]] = {one.pk: [] for one in analyses}
    for number, threshold, readable in named:
        known.setdefault(number, []).append((threshold, readable))
    in_part = released_in_part(user, analyses)
    answers: dict[int, Answer] = {}
    for one in analyses:
        whole = whole_of(one) if one.pk in released else None
        if whole is None:
            continue
        answer: Answer | None = guarded(one, whole, _strictest(known[one.pk]))
        if answer and one.pk in in_part:
            answer = only_pooled(answer, one, in_part[one.pk])
        if answer:
            answers[one.pk] = answer
    return answers


def only_pooled(answer: Answer, analysis: Analysis, sites: list[str]) -> Answer | None:
    """What of an answer is of all sites together, where some released no more of theirs."""
    method = METHODS[analysis.method]
    result = method.result.from_json(answer.result)
    pooled = method.pooled(result) if method.pooled else None
    if pooled is None:
        return None
    cautions = [pooled_only(site) for site in sites]
    shown = pooled.to_json()
    sha256 = sha256_of(shown)
    steps = answer.provenance["steps"][:1]
    return Answer(
        shown,
        # The others may speak of single sites.
        [one.to_json() for one in cautions],
        [],
        sha256,
        answer.provenance | {"steps": steps, "result_sha256": sha256},
        answer.words | sentences_in(cautions),
        in_part=sites,
    )


def pooled_only(site: str) -> Caution:
    """What the reader of such an answer is told."""
    message = Sentence("%(site)s released what is pooled, and nothing of single sites.", site=site)
    return Caution("released_in_part", message)


def as_released(user: Any, analysis: Analysis, *, exact: bool = True) -> Answer | None:
    """The result as the person would see it, whoever has to release it still."""
    answer = whole_of(analysis)
    if answer is None:
        return None
    if exact:
        answer = _with_details(answer, user, analysis)
    return guarded(analysis, answer, threshold_for(user, analysis, exact=exact))


def whole_of(analysis: Analysis) -> Answer | None:
    """The result as it is kept, before it is asked who reads it."""
    if analysis.result is None or analysis.provenance is None:
        return None
    return Answer(
        analysis.result,
        analysis.warnings,
        [],
        analysis.result_sha256,
        analysis.provenance,
        analysis.words,
    )


def guarded(analysis: Analysis, whole: Answer, threshold: int | None) -> Answer:
    """An answer for somebody who may not read the rows of every input; None is for who may."""
    if threshold is None:
        return whole
    method = METHODS[analysis.method]
    parameters = method.parameters.from_json(analysis.parameters)
    found = method.show(
        method.result.from_json(whole.result),
        [Caution.from_json(one) for one in whole.warnings],
        parameters,
        threshold,
    )
    infos = {info.name: info for info in variable_infos(analysis)}
    found = replace(found, result=method.worded(parameters, found.result, infos))
    shown = found.result.to_json()
    # `to_json` leaves no sentence in what it writes; the page still needs them.
    suppressed = [
        one.to_json() | {"where": one.where, "reason": one.reason} for one in found.suppressed
    ]
    # The whole result's hash would let people try out what was withheld, one value at a time.
    sha256 = sha256_of(shown)
    steps = whole.provenance["steps"]
    return Answer(
        shown,
        [one.to_json() for one in found.warnings],
        suppressed,
        sha256,
        whole.provenance | {"steps": steps[:1] if suppressed else steps, "result_sha256": sha256},
        whole.words | sentences_in(found),
        whole.withheld,
    )


def _with_details(answer: Answer, user: Any, analysis: Analysis) -> Answer:
    """With what each site withheld, which rule and by how much, where the person reads its rows."""
    if not answer.provenance["disclosure"].get("withheld_by"):
        return answer
    readable = Dataset.objects.rows_readable_by(user)
    parts = AnalysisPart.objects.filter(
        input__analysis=analysis,
        round=analysis.spec["round"],
        input__version__dataset__in=readable.values("pk"),
    )
    kept = [part.statistics or {} for part in parts.order_by("input__index")]
    details = [told_of | {"site": part["site"]} for part in kept for told_of in part["withheld"]]
    words = {text: said for part in kept for text, said in part["words"].items()}
    return replace(answer, withheld=details, words=answer.words | words)


def offers_rerun(user: Any, analysis: Analysis) -> bool:
    """Whether the page offers the person to run the analysis again."""
    return can(user, Permission.ANALYSE, analysis.project)


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
