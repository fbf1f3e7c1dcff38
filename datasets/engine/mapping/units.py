"""Conversion of units: what people write, what UCUM calls it, and what one is in the other.

Amounts and masses of a substance differ by its molar mass, so that mmol/L and mg/dL are another
factor for glucose than for cholesterol: such a pair needs its analyte. The numbers are in
`units_table.py`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from datasets.engine.mapping.problems import RuleError
from datasets.engine.mapping.units_table import (
    ALIASES,
    AMOUNT,
    ANALYTES,
    BODY,
    DOUBTFUL_IN_NAMES,
    IFCC,
    MASS,
    NGSP,
    NOT_IN_NAMES,
    UNITS,
    Unit,
)
from datasets.engine.rows.echo import echo
from datasets.engine.sentences import Sentence

UNCLEAR = ("mM",)
"""Millimoles per litre to some, but for its case a millimetre."""

HBA1C_SLOPE, HBA1C_START = 0.09148, 2.152
"""NGSP % = 0.09148 * IFCC mmol/mol + 2.152: the master equation, ngsp.org/ifcc.asp."""


@dataclass(frozen=True)
class Conversion:
    """A value in the new unit is `factor` times the old one plus `offset`."""

    factor: float
    offset: float = 0.0


def ucum(written: Any) -> str:
    """UCUM's code of a unit as people write it; empty for what is not in the table."""
    if not isinstance(written, str):
        return ""
    text = written.strip()
    if text in UNCLEAR:
        return ""
    return text if text in UNITS else _BY_SPELLING.get(_folded(text), "")


def analyte_in(*texts: str) -> str:
    """The one substance these names and labels speak of; empty where there is none, or several."""
    words = {word for text in texts for word in re.split(r"[\W_\d]+", text.casefold()) if word}
    joined = {re.sub(r"[\W_]+", "", text.casefold()) for text in texts}
    found = {name for name, one in ANALYTES.items() if {*one.words} & (words | joined)}
    # "HDL cholesterol" is cholesterol by its mass, and so are both names of urea.
    masses = {ANALYTES[name].molar_mass for name in found}
    return sorted(found)[0] if len(masses) == 1 else ""


def without_unit(text: str) -> tuple[str, str]:
    """A name or label without the unit that it ends in, as `chol_mgdl` does, and that unit's code.

    The name comes without what separates its parts; the unit is empty where it ends in none.
    """
    parts = [part for part in _PART.split(text) if part]
    for length in range(min(3, len(parts) - 1), 0, -1):
        code = _IN_NAMES.get("".join(parts[-length:]).casefold())
        if code:
            return "".join(parts[:-length]), code
    return text, ""


def unit_named(name: str, label: str = "") -> str:
    """The unit that a column's name or label ends in; empty where they name none, or two."""
    codes = {code for _, code in map(without_unit, (name, label)) if code}
    return codes.pop() if len(codes) == 1 else ""


def without_doubtful_unit(name: str) -> tuple[str, str]:
    """A name without an ending that may be a unit, as `height_in` has one, and that unit's code."""
    parts = [part for part in _PART.split(name) if part]
    code = DOUBTFUL_IN_NAMES.get(parts[-1].casefold(), "") if len(parts) > 1 else ""
    return ("".join(parts[:-1]), code) if code else (name, "")


def is_usual_of_body(value: float, unit: str, *texts: str) -> bool:
    """Whether names and labels speak of a measure of the body, and the median of a group of people
    may be this."""
    words = {word for text in texts for word in re.split(r"[\W_\d]+", text.casefold()) if word}
    return any(
        bool(words & set(names) and _within(value, unit, (low, high), code, ""))
        for names, (low, high, code) in BODY
    )


def convertible(unit: str, analyte: str = "") -> list[str]:
    """The other units that this one can be converted to."""
    start = ucum(unit)
    return [code for code in UNITS if start and code != start and _found(start, code, analyte)]


def is_same(one: str, other: str) -> bool:
    """Whether two spellings are of one unit."""
    return one == other or (bool(ucum(one)) and ucum(one) == ucum(other))


def needs_analyte(old: str, new: str) -> bool:
    """Whether the factor between the two depends on the substance."""
    kinds = {UNITS[code].kind for code in (ucum(old), ucum(new)) if code}
    return kinds in ({MASS, AMOUNT}, {NGSP, IFCC})


def is_usual(value: float, unit: str, analyte: str) -> bool | None:
    """Whether the median of a group of people may be this; None where nothing is known of it."""
    known = ANALYTES[analyte] if analyte else None
    if known is None or known.usual is None:
        return None
    low, high, known_unit = known.usual
    is_within = _within(value, unit, (low, high), known_unit, analyte)
    healthy = known.healthy
    if not is_within or healthy is None:
        return is_within

    def is_healthy(code: str) -> bool:
        return bool(_within(value, code, healthy, known_unit, analyte))

    return is_healthy(unit) or not any(map(is_healthy, convertible(unit, analyte)))


def _within(
    value: float, unit: str, ends: tuple[float, float], ends_unit: str, analyte: str
) -> bool | None:
    """Whether the value in its unit lies between the ends in theirs."""
    into = _found(ucum(unit), ends_unit, analyte) if ucum(unit) else None
    return None if into is None else ends[0] <= value * into.factor + into.offset <= ends[1]


def is_of_laboratories(unit: str) -> bool:
    """Whether it is of those units of which one substance is reported in several."""
    return bool(ucum(unit)) and UNITS[ucum(unit)].kind in (MASS, AMOUNT, NGSP, IFCC)


def conversion(old: Any, new: Any, analyte: Any = "") -> Conversion:
    """From one unit to the other. Raises RuleError."""
    codes = []
    for written in (old, new):
        if written is None:
            detail = Sentence(
                "A conversion names the unit in the file (from) and the unit it becomes (to)."
            )
            raise RuleError("unknown_unit", detail)
        code = ucum(written)
        if not code:
            detail = Sentence(
                "The unit “%(unit)s” is not in the table of units: write an expression instead.",
                unit=echo(str(written)),
            )
            raise RuleError("unknown_unit", detail)
        codes.append(code)
    start, end = codes
    if analyte not in (None, "") and analyte not in ANALYTES:
        detail = Sentence(
            "The analyte “%(name)s” is not in the table; those are: %(known)s.",
            name=echo(str(analyte)),
            known=", ".join(ANALYTES),
        )
        raise RuleError("unknown_analyte", detail)
    found = _found(start, end, analyte or "")
    if found is not None:
        return found
    if needs_analyte(start, end) and not analyte:
        detail = Sentence(
            "%(old)s and %(new)s differ by another factor for each substance: name the substance.",
            old=start,
            new=end,
        )
        raise RuleError("needs_analyte", detail)
    detail = Sentence("%(old)s cannot be converted to %(new)s.", old=start, new=end)
    raise RuleError("not_convertible", detail)


def _found(start: str, end: str, analyte: str) -> Conversion | None:
    one, other = UNITS[start], UNITS[end]
    if one.kind == other.kind:
        return _by_scale(one, other)
    kinds = (one.kind, other.kind)
    if set(kinds) == {MASS, AMOUNT} and analyte and ANALYTES[analyte].molar_mass:
        mass = ANALYTES[analyte].molar_mass
        scale = one.scale / other.scale
        return Conversion(scale / mass if one.kind == MASS else scale * mass)
    if analyte == "HbA1c" and kinds == (IFCC, NGSP):
        return Conversion(HBA1C_SLOPE, HBA1C_START)
    if analyte == "HbA1c" and kinds == (NGSP, IFCC):
        return Conversion(1 / HBA1C_SLOPE, -HBA1C_START / HBA1C_SLOPE)
    return None


def _by_scale(one: Unit, other: Unit) -> Conversion:
    return Conversion(one.scale / other.scale, (one.zero - other.zero) / other.scale)


def _folded(text: str) -> str:
    """A spelling without what people vary: case, spaces, brackets, the two signs for micro."""
    text = text.casefold().replace("\N{MICRO SIGN}", "u").replace("\N{GREEK SMALL LETTER MU}", "u")
    text = text.replace("mcg", "ug").replace(" per ", "/").replace("\N{SUPERSCRIPT TWO}", "2")
    return re.sub(r"[\s\[\]{}().^*_]+", "", text)


def _spellings(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """By folded spelling; two units that fold to one are told apart by UCUM's own code alone."""
    found: dict[str, str] = {}
    unclear: set[str] = set()
    for spelling, code in pairs:
        folded = _folded(spelling)
        if found.setdefault(folded, code) != code:
            unclear.add(folded)
    return {folded: code for folded, code in found.items() if folded not in unclear}


_BY_SPELLING = _spellings(
    [*((code, code) for code in UNITS)]
    + [(spelling, code) for code, written in ALIASES.items() for spelling in written]
)
_PART = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])")


def _in_names() -> dict[str, str]:
    """By what stands in a name where its separators are gone, such as mgdl."""
    found: dict[str, set[str]] = {}
    alone = {amount: f"{amount}/L" for amount in ("mmol", "umol", "nmol", "pmol")}
    for spelling, code in (_BY_SPELLING | alone).items():
        # Of mg% nothing but mg would be left.
        if "%" in spelling:
            continue
        found.setdefault(re.sub(r"\W+", "", spelling), set()).add(code)
    return {
        text: codes.pop()
        for text, codes in found.items()
        if len(codes) == 1 and len(text) > 1 and text not in NOT_IN_NAMES
    }


_IN_NAMES = _in_names()
