"""Pairs of texts as people type them, one a line: `code = meaning`, `value = new value`.

What would be lost that way stands in double quotes, as JSON writes it: a = in the first text,
spaces at an end, a line end, a quote at the beginning, nothing at all.
"""

import json
import re

_quoted = json.JSONDecoder(strict=False)


def read_pairs(text: str) -> list[tuple[str, str | None]]:
    """The pairs of all lines that are not blank; None where nothing stands behind the =."""
    lines = [line for line in re.split("\r\n?|\n", text) if line.strip()]
    return [_pair(line.strip()) for line in lines]


def read_text(typed: str) -> str:
    """One text as it was meant, be it in quotes or not."""
    text = typed.strip()
    meant, rest = _unquoted(text)
    return text if meant is None or rest else meant


def write_pair(first: str, second: str | None) -> str:
    """The line that `read_pairs` reads as this pair."""
    before = json.dumps(first, ensure_ascii=False) if "=" in first else write_text(first)
    return f"{before} = {'' if second is None else write_text(second)}".rstrip()


def write_text(text: str) -> str:
    """The text, in quotes where it would be read as another one without."""
    plain = text and text == text.strip() and text[0] != '"' and not re.search("[\r\n]", text)
    return text if plain else json.dumps(text, ensure_ascii=False)


def _pair(line: str) -> tuple[str, str | None]:
    first, rest = _unquoted(line)
    if first is None or not (rest == "" or rest.startswith("=")):
        before, sign, after = line.partition("=")
        first, rest = before.strip(), sign + after
    second = rest.removeprefix("=").strip()
    return first, read_text(second) if second else None


def _unquoted(text: str) -> tuple[str | None, str]:
    """The text in quotes at the beginning, if there is one, and what follows it."""
    if not text.startswith('"'):
        return None, text
    try:
        meant, end = _quoted.raw_decode(text)
    except ValueError:
        return None, text
    return meant, text[end:].strip()
