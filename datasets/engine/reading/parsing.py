"""The typed pass: CSV to Parquet with types that hold for every row.

Columns are read with the proposed kinds; where a value does not fit, that column is widened and
the pass goes again. DuckDB's own casts are too generous to decide alone (1.5 becomes the integer
2, 1e400 infinity, a date loses its time), so each kind has an expression that refuses them.
"""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from datasets.engine.profiling.suspicion import MISSING_CODES
from datasets.engine.reading.diagnosis import lines_of_records
from datasets.engine.reading.encodings import not_utf8
from datasets.engine.reading.headers import Header
from datasets.engine.reading.kinds import TEXT, Kind, as_number, misfitting, typed
from datasets.engine.reading.problems import MAX_PROBLEMS, IngestError, Problem, problem
from datasets.engine.reading.proposals import Proposal
from datasets.engine.reading.structure import MAX_LINE, Structure
from datasets.engine.rows.connection import identifier, literal
from datasets.engine.rows.frame import SAFE_INTEGER, TYPE_NAMES
from datasets.engine.rows.table import ROW_GROUP
from datasets.engine.sentences import Sentence

WRITE_MEMORY = "1GB"
"""Below about 4 MB per column and thread DuckDB reserves too little to write Parquet in file
order with more than one thread, which takes twice as long. It is a reservation: with small read
buffers the process stays near 300 MB. The sandbox holds the wall."""
_CAST = re.compile(
    r'^Error when converting column "c(\d+)"\. Could not convert string "(.*)" to', re.M
)
_CHECK = re.compile(r"^Invalid Input Error: c(\d+)$")


@dataclass(frozen=True)
class Parsed:
    """The kinds that held, the missing codes that were needed, and the number of rows."""

    kinds: list[Kind]
    missing: tuple[str, ...]
    rows: int


class _Misfit(Exception):
    """A value did not fit its column's kind; `value` is known where DuckDB could not cast it."""

    def __init__(self, column: int, value: str | None) -> None:
        super().__init__(column)
        self.column = column
        self.value = value


@dataclass(frozen=True)
class TypedPass:
    """One CSV and how it is split: all that the passes over it have in common."""

    connection: duckdb.DuckDBPyConnection
    utf8: Path
    header: Header
    structure: Structure
    decimal: str

    def write(
        self,
        table: Path,
        proposal: Proposal,
        fixed: dict[int, str],
        may_add_codes: bool,
        progress: Callable[[float], None],
    ) -> Parsed:
        """Writes `table` and returns what held. `fixed` columns are not widened.

        Raises IngestError (type_mismatch, integer_overflow, not_utf8).
        """
        kinds, missing = list(proposal.kinds), proposal.missing
        misfits = 0
        while True:
            try:
                rows = self._copy(table, kinds, missing, progress)
                return Parsed(kinds, missing, rows)
            except _Misfit as misfit:
                misfits += 1
                if misfit.column in fixed:
                    raise IngestError(self._mismatches(kinds, missing, fixed)) from None
                candidate = may_add_codes and (misfit.value or "") in MISSING_CODES
                if misfits == 1 and misfit.value is not None and not candidate:
                    kinds[misfit.column] = TEXT
                    continue
                again = (
                    [misfit.column]
                    if misfits == 1
                    else [i for i, kind in enumerate(kinds) if kind != TEXT and i not in fixed]
                )
                missing = self._widen(kinds, missing, again, may_add_codes)

    def _csv(self, kinds: list[Kind], missing: tuple[str, ...]) -> str:
        """read_csv with nothing left to guess. Columns are called c0, c1, ... so that no name
        of the file is ever part of what DuckDB reports."""
        columns = ", ".join(
            f"'c{i}': '{'DOUBLE' if kind.type in ('integer', 'number') else 'VARCHAR'}'"
            for i, kind in enumerate(kinds)
        )
        codes = ", ".join(literal(code) for code in ("", *missing))
        paths = self.structure.parts or [self.utf8]
        files = ", ".join(literal(str(path.resolve())) for path in paths)
        return (
            f"read_csv([{files}], columns = {{{columns}}}, "
            f"delim = {literal(self.header.delimiter)}, quote = '\"', escape = '\"', "
            f"header = true, nullstr = [{codes}], "
            f"decimal_separator = {literal(self.decimal)}, "
            f"auto_detect = false, strict_mode = true, null_padding = false, "
            f"ignore_errors = false, parallel = false, "
            f"max_line_size = {MAX_LINE}, buffer_size = {2 * MAX_LINE + 2})"
        )

    def _copy(
        self,
        table: Path,
        kinds: list[Kind],
        missing: tuple[str, ...],
        progress: Callable[[float], None],
    ) -> int:
        values = ", ".join(typed(kind, f"c{i}") for i, kind in enumerate(kinds))
        names = ", ".join(map(identifier, self.header.names))
        group = max(1024, min(ROW_GROUP, 4_000_000 // len(kinds) // 1024 * 1024))
        query = (
            f"COPY (SELECT * FROM (SELECT {values} FROM {self._csv(kinds, missing)}) "
            f"AS t({names})) TO {literal(str(table.resolve()))} "
            f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {group}, USE_TMP_FILE false)"
        )
        with _Watch(self.connection, progress):
            try:
                row = self.connection.execute(query).fetchone()
            except duckdb.Error as error:
                raise self._explained(error, kinds) from None
        return int(row[0]) if row else 0

    def _explained(self, error: duckdb.Error, kinds: list[Kind]) -> Exception:
        """The column a message of DuckDB's speaks of; other errors are returned unchanged."""
        message = str(error)
        check = _CHECK.match(message.strip())
        if check:
            return _Misfit(int(check[1]), None)
        cast = _CAST.search(message)
        if cast and int(cast[1]) < len(kinds) and kinds[int(cast[1])] != TEXT:
            return _Misfit(int(cast[1]), cast[2])
        if "Invalid unicode" in message:
            line = re.search(r"CSV Error on Line: (\d+)", message)
            return not_utf8(self.utf8, int(line[1]) if line else None, b"")
        return error

    def _widen(
        self, kinds: list[Kind], missing: tuple[str, ...], columns: list[int], may_add_codes: bool
    ) -> tuple[str, ...]:
        """Finds the kind that fits all rows of `columns`, in one pass over them as text.

        Changes `kinds` in place and returns the missing codes, with those added that were all
        that kept a column from its kind.
        """
        facts = self._ask(", ".join(self._fact(kinds[i], f"c{i}") for i in columns), missing)[0]
        added: set[str] = set()
        for i, fact in zip(columns, facts, strict=True):
            codes = set(fact["codes"] or ()) if may_add_codes else set()
            if fact["others"] or (fact["codes"] and not may_add_codes):
                kinds[i] = TEXT
                continue
            added |= codes
            if kinds[i].type in ("integer", "number"):
                if fact["long"]:
                    kinds[i] = TEXT
                elif fact["huge"]:
                    kinds[i] = Kind("number", "any")
                elif kinds[i].type == "integer" and fact["broken"]:
                    kinds[i] = Kind("number")
        return (*missing, *(code for code in MISSING_CODES if code in added - set(missing)))

    def _fact(self, kind: Kind, column: str) -> str:
        """An SQL struct: what stands in a column that its kind does not allow."""
        codes = ", ".join(literal(code) for code in MISSING_CODES)
        numeric = kind.type in ("integer", "number")
        misfit = misfitting(Kind("number", "any") if numeric else kind, column, self.decimal)
        value = as_number(column, self.decimal)
        huge = f"abs({value}) > {SAFE_INTEGER}" if numeric else "false"
        broken = f"{value} <> trunc({value})" if numeric else "false"
        long = f"{huge} AND regexp_full_match({column}, '\\s*[+-]?\\d+\\s*')"
        return (
            "{"
            f"'others': count(*) FILTER ({misfit} AND {column} NOT IN ({codes})), "
            f"'codes': list(DISTINCT {column}) FILTER ({misfit} AND {column} IN ({codes})), "
            f"'long': count(*) FILTER ({long}), "
            f"'huge': count(*) FILTER ({huge}), "
            f"'broken': count(*) FILTER ({broken})"
            "}"
        )

    def _ask(self, select: str, missing: tuple[str, ...], rest: str = "") -> list[Any]:
        """The answer of a query over the CSV with every column as text and record numbers."""
        kinds = [TEXT] * len(self.header.names)
        relation = self._csv(kinds, missing)
        try:
            return self.connection.execute(f"SELECT {select} FROM {relation} {rest}").fetchall()
        except duckdb.Error as error:
            raise self._explained(error, kinds) from None

    def _mismatches(
        self, kinds: list[Kind], missing: tuple[str, ...], fixed: dict[int, str]
    ) -> list[Problem]:
        """The first hundred values that do not fit the types a person chose."""
        tests = {i: misfitting(kinds[i], f"c{i}", self.decimal) for i in fixed if kinds[i] != TEXT}
        counted = ", ".join(f"count(*) FILTER ({test})" for test in tests.values())
        counts = dict(zip(tests, self._ask(counted, missing)[0], strict=True))
        found: list[tuple[int, int, str]] = []
        for i in [i for i in tests if counts[i]][:20]:
            rows = self._ask(
                f"row_number() OVER (), c{i}",
                missing,
                f"QUALIFY {tests[i]} LIMIT {MAX_PROBLEMS}",
            )
            found.extend((record, i, value) for record, value in rows)
        found = sorted(found)[:MAX_PROBLEMS]
        lines = lines_of_records(
            self.utf8,
            self.header.first_record,
            len(self.header.names),
            [record for record, _, _ in found],
        )
        return [
            self._mismatch(fixed[i], self.header.names[i], lines.get(record), value)
            for record, i, value in found
        ]

    def _mismatch(self, type_: str, name: str, line: int | None, value: str) -> Problem:
        if type_ == "integer" and re.fullmatch(r"\s*[+-]?\d{16,}\s*", value):
            detail = Sentence("The whole number has more digits than can be calculated with.")
            return problem("integer_overflow", detail, row=line, column=name, value=value)
        detail = Sentence(
            "The value is not of the type %(type)s, which was chosen for this column.",
            type=TYPE_NAMES[type_],
        )
        return problem("type_mismatch", detail, row=line, column=name, value=value)


class _Watch:
    """Reports how far the connection's query is, until it ends."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, progress: Callable[[float], None]
    ) -> None:
        self.connection = connection
        self.progress = progress
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> None:
        self.thread.start()

    def _run(self) -> None:
        while not self.ended.wait(0.5):
            percent = self.connection.query_progress()
            if percent > 0:
                self.progress(min(percent / 100, 1.0))

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.thread.join()
