"""What is said beside an answer of shares that a person of their site decides on."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from datasets.analyses.answer import Answer
from datasets.choices import ReleaseOutcome
from datasets.engine.methods import Caution
from datasets.engine.sentences import Sentence


def released_since(site: str) -> Sentence:
    """What is said of a share that was held when the answer was computed, and is not any more."""
    return Sentence(
        "What %(site)s adds was released after this answer was computed: later runs alone can "
        "have it.",
        site=site,
    )


def left_out(site: str) -> Sentence:
    """What is said where it was released, and the rules let nothing of it leave all the same."""
    return Sentence(
        "What %(site)s would add was released after this answer was computed, but the rules there "
        "let nothing of it leave: later runs do not have it either.",
        site=site,
    )


def decided_since(site: str, outcome: str | None, *, is_left_out: bool) -> Caution | None:
    """What is said of a share that was held when the answer was computed; None while it is."""
    if outcome == ReleaseOutcome.RELEASED:
        if is_left_out:
            return Caution("withheld_by_site", left_out(site))
        return Caution("released_since", released_since(site))
    if outcome == ReleaseOutcome.REFUSED:
        message = Sentence("%(site)s withholds what it would add to this answer.", site=site)
        return Caution("kept_by_site", message)
    return None


def without_released(answer: Answer, sites: Collection[str]) -> Answer:
    """The same without saying of these sites, as the answer calls them, that theirs was released
    since."""

    def is_said(caution: dict[str, Any]) -> bool:
        if caution["code"] != "released_since":
            return True
        return answer.words[caution["message"]]["values"]["site"] not in sites

    return replace(answer, warnings=[one for one in answer.warnings if is_said(one)])


def pooled_only(site: str) -> Caution:
    """What the reader of such an answer is told."""
    message = Sentence("%(site)s released what is pooled, and nothing of single sites.", site=site)
    return Caution("released_in_part", message)
