"""Which encoding a file is in, and a UTF-8 copy of it where the parser needs one."""

import codecs
from collections.abc import Callable
from pathlib import Path

from datasets.engine.reading.problems import IngestError, problem
from datasets.engine.reading.readers import HEAD
from datasets.engine.sentences import Sentence

BLOCK = 1 << 20
_UNDEFINED_IN_CP1252 = b"\x81\x8d\x8f\x90\x9d"


def choose_encoding(head: bytes, wanted: str | None) -> str:
    """The encoding to read with: what was asked for, what a byte order mark says, or UTF-8."""
    if wanted not in (None, "utf-8"):
        return str(wanted)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if wanted is None and head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8"


def detect_encoding(original: Path) -> str:
    """The encoding to offer for a file that is no UTF-8; an offer, never a decision."""
    with original.open("rb") as file:
        head = file.read(HEAD)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or looks_like_utf16(head):
            return "utf-16"
        block = head
        while block:
            if any(byte in block for byte in _UNDEFINED_IN_CP1252):
                return "latin-1"
            block = file.read(BLOCK)
    return "cp1252"


def is_utf8(original: Path) -> bool:
    """Whether all of a file is UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with original.open("rb") as file:
        try:
            while block := file.read(BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def looks_like_utf16(head: bytes) -> bool:
    """Western text in UTF-16 without a byte order mark has a NUL in every second byte."""
    half = max(1, len(head) // 2)
    zeros = sorted((head[0::2].count(0), head[1::2].count(0)))
    return len(head) >= 4 and zeros[0] == 0 and zeros[1] > 0.8 * half


def not_utf8(original: Path, line: int | None, value: bytes) -> IngestError:
    """The error for a file that is not the UTF-8 it was read as, with the encoding to try."""
    offer = detect_encoding(original)
    return IngestError(
        [
            problem(
                "not_utf8",
                Sentence("The file is not UTF-8; it looks like %(encoding)s.", encoding=offer),
                row=line,
                value=value.decode("latin-1"),
                offer={"encoding": offer},
            )
        ]
    )


def neither(original: Path, encoding: str, line: int, value: bytes) -> IngestError:
    """The error for a file that is not what it was asked to be read as, with the one to try."""
    offer = detect_encoding(original)
    if offer != "utf-16" and is_utf8(original):
        offer = "utf-8"
    elif offer == encoding:
        offer = "latin-1"  # It takes every byte there is.
    return IngestError(
        [
            problem(
                "not_utf8",
                Sentence(
                    "The file is not %(encoding)s either; it looks like %(offer)s.",
                    encoding=encoding,
                    offer=offer,
                ),
                row=line,
                value=value.decode("latin-1"),
                offer={"encoding": offer},
            )
        ]
    )


def as_utf8(
    original: Path, encoding: str, scratch: Path, progress: Callable[[float], None]
) -> Path:
    """`original` itself where it can be parsed as it is, else a UTF-8 copy in `scratch`.

    A copy is made from other encodings, and where lines end with a lone CR. Raises IngestError.
    """
    with original.open("rb") as file:
        head = file.read(BLOCK)
    utf8 = encoding in ("utf-8", "utf-8-sig")
    if utf8 and looks_like_utf16(head[:HEAD]):
        raise not_utf8(original, 1, head[:20])
    lone_cr = b"\r" in head and b"\n" not in head
    if utf8 and not lone_cr:
        return original
    copy = scratch / "utf8.csv"
    decoder = codecs.getincrementaldecoder(encoding)()
    size = max(1, original.stat().st_size)
    with original.open("rb") as file, copy.open("wb") as out:
        lines = 1
        while True:
            block = file.read(BLOCK)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeError as error:
                start = getattr(error, "start", 0)
                bad = getattr(error, "object", b"")[start : start + 20]
                if utf8:
                    raise not_utf8(original, lines, bad) from None
                line = lines + block[:start].count(b"\n")
                raise neither(original, encoding, line, bad) from None
            if lone_cr:
                text = text.replace("\r", "\n")
            lines += text.count("\n")
            out.write(text.encode("utf-8", "surrogatepass"))
            if not block:
                return copy
            progress(file.tell() / size)
