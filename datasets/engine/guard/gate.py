"""The gate of a site: the only place where statistics become `Released`, and nothing else adds up.

Every field of every statistic declares what it reveals. One that declares nothing is refused when
its method is put together, and a count under the threshold that a method's gate lets through is
refused when it happens.
"""

import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import StrEnum
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from datasets.engine.guard.rules import Rules
from datasets.engine.guard.vocabulary import HELD_FOR
from datasets.engine.guard.withheld import Suppressed, Withheld
from datasets.engine.results.records import Record, read
from datasets.engine.sentences import Sentence, sentences_in

S = TypeVar("S", bound=Record)


class Reveals(StrEnum):
    """What a field of a statistic tells of the rows behind it."""

    NOTHING = "nothing"  # what was asked, or where: names of variables, columns, sites
    PARTS = "parts"  # records whose own fields declare
    COUNT = "count"  # rows: 0, or at least the threshold
    LEVELS = "levels"  # names of levels with their rows
    SUM = "sum"  # sums, means and spreads, which few rows can dominate
    VALUES = "values"  # values of single rows, or points that stand for many
    MODEL = "model"  # sums over a design, which its thin columns give back
    CLAIM = "claim"  # a statement about every row, such as that one value settles the outcome


Declared = Mapping[type, Mapping[str, Reveals]]
"""What each field of each statistic reveals."""

_ONLY_THE_GATE = object()


class Released(Generic[S]):
    """One input's statistics after its gate, and what it withheld. Only the gate makes one."""

    __slots__ = ("held", "rules", "site", "statistics", "whole", "withheld")

    def __init__(
        self,
        statistics: S,
        site: str,
        rules: Rules,
        withheld: Suppressed,
        whole: bool,
        made_by: Any,
        held: bool = False,
    ) -> None:
        if made_by is not _ONLY_THE_GATE:
            raise TypeError("only the gate releases statistics")
        self.statistics, self.site, self.rules = statistics, site, rules
        self.withheld = withheld
        self.whole = whole
        """Whether nothing at all was released."""
        self.held = held
        """Whether that is so until a person of the site decides."""

    def to_json(self) -> dict[str, Any]:
        """The statistics with the rules they passed and what was withheld, in JSON's own types."""
        return {
            "statistics": self.statistics.to_json(),
            "site": self.site,
            "rules": self.rules.to_json(),
            "withheld": [one.to_json() for one in self.withheld],
            "words": sentences_in(self.withheld),
            "whole": self.whole,
            "held": self.held,
        }


@dataclass(frozen=True)
class Gated(Generic[S]):
    """What a method's gate answers: statistics, what is not in them, and whether that is all."""

    statistics: S
    withheld: Suppressed = ()
    whole: bool = False


def release(
    statistics: S,
    site: str,
    rules: Rules,
    gate: Callable[[S], Gated[S]],
    declared: Declared,
) -> Released[S]:
    """One input's statistics through the method's gate, under the input's own rules.

    Raises Leak for a count under the threshold that the gate lets through.
    """
    if rules.is_open:
        return Released(statistics, site, rules, (), False, _ONLY_THE_GATE)
    gated = gate(statistics)
    for where, count in counts_in(gated.statistics, declared):
        if 0 < count < rules.threshold:
            raise Leak(where)
    return Released(gated.statistics, site, rules, gated.withheld, gated.whole, _ONLY_THE_GATE)


def hold(
    nothing: S, site: str, rules: Rules, reasons: Sequence[tuple[Sentence, Sentence]]
) -> Released[S]:
    """The statistics of no row in place of an input's own, which wait for a person of its site.

    `reasons` are place and reason as `Withheld` has them.
    """
    withheld = tuple(Withheld(where, reason, risk=HELD_FOR) for where, reason in reasons)
    return Released(nothing, site, rules, withheld, True, _ONLY_THE_GATE, held=True)


def read_released(statistics: Any, saved: Mapping[str, Any]) -> Released[Any]:
    """What `Released.to_json` gave, of statistics of this type. KeyError for anything else."""
    words = saved["words"]
    return Released(
        read(statistics, saved["statistics"]),
        saved["site"],
        Rules.from_json(saved["rules"]),
        tuple(_withheld(one, words) for one in saved["withheld"]),
        saved["whole"],
        _ONLY_THE_GATE,
        saved["held"],
    )


class Leak(RuntimeError):
    """A gate let a count under the threshold through. Names the field, and tells no number."""


def undeclared(statistics: Any, declared: Declared) -> list[str]:
    """Fields that statistics of this type may hold and that declare nothing, as `Type.field`."""
    missing = []
    for record in _records_of(statistics):
        known = declared.get(record, {})
        missing += [
            f"{record.__name__}.{one.name}" for one in fields(record) if one.name not in known
        ]
    return missing


def counts_in(value: Any, declared: Declared) -> Iterator[tuple[str, int]]:
    """Every count in statistics, with the field it is of."""
    if isinstance(value, tuple):
        for item in value:
            yield from counts_in(item, declared)
    elif is_dataclass(value):
        known = declared[type(value)]
        for one in fields(value):
            item = getattr(value, one.name)
            if known[one.name] in (Reveals.COUNT, Reveals.LEVELS):
                where = f"{type(value).__name__}.{one.name}"
                yield from ((where, count) for count in _numbers(item))
            elif known[one.name] == Reveals.PARTS:
                yield from counts_in(item, declared)


def _withheld(saved: Mapping[str, Any], words: Mapping[str, Any]) -> Withheld:
    """With its sentences as sentences."""
    read_back = Withheld.from_json(dict(saved))
    texts = {
        name: Sentence.from_kept(words[text]) if text in words else text
        for name, text in (("where", read_back.where), ("reason", read_back.reason))
    }
    return replace(read_back, where=texts["where"], reason=texts["reason"])


def _numbers(value: Any) -> Iterator[int]:
    if isinstance(value, np.ndarray):
        yield from (int(n) for n in value.ravel())
    elif isinstance(value, tuple):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield int(value)


def _records_of(annotation: Any) -> list[Any]:
    """Every dataclass that values of this type may hold."""
    found: dict[Any, None] = {}

    def visit(one: Any) -> None:
        if get_origin(one) in (Union, types.UnionType, tuple):
            for inner in get_args(one):
                visit(inner)
        elif isinstance(one, type) and is_dataclass(one) and one not in found:
            found[one] = None
            for hint in get_type_hints(one).values():
                visit(hint)

    visit(annotation)
    return list(found)
