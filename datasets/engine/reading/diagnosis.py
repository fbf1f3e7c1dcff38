"""Says where and why a file's structure is broken: the slow, careful twin of structure.py.

It begins at the record the fast pass stopped in, ends after the first hundred problems or a
bounded number of bytes, and goes on after each fault at the next line.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from datasets.engine.reading.problems import MAX_PROBLEMS, Problem, problem
from datasets.engine.reading.structure import BIDI, MAX_LINE, Mark
from datasets.engine.sentences import Sentence, grouped

MAX_BYTES = 32_000_000


def quote_fault(
    record: bytes, delimiter: bytes, inside: bool = False
) -> tuple[str, Sentence] | None:
    """The code and detail of what is wrong with the quotes of a record, if anything is.

    `inside` says that the bytes begin within a quoted value.
    """
    at = 0
    while True:
        if inside or record[at : at + 1] == b'"':
            at = _closing(record, at if inside else at + 1)
            inside = False
            if at < 0:
                return ("unclosed_quote", Sentence("A double quote opened here is never closed."))
            if at < len(record) and record[at : at + 1] != delimiter:
                detail = Sentence("There is text between a closing quote and the delimiter.")
                return ("bad_quote", detail)
        else:
            end = record.find(delimiter, at)
            field = record[at : end if end >= 0 else len(record)]
            if b'"' in field:
                detail = Sentence("There is a double quote inside a value without quotes.")
                return ("bad_quote", detail)
            at = end if end >= 0 else len(record)
        if at >= len(record):
            return None
        at += 1


def _closing(record: bytes, at: int) -> int:
    """The offset after the quote that closes the value whose text begins at `at`, or -1."""
    while True:
        at = record.find(b'"', at)
        if at < 0:
            return -1
        if record[at + 1 : at + 2] != b'"':
            return at + 1
        at += 2


def diagnose(
    utf8: Path, delimiter: str, columns: int, start: Mark, newline: bytes
) -> list[Problem]:
    """The structural problems of `utf8` from the record at `start` on, at most 100."""
    problems: list[Problem] = []
    with utf8.open("rb") as file:
        file.seek(start.offset)
        lines = _Lines(iter(lambda: file.readline(MAX_LINE + 2), b""), start.line)
        for number, line in lines:
            problems += _faults(lines, number, line, delimiter.encode(), columns, newline)
            if len(problems) >= MAX_PROBLEMS or lines.read > MAX_BYTES:
                break
    return problems[:MAX_PROBLEMS]


class _Lines:
    """Numbered lines that can be looked at ahead and put back."""

    def __init__(self, source: Iterator[bytes], number: int) -> None:
        self.source = source
        self.number = number
        self.back: list[bytes] = []
        self.read = 0

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        while line := self.take():
            yield self.number - 1, line

    def take(self) -> bytes:
        line = self.back.pop() if self.back else next(self.source, b"")
        if line:
            self.number += 1
            self.read += len(line)
        return line

    def put_back(self, lines: list[bytes]) -> None:
        self.back.extend(reversed(lines))
        self.number -= len(lines)
        self.read -= sum(map(len, lines))


def _faults(
    lines: _Lines, number: int, line: bytes, delimiter: bytes, columns: int, newline: bytes
) -> list[Problem]:
    """The faults of the record that begins with `line`, taking the lines that belong to it."""
    if len(line) > MAX_LINE:
        while line and not line.endswith(b"\n"):
            line = lines.take()
            lines.number -= 1
        detail = Sentence("The line is longer than %(most)s bytes.", most=grouped(MAX_LINE))
        return [problem("line_too_long", detail, row=number)]
    taken = [line]
    fault = quote_fault(line.rstrip(b"\r\n"), delimiter)
    length = len(line)
    while fault and fault[0] == "unclosed_quote" and length <= MAX_LINE:
        more = lines.take()
        if not more:
            break
        taken.append(more)
        length += len(more)
        fault = quote_fault(more.rstrip(b"\r\n"), delimiter, inside=True)
    if fault:
        lines.put_back(taken[1:])
        code, detail = fault
        if len(taken) > 1:
            code, detail = (
                "unclosed_quote",
                Sentence("A double quote opened here is not closed in its value."),
            )
        return [problem(code, detail, row=number, value=_text(line))]
    record = b"".join(taken)
    body = record.removesuffix(b"\n").removesuffix(b"\r")
    return _content_faults(body, record, number, delimiter, columns, newline)


def _content_faults(
    body: bytes, record: bytes, number: int, delimiter: bytes, columns: int, newline: bytes
) -> list[Problem]:
    if b"\0" in body:
        at = number + body[: body.index(b"\0")].count(b"\n")
        return [
            problem(
                "nul_byte", Sentence("The line contains a NUL byte."), row=at, value=_text(body)
            )
        ]
    bidi = BIDI.search(body)
    if bidi:
        at = number + body[: bidi.start()].count(b"\n")
        detail = Sentence("The line contains a character that changes the direction of text.")
        return [problem("bidi_control", detail, row=at, value=_text(body))]
    bare = re.sub(rb'"[^"]*"', b"", body)
    whole = record.endswith(b"\n")
    if b"\r" in bare or (whole and record.endswith(b"\r\n") != (newline == b"\r\n")):
        detail = Sentence("The line ends differently from the lines before it.")
        return [problem("mixed_newlines", detail, row=number, value=_text(body))]
    fields = bare.count(delimiter) + 1
    if fields != columns and (body or not whole):
        detail = Sentence(
            "The line has %(fields)s, the header %(columns)s.",
            fields=Sentence.counting(
                "%(count)s field", "%(count)s fields", fields, count=grouped(fields)
            ),
            columns=Sentence.counting(
                "%(count)s column", "%(count)s columns", columns, count=grouped(columns)
            ),
        )
        code = "truncated" if not whole and fields < columns else "ragged_row"
        return [problem(code, detail, row=number, value=_text(body))]
    return []


def _text(raw: bytes) -> str:
    return raw[:400].decode("utf-8", "replace").rstrip("\r\n")


def lines_of_records(utf8: Path, start: Mark, columns: int, records: list[int]) -> dict[int, int]:
    """The line on which each of the given records (counted from 1) begins.

    For a sound file only; empty lines are no records, unless there is but one column.
    """
    wanted = set(records)
    last = max(wanted, default=0)
    found: dict[int, int] = {}
    record, inside = 0, False
    with utf8.open("rb") as file:
        file.seek(start.offset)
        for line, text in enumerate(file, start=start.line):
            if not inside and (columns == 1 or text.strip(b"\r\n")):
                record += 1
                if record in wanted:
                    found[record] = line
                if record >= last:
                    break
            inside ^= bool(text.count(b'"') % 2)
    return found
