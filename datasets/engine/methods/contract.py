"""What every method answers to: typed questions, statistics that add up, and a typed result.

    fill(parameters, variables)       -> Parameters            checked, every default filled in;
                                                               `names` are its variables, one at
                                                               least; `tests` counts what it tests
    ask(parameters, variables)        -> Sentence              the question in one line
    plan(parameters, inputs)          -> Spec                  what the first round asks of a site
    summarise(rows, spec)             -> Statistics            what a site's rows add up to
    gate(statistics, spec, rules, rows) -> Gated               what of them the site's rules let go
    sum of released statistics        -> Statistics            addition with +, in order of inputs
    estimate(statistics, spec)        -> Answer | Spec         the result, or the next round
    guard(result, parameters, t)      -> result, suppressed    a further wall, by who reads
    say(parameters, result, variables) -> Said                 the answer in sentences
    word(parameters, result, variables) -> result              with the words it carries itself

All of these are records (`engine.results.records`): `to_json` for a database or another process,
`read_…` of the method back from there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import add
from typing import Any, Generic, TypeVar

from datasets.engine.guard.gate import (
    Declared,
    Gated,
    Released,
    hold,
    read_released,
    release,
    undeclared,
)
from datasets.engine.guard.levels import without_rare
from datasets.engine.guard.rules import Rules
from datasets.engine.guard.vocabulary import Statbarn, statbarns_in
from datasets.engine.guard.withheld import Suppressed
from datasets.engine.methods.shared.labels import labelled
from datasets.engine.methods.shared.ready import Doubt, Needs, Ready
from datasets.engine.results.records import OMIT, Record, read
from datasets.engine.rows.frame import InputInfo, Rows, VariableInfo
from datasets.engine.sentences import Sentence, in_turn

P = TypeVar("P", bound=Record)
A = TypeVar("A", bound=Record)
S = TypeVar("S", bound=Record)
R = TypeVar("R", bound=Record)

Variables = Mapping[str, VariableInfo]

Ask = Callable[[Any], Sequence[Released[Any]]]
"""What every input releases of a spec, through its gate."""


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
    """An answer in sentences: its finding as a `headline`, of which `emphasis` is set in bold.

    What has to be known `first` and what goes `further` stand below it on a page, and before and
    after it where all is one text.
    """

    headline: Sentence
    emphasis: Sentence | None = None
    numbers: tuple[Figure, ...] = ()
    first: tuple[Sentence, ...] = ()
    further: tuple[Sentence, ...] = ()

    @property
    def sentence(self) -> Sentence:
        """All of it as one text."""
        return in_turn(*self.first, self.headline, *self.further)


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


def combined(released: Sequence[Released[S]], of_no_rows: S) -> S:
    """All inputs' statistics added in the order given; those of no rows if there are none.

    Raises TypeError for statistics that went round the gate.
    """
    if not all(isinstance(one, Released) for one in released):
        raise TypeError("statistics are combined after their gate alone")
    return reduce(add, [one.statistics for one in released] or [of_no_rows])


@dataclass(frozen=True)
class Before(Generic[P, A, S]):
    """What a method tells of a question before it is asked, by the counts of its first round.

    `counted(released, site)` takes a site's counts out of what one input released, and `at_most`
    is what each variable by itself lets them be, told as answers about it are: so it is of rows
    that whoever asks does not read. `ready` sums up the inputs of one site. `needs` is what a model
    of all of them takes; it raises ParameterError where none can be fitted. `without` is the
    question with one variable less, None where it is about this one. `doubts` says why rows have no
    answer, or leave a part of it out; it is told whether they are all rows of the question.
    """

    counted: Callable[[S, str], Any]
    at_most: Callable[[Rows, P, str, Rules], Any]
    ready: Callable[[Sequence[Any], P], Ready]
    needs: Callable[[Sequence[Any], Sequence[Ready], P, A], Needs]
    without: Callable[[P, str], P | None]
    doubts: Callable[[P, Sequence[InputInfo], Ask, bool], Doubt | None]


@dataclass(frozen=True)
class Method(Generic[P, A, S, R]):
    """One method's parts, and the types of what passes between them.

    `reveals` says of every field of its statistics what it tells of the rows; without that there is
    no method. `statbarns` says of which kind the statistics in its result are, by their fields.
    With `rounds` the gate rounds counts and numbers, and an answer says so; with `complete` its
    figures are about the rows that have all of its variables. `name_withheld` lets an answer say of
    sites that withheld everything just that, where it would otherwise say that they have no rows.
    `pooled` leaves of a result what is of all sites together, or None where nothing is; without it
    a method has no such answer. `refuses` says by parameter why rows have no answer, of which all
    may be told; without it that is found as it runs. `before` tells what a question can use;
    without it the rows that have all of its variables are counted.

    `withheld` are the codes of cautions that nobody without row access sees;
    `withheld_with_others` those that go as soon as anything else of the answer is withheld.

    `said_first` are those that an answer says `first`. `guard` withholds more where
    a threshold grew since the gates acted.
    """

    parameters: type[P]
    spec: Any
    statistics: Any
    result: type[R]
    fill: Callable[[Any, Variables], P]
    ask: Callable[[P, Variables], Sentence]
    plan: Callable[[P, Sequence[InputInfo]], A]
    summarise: Callable[[Rows, A], S]
    gate: Callable[[S, A, Rules, Rows], Gated[S]]
    reveals: Declared
    statbarns: Mapping[str, Statbarn]
    estimate: Callable[[S, A], Answer[R] | A]
    guard: Callable[[R, P, int], tuple[R, Suppressed]]
    say: Callable[[P, R, Variables], Said]
    word: Callable[[P, R, Variables], R] | None = None
    withheld: frozenset[str] = frozenset()
    withheld_with_others: frozenset[str] = frozenset()
    said_first: frozenset[str] = frozenset()
    name_withheld: Callable[[Answer[R], frozenset[str]], Answer[R]] | None = None
    rounds: bool = False
    complete: bool = False
    pooled: Callable[[R], R | None] | None = None
    refuses: Callable[[P, Sequence[InputInfo], Ask], Mapping[str, Sentence]] | None = None
    before: Before[P, A, S] | None = None

    def __post_init__(self) -> None:
        missing = undeclared(self.statistics, self.reveals)
        if missing:
            raise TypeError(f"what they reveal is not declared: {', '.join(missing)}")

    def asked(self, rows: Rows, parameters: P, rules: Rules) -> Rows:
        """An input's rows as the question sees them: of a guarded one declared levels that few
        rows have are missing."""
        if rules.is_open:
            return rows
        question: Any = parameters
        alone = tuple((name,) for name in question.names)
        complete = tuple(names for _, names in question.row_groups)
        groups = complete if self.complete else alone
        return without_rare(rows, groups, rules.threshold)

    def release(self, rows: Rows, spec: A, site: str, rules: Rules) -> Released[S]:
        """What one input answers, through its gate: all that ever leaves a site."""
        return release(
            self.summarise(rows, spec),
            site,
            rules,
            lambda statistics: self.gate(statistics, spec, rules, rows),
            self.reveals,
        )

    def hold(
        self, spec: A, site: str, rules: Rules, reasons: Sequence[tuple[Sentence, Sentence]]
    ) -> Released[S]:
        """What stands for an input's answer until a person of its site decides: nothing."""
        return hold(self.summarise((), spec), site, rules, reasons)

    def read_released(self, saved: Any) -> Released[S]:
        """What left an input, from its JSON."""
        return read_released(self.statistics, saved)

    def combine(self, released: Sequence[Released[S]], spec: A) -> S:
        """All inputs' statistics together, those of no rows if there are none."""
        return combined(released, self.summarise((), spec))

    def answer(self, released: Sequence[Released[S]], spec: A) -> Answer[R] | A:
        """The result or the next round, from what every input released.

        Raises ParameterError when no model can be fitted, or every input withholds everything.
        """
        if released and all(one.whole for one in released):
            held = any(one.held for one in released)
            raise ParameterError({"inputs": ALL_HELD if held else NOTHING_RELEASED})
        found = self.estimate(self.combine(released, spec), spec)
        if not isinstance(found, Answer):
            return found
        gone = {one.site for one in released if one.whole}
        gone -= {one.site for one in released if not one.whole}
        if gone and self.name_withheld is not None:
            found = self.name_withheld(found, frozenset(gone))
        said: dict[Caution, None] = {}
        for one in released:
            if self.rounds and not one.rules.is_open and not one.whole:
                said[rounded_by(one.site, one.rules)] = None
            if one.held:
                said[held_by(one.site)] = None
            elif one.withheld:
                said[withheld_by(one.site)] = None
        return replace(found, warnings=(*found.warnings, *said))

    def show(
        self,
        result: R,
        warnings: Sequence[Caution],
        parameters: P,
        threshold: int,
    ) -> Shown[R]:
        """The answer without what would tell of fewer than `threshold` people (3 to 11)."""
        shown, suppressed = self.guard(result, parameters, threshold)
        hidden = self.withheld | (self.withheld_with_others if suppressed else frozenset())
        said = tuple(one for one in warnings if one.code not in hidden)
        return Shown(shown, said, suppressed)

    def kinds_in(self, result: Any) -> list[Statbarn]:
        """The kinds of statistics in a result, from its JSON."""
        return statbarns_in(self.result.from_json(result), self.statbarns)

    def worded(self, parameters: P, result: R, variables: Variables) -> R:
        """The result with the words it carries itself, and variables called by their labels."""
        labels = labelled(result, variables)
        return labels if self.word is None else self.word(parameters, labels, variables)

    def told(self, parameters: P, answer: Answer[R], variables: Variables) -> Answer[R]:
        """An answer with its own words, and its cautions by labels, units and meanings."""
        result = self.worded(parameters, answer.result, variables)
        return Answer(result, labelled(answer.warnings, variables))

    def read_spec(self, saved: Any) -> A:
        """A spec's JSON as a spec; without its memory it is what sites are asked."""
        return read(self.spec, saved)


NOTHING_RELEASED = Sentence("The rules of every dataset in it let nothing of this question leave.")


ALL_HELD = Sentence(
    "Nothing of this question leaves before people of the sites have decided on it: it is held."
)


def held_by(site: str) -> Caution:
    """The one sentence that tells whoever reads an answer that a site has yet to decide."""
    message = Sentence(
        "Held for %(site)s’s decision: what it would add is not in this answer.", site=site
    )
    return Caution("held_by_site", message)


def withheld_by(site: str) -> Caution:
    """The one sentence that tells whoever reads an answer that a site holds something back."""
    message = Sentence(
        "Withheld by %(site)s: some of its figures are left out, because they would be about too "
        "few people, or would tell too much of one.",
        site=site,
    )
    return Caution("withheld_by_site", message)


def rounded_by(site: str, rules: Rules) -> Caution:
    """How the numbers of a guarded site are to be read, whatever they are."""
    message = Sentence(
        "Figures of %(site)s are rounded: counts to %(rounding)s, and to 0 under %(threshold)s; "
        "means, spreads and estimates to what their errors carry.",
        site=site,
        rounding=rules.rounding,
        threshold=rules.threshold,
    )
    return Caution("rounded_by_site", message)


def in_order(inputs: Sequence[InputInfo]) -> tuple[InputInfo, ...]:
    """The inputs by index, as every spec carries them."""
    return tuple(sorted(inputs, key=lambda one: one.index))


def site_order(inputs: Sequence[InputInfo]) -> list[str]:
    """Sites in order of appearance in `inputs`; two datasets of one site count once."""
    return list(dict.fromkeys(one.site for one in inputs))


def places_of(inputs: Sequence[InputInfo]) -> dict[str, InputInfo]:
    """Where each site is, by its first input."""
    return {one.site: one for one in reversed(inputs)}
