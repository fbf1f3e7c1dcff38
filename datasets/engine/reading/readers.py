"""How a file is to be read, and whether its name and first bytes can be those of a CSV."""

import codecs
import re
import unicodedata
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from datasets.engine.reading.problems import Problem, problem
from datasets.engine.rows.echo import echo
from datasets.engine.sentences import Sentence

DELIMITERS = (",", ";", "\t", "|")
ENCODINGS = ("utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16")
TYPES = ("integer", "number", "boolean", "date", "datetime", "category", "text", "identifier")
EXTENSIONS = ("csv", "tsv", "tab", "txt", "psv")
MAX_FILENAME = 255
HEAD = 1 << 16


class OptionError(ValueError):
    """An option for reading that does not fit; `detail` names it."""

    def __init__(self, detail: Sentence) -> None:
        super().__init__(detail)
        self.detail = detail


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
        """As plain JSON, which a version keeps."""
        return {**asdict(self), "missing": None if self.missing is None else list(self.missing)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "ReadOptions":
        """Raises OptionError naming the option that does not fit."""
        unknown = sorted(set(data) - {"delimiter", "encoding", "decimal", "missing", "types"})
        if unknown:
            raise OptionError(
                Sentence("There is no reading option called %(name)s.", name=echo(unknown[0]))
            )
        allowed = {"delimiter": DELIMITERS, "encoding": ENCODINGS, "decimal": (".", ",")}
        for name, values in allowed.items():
            if data.get(name) is not None and data[name] not in values:
                detail = Sentence(
                    "Choose one of %(values)s as %(name)s.",
                    name=name,
                    values=", ".join(map(repr, values)),
                )
                raise OptionError(detail)
        missing = data.get("missing")
        if missing is not None and not (
            isinstance(missing, list | tuple)
            and len(missing) <= 50
            and all(isinstance(code, str) and len(code) <= 50 for code in missing)
        ):
            raise OptionError(Sentence("Give missing as a list of at most 50 short texts."))
        types = data.get("types") or {}
        if not isinstance(types, dict) or not set(types.values()) <= set(TYPES):
            detail = Sentence(
                "Give types as an object: column name to one of %(types)s.", types=", ".join(TYPES)
            )
            raise OptionError(detail)
        return cls(
            data.get("delimiter"),
            data.get("encoding"),
            data.get("decimal"),
            None if missing is None else tuple(missing),
            dict(types),
        )


def check_filename(filename: str) -> Problem | None:
    """Refuses names that could not be shown, stored or trusted."""
    detail = None
    if not filename.strip() or len(filename.encode("utf-8", "replace")) > MAX_FILENAME:
        detail = Sentence(
            "The file's name cannot be used: it is empty or longer than %(most)s bytes.",
            most=MAX_FILENAME,
        )
    elif "/" in filename or "\\" in filename or filename.startswith("."):
        detail = Sentence(
            "The file's name cannot be used: it contains a path or begins with a dot."
        )
    elif any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in filename):
        detail = Sentence("The file's name cannot be used: it contains invisible characters.")
    elif filename.rpartition(".")[2].lower() not in EXTENSIONS or "." not in filename:
        detail = Sentence(
            "The file's name cannot be used: it does not end in %(endings)s.",
            endings=f".{', .'.join(EXTENSIONS)}",
        )
    return None if detail is None else problem("bad_filename", detail, value=filename)


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
    (b"%PDF-", Sentence("a PDF")),
    (b"\x89PNG", Sentence("an image")),
    (b"\xff\xd8\xff", Sentence("an image")),
    (b"GIF8", Sentence("an image")),
    (b"SQLite format 3\x00", Sentence("an SQLite database")),
    (b"$FL2", Sentence("an SPSS file")),
    (b"$FL3", Sentence("an SPSS file")),
    (b"<stata_dta>", Sentence("a Stata file")),
    (b"RDX", Sentence("an R data file")),
    (b"{\\rtf", Sentence("a rich text document")),
    (b"\x7fELF", Sentence("a program")),
    (b"MZ\x90", Sentence("a program")),
    (b"ARROW1", Sentence("an Arrow file")),
)
_MARKUP = re.compile(rb"\s*<(!doctype|html|head|body|\?xml|svg|table|script|!--|div)", re.I)
_JSON = re.compile(rb'\s*(\[\s*[\[{]|\{\s*("|\}))')


def check_content(head: bytes, tail: bytes = b"") -> Problem | None:
    """Refuses what is no delimited text by its first (and last) bytes, whatever its name."""
    if head.startswith(b"PK\x03\x04") and (b"xl/" in head or b"[Content_Types].xml" in head):
        if b"vbaProject" in head + tail:
            return problem(
                "xlsx_macro", Sentence("This is an Excel workbook with macros, not a CSV.")
            )
        return problem("content_type_mismatch", Sentence("This is an Excel workbook, not a CSV."))
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if "EncryptedPackage".encode("utf-16-le") in head + tail:
            return problem("xlsx_encrypted", Sentence("This is an Excel workbook with a password."))
        return problem(
            "content_type_mismatch", Sentence("This is an old Excel workbook, not a CSV.")
        )
    for magic, name in _ARCHIVES:
        if head.startswith(magic):
            detail = Sentence("This is a %(name)s archive, not a CSV.", name=name)
            return problem("archive_not_supported", detail)
    if head[257:262] == b"ustar":
        return problem("archive_not_supported", Sentence("This is a tar archive, not a CSV."))
    if head.startswith(b"PAR1"):
        if tail.endswith(b"PAR1"):
            return problem("content_type_mismatch", Sentence("This is a Parquet file, not a CSV."))
        return problem("bad_footer", Sentence("This is a Parquet file whose end is missing."))
    text = head.removeprefix(codecs.BOM_UTF8)
    for magic, kind in _CONTENTS:
        if text.startswith(magic):
            detail = Sentence("This is %(kind)s, not a CSV.", kind=kind)
            return problem("content_type_mismatch", detail)
    if _MARKUP.match(text):
        return problem(
            "content_type_mismatch", Sentence("This is a web page or XML, not a CSV."), row=1
        )
    if _JSON.match(text):
        return problem("content_type_mismatch", Sentence("This is JSON, not a CSV."), row=1)
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
            return [problem("nul_byte", Sentence("The file consists of NUL bytes."), row=1)]
        return [problem("empty_file", Sentence("The file has no content."))]
    return []
