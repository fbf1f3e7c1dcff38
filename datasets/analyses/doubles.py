"""Whether people may be in an answer more than once, by what its datasets declare of each other."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from datasets.analyses.answer import Answer
from datasets.analyses.models import Analysis, AnalysisInput
from datasets.choices import Overlap
from datasets.datasets.models import Dataset
from datasets.engine.methods import Caution
from datasets.engine.sentences import Sentence, in_turn, listed, sentences_in

TWICE = "people_twice"
"""The caution that somebody may count more than once."""

ONCE = "people_once"
"""The caution that nobody does by what is declared, which nobody can look up."""

COUNTED = Sentence(
    "Whoever is in two datasets of this question counts twice, and intervals, which take every row "
    "for another person, may be too narrow."
)


def doubles(inputs: Iterable[AnalysisInput]) -> Caution | None:
    """What is said of people in more than one of these inputs; None where nothing speaks for any:
    each is of a site of its own, and none declares that it shares people."""
    by_site: dict[str, dict[int, Dataset]] = {}
    for one in inputs:
        by_site.setdefault(one.site, {})[one.version.dataset_id] = one.version.dataset
    datasets = [dataset for of_site in by_site.values() for dataset in of_site.values()]
    several = {
        site: [one.overlap == Overlap.NOT_STATED for one in of_site.values()]
        for site, of_site in by_site.items()
        if len(of_site) > 1
    }
    said = [*_declared(datasets), *_not_stated(several)]
    if said:
        return Caution(TWICE, in_turn(*said, COUNTED))
    if several:
        message = Sentence(
            "Several datasets are of one site (%(sites)s): each declares that nobody in it is in "
            "another one.",
            sites=listed(list(several)),
        )
        return Caution(ONCE, message)
    return None


def _declared(datasets: Sequence[Dataset]) -> list[Sentence]:
    """Those that declare that they share people, where there is another one to share them with."""
    if len(datasets) < 2:
        return []
    known = [one.title for one in datasets if one.overlap == Overlap.KNOWN]
    possible = [one.title for one in datasets if one.overlap == Overlap.POSSIBLE]
    said = []
    if known:
        said.append(
            Sentence(
                "As is declared of %(datasets)s, some people are in another dataset, too.",
                datasets=listed(known),
            )
        )
    if possible:
        said.append(
            Sentence(
                "As is declared of %(datasets)s, some people may be in another dataset, too.",
                datasets=listed(possible),
            )
        )
    return said


def _not_stated(several: Mapping[str, Sequence[bool]]) -> list[Sentence]:
    """Sites with datasets that do not state whether they share people: none of them, or some."""
    none_state = [site for site, silent in several.items() if all(silent)]
    some_state = [site for site, silent in several.items() if any(silent) and not all(silent)]
    said = []
    if none_state:
        said.append(
            Sentence(
                "Several datasets are of one site (%(sites)s), and none states whether people in "
                "it are in another one.",
                sites=listed(none_state),
            )
        )
    if some_state:
        said.append(
            Sentence(
                "Several datasets are of one site (%(sites)s), and not all state whether people in "
                "them are in another one.",
                sites=listed(some_state),
            )
        )
    return said


def with_doubles(user: Any, answer: Answer, analysis: Analysis) -> Answer:
    """The answer, which says before all else whether people may be in it more than once.

    What is declared is told as it stands today, of datasets that the reader may know of.
    """
    if answer.closed:
        return answer
    seen = Dataset.objects.visible_to(user).values("pk")
    inputs = analysis.inputs.filter(version__dataset__in=seen)
    found = doubles(inputs.select_related("version__dataset"))
    if found is None:
        return answer
    warnings = [found.to_json(), *answer.warnings]
    return replace(answer, warnings=warnings, words=answer.words | sentences_in(found))


def counts_rows(answer: Answer) -> bool:
    """Whether it counts rows, which may be fewer people."""
    return any(one["code"] == TWICE for one in answer.warnings)
