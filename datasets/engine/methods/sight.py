"""How much of an answer a person may be told, by which of its inputs' rows they read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from datasets.engine.guard.rules import Rules
from datasets.engine.methods import METHODS


@dataclass(frozen=True)
class Right:
    """What a person may do with an input's rows: `readable` here, or `known` to them in any way.

    A token may let them read less than they know.
    """

    dataset: int
    threshold: int
    readable: bool
    known: bool


@dataclass(frozen=True)
class Sight:
    """How a person is told an answer.

    It keeps to `threshold`; None is for whoever is told all of it. With `rounds` what no gate
    rounded is rounded for them. With `closed` they are told nothing: they know the rows of some of
    its inputs, but not of all that were open when it was made, and with exact numbers to subtract
    would find from several answers what was rounded.
    """

    threshold: int | None
    rounds: bool = False
    closed: bool = False


def sight_of(method: str, kept_to: Mapping[int, int], rights: Sequence[Right]) -> Sight:
    """How somebody with these rights is told an answer whose gates kept to these thresholds.

    Inputs whose own gate was enough are as if they could be read, where the method says so. It was
    not where their threshold is stricter by now, nor where they were open then, whatever they are
    now.
    """
    opened = [one for one in rights if not kept_to.get(one.dataset)]
    closed = any(one.known for one in rights) and not all(one.known for one in opened)
    passed = kept_to if METHODS[method].gate_suffices else {}
    if all(one.readable or passed.get(one.dataset, 0) >= one.threshold for one in rights):
        return Sight(None, closed=closed)
    rounds = not all(one.readable for one in opened)
    return Sight(max(one.threshold for one in rights), rounds, closed)


def gates_of(datasets: Sequence[int], rules: Sequence[Rules]) -> dict[int, int]:
    """The threshold that each dataset's gate kept to by these rules, 0 for an open one."""
    gates: dict[int, int] = {}
    if len(rules) != len(datasets):
        return gates
    for dataset, each in zip(datasets, rules, strict=True):
        threshold = 0 if each.is_open else each.threshold
        gates[dataset] = min(threshold, gates.get(dataset, threshold))
    return gates
