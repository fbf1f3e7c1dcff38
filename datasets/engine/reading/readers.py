"""How a file is to be read, and whether its name and first bytes can be those of a CSV."""

import codecs
import re
import unicodedata
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from datasets.engine.reading.problems import Problem, problem
from datasets.engine.rows.echo import echo

DELIMITERS = (",", ";", "\t", "|")
ENCODINGS = ("utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16")
TYPES = ("integer", "number", "boolean", "date", "datetime", "category", "text", "identifier")
EXTENSIONS = ("csv", "tsv", "tab", "txt", "psv")
MAX_FILENAME = 255
HEAD = 1 << 16


@dataclass(frozen=True)
class ReadOptions:
    """How a CSV is read. `None` (or no entry) means: propose from the file.

    `delimiter` one of , ; tab |; `encoding` one of ENCODINGS; `decimal` . or ,; `missing` the
    spellings of a missing value (the empty field always is one); `types` column name -> type.
    """

    delimiter: str | None = None
    encoding: str | None = None
    decimal: str | None = None
    missing: tuple[str, ...] | None = None
    types: dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "missing": None if self.missing is None else list(self.missing)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "ReadOptions":
        """Raises ValueError naming the option that does not fit."""
        unknown = sorted(set(data) - {"delimiter", "encoding", "decimal", "missing", "types"})
        if unknown:
            raise ValueError(f"unknown option: {echo(unknown[0])}")
        allowed = {"delimiter": DELIMITERS, "encoding": ENCODINGS, "decimal": (".", ",")}
        for name, values in allowed.items():
            if data.get(name) is not None and data[name] not in values:
                raise ValueError(f"{name} must be one of {', '.join(map(repr, values))}")
        missing = data.get("missing")
        if missing is not None and not (
            isinstance(missing, list | tuple)
            and len(missing) <= 50
            and all(isinstance(code, str) and len(code) <= 50 for code in missing)
        ):
            raise ValueError("missing must be a list of at most 50 short texts")
        types = data.get("types") or {}
        if not isinstance(types, dict) or not set(types.values()) <= set(TYPES):
            raise ValueError(f"types must map column names to one of {', '.join(TYPES)}")
        return cls(
            data.get("delimiter"),
            data.get("encoding"),
            data.get("decimal"),
            None if missing is None else tuple(missing),
            dict(types),
        )


def check_filename(filename: str) -> Problem | None:
    """Refuses names that could not be shown, stored or trusted."""
    reason = ""
    if not filename.strip() or len(filename.encode("utf-8", "replace")) > MAX_FILENAME:
        reason = f"it is empty or longer than {MAX_FILENAME} bytes"
    elif "/" in filename or "\\" in filename or filename.startswith("."):
        reason = "it contains a path or begins with a dot"
    elif any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in filename):
        reason = "it contains invisible characters"
    elif filename.rpartition(".")[2].lower() not in EXTENSIONS or "." not in filename:
        reason = f"it does not end in .{', .'.join(EXTENSIONS)}"
    if not reason:
        return None
    return problem("bad_filename", f"The file's name cannot be used: {reason}.", value=filename)


_ARCHIVES = (
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "ZIP"),
    (b"PK\x05\x06", "ZIP"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"\x28\xb5\x2f\xfd", "Zstandard"),
)
_CONTENTS = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"$FL2", "an SPSS file"),
    (b"$FL3", "an SPSS file"),
    (b"<stata_dta>", "a Stata file"),
    (b"RDX", "an R data file"),
    (b"{\\rtf", "a rich text document"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"ARROW1", "an Arrow file"),
)
_MARKUP = re.compile(rb"\s*<(!doctype|html|head|body|\?xml|svg|table|script|!--|div)", re.I)
_JSON = re.compile(rb'\s*(\[\s*[\[{]|\{\s*("|\}))')


def check_content(head: bytes, tail: bytes = b"") -> Problem | None:
    """Refuses what is no delimited text by its first (and last) bytes, whatever its name."""
    if head.startswith(b"PK\x03\x04") and (b"xl/" in head or b"[Content_Types].xml" in head):
        if b"vbaProject" in head + tail:
            return problem("xlsx_macro", "This is an Excel workbook with macros, not a CSV.")
        return problem("content_type_mismatch", "This is an Excel workbook, not a CSV.")
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if "EncryptedPackage".encode("utf-16-le") in head + tail:
            return problem("xlsx_encrypted", "This is an Excel workbook with a password.")
        return problem("content_type_mismatch", "This is an old Excel workbook, not a CSV.")
    for magic, name in _ARCHIVES:
        if head.startswith(magic):
            return problem("archive_not_supported", f"This is a {name} archive, not a CSV.")
    if head[257:262] == b"ustar":
        return problem("archive_not_supported", "This is a tar archive, not a CSV.")
    if head.startswith(b"PAR1"):
        if tail.endswith(b"PAR1"):
            return problem("content_type_mismatch", "This is a Parquet file, not a CSV.")
        return problem("bad_footer", "This is a Parquet file whose end is missing.")
    text = head.removeprefix(codecs.BOM_UTF8)
    for magic, name in _CONTENTS:
        if text.startswith(magic):
            return problem("content_type_mismatch", f"This is {name}, not a CSV.")
    if _MARKUP.match(text):
        return problem("content_type_mismatch", "This is a web page or XML, not a CSV.", row=1)
    if _JSON.match(text):
        return problem("content_type_mismatch", "This is JSON, not a CSV.", row=1)
    return None


def check_upload(original: Path, filename: str) -> list[Problem]:
    """What can be said at once, before any worker reads the file: its name and first bytes."""
    size = original.stat().st_size
    with original.open("rb") as file:
        head = file.read(HEAD)
        file.seek(max(0, size - HEAD))
        tail = file.read()
    content = check_content(head, tail)
    if content:
        return [content]
    name = check_filename(filename)
    if name:
        return [name]
    if not head.strip(b" \t\r\n\xef\xbb\xbf\xff\xfe\x00") and size <= HEAD:
        if b"\0" in head.removeprefix(codecs.BOM_UTF16_LE).removeprefix(codecs.BOM_UTF16_BE):
            return [problem("nul_byte", "The file consists of NUL bytes.", row=1)]
        return [problem("empty_file", "The file has no content.")]
    return []
