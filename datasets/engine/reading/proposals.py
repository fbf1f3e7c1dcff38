"""Proposes types, decimal sign and missing codes from a sample; parsing.py makes them certain."""

import contextlib
import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from datasets.engine.profiling.identifiers import names_identifier
from datasets.engine.profiling.suspicion import MISSING_CODES
from datasets.engine.reading.headers import Header
from datasets.engine.reading.kinds import DATE_FORMATS, DATETIME_FORMATS, TEXT, Kind, number_pattern
from datasets.engine.reading.readers import ReadOptions

CERTAIN_CODES = frozenset({"N/A", "n/a", "#N/A", "<NA>", "NULL", "NaN"})
"""The missing codes proposed wherever they occur: no category is called like that."""

HEAD_BYTES = 1 << 18
SPREAD_BYTES = 1 << 13
MAX_CELLS = 60_000

_INTEGER = re.compile(r"\s*[+-]?(0|[1-9]\d{0,14})\s*")
_BOOLEAN = frozenset({"true", "false"})
_UNSAFE = re.compile(r"\s*[+-]?0\d.*|.*\d_\d.*", re.DOTALL)
_PATTERNS = {
    form: re.compile(pattern) for form, pattern in {**DATE_FORMATS, **DATETIME_FORMATS}.items()
}


@dataclass(frozen=True)
class Proposal:
    """A guess from the sample, for every column in order."""

    kinds: list[Kind]
    decimal: str
    missing: tuple[str, ...]


def read_sample(utf8: Path, header: Header, offsets: Iterable[int]) -> list[set[str]]:
    """The distinct values of every column in the first records and in records further on."""
    columns = len(header.names)
    values: list[set[str]] = [set() for _ in range(columns)]
    left = max(60, MAX_CELLS // columns)
    with utf8.open("rb") as file:
        places = [(header.first_record.offset, HEAD_BYTES, left * 2 // 3)]
        places += [(offset, SPREAD_BYTES, 8) for offset in offsets]
        size = utf8.stat().st_size
        for offset, length, most in places:
            file.seek(offset)
            block = file.read(length)
            whole = offset + len(block) >= size
            for record in _records(block, header.delimiter, whole)[:most]:
                if len(record) == columns:
                    left -= 1
                    for seen, value in zip(values, record, strict=True):
                        seen.add(value)
            if left <= 0:
                break
    return values


def _records(block: bytes, delimiter: str, whole: bool) -> list[list[str]]:
    text = io.StringIO(block.decode("utf-8", "replace"), newline="")
    records: list[list[str]] = []
    with contextlib.suppress(csv.Error):  # a value longer than csv's limit ends the sample early
        records.extend(csv.reader(text, delimiter=delimiter))
    return records if whole else records[:-1]


def propose(values: list[set[str]], header: Header, options: ReadOptions) -> Proposal:
    """Types, decimal sign and missing codes; what `options` fixes is kept."""
    decimal = options.decimal or _propose_decimal(values, header.delimiter)
    number = re.compile(number_pattern(decimal))
    if options.missing is not None:
        missing = set(options.missing)
    else:
        missing = set()
        for seen in values:
            codes = seen & set(MISSING_CODES)
            rest = seen - codes - {""}
            if codes and (not rest or _kind(rest, number) != TEXT):
                missing |= codes
            missing |= codes & CERTAIN_CODES
    kinds = []
    for name, seen in zip(header.names, values, strict=True):
        fixed = options.types.get(name)
        rest = seen - missing - {""}
        kind = _fixed_kind(fixed, rest) if fixed else _kind(rest, number)
        if not fixed and kind.type == "integer" and names_identifier(name):
            kind = TEXT  # nobody averages identifiers, and text keeps every digit of them
        kinds.append(kind)
    ordered = [code for code in MISSING_CODES if code in missing]
    own = sorted(missing - set(ordered) - {""})
    return Proposal(kinds, decimal, tuple(ordered + own))


def _propose_decimal(values: list[set[str]], delimiter: str) -> str:
    """A comma where some column's values are numbers with a comma and never with a point."""
    if delimiter == ",":
        comma_possible = any("," in value for seen in values for value in seen)
        if not comma_possible:
            return "."
    point, comma = re.compile(number_pattern(".")), re.compile(number_pattern(","))
    with_point = with_comma = 0
    for seen in values:
        rest = {value for value in seen if value and value not in MISSING_CODES}
        if any("," in value for value in rest) and all(map(comma.fullmatch, rest)):
            with_comma += 1
        if any("." in value for value in rest) and all(map(point.fullmatch, rest)):
            with_point += 1
    return "," if with_comma > with_point else "."


def _kind(values: set[str], number: re.Pattern[str]) -> Kind:
    """The narrowest kind all `values` fit."""
    if not values:
        return TEXT
    if all(map(number.fullmatch, values)):
        if any(map(_UNSAFE.fullmatch, values)):
            return TEXT
        whole = all(map(_INTEGER.fullmatch, values))
        return Kind("integer" if whole else "number")
    if {value.lower() for value in values} <= _BOOLEAN:
        return Kind("boolean")
    return (
        _dates(values, DATE_FORMATS, "date") or _dates(values, DATETIME_FORMATS, "datetime") or TEXT
    )


def _dates(values: set[str], forms: Iterable[str], kind: str) -> Kind | None:
    """The one format that fits all values; day and month that could be swapped are no date."""
    fitting = [form for form in forms if all(map(_PATTERNS[form].fullmatch, values))]
    return Kind(kind, fitting[0]) if len(fitting) == 1 else None


def _fixed_kind(fixed: str, values: set[str]) -> Kind:
    """The kind of a type a person chose; for dates with the format that fits most values."""
    if fixed in ("date", "datetime"):
        forms = DATE_FORMATS if fixed == "date" else DATETIME_FORMATS
        best = max(forms, key=lambda form: sum(map(bool, map(_PATTERNS[form].fullmatch, values))))
        return Kind(fixed, best)
    return Kind(fixed) if fixed in ("integer", "number", "boolean") else TEXT
