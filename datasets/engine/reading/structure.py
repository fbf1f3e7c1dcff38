"""One pass over the bytes of a CSV: is every record whole, and what could mislead a parser.

Written with numpy on chunks that end with a line, so that its speed is that of memory. A file
that breaks a rule is only marked here; diagnosis.py says where and why.
"""

import hashlib
import os
import re
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

CHUNK = 1 << 18
MAX_LINE = 1_000_000
SAMPLES = 256
LF, CR, QUOTE, SPACE, PLUS, MINUS, ZERO, UNDERSCORE = 10, 13, 34, 32, 43, 45, 48, 95
BIDI = re.compile(rb"\xe2(?:\x80[\xaa-\xae]|\x81[\xa6-\xa9])")
"""U+202A to U+202E and U+2066 to U+2069 in UTF-8: they make text read as what it is not."""
PART = 1 << 22
LEADING_ZERO = re.compile(rb'"?[+-]?0\d')


@dataclass(frozen=True)
class Mark:
    """A record's start: where to begin reading again. `line` counts from 1."""

    offset: int
    line: int


@dataclass
class Structure:
    """What the pass found. `unsafe` are the positions of columns where some value has a leading
    zero or an underscore between digits: a parser would read 007 as 7 and 1_000 as 1000.
    `parts` are copies of runs of whole records, written from a large file."""

    records: int = 0
    blank: int = 0
    sha256: str = ""
    unsafe: set[int] = field(default_factory=set)
    parts: list[Path] = field(default_factory=list)
    samples: list[int] = field(default_factory=list)
    broken: Mark | None = None


@dataclass(frozen=True)
class _Chunk:
    """The facts of one chunk, before its first record is joined to the chunk before."""

    sound: bool
    counts: np.ndarray
    tail: int
    ends: np.ndarray
    blank: int
    first_blank: bool
    unsafe: np.ndarray
    unsafe_first: np.ndarray
    lines: int
    tail_lines: int


def _unsafe_positions(a: np.ndarray, data: bytes, delimiter: int) -> np.ndarray:
    """Positions inside fields that begin with 0 and a digit, or hold digit underscore digit."""
    digit = (a - np.uint8(ZERO)) < 10
    border = (a == delimiter) | (a == LF) | (a == QUOTE) | (a == SPACE)
    zero = (a[1:-1] == ZERO) & digit[2:]
    found = [np.flatnonzero(zero & border[:-2]) + 1]
    if b"-0" in data or b"+0" in data:
        sign = (a[1:-2] == MINUS) | (a[1:-2] == PLUS)
        found.append(np.flatnonzero(sign & zero[1:] & border[:-3]) + 2)
    if b"_" in data:
        joined = (a[1:-1] == UNDERSCORE) & digit[:-2] & digit[2:]
        found.append(np.flatnonzero(joined) + 1)
    if LEADING_ZERO.match(data):
        found.append(np.zeros(1, np.intp))
    return np.concatenate(found)


def _without_quoted(places: np.ndarray, opened: np.ndarray, closed: np.ndarray) -> np.ndarray:
    """`places` (ascending) that are in none of the ranges from `opened` to `closed`."""
    first = np.searchsorted(places, opened)
    length = np.searchsorted(places, closed) - first
    some = np.flatnonzero(length)
    first, length = first[some], length[some]
    within = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    return np.delete(places, np.repeat(first, length) + within)


def _quotes_are_sound(
    a: np.ndarray, opened: np.ndarray, closed: np.ndarray, delimiter: int
) -> bool:
    """RFC 4180: a quote opens after a delimiter, closes before one, and is doubled within."""
    before = a[np.maximum(opened - 1, 0)]
    after = a[np.minimum(closed + 1, a.size - 1)]
    return bool(
        np.all((opened <= 0) | (before == delimiter) | (before == LF) | (before == QUOTE))
        and np.all(
            (closed == a.size)
            | (after == delimiter)
            | (after == LF)
            | (after == CR)
            | (after == QUOTE)
        )
    )


def _read_chunk(data: bytes, inside: bool, delimiter: int, columns: int, crlf: bool) -> _Chunk:
    """Facts of `data`, which starts after a line's end and ends with one.

    `inside` says whether it starts within a quoted value, `crlf` whether lines end with CR LF.
    """
    a = np.frombuffer(data, np.uint8)
    lines = ends = np.flatnonzero(a == LF)
    places = np.flatnonzero(a == delimiter)
    returns = np.flatnonzero(a == CR) if b"\r" in data else ends[:0]
    sound = b"\0" not in data and not _has_bidi(a)
    if inside or b'"' in data:
        quotes = np.flatnonzero(a == QUOTE)
        if inside:
            quotes = np.concatenate(([-1], quotes))
        if quotes.size % 2:
            quotes = np.append(quotes, a.size)
        opened, closed = quotes[0::2], quotes[1::2]
        sound &= _quotes_are_sound(a, opened, closed, delimiter)
        ends = _without_quoted(ends, opened, closed)
        places = _without_quoted(places, opened, closed)
        returns = _without_quoted(returns, opened, closed)
    if crlf or returns.size:
        sound &= crlf and np.array_equal(returns + 1, ends)
    reached = np.searchsorted(places, ends)
    counts = np.diff(reached, prepend=0)
    lengths = np.diff(ends, prepend=-1)
    blank = lengths == (2 if crlf else 1)
    if inside:
        blank[:1] = False
    sound &= not ((counts != columns - 1) & ~blank)[1:].any()
    sound &= not (lengths > MAX_LINE).any()
    unsafe = _unsafe_positions(a, data, delimiter)
    record = np.searchsorted(ends, unsafe)
    column = np.searchsorted(places, unsafe) - np.concatenate(([0], reached))[record]
    return _Chunk(
        sound=bool(sound),
        counts=counts,
        tail=int(places.size - (reached[-1] if ends.size else 0)),
        ends=ends,
        blank=int(np.count_nonzero(blank)),
        first_blank=bool(blank[:1].any()),
        unsafe=np.unique(column[record > 0]),
        unsafe_first=np.unique(column[record == 0]),
        lines=lines.size,
        tail_lines=int(lines.size - np.searchsorted(lines, ends[-1:] + 1).sum()),
    )


def _has_bidi(a: np.ndarray) -> bool:
    """BIDI without its slow walk through text that is full of other characters of that block."""
    begins = np.flatnonzero(a[:-2] == 0xE2)
    second, third = a[begins + 1], a[begins + 2]
    embedding = (second == 0x80) & (third >= 0xAA) & (third <= 0xAE)
    isolate = (second == 0x81) & (third >= 0xA6) & (third <= 0xA9)
    return bool((embedding | isolate).any())


def _whole_lines(file: BinaryIO, digest: "hashlib._Hash", newline: bytes) -> Iterator[bytes]:
    """Chunks of whole lines; a last line without an end is given one."""
    rest = b""
    while data := file.read(CHUNK):
        digest.update(data)
        cut = data.rfind(b"\n") + 1
        if cut:
            yield rest + data[:cut]
            rest = data[cut:]
        else:
            rest += data
            if len(rest) > MAX_LINE:
                break
    if rest:
        yield rest + newline


def scan(
    utf8: Path,
    delimiter: str,
    columns: int,
    first_record: Mark,
    newline: bytes,
    folder: Path,
    progress: Callable[[float], None],
    without_header: bool = False,
) -> Structure:
    """Passes over the records of the file `utf8` from `first_record` on.

    `columns` is the number of the header's columns, `newline` the header's line end; `folder`
    takes the parts that a large file is read in, and one that is read `without_header`. When
    `broken` is set on return, the pass stopped in the record that starts there, and the other
    facts are not complete.
    """
    found = Structure()
    digest = hashlib.sha256()
    size = max(utf8.stat().st_size, 1)
    waiting: deque[tuple[Future[_Chunk], int]] = deque()
    inside = False
    crlf = newline == b"\r\n"
    with (
        utf8.open("rb") as file,
        ThreadPoolExecutor(2) as pool,
    ):
        plain = delimiter.join(f"c{index}" for index in range(columns)).encode() + newline
        parts = _Parts(file, folder, first_record.offset, plain)
        in_parts = without_header or (columns > 1 and size > 2 * PART)
        merge = _Merge(found, columns, first_record, parts if in_parts else None)
        digest.update(file.read(first_record.offset))
        for data in _whole_lines(file, digest, newline):
            job = pool.submit(_read_chunk, data, inside, ord(delimiter), columns, crlf)
            waiting.append((job, len(data)))
            inside ^= bool(data.count(b'"') & 1)
            if len(waiting) > 3:
                merge.add(*_finished(waiting))
                progress(merge.offset / size)
            if found.broken:
                return found
        while waiting:
            merge.add(*_finished(waiting))
        if in_parts and not found.broken and parts.begin < size:
            parts.cut(size)
    if inside and not found.broken:
        found.broken = merge.start
    found.sha256 = digest.hexdigest()
    found.parts = parts.written
    return found


def _finished(waiting: deque[tuple[Future[_Chunk], int]]) -> tuple[_Chunk, int]:
    future, length = waiting.popleft()
    return future.result(), length


class _Parts:
    """Copies runs of whole records into files of about PART bytes.

    DuckDB's parallel reader guesses where records begin. At some block boundaries it guesses
    wrong: it refuses sound files with quoted values or long lines or, worse, skips rows. Given
    parts it reads each from its first byte, and several at a time. Each begins with a plain header,
    because DuckDB takes the first line end of a file for that of its lines, inside quotes too.
    """

    def __init__(self, source: BinaryIO, folder: Path, begin: int, header: bytes) -> None:
        self.source = source
        self.folder = folder
        self.begin = begin
        self.header = header
        self.written: list[Path] = []

    def reached(self, record_end: int) -> None:
        """Takes note that a record ends at this offset."""
        if record_end - self.begin >= PART:
            self.cut(record_end)

    def cut(self, end: int) -> None:
        """Copies what lies before `end`; the kernel does it, so no byte passes through here."""
        part = self.folder / f"part-{len(self.written):06d}.csv"
        with part.open("wb", buffering=0) as copy:
            copy.write(self.header)
            while self.begin < end:
                count = min(end - self.begin, PART)
                self.begin += os.sendfile(copy.fileno(), self.source.fileno(), self.begin, count)
        self.written.append(part)


class _Merge:
    """Joins the chunks' facts in order and stops at the first that is not sound."""

    def __init__(self, found: Structure, columns: int, start: Mark, parts: _Parts | None) -> None:
        self.found = found
        self.parts = parts
        self.columns = columns
        self.start = start
        self.offset = start.offset
        self.line = start.line
        self.open_count = 0
        self.chunks = 0
        self.stride = 1

    def add(self, chunk: _Chunk, length: int) -> None:
        found = self.found
        if found.broken:
            return
        if not chunk.sound or not self._joins(chunk, length):
            found.broken = self.start
            return
        found.unsafe.update(int(column) for column in chunk.unsafe)
        found.unsafe.update(int(column) + self.open_count for column in chunk.unsafe_first)
        self._sample(chunk)
        found.records += chunk.ends.size
        found.blank += chunk.blank
        self.line += chunk.lines
        if chunk.ends.size:
            self.open_count = chunk.tail
            last = self.offset + int(chunk.ends[-1]) + 1
            self.start = Mark(last, self.line - chunk.tail_lines)
            if self.parts:
                self.parts.reached(last)
        else:
            self.open_count += chunk.tail
        self.offset += length

    def _joins(self, chunk: _Chunk, length: int) -> bool:
        """Whether the record begun in the chunk before is of the right size and length."""
        first_end = int(chunk.ends[0]) if chunk.ends.size else length
        if self.offset + first_end - self.start.offset > MAX_LINE:
            return False
        if not chunk.ends.size or (chunk.first_blank and self.open_count == 0):
            return True
        return int(chunk.counts[0]) + self.open_count == self.columns - 1

    def _sample(self, chunk: _Chunk) -> None:
        """Keeps at most 2 x SAMPLES record starts, spread over the file."""
        samples = self.found.samples
        if self.chunks % self.stride == 0:
            starts = chunk.ends[:-1]
            step = max(1, starts.size // 16)
            samples.extend(int(end) + 1 + self.offset for end in starts[::step])
        self.chunks += 1
        if len(samples) > 2 * SAMPLES:
            del samples[1::2]
            self.stride *= 2
