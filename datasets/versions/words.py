"""What can be wrong with a file, in the reader's language: the engine's codes as sentences.

The engine writes English and names the very value; other languages have one sentence per code, and
the page shows line, column and value beside it.
"""

from typing import Any

from django.conf import settings
from django.utils.functional import lazy
from django.utils.translation import get_language, gettext, gettext_lazy

from portal.common.text import Text

DETAILS: dict[str, Text] = {
    "empty_file": gettext_lazy("The file is empty."),
    "header_only": gettext_lazy("The file has column names, but no rows."),
    "no_header": gettext_lazy("The first line does not look like column names."),
    "blank_header": gettext_lazy("A column has no name."),
    "duplicate_header": gettext_lazy("Two columns have the same name."),
    "header_too_long": gettext_lazy("A column’s name is too long."),
    "ragged_row": gettext_lazy("A line has more or fewer fields than the header has columns."),
    "unclosed_quote": gettext_lazy("A double quote is opened and never closed."),
    "bad_quote": gettext_lazy("A value has a double quote in its middle."),
    "truncated": gettext_lazy("The file ends in the middle of a line."),
    "delimiter_mismatch": gettext_lazy(
        "The chosen delimiter does not separate this file into columns."
    ),
    "mixed_newlines": gettext_lazy("The file mixes kinds of line endings."),
    "not_utf8": gettext_lazy("The file is not text in the encoding it was read with."),
    "nul_byte": gettext_lazy("The file contains NUL bytes."),
    "bidi_control": gettext_lazy(
        "The file contains invisible characters that change the direction of text."
    ),
    "line_too_long": gettext_lazy("A line is too long."),
    "too_many_columns": gettext_lazy("The file has too many columns."),
    "too_many_rows": gettext_lazy("The file has too many rows."),
    "type_mismatch": gettext_lazy("A value does not fit the type of its column."),
    "integer_overflow": gettext_lazy("A whole number has too many digits."),
    "content_type_mismatch": gettext_lazy("The file is of another kind than CSV."),
    "archive_not_supported": gettext_lazy("The file is an archive."),
    "xlsx_encrypted": gettext_lazy("The spreadsheet is locked by a password."),
    "xlsx_macro": gettext_lazy("The spreadsheet contains macros."),
    "bad_footer": gettext_lazy("The Parquet file is damaged."),
    "bad_filename": gettext_lazy("The file’s name cannot be used."),
    "bad_option": gettext_lazy("An option for reading does not fit this file."),
    "row_count_mismatch": gettext_lazy(
        "The table made of the file has another number of rows than the file."
    ),
    "too_slow": gettext_lazy("Reading took too long."),
    "stalled": gettext_lazy("Reading came to a standstill."),
    "out_of_memory": gettext_lazy("Reading needed too much memory."),
    "reader_crashed": gettext_lazy("The reader stopped unexpectedly."),
    "cancelled": gettext_lazy("The reading was cancelled."),
    "checksum_mismatch": gettext_lazy("The stored file is not the one that was uploaded."),
    "no_room": gettext_lazy("The portal has no room for this file just now."),
}
"""By the code of a problem: what is wrong."""

CURES: dict[str, Text] = {
    "empty_file": gettext_lazy("Check that the export finished, then upload the file again."),
    "header_only": gettext_lazy("Export the file with its rows, not only the column names."),
    "no_header": gettext_lazy("Put the column names into the first line."),
    "blank_header": gettext_lazy("Give every column a name in the first line."),
    "duplicate_header": gettext_lazy(
        "Give every column a name of its own; capitals alone do not tell names apart."
    ),
    "header_too_long": gettext_lazy("Shorten the column's name to at most 200 characters."),
    "ragged_row": gettext_lazy(
        "Give every line as many fields as the header has columns; put values that contain the "
        "delimiter into double quotes."
    ),
    "unclosed_quote": gettext_lazy(
        'Close the double quote, or write it as "" inside a quoted value.'
    ),
    "bad_quote": gettext_lazy(
        'Put the whole value into double quotes and write quotes inside it as "".'
    ),
    "truncated": gettext_lazy("The file seems to be cut off: upload it again from its source."),
    "delimiter_mismatch": gettext_lazy(
        "Choose the delimiter by hand, or export with comma, semicolon, tab, |."
    ),
    "mixed_newlines": gettext_lazy("Save the file with one kind of line ending throughout."),
    "not_utf8": gettext_lazy("Choose the offered encoding, or save the file as UTF-8."),
    "nul_byte": gettext_lazy("Export the file again as plain text; NUL bytes are no text."),
    "bidi_control": gettext_lazy(
        "Remove the invisible characters that change the direction of text."
    ),
    "line_too_long": gettext_lazy(
        "Check for a missing line ending or an unclosed quote; a line may have one million bytes."
    ),
    "too_many_columns": gettext_lazy("Split the file by columns; 5,000 is the most we read."),
    "too_many_rows": gettext_lazy("Split the file by rows; 100 million is the most we read."),
    "type_mismatch": gettext_lazy(
        "Correct the values, add them to the missing codes, or choose another type."
    ),
    "integer_overflow": gettext_lazy(
        "Choose the type text or identifier, which keeps every digit."
    ),
    "content_type_mismatch": gettext_lazy("Export the data as CSV and upload that file."),
    "archive_not_supported": gettext_lazy("Unpack the archive and upload the CSV file inside it."),
    "xlsx_encrypted": gettext_lazy(
        "Remove the password in the spreadsheet program and export as CSV."
    ),
    "xlsx_macro": gettext_lazy("Export the sheet as CSV."),
    "bad_footer": gettext_lazy("The Parquet file is damaged; export the data as CSV."),
    "bad_filename": gettext_lazy("Give the file a plain name that ends in .csv, .tsv or .txt."),
    "bad_option": gettext_lazy("Choose one of the offered values."),
    "row_count_mismatch": gettext_lazy(
        "Please report this file to the portal's operators: it is kept as it is."
    ),
    "too_slow": gettext_lazy("Try again later, or split the file."),
    "stalled": gettext_lazy("Try again; if it happens twice, report it to the portal's operators."),
    "out_of_memory": gettext_lazy(
        "Split the file by rows or columns, or ask the operators for more memory."
    ),
    "reader_crashed": gettext_lazy(
        "Try again; if it happens twice, report it to the portal's operators."
    ),
    "checksum_mismatch": gettext_lazy("Upload the file again, and tell the portal’s operators."),
    "cancelled": gettext_lazy("Start the reading again when you are ready."),
}
"""By the code of a problem: what to do."""


def retold(problem: dict[str, Any]) -> dict[str, Any]:
    """A kept problem, or a job's error, as the reader understands it."""
    told = dict(problem)
    code = problem["code"]
    if problem.get("detail"):
        told["detail"] = _detail(problem["detail"], code)
    if problem.get("cure"):
        told["cure"] = _cure(problem["cure"], code)
    return told


def _cure(text: str, code: str) -> str:
    return text if get_language() == settings.LANGUAGE_CODE else str(CURES.get(code, text))


def _detail(text: str, code: str) -> str:
    if code not in DETAILS:
        return gettext(text)
    return text if get_language() == settings.LANGUAGE_CODE else str(DETAILS[code])


detail_of = lazy(lambda problem: _detail(problem.detail, problem.code), str)
"""What is wrong, said when it is read."""
