"""Bad files and the code each must be refused with, the line where it is known."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from dataclasses import dataclass, field


@dataclass(frozen=True)
class BadFile:
    name: str
    content: bytes
    code: str
    row: int | None = None
    filename: str = "data.csv"
    options: dict = field(default_factory=dict)


def _zip(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def _tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("data.csv")
        info.size = 8
        archive.addfile(info, io.BytesIO(b"a,b\n1,2\n"))
    return out.getvalue()


GOOD = b"a,b,c\n1,x,2.5\n2,y,3\n"
ROWS = b"".join(b"%d,name%d,%d.5\n" % (i, i, i) for i in range(2000))
WIDE = b",".join(b"v%d" % i for i in range(10_000))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

BAD_FILES = [
    BadFile("empty", b"", "empty_file"),
    BadFile("blank lines only", b"\n\n  \n", "empty_file"),
    BadFile("byte order mark only", b"\xef\xbb\xbf", "empty_file"),
    BadFile("header only", b"a,b,c\n", "header_only"),
    BadFile("header only, no line end", b"a,b,c", "header_only"),
    BadFile("header and blank lines", b"a,b,c\n\n\n", "header_only"),
    BadFile("first line blank", b"\na,b\n1,2\n", "no_header", 1),
    BadFile("all numbers in the first line", b"1,2,3\n4,5,6\n", "no_header", 1),
    BadFile(
        "values in the first line",
        b"F,34,2020-01-01\nM,40,2021-01-01\nF,2,2020-02-02\n",
        "no_header",
        1,
    ),
    BadFile("one column of numbers", b"1\n2\n3\n", "no_header", 1),
    BadFile("blank name", b"a,,c\n1,2,3\n", "blank_header", 1),
    BadFile("blank name of spaces", b"a,  ,c\n1,2,3\n", "blank_header", 1),
    BadFile("blank last name", b"a,b,\n1,2,3\n", "blank_header", 1),
    BadFile("invisible name", "a,\u200b,c\n1,2,3\n".encode(), "blank_header", 1),
    BadFile("same name twice", b"a,b,a\n1,2,3\n", "duplicate_header", 1),
    BadFile("same name in capitals", b"Age,age,c\n1,2,3\n", "duplicate_header", 1),
    BadFile("same name composed differently", "é,e\u0301\n1,2\n".encode(), "duplicate_header", 1),
    BadFile("name too long", b"a," + b"n" * 201 + b"\n1,2\n", "header_too_long", 1),
    BadFile("row too short", b"a,b,c\n1,2,3\n4,5\n6,7,8\n", "ragged_row", 3),
    BadFile("row too long", b"a,b,c\n1,2,3\n4,5,6,7\n", "ragged_row", 3),
    BadFile("delimiter after every row", b"a,b\n1,2,\n3,4,\n", "ragged_row", 2),
    BadFile("a row of spaces", b"a,b\n1,2\n   \n3,4\n", "ragged_row", 3),
    BadFile("title above the header", b"Report 2020\na,b,c\n1,2,3\n", "ragged_row", 2),
    BadFile("ragged far down", b"a,b,c\n" + ROWS + b"1,2\n" + ROWS, "ragged_row", 2002),
    BadFile("ragged in one column", b"note\nhello\nhello, world\nbye\n", "ragged_row", 3),
    BadFile("quote never closed", b'a,b\n1,"x\n2,y\n3,z\n', "unclosed_quote", 2),
    BadFile(
        "quote never closed, more quotes after", b'a,b\n1,"x\n2,"y"\n3,"z"\n', "unclosed_quote", 2
    ),
    BadFile(
        "quote never closed far down",
        b"a,b,c\n" + ROWS + b'1,"x,3\n' + ROWS,
        "unclosed_quote",
        2002,
    ),
    BadFile("quote opened in the header", b'a,"b\n1,2\n', "unclosed_quote", 1),
    BadFile("quote opened in the last value", b'a,b\n1,2\n3,"4', "unclosed_quote", 3),
    BadFile("text after a quote", b'a,b\n1,"x"y\n2,z\n', "bad_quote", 2),
    BadFile("space after a quote", b'a,b\n"1" ,2\n', "bad_quote", 2),
    BadFile("quote inside a value", b'a,b\n1,5" needle\n2,z" a\n', "bad_quote", 2),
    BadFile("space before a quote", b'a,b\n1, "x, y"\n', "bad_quote", 2),
    BadFile("text after a quote in the header", b'a,"b"c\n1,2\n', "bad_quote", 1),
    BadFile("backslash as escape", b'a,b\n1,"x \\"y\\" z"\n', "bad_quote", 2),
    BadFile("last row cut", b"a,b,c\n1,2,3\n4,5", "truncated", 3),
    BadFile("last row cut far down", b"a,b,c\n" + ROWS + b"77", "truncated", 2002),
    BadFile("semicolon header, comma rows", b"a;b;c\n1,2,3\n4,5,6\n", "delimiter_mismatch", 1),
    BadFile("comma header, tab rows", b"a,b\n1\t2\n3\t4\n", "delimiter_mismatch", 1),
    BadFile("plain header, semicolon rows", b"abc\n1;2;3\n4;5;6\n", "delimiter_mismatch", 1),
    BadFile("colons", b"a:b:c\n1:2:3\n4:5:6\n", "delimiter_mismatch", 1),
    BadFile("carets", b"a^b^c\n1^2^3\n4^5^6\n", "delimiter_mismatch", 1),
    BadFile("spaces", b"aa bb cc\n1 2 3\n4 5 6\n", "delimiter_mismatch", 1),
    BadFile(
        "comma chosen, semicolon used",
        b"a;b\n1;2\n3;4\n",
        "delimiter_mismatch",
        1,
        options={"delimiter": ","},
    ),
    BadFile(
        "tab chosen, comma used",
        b"a,b\n1,2\n3,4\n",
        "delimiter_mismatch",
        1,
        options={"delimiter": "\t"},
    ),
    BadFile("CRLF then LF", b"a,b\r\n1,2\r\n3,4\n5,6\r\n", "mixed_newlines", 3),
    BadFile("LF then CRLF", b"a,b\n1,2\n3,4\r\n", "mixed_newlines", 3),
    BadFile("lone CR in a row", b"a,b\n1,x\ry\n2,z\n", "mixed_newlines", 2),
    BadFile("CRLF far down", b"a,b,c\n" + ROWS + b"1,2,3\r\n" + ROWS, "mixed_newlines", 2002),
    BadFile("latin-1 in a value", "a,b\n1,é\n2,x\n".encode("latin-1"), "not_utf8", 2),
    BadFile("latin-1 in the header", "é,b\n1,2\n".encode("latin-1"), "not_utf8", 1),
    BadFile("cp1252 in quotes", 'a,b\n1,"“x”"\n'.encode("cp1252"), "not_utf8", 2),
    BadFile("UTF-8 cut inside a character", b"a,b\n1,2\n3,\xc3\n", "not_utf8", 3),
    BadFile("surrogate in UTF-8", b"a,b\n1,\xed\xa0\x80\n", "not_utf8", 2),
    BadFile("overlong UTF-8", b"a,b\n1,\xc0\xaf\n", "not_utf8", 2),
    BadFile("UTF-16 without a mark", "a,b\n1,2\n".encode("utf-16-le"), "not_utf8", 1),
    BadFile("no cp1252 either", b"a,b\n1,\x81\n", "not_utf8", 2, options={"encoding": "cp1252"}),
    BadFile("NUL in a value", b"a,b\n1,x\x00y\n2,z\n", "nul_byte", 2),
    BadFile("NUL in the header", b"a,b\x00\n1,2\n", "nul_byte", 1),
    BadFile("NUL far down", b"a,b,c\n" + ROWS + b"1,\x00,3\n" + ROWS, "nul_byte", 2002),
    BadFile("only NUL bytes", b"\x00" * 4096, "nul_byte", 1),
    BadFile("bidi control in the header", "a,b\u202e\n1,2\n".encode(), "bidi_control", 1),
    BadFile("bidi control in a value", "a,b\n1,\u2066x\n".encode(), "bidi_control", 2),
    BadFile("line too long", b"a,b\n1,2\n1," + b"x" * 1_000_100 + b"\n3,4\n", "line_too_long", 3),
    BadFile("one endless line", b"a," * 1_500_000, "line_too_long", 1),
    BadFile(
        "too many columns", WIDE + b"\n" + WIDE.replace(b"v", b"") + b"\n", "too_many_columns", 1
    ),
    BadFile(
        "text in a column of integers",
        b"a,b\n1,2\nx,3\n",
        "type_mismatch",
        3,
        options={"types": {"a": "integer"}},
    ),
    BadFile(
        "fraction in a column of integers",
        b"a,b\n1,2\n1.5,3\n",
        "type_mismatch",
        3,
        options={"types": {"a": "integer"}},
    ),
    BadFile(
        "word in a column of dates",
        b"a,b\n2020-01-01,2\nsoon,3\n",
        "type_mismatch",
        3,
        options={"types": {"a": "date"}},
    ),
    BadFile(
        "thirtieth of February",
        b"a,b\n2020-02-30,2\n",
        "type_mismatch",
        2,
        options={"types": {"a": "date"}},
    ),
    BadFile(
        "perhaps in a yes or no",
        b"a,b\ntrue,2\nperhaps,3\n",
        "type_mismatch",
        3,
        options={"types": {"a": "boolean"}},
    ),
    BadFile(
        "infinite number", b"a,b\n1e400,2\n", "type_mismatch", 2, options={"types": {"a": "number"}}
    ),
    BadFile(
        "integer of twenty digits",
        b"a,b\n1,2\n99999999999999999999,3\n",
        "integer_overflow",
        3,
        options={"types": {"a": "integer"}},
    ),
    BadFile(
        "integer beyond float64",
        b"a,b\n9007199254740993,2\n",
        "integer_overflow",
        2,
        options={"types": {"a": "integer"}},
    ),
    BadFile("type for no column", b"a,b\n1,2\n", "bad_option", options={"types": {"z": "integer"}}),
    BadFile(
        "web page", b"<!DOCTYPE html>\n<html><body>a,b</body></html>\n", "content_type_mismatch", 1
    ),
    BadFile("login page", b"\n  <html>\n<head>", "content_type_mismatch", 1),
    BadFile("XML", b'<?xml version="1.0"?>\n<a/>\n', "content_type_mismatch", 1),
    BadFile("SVG", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "content_type_mismatch", 1),
    BadFile("JSON list", b'[{"a": 1}, {"a": 2}]', "content_type_mismatch", 1),
    BadFile("JSON object", b'{"a": [1, 2]}', "content_type_mismatch", 1),
    BadFile("PDF", b"%PDF-1.7\n...", "content_type_mismatch"),
    BadFile("PNG", b"\x89PNG\r\n\x1a\n0000", "content_type_mismatch"),
    BadFile(
        "workbook",
        _zip(**{"[Content_Types].xml": b"<Types/>", "xl__workbook.xml": b""}),
        "content_type_mismatch",
    ),
    BadFile(
        "workbook with macros",
        _zip(**{"xl__workbook.xml": b"", "xl__vbaProject.bin": b""}),
        "xlsx_macro",
    ),
    BadFile(
        "workbook with password", OLE + "EncryptedPackage".encode("utf-16-le"), "xlsx_encrypted"
    ),
    BadFile("old workbook", OLE + b"\x00" * 600, "content_type_mismatch"),
    BadFile("Parquet", b"PAR1....PAR1", "content_type_mismatch"),
    BadFile("damaged Parquet", b"PAR1........", "bad_footer"),
    BadFile("SQLite", b"SQLite format 3\x00" + b"\x00" * 100, "content_type_mismatch"),
    BadFile("program", b"\x7fELF\x02\x01\x01", "content_type_mismatch"),
    BadFile("ZIP", _zip(**{"data.csv": GOOD}), "archive_not_supported"),
    BadFile("gzip", gzip.compress(GOOD), "archive_not_supported"),
    BadFile("bzip2", bz2.compress(GOOD), "archive_not_supported"),
    BadFile("xz", lzma.compress(GOOD), "archive_not_supported"),
    BadFile("tar", _tar(), "archive_not_supported"),
    BadFile("no name", GOOD, "bad_filename", filename=" "),
    BadFile("path as name", GOOD, "bad_filename", filename="../../etc/passwd.csv"),
    BadFile("hidden name", GOOD, "bad_filename", filename=".csv"),
    BadFile("name with a line end", GOOD, "bad_filename", filename="a\nb.csv"),
    BadFile("name that reads backwards", GOOD, "bad_filename", filename="a\u202evsc.exe.csv"),
    BadFile("program's name", GOOD, "bad_filename", filename="data.csv.exe"),
    BadFile("endless name", GOOD, "bad_filename", filename="x" * 300 + ".csv"),
]
