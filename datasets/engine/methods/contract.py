"""What every method answers to: typed questions, statistics that add up, and a typed result.

    fill(parameters, variables)       -> Parameters            checked, every default filled in
    plan(parameters, inputs)          -> Spec                  what the first round asks of a site
    summarise(rows, spec)             -> Statistics            all that ever leaves a site
    sum of statistics                 -> Statistics            addition with +, in order of inputs
    estimate(statistics, spec)        -> Answer | Spec         the result, or the next round
    guard(result, parameters, t)      -> result, suppressed    what others than row readers see
    say(parameters, result, variables) -> Said                 the answer in sentences
    word(parameters, result, variables) -> result              with the words it carries itself

All of these are records (`engine.results.records`): `to_json` for a database or another process,
`read_…` of the method back from there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import Any, Generic, TypeVar

from datasets.engine.guard.withheld import Suppressed
from datasets.engine.results.records import OMIT, Record, read
from datasets.engine.rows.frame import InputInfo, Rows, VariableInfo
from datasets.engine.sentences import Sentence

P = TypeVar("P", bound=Record)
A = TypeVar("A", bound=Record)
S = TypeVar("S", bound=Record)
R = TypeVar("R", bound=Record)

Variables = Mapping[str, VariableInfo]


class ParameterError(ValueError):
    """The question can't be answered as asked; `errors` has one message per parameter."""

    def __init__(self, errors: Mapping[str, Sentence]) -> None:
        self.errors = dict(errors)
        super().__init__(" ".join(self.errors.values()))


@dataclass(frozen=True)
class Caution(Record):
    """Something to know before believing a number, in plain words.

    `about` names the coefficient it concerns, where it concerns one alone.
    """

    code: str
    message: str
    about: str | None = field(default=None, metadata=OMIT)


@dataclass(frozen=True)
class Figure(Record):
    """One number that goes with a sentence, as text."""

    label: Sentence
    value: str


@dataclass(frozen=True)
class Said(Record):
    """An answer in sentences; `emphasis` is the part of them that carries the finding."""

    sentence: Sentence
    emphasis: Sentence | None = None
    numbers: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class Answer(Generic[R]):
    """A finished result with its cautions."""

    result: R
    warnings: tuple[Caution, ...] = ()


@dataclass(frozen=True)
class Shown(Generic[R]):
    """An answer as people without row access see it, and what was withheld from them."""

    result: R
    warnings: tuple[Caution, ...]
    suppressed: Suppressed


@dataclass(frozen=True)
class Method(Generic[P, A, S, R]):
    """One method's parts, and the types of what passes between them.

    `withheld` are the codes of cautions that nobody without row access sees;
    `withheld_with_others` those that go as soon as anything else of the answer is withheld.
    """

    parameters: type[P]
    spec: Any
    statistics: Any
    result: type[R]
    fill: Callable[[Any, Variables], P]
    plan: Callable[[P, Sequence[InputInfo]], A]
    summarise: Callable[[Rows, A], S]
    estimate: Callable[[S, A], Answer[R] | A]
    guard: Callable[[R, P, int], tuple[R, Suppressed]]
    say: Callable[[P, R, Variables], Said]
    word: Callable[[P, R, Variables], R] | None = None
    withheld: frozenset[str] = frozenset()
    withheld_with_others: frozenset[str] = frozenset()

    def combine(self, statistics: Sequence[S], spec: A) -> S:
        """All inputs' statistics added in the order given; those of no rows if there are none."""
        return reduce(add, statistics or [self.summarise((), spec)])

    def show(
        self, result: R, warnings: Sequence[Caution], parameters: P, threshold: int
    ) -> Shown[R]:
        """The answer without what would tell of fewer than `threshold` people (3 to 11)."""
        shown, suppressed = self.guard(result, parameters, threshold)
        hidden = self.withheld | (self.withheld_with_others if suppressed else frozenset())
        return Shown(shown, tuple(one for one in warnings if one.code not in hidden), suppressed)

    def worded(self, parameters: P, result: R, variables: Variables) -> R:
        """The result with the words it carries itself, in a method whose results have some."""
        return result if self.word is None else self.word(parameters, result, variables)

    def read_spec(self, saved: Any) -> A:
        """A spec's JSON as a spec; without its memory it is what sites are asked."""
        return read(self.spec, saved)

    def read_statistics(self, saved: Any) -> S:
        """One input's statistics from their JSON."""
        return read(self.statistics, saved)


def in_order(inputs: Sequence[InputInfo]) -> tuple[InputInfo, ...]:
    """The inputs by index, as every spec carries them."""
    return tuple(sorted(inputs, key=lambda one: one.index))


def site_order(inputs: Sequence[InputInfo]) -> list[str]:
    """Sites in order of appearance in `inputs`; two datasets of one site count once."""
    return list(dict.fromkeys(one.site for one in inputs))


def places_of(inputs: Sequence[InputInfo]) -> dict[str, InputInfo]:
    """Where each site is, by its first input."""
    return {one.site: one for one in reversed(inputs)}
