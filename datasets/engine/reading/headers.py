"""Reads the first line of a CSV: its delimiter, its line end and the names of the columns."""

import csv
import io
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from datasets.engine.reading.diagnosis import quote_fault
from datasets.engine.reading.encodings import not_utf8
from datasets.engine.reading.problems import MAX_PROBLEMS, IngestError, Problem, problem
from datasets.engine.reading.readers import DELIMITERS, HEAD
from datasets.engine.reading.structure import MAX_LINE, Mark
from datasets.engine.rows.echo import echo
from datasets.engine.sentences import Sentence, grouped

MAX_COLUMNS = 5_000
MAX_NAME = 200
DELIMITER_NAMES = {
    ",": Sentence("comma"),
    ";": Sentence("semicolon"),
    "\t": Sentence("tab"),
    "|": Sentence("vertical bar"),
}
OTHER_DELIMITERS = (":", "^", "~", "\x1f", "\x01", "\x1e", " ")
"""Never used, only recognised: a file separated by them would else be one strange column."""
SAMPLE_RECORDS = 200

_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_VALUE = re.compile(
    r"\s*([+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?)\s*"
)
"""A number or a date: what no column is called when its neighbours are none either."""


@dataclass(frozen=True)
class Header:
    """The column names, and where the first record begins."""

    names: tuple[str, ...]
    delimiter: str
    newline: bytes
    first_record: Mark


def read_header(utf8: Path, wanted_delimiter: str | None) -> Header:
    """Reads and checks the header of the file `utf8`. Raises IngestError."""
    with utf8.open("rb") as file:
        head = file.read(2 * MAX_LINE)
    start = 3 if head.startswith(b"\xef\xbb\xbf") else 0
    end = _record_end(head, start)
    raw = head[start:end]
    if not raw.strip(b"\r\n"):
        raise IngestError([problem("no_header", Sentence("The first line is empty."), row=1)])
    text = _decode(utf8, raw)
    _check_characters(text)
    sample = head[start : max(end, min(len(head), HEAD))].decode("utf-8", "replace")
    delimiter = choose_delimiter(sample, wanted_delimiter)
    fault = quote_fault(raw.rstrip(b"\r\n"), delimiter.encode())
    if fault is not None:
        raise IngestError([problem(fault[0], fault[1], row=1, value=text)])
    if "\r" in re.sub('"[^"]*"', "", text.removesuffix("\n").removesuffix("\r")):
        detail = Sentence("The first line contains a carriage return that does not end it.")
        raise IngestError([problem("mixed_newlines", detail, row=1, value=text)])
    names = _fields(text.rstrip("\r\n"), delimiter)
    problems = check_names(names) or _values_as_names(names, sample, delimiter)
    if problems:
        raise IngestError(problems[:MAX_PROBLEMS])
    if end >= len(head):
        raise IngestError([problem("header_only", Sentence("The file has a header and no rows."))])
    newline = b"\r\n" if raw.endswith(b"\r\n") else b"\n"
    lines = raw.count(b"\n")
    return Header(tuple(names), delimiter, newline, Mark(end, lines + 1))


def _record_end(head: bytes, start: int) -> int:
    """The offset after the first record. Raises IngestError where it never ends."""
    end = start
    while True:
        at = head.find(b"\n", end)
        if at < 0:
            break
        end = at + 1
        if head.count(b'"', start, end) % 2 == 0:
            return end
        if end - start > MAX_LINE:
            break
    if head.count(b'"', start) % 2:
        detail = Sentence("A quote opened in the header is never closed.")
        raise IngestError([problem("unclosed_quote", detail, row=1)])
    if len(head) - start > MAX_LINE:
        detail = Sentence("The first line is longer than %(most)s bytes.", most=grouped(MAX_LINE))
        raise IngestError([problem("line_too_long", detail, row=1)])
    return len(head)


def _decode(utf8: Path, raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise not_utf8(utf8, 1, raw[error.start : error.start + 20]) from None


def _check_characters(text: str) -> None:
    if "\0" in text:
        raise IngestError([problem("nul_byte", Sentence("The header contains a NUL byte."), row=1)])
    found = _BIDI.search(text)
    if found:
        detail = Sentence("The header contains a character that changes the direction of text.")
        raise IngestError([problem("bidi_control", detail, row=1, value=found.group())])


def _fields(line: str, delimiter: str) -> list[str]:
    return next(csv.reader(io.StringIO(line, newline=""), delimiter=delimiter), [])


def check_names(names: list[str]) -> list[Problem]:
    """Names must be there, short, printable, and differ by more than capitals."""
    if len(names) > MAX_COLUMNS:
        detail = Sentence(
            "The file has %(count)s columns; %(most)s is the most we read.",
            count=grouped(len(names)),
            most=grouped(MAX_COLUMNS),
        )
        return [problem("too_many_columns", detail, row=1)]
    problems = []
    seen: dict[str, int] = {}
    for position, name in enumerate(names, start=1):
        # A form sends every line end as CR LF, so names must not differ by those alone.
        one_line_end = re.sub("\r\n?", "\n", name.strip())
        key = unicodedata.normalize("NFC", one_line_end).casefold()
        if not key or not any(char.isprintable() for char in key):
            detail = Sentence(
                "Column %(position)s of %(count)s has no name.",
                position=position,
                count=len(names),
            )
            problems.append(problem("blank_header", detail, row=1))
        elif len(name) > MAX_NAME:
            detail = Sentence(
                "The name of column %(position)s has %(count)s characters.",
                position=position,
                count=grouped(len(name)),
            )
            problems.append(problem("header_too_long", detail, row=1, column=name))
        elif key in seen:
            detail = Sentence(
                "Columns %(first)s and %(second)s have the same name.",
                first=seen[key],
                second=position,
            )
            problems.append(problem("duplicate_header", detail, row=1, column=name))
        seen.setdefault(key, position)
    return problems


def _values_as_names(names: list[str], sample: str, delimiter: str) -> list[Problem]:
    """A first line of values: numbers among texts that occur again in their own column."""
    values = [bool(_VALUE.fullmatch(name)) for name in names]
    if not any(values):
        return []
    rows = _records(sample, delimiter)[1:]
    again = [
        any(len(row) > index and row[index] == name for row in rows)
        for index, name in enumerate(names)
    ]
    if not all(value or repeated for value, repeated in zip(values, again, strict=True)):
        return []
    detail = Sentence("The first line holds values, not the names of columns.")
    return [problem("no_header", detail, row=1, value=delimiter.join(names))]


def _records(sample: str, delimiter: str) -> list[list[str]]:
    """The first records; the last one read may be cut and is left out when there are more."""
    records: list[list[str]] = []
    try:
        for record in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
            if record:
                records.append(record)
            if len(records) > SAMPLE_RECORDS:
                break
    except csv.Error:
        return records
    return records[:-1] if len(sample) >= HEAD and len(records) > 2 else records


def choose_delimiter(sample: str, wanted: str | None) -> str:
    """The delimiter on which the header and the first rows agree best.

    Raises IngestError (`delimiter_mismatch`) where they are separated by different characters,
    or by one that is not offered.
    """
    header: dict[str, int] = {}
    rows: dict[str, Counter[int]] = {}
    for char in (*DELIMITERS, *OTHER_DELIMITERS):
        counts = [len(record) - 1 for record in _records(sample, char)]
        header[char] = counts[0] if counts else 0
        rows[char] = Counter(counts[1:])
    candidates = [char for char in DELIMITERS if header[char]] or [","]
    chosen = wanted or max(
        candidates,
        key=lambda char: (
            rows[char][header[char]] / max(1, rows[char].total()),
            header[char],
        ),
    )
    if rows[chosen].total() and (header[chosen] == 0 or set(rows[chosen]) == {0}):
        for other in (*DELIMITERS, *OTHER_DELIMITERS):
            if other != chosen and _separates(header, rows, other, chosen):
                raise _mismatch(chosen, other, header)
    return chosen


def _separates(
    header: dict[str, int], rows: dict[str, Counter[int]], other: str, chosen: str
) -> bool:
    """Whether `other` splits every row alike, which `chosen` does not split at all."""
    steady = len(rows[other]) == 1 and 0 not in rows[other]
    if not steady or (set(rows[chosen]) - {0} and header[chosen]):
        return False
    if other in DELIMITERS:
        return header[other] > 0 or header[chosen] > 0 or rows[other].total() > 1
    return header[other] in rows[other] and (other != " " or header[other] > 1)


def _mismatch(chosen: str, other: str, header: dict[str, int]) -> IngestError:
    name = DELIMITER_NAMES.get(other) or Sentence(
        "the character “%(character)s”", character=echo(other)
    )
    if header[other] == 0:
        detail = Sentence("The rows are separated by %(name)s, the header is not.", name=name)
    elif other in DELIMITERS:
        detail = Sentence(
            "The file is separated by %(name)s, not by %(chosen)s.",
            name=name,
            chosen=DELIMITER_NAMES[chosen],
        )
    else:
        detail = Sentence("The file is separated by %(name)s, which cannot be read.", name=name)
    return IngestError([problem("delimiter_mismatch", detail, row=1)])
