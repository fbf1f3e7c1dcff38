"""Sentences for people: English texts that remember their template and their values.

To the engine, to JSON and to a notebook a `Sentence` is the English text. Whoever speaks another
language looks its template up in a catalogue and fills it again, from the sentence itself or from
what `kept` gave to a database. Values are filled in once and never looked up: names that people
chose stay as they are.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, Self

Kept = dict[str, Any]
"""A sentence in JSON's own types."""

PLACE = re.compile(r"%(?:%|\((\w+)\)s)")


class Number(str):
    """A number as English writes it, for readers who may write it otherwise."""

    __slots__ = ()


class Place(str):
    """A country's code or a region's name, for readers who may call it otherwise."""

    __slots__ = ()


class Called(str):
    """What the data call a variable, a coefficient or a level, for readers who have words for it.

    `parts` are the variables of a coefficient, each with its level if it is a category's; of a
    level alone (`is_level`) there is one part, and its name goes without saying.
    """

    __slots__ = ("is_level", "parts")

    parts: tuple[tuple[str, str | None], ...]
    is_level: bool

    def __new__(cls, text: str, parts: Sequence[tuple[str, str | None]]) -> Self:
        return cls._of(text, parts, is_level=False)

    @classmethod
    def variable(cls, name: str) -> Self:
        """A variable by its name."""
        return cls(name, [(name, None)])

    @classmethod
    def level(cls, name: str, level: str) -> Self:
        """A level or value of the variable of that name."""
        return cls._of(level, [(name, level)], is_level=True)

    @classmethod
    def read(cls, text: str, parts: Sequence[Sequence[Any]], *, is_level: bool) -> Self:
        """What JSON kept of it. Raises ValueError for anything else."""
        return cls._of(text, [(name, level) for name, level in parts], is_level=is_level)

    @classmethod
    def _of(cls, text: str, parts: Sequence[tuple[str, str | None]], *, is_level: bool) -> Self:
        called = super().__new__(cls, text)
        called.parts, called.is_level = tuple(parts), is_level
        return called

    def __reduce__(self) -> Any:
        return str, (str(self),)


class Sentence(str):
    """A whole sentence, or a phrase that another sentence holds as a value.

    The template has `%(name)s` for each value: a name or text as it is, a whole number, a
    `Number`, a `Place`, a `Called`, or another `Sentence`.
    """

    template: str
    plural: str
    quantity: int
    values: dict[str, Any]

    def __new__(cls, template: str, /, **values: Any) -> Self:
        return cls._filled(template, "", 0, values)

    @classmethod
    def counting(cls, singular: str, plural: str, count: int, /, **values: Any) -> Self:
        """The template that goes with `count`, which stands in it as `%(count)s`."""
        return cls._filled(singular, plural, count, {"count": count, **values})

    @classmethod
    def from_kept(cls, kept: Kept) -> Self:
        """What `kept` gave. Raises ValueError for anything else."""
        template, plural = kept["template"], kept.get("plural", "")
        values = {name: _value(saved) for name, saved in kept.get("values", {}).items()}
        for text in (template, plural):
            if "%" in PLACE.sub("", text) or not values.keys() >= set(PLACE.findall(text)) - {""}:
                raise ValueError("not a template with these values")
        return cls._filled(template, plural, int(kept.get("count", 0)), values)

    @classmethod
    def _filled(cls, template: str, plural: str, count: int, values: dict[str, Any]) -> Self:
        chosen = plural if plural and count != 1 else template
        sentence = super().__new__(cls, chosen % values)
        sentence.template, sentence.plural = template, plural
        sentence.quantity, sentence.values = count, values
        return sentence

    def __reduce__(self) -> Any:
        return type(self).from_kept, (self.kept,)

    def changed(self, change: Callable[[str, Any], Any]) -> Self:
        """The same with each value changed, by its name."""
        values = {name: change(name, value) for name, value in self.values.items()}
        return type(self)._filled(self.template, self.plural, self.quantity, values)

    @property
    def kept(self) -> Kept:
        """The template and its values in JSON's own types."""
        saved: Kept = {"template": self.template}
        if self.plural:
            saved |= {"plural": self.plural, "count": self.quantity}
        if self.values:
            saved["values"] = {name: _saved(value) for name, value in self.values.items()}
        return saved


def grouped(count: int) -> Number:
    """A whole number with its thousands apart."""
    return Number(f"{count:,}")


def in_turn(*sentences: Sentence) -> Sentence:
    """Whole sentences, one after the other."""
    first, *others = sentences
    for second in others:
        first = Sentence("%(first)s %(second)s", first=first, second=second)
    return first


def listed(names: Sequence[str]) -> str:
    """Names as a list in a sentence, with “and” before the last."""
    *others, last = names
    if not others:
        return last
    first, *more = others
    for second in more:
        first = Sentence("%(first)s, %(second)s", first=first, second=second)
    return Sentence("%(first)s and %(second)s", first=first, second=last)


def sentences_in(value: Any) -> dict[str, Kept]:
    """Every sentence in a value, its dataclasses, tuples, lists and dictionaries, by its text."""
    if isinstance(value, Sentence):
        return {str(value): value.kept}
    if is_dataclass(value):
        parts: Any = [getattr(value, field.name) for field in fields(value)]
    elif isinstance(value, dict):
        parts = value.values()
    elif isinstance(value, list | tuple):
        parts = value
    else:
        return {}
    return {text: kept for part in parts for text, kept in sentences_in(part).items()}


def _saved(value: Any) -> Any:
    if isinstance(value, Sentence):
        return value.kept
    if isinstance(value, Number):
        return {"number": str(value)}
    if isinstance(value, Place):
        return {"place": str(value)}
    if isinstance(value, Called):
        parts = [list(part) for part in value.parts]
        return {"called": str(value), "parts": parts, "is_level": value.is_level}
    return str(value) if isinstance(value, str) else int(value)


def _value(saved: Any) -> Any:
    match saved:
        case {"number": str(number)}:
            return Number(number)
        case {"place": str(place)}:
            return Place(place)
        case {"called": str(text), "parts": list(parts), "is_level": bool(is_level)}:
            return Called.read(text, parts, is_level=is_level)
        case dict():
            return Sentence.from_kept(saved)
    return saved if isinstance(saved, str) else int(saved)
