"""CSV in, typed Parquet and a profile of every column out."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from datasets.engine.profiling.profile import profile_table
from datasets.engine.profiling.suspicion import NOT_A_NUMBER
from datasets.engine.reading.diagnosis import diagnose, lines_of_records
from datasets.engine.reading.encodings import as_utf8, choose_encoding
from datasets.engine.reading.headers import Header, read_header
from datasets.engine.reading.kinds import TEXT
from datasets.engine.reading.parsing import WRITE_MEMORY, Parsed, TypedPass
from datasets.engine.reading.problems import MAX_PROBLEMS, IngestError, Problem, problem
from datasets.engine.reading.proposals import propose, read_sample
from datasets.engine.reading.readers import ReadOptions, check_upload
from datasets.engine.reading.structure import Structure, scan
from datasets.engine.rows.connection import connect
from datasets.engine.rows.table import ROW_NUMBER, Table, file_sha256
from datasets.engine.sentences import Sentence, grouped

MAX_ROWS = 100_000_000

Progress = Callable[[str, float, str], None]
"""progress(stage, fraction of the whole 0-1, message); stages: scanning, parsing, profiling."""


@dataclass(frozen=True)
class IngestResult:
    """What was read. `options` say how: delimiter, encoding, decimal and missing are filled in,
    `types` is as asked. Reading again with them gives the same rows and profile; the Parquet's
    bytes may differ in where its row groups begin, since several threads write it."""

    options: ReadOptions
    rows: int
    columns: list[dict[str, Any]]
    bytes: int
    sha256: str
    problems: list[Problem]
    parquet_sha256: str
    parquet_bytes: int

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON, for the worker that asked."""
        return {
            **vars(self),
            "options": self.options.to_dict(),
            "problems": [problem.to_dict() for problem in self.problems],
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "IngestResult":
        """What `to_dict` gave."""
        return cls(
            **{
                **data,
                "options": ReadOptions.from_dict(data["options"]),
                "problems": [Problem.from_dict(problem) for problem in data["problems"]],
            }
        )


def ingest(
    original: Path, table: Path, options: ReadOptions, filename: str, progress: Progress
) -> IngestResult:
    """Reads the CSV `original` (uploaded as `filename`) and writes the Parquet `table`.

    The caller publishes `table`; on failure nothing is left there. Raises IngestError.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="ingest-", dir=table.parent) as scratch:
            return _ingest(original, table, options, filename, Path(scratch), progress)
    except BaseException:
        table.unlink(missing_ok=True)
        raise


def _ingest(
    original: Path,
    table: Path,
    options: ReadOptions,
    filename: str,
    scratch: Path,
    progress: Progress,
) -> IngestResult:
    refused = check_upload(original, filename)
    if refused:
        raise IngestError(refused)
    with original.open("rb") as file:
        encoding = choose_encoding(file.read(4), options.encoding)
    progress("scanning", 0.0, Sentence("Checking every line"))
    utf8 = as_utf8(original, encoding, scratch, lambda done: progress("scanning", 0.05 * done, ""))
    header = read_header(utf8, options.delimiter)
    _check_types(options, header)
    structure = _structure(utf8, header, scratch, progress)
    proposal = propose(read_sample(utf8, header, structure.samples), header, options)
    fixed = {i: options.types[name] for i, name in enumerate(header.names) if name in options.types}
    for column in structure.unsafe - set(fixed):
        if proposal.kinds[column].type in ("integer", "number"):
            proposal.kinds[column] = TEXT
    progress("parsing", 0.2, Sentence("Reading the values of every row"))
    files = [*(structure.parts or [utf8]), table]
    with connect(files, scratch=scratch, memory_limit=WRITE_MEMORY) as connection:
        parsed = TypedPass(connection, utf8, header, structure, proposal.decimal).write(
            table,
            proposal,
            fixed,
            options.missing is None,
            lambda done: progress("parsing", 0.2 + 0.5 * done, ""),
        )
    _check_rows(parsed, structure, header)
    progress("profiling", 0.7, Sentence("Describing every column"))
    with connect([table], scratch=scratch) as connection:
        kinds = [kind.type for kind in parsed.kinds]
        written = Table(table, header.names)
        columns = profile_table(
            connection,
            written,
            list(zip(header.names, kinds, strict=True)),
            parsed.rows,
            lambda done: progress("profiling", 0.7 + 0.3 * done, ""),
        )
        for i, type_ in fixed.items():
            columns[i]["type"] = type_
        problems = _warnings(connection, written, utf8, header, columns, fixed)
    read = replace(
        options,
        delimiter=header.delimiter,
        encoding=encoding,
        decimal=proposal.decimal,
        missing=parsed.missing,
    )
    return IngestResult(
        options=read,
        rows=parsed.rows,
        columns=columns,
        bytes=original.stat().st_size,
        sha256=structure.sha256 if utf8 == original else file_sha256(original),
        problems=problems,
        parquet_sha256=file_sha256(table),
        parquet_bytes=table.stat().st_size,
    )


def _check_types(options: ReadOptions, header: Header) -> None:
    unknown = sorted(set(options.types) - set(header.names))
    if unknown:
        detail = Sentence("A type was chosen for a column that the file does not have.")
        raise IngestError([problem("bad_option", detail, column=unknown[0])])


def _structure(utf8: Path, header: Header, scratch: Path, progress: Progress) -> Structure:
    columns = len(header.names)
    found = scan(
        utf8,
        header.delimiter,
        columns,
        header.first_record,
        header.newline,
        scratch,
        lambda done: progress("scanning", 0.05 + 0.15 * done, ""),
        # DuckDB takes a line end inside a name for the end of the file's lines.
        without_header=any(end in name for name in header.names for end in "\r\n"),
    )
    if found.broken:
        problems = diagnose(utf8, header.delimiter, columns, found.broken, header.newline)
        raise IngestError(problems)
    records = found.records - (found.blank if columns > 1 else 0)
    if not records:
        raise IngestError([problem("header_only", Sentence("The file has a header and no rows."))])
    if records > MAX_ROWS:
        detail = Sentence(
            "The file has %(count)s rows; %(most)s is the most we read.",
            count=grouped(records),
            most=grouped(MAX_ROWS),
        )
        raise IngestError([problem("too_many_rows", detail)])
    return found


def _check_rows(parsed: Parsed, structure: Structure, header: Header) -> None:
    """Two readers of ours must count the same rows, or none of them is believed."""
    expected = structure.records - (structure.blank if len(header.names) > 1 else 0)
    if parsed.rows != expected:
        detail = Sentence(
            "The lines hold %(expected)s rows, but %(count)s were read.",
            expected=grouped(expected),
            count=grouped(parsed.rows),
        )
        raise IngestError([problem("row_count_mismatch", detail)])


def _warnings(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    utf8: Path,
    header: Header,
    columns: list[dict[str, Any]],
    fixed: dict[int, str],
) -> list[Problem]:
    """Columns that are text only because of a few values, each with the first such value."""
    mixed = [
        column["name"]
        for i, column in enumerate(columns)
        if i not in fixed and any(s["why"] == NOT_A_NUMBER for s in column["suspicious"])
    ][:MAX_PROBLEMS]
    found: dict[str, tuple[int, str]] = {}
    for name in mixed:
        value = table.places[name]
        row = connection.execute(
            f"SELECT {ROW_NUMBER} + 1, {value} FROM {table.relation} "
            f"WHERE {value} IS NOT NULL AND TRY_CAST({value} AS DOUBLE) IS NULL LIMIT 1"
        ).fetchone()
        if row:
            found[name] = row
    records = [record for record, _ in found.values()]
    lines = lines_of_records(utf8, header.first_record, len(header.names), records)
    detail = Sentence("Most values are numbers, but not all; the column was read as text.")
    return [
        problem("type_mismatch", detail, row=lines.get(record), column=name, value=value)
        for name, (record, value) in found.items()
    ]
