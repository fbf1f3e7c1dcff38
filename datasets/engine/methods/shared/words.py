"""Numbers and labels as a reader would write them, for the sentences of every method."""

import math
import re
from collections.abc import Mapping, Sequence

from datasets.engine.mapping.units import ucum
from datasets.engine.methods.shared.tails import one_digit
from datasets.engine.rows.frame import VariableInfo
from datasets.engine.sentences import Number, Place, Sentence, grouped

UNITS = {
    "a": Sentence("years"),
    "mo": Sentence("months"),
    "wk": Sentence("weeks"),
    "d": Sentence("days"),
    "h": Sentence("hours"),
    "min": Sentence("minutes"),
    "Cel": "°C",
    "[lb_av]": "lb",
    "[in_i]": Sentence("inches"),
    "[ft_i]": Sentence("feet"),
    "[iU]/L": "IU/L",
}
"""UCUM codes that people write otherwise."""

ONE_OF = {
    "a": Sentence("year"),
    "mo": Sentence("month"),
    "wk": Sentence("week"),
    "d": Sentence("day"),
    "h": Sentence("hour"),
    "min": Sentence("minute"),
    "[in_i]": Sentence("inch"),
    "[ft_i]": Sentence("foot"),
    "%": Sentence("percentage point"),
}


SEVERAL = re.compile(r"(\d{1,6})\.([A-Za-z\[{].*)")
"""So many of a unit taken for one, as UCUM writes it: a decade is `10.a`."""

POWER = re.compile(r"10[*^](-?\d{1,2})(?!\d)")
"""A power of ten, as UCUM writes it: of cells in blood `10*9/L`."""

MICRO = re.compile(r"(?<![A-Za-z\[])u(?=[A-Za-z])")
"""The prefix of a millionth, as UCUM writes it."""

LEAST_WRITTEN_OUT = 1e-8
"""A smaller number takes so many zeros that nobody would count them."""

SMALLEST_RATIO, LARGEST_RATIO = 0.001, 1000
"""Beyond these the digits of a ratio say nothing more."""

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

ENDS_IN_UNIT = re.compile(r"(.+?)(?: (?:in|en) (\w{2,})|,? [(\[]([^()\[\]]{2,})[)\]])")
"""A label that ends with its unit: “Age in decades”, “Weight (kg)”."""


def number(value: float | None) -> Number | Sentence:
    """Three significant digits or two decimals, as a reader would write it."""
    if value is None:
        return Sentence("not given")
    size = abs(value)
    if size >= 1000:
        return Number(f"{value:,.0f}")
    if size >= 100:
        return Number(f"{value:.0f}")
    if size >= 0.1:
        return Number(f"{value:.2f}")
    if LEAST_WRITTEN_OUT < size < 1e-4:
        return Number(f"{value:.{1 - math.floor(math.log10(size))}f}".rstrip("0"))
    return Number(f"{value:.2g}" if value else "0")


def ratio(value: float | None) -> Number | Sentence:
    """The same of a ratio; of an extreme one, as of an estimate that would be infinite without a
    correction, no more than that it is."""
    return bound_of(value) or number(value)


def bound_of(value: float | None) -> Number | None:
    """Which bound an extreme ratio lies beyond; None of others."""
    if value is None or SMALLEST_RATIO <= value <= LARGEST_RATIO:
        return None
    return Number("< 0.001" if value < SMALLEST_RATIO else "> 1,000")


def p_text(value: float, *, about: bool = False) -> str:
    """A p-value with its sign, never 0 nor 1: “= 0.034”, “< 0.001”, “≈ 0.03” of one digit."""
    if value < 0.001:
        return "< 0.001"
    if value > 0.99:
        return "> 0.99"
    if about:
        return f"≈ {one_digit(value):g}"
    # Next to 0.05 two digits would hide on which side it lies.
    return f"= {value:#.3g}" if 0.045 <= value < 0.055 else f"= {value:#.2g}"


PEOPLE = Sentence("People")
ROWS = Sentence("Rows")
"""What an answer counts; people where each row is one."""


def people_text(n: int, about: bool) -> Number | Sentence:
    """A number of people; where some of it are rounded, about so many, in fives."""
    return Sentence("about %(count)s", count=grouped(round(n / 5) * 5)) if about else grouped(n)


def rows(n: int, about: bool = False) -> Sentence:
    """So many rows, or about so many."""
    return Sentence.counting("%(count)s row", "%(count)s rows", n, count=people_text(n, about))


def sites_text(k: int, asked: int) -> Sentence:
    """So many sites, or so many of those that were asked."""
    sites = Sentence.counting("%(count)s site", "%(count)s sites", asked)
    return Sentence("%(k)s of %(sites)s", k=k, sites=sites) if k < asked else sites


def coefficients_text(k: int) -> Sentence:
    """So many coefficients of a model."""
    return Sentence.counting("%(count)s coefficient", "%(count)s coefficients", k)


PLACES = {
    "site": Sentence("site"),
    "region": Sentence("region"),
    "country": Sentence("country"),
}
"""The engine's own columns as people call them; no variable has their names."""

PLACE_HEADS = {
    "site": Sentence("Site"),
    "region": Sentence("Region"),
    "country": Sentence("Country"),
}
"""The same where they begin a line."""


def label_of(name: str, variables: Mapping[str, VariableInfo]) -> str:
    """A variable's label as it stands within a sentence; without one its name, letter by letter."""
    if name in PLACES:
        return PLACES[name]
    info = variables.get(name)
    if info is None or not info.label:
        return name
    return _within(info.label)


def measure_of(name: str, variables: Mapping[str, VariableInfo]) -> tuple[str, str]:
    """A variable as a sentence calls it that tells its unit as well, and that unit.

    A label that ends with the unit says it twice; one that alone tells the unit is believed. A wave
    is no unit, though it be called “week”.
    """
    info = variables.get(name)
    if info is None:
        return label_of(name, variables), ""
    label, wave = _apart(info)
    found = ENDS_IN_UNIT.fullmatch(label)
    unit = ucum(found[2] or found[3]) if found else ""
    if found is None or not unit or info.unit not in ("", unit):
        return label_of(name, variables), info.unit
    return _within(found[1] + wave), unit


def _apart(info: VariableInfo) -> tuple[str, str]:
    """A label without the wave in brackets that it ends with, and those."""
    wave = f" ({info.wave})" if info.wave else ""
    if wave and info.label.lower().endswith(wave.lower()):
        return info.label[: -len(wave)], info.label[-len(wave) :]
    return info.label, ""


def _within(label: str) -> str:
    """A label begins a form field with a capital; within a sentence only acronyms keep theirs."""
    return label[0].lower() + label[1:] if len(label) > 1 and label[1].islower() else label


def meaning_of(name: str, level: str, variables: Mapping[str, VariableInfo]) -> str:
    """What a code of a variable stands for; the code itself where nobody said so."""
    info = variables.get(name)
    if info is None:
        return Place(level) if name in ("region", "country") else level
    meaning = dict(info.meanings).get(level)
    if meaning and not is_named_yes_and_no(info):
        return meaning
    if info.type == "boolean" and level in ("0", "1"):
        return Sentence("yes") if level == "1" else Sentence("no")
    return level


def is_named_yes_and_no(info: VariableInfo) -> bool:
    """Whether somebody wrote down that 1 is yes and 0 is no, which is no name of either."""
    meanings = {code: meaning.strip().casefold() for code, meaning in info.meanings}
    return info.type == "boolean" and meanings == {"0": "no", "1": "yes"}


def unit_text(unit: str) -> str:
    """A UCUM unit as people write it; empty for a pure number."""
    if unit in UNITS:
        return UNITS[unit]
    if several := SEVERAL.fullmatch(unit):
        return amount(int(several[1]), several[2])
    powers = POWER.sub(lambda found: "10" + found[1].translate(RAISED), MICRO.sub("µ", unit))
    return "" if unit == "1" else powers.translate({ord(mark): None for mark in "[]{}"})


def amount(value: float, unit: str) -> Sentence:
    """So much of something that is measured."""
    if several := SEVERAL.fullmatch(unit):
        return amount(value * int(several[1]), several[2])
    text = number(value) if value % 1 else Number(f"{value:,.0f}")
    if value == 1:
        return Sentence("%(unit)s", unit=ONE_OF.get(unit) or unit_text(unit) or Sentence("unit"))
    if unit == "%":
        # 10 % of a share would be read as a tenth of it.
        return Sentence("%(number)s percentage points", number=text)
    return Sentence("%(number)s %(unit)s", number=text, unit=unit_text(unit) or Sentence("units"))


def measured(value: float, unit: str) -> Sentence | Number:
    """A number with its unit, where it has one."""
    if several := SEVERAL.fullmatch(unit):
        return measured(value * int(several[1]), several[2])
    if not unit_text(unit):
        return number(value)
    return Sentence("%(number)s %(unit)s", number=number(value), unit=unit_text(unit))


def level_of(by: str | None, level: str) -> str:
    """A group of rows by its level: a region or a country is a place."""
    return Place(level) if by in ("region", "country") else level


def span(interval: Sequence[float | None]) -> Sentence:
    """The two ends of an interval in words."""
    return Sentence("%(low)s to %(high)s", low=number(interval[0]), high=number(interval[1]))
