"""What can be wrong with a file: a stable code, a place and a cure."""

from dataclasses import dataclass
from typing import Any

from datasets.engine.rows.echo import echo
from datasets.engine.sentences import Sentence

MAX_PROBLEMS = 100

CURES: dict[str, Sentence] = {
    "empty_file": Sentence("Check that the export finished, then upload the file again."),
    "header_only": Sentence("Export the file with its rows, not only the column names."),
    "no_header": Sentence("Put the column names into the first line."),
    "blank_header": Sentence("Give every column a name in the first line."),
    "duplicate_header": Sentence(
        "Give every column a name of its own; capitals alone do not tell names apart."
    ),
    "header_too_long": Sentence("Shorten the column's name to at most 200 characters."),
    "ragged_row": Sentence(
        "Give every line as many fields as the header has columns; put values that contain "
        "the delimiter into double quotes."
    ),
    "unclosed_quote": Sentence('Close the double quote, or write it as "" inside a quoted value.'),
    "bad_quote": Sentence(
        'Put the whole value into double quotes and write quotes inside it as "".'
    ),
    "truncated": Sentence("The file seems to be cut off: upload it again from its source."),
    "delimiter_mismatch": Sentence(
        "Choose the delimiter by hand, or export with comma, semicolon, tab, |."
    ),
    "mixed_newlines": Sentence("Save the file with one kind of line ending throughout."),
    "not_utf8": Sentence("Choose the offered encoding, or save the file as UTF-8."),
    "nul_byte": Sentence("Export the file again as plain text; NUL bytes are no text."),
    "bidi_control": Sentence("Remove the invisible characters that change the direction of text."),
    "line_too_long": Sentence(
        "Check for a missing line ending or an unclosed quote; a line may have one million bytes."
    ),
    "too_many_columns": Sentence("Split the file by columns; 5,000 is the most we read."),
    "too_many_rows": Sentence("Split the file by rows; 100 million is the most we read."),
    "type_mismatch": Sentence(
        "Correct the values, add them to the missing codes, or choose another type."
    ),
    "integer_overflow": Sentence("Choose the type text or identifier, which keeps every digit."),
    "content_type_mismatch": Sentence("Export the data as CSV and upload that file."),
    "archive_not_supported": Sentence("Unpack the archive and upload the CSV file inside it."),
    "xlsx_encrypted": Sentence("Remove the password in the spreadsheet program and export as CSV."),
    "xlsx_macro": Sentence("Export the sheet as CSV."),
    "bad_footer": Sentence("The Parquet file is damaged; export the data as CSV."),
    "bad_filename": Sentence("Give the file a plain name that ends in .csv, .tsv or .txt."),
    "bad_option": Sentence("Choose one of the offered values."),
    "row_count_mismatch": Sentence(
        "Please report this file to the portal's operators: it is kept as it is."
    ),
    "too_slow": Sentence("Try again later, or split the file."),
    "stalled": Sentence("Try again; if it happens twice, report it to the portal's operators."),
    "out_of_memory": Sentence(
        "Split the file by rows or columns, or ask the operators for more memory."
    ),
    "reader_crashed": Sentence(
        "Try again; if it happens twice, report it to the portal's operators."
    ),
    "cancelled": Sentence("Start the reading again when you are ready."),
}


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a file. `row` is the line number in the file, the header being 1.

    `detail` is a `Sentence`, unless the portal adds a problem of its own in English. `offer` is
    what to read the file with instead, as in `ReadOptions`.
    """

    code: str
    detail: str
    row: int | None = None
    column: str | None = None
    value: str | None = None
    cure: str = ""
    offer: dict[str, str] | None = None

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON; `said` lets the detail be told in another language."""
        said = {"said": self.detail.kept} if isinstance(self.detail, Sentence) else {}
        return {**vars(self), "detail": str(self.detail), "cure": str(self.cure), **said}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Problem":
        """What `to_dict` gave. Raises ValueError, KeyError or TypeError for anything else."""
        fields = dict(data)
        said = fields.pop("said", None)
        if said:
            fields["detail"] = Sentence.from_kept(said)
        return cls(**fields)


def problem(
    code: str,
    detail: Sentence,
    *,
    row: int | None = None,
    column: str | None = None,
    value: str | None = None,
    offer: dict[str, str] | None = None,
) -> Problem:
    """A Problem with the code's cure, its echo shortened and escaped."""
    return Problem(
        code,
        detail,
        row,
        None if column is None else echo(column),
        None if value is None else echo(value),
        CURES[code],
        offer,
    )


class IngestError(Exception):
    """The file cannot be accepted; `problems` says why, at most `MAX_PROBLEMS` of them."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(", ".join(sorted({problem.code for problem in problems})))
        self.problems = problems


class ChildKilled(IngestError):
    """The child process ended before it answered: `code` is one of cancelled, too_slow,
    stalled, out_of_memory, reader_crashed; `problems` holds the same as one Problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__([problem])
        self.code = problem.code
