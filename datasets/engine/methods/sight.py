"""How much of an answer a person may be told, by which of its inputs' rows they read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from datasets.engine.guard.rules import Rules


@dataclass(frozen=True)
class Right:
    """Whether a person, or their token, reads an input's rows, and its dataset's threshold."""

    dataset: int
    threshold: int
    readable: bool


def reads_what_was_open(kept_to: Mapping[int, int], rights: Sequence[Right]) -> bool:
    """Whether somebody with these rights reads the rows of every input that had no gate: whose
    threshold was 0. To whoever does not, such an answer is told by what a gate lets go."""
    return all(one.readable for one in rights if not kept_to.get(one.dataset))


def threshold_for(kept_to: Mapping[int, int], rights: Sequence[Right]) -> int | None:
    """The threshold by which somebody with these rights is told an answer whose gates kept to
    these; None where they are told all of it: where they read the rows, or the gate kept to the
    threshold of today."""
    if all(one.readable or kept_to.get(one.dataset, 0) >= one.threshold for one in rights):
        return None
    return max(one.threshold for one in rights)


def gates_of(datasets: Sequence[int], rules: Sequence[Rules]) -> dict[int, int]:
    """The threshold that each dataset's gate kept to by these rules, 0 for an open one."""
    gates: dict[int, int] = {}
    if len(rules) != len(datasets):
        return gates
    for dataset, each in zip(datasets, rules, strict=True):
        threshold = 0 if each.is_open else each.threshold
        gates[dataset] = min(threshold, gates.get(dataset, threshold))
    return gates
