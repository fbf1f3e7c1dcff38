"""A language made of the catalogue: accented, a third longer, in brackets; what lacks them is
unmarked, and what does not fit would not fit in other languages either."""

import re
from pathlib import Path

from babel.messages.catalog import Catalog

from portal.management.catalogue import as_mo, collect

CODE = "en-xa"
OPEN, CLOSE = "⟦", "⟧"
KEPT = re.compile(r"(%\(\w+\)[sd]|%%|<[^>]*>|&\w+;|https?://\S+|\{\w*\})")
ACCENTS = str.maketrans("aceinosuyACEINOSUY", "áçéíñóšúýÁÇÉÍÑÓŠÚÝ")
LONGER = 0.35


def accented(text: str) -> str:
    """The sentence in the language; placeholders and tags stay, blank ends too."""
    parts = KEPT.split(text)
    letters = sum(c.isalpha() for part in parts[::2] for c in part)
    if not letters:
        return text
    body = "".join(p if i % 2 else p.translate(ACCENTS) for i, p in enumerate(parts))
    inner = body.strip()
    start = body[: len(body) - len(body.lstrip())]
    end = body[len(body.rstrip()) :]
    more = "·" * max(1, round(letters * LONGER))
    # Long words cannot break, long sentences can.
    more = " ".join(more[i : i + 6] for i in range(0, len(more), 6))
    return f"{start}{OPEN}{inner} {more}{CLOSE}{end}"


def write(folder: Path) -> Path:
    """The compiled language in a folder for LOCALE_PATHS."""
    catalogue = Catalog(locale="en", fuzzy=False)
    for context, sentence, _ in set(collect()):
        said = tuple(map(accented, sentence)) if isinstance(sentence, tuple) else accented(sentence)
        catalogue.add(sentence, said, context=context or None)
    path = folder / "en_XA" / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(as_mo(catalogue))
    return folder


def outside_brackets(text: str, separator: str = "\n") -> list[str]:
    """The pieces of a text that no bracket encloses, ended by the separator."""
    depth, pieces = 0, [""]
    for char in text:
        if char == OPEN or (char == separator and not depth):
            depth += char == OPEN
            pieces.append("")
        elif char == CLOSE:
            depth -= 1
        elif depth == 0:
            pieces[-1] += char
    return [piece.strip() for piece in pieces if piece.strip()]
