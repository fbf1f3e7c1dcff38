"""The catalogue of sentences: collected from code and templates, kept and compiled by language.

`python -m portal.management.catalogue` brings portal/locale up to date; with `--check` it only
says what is behind. It is plain Python, so that nobody needs gettext's own tools.
"""

import ast
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent.parent
LOCALE = ROOT / "portal" / "locale"
LANGUAGES = ("fr",)
CODE = ("members", "projects", "datasets", "portal")

# Per function: how many of its first arguments are the sentence, and whether a context leads.
FUNCTIONS = {
    **dict.fromkeys(("gettext", "gettext_lazy", "gettext_noop"), (1, False)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (2, False)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), (1, True)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), (2, True)),
    # The engine's, which knows no gettext (docs/adr/0021).
    "Sentence": (1, False),
    "counting": (2, False),
}
TEXT = r"""u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*\""""
TAG = re.compile(rf"\b(_|n?p?gettext)\(((?:\s*(?:{TEXT})\s*,?)+)")

HEAD = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: {plurals}\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""
# Babel writes days into what it compiles; the same sentences shall give the same bytes.
SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)

Found = tuple[str, str | tuple[str, str], str]
"""Context, sentence (or singular and plural), and the file it stands in."""


def main(arguments: list[str]) -> int:
    """Write what is behind, or with --check name it and answer 1."""
    check = "--check" in arguments
    found = sorted(set(collect()), key=lambda one: (one[2], str(one[1]), one[0]))
    behind = []
    for language in LANGUAGES:
        folder = LOCALE / language / "LC_MESSAGES"
        catalogue = merged(folder / "django.po", language, found)
        for file, content in (
            (folder / "django.po", as_po(catalogue)),
            (folder / "django.mo", as_mo(catalogue)),
        ):
            if file.exists() and file.read_bytes() == content:
                continue
            behind.append(str(file.relative_to(ROOT)))
            if not check:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
    for name in behind:
        print(f"{name} is behind: run bin/messages" if check else f"wrote {name}")
    return int(check and bool(behind))


def collect() -> Iterator[Found]:
    """Every marked sentence of the product."""
    for path in tracked(*(f"{app}/*.py" for app in CODE)):
        yield from in_code(path.read_text(), str(path.relative_to(ROOT)))
    for path in tracked("templates/*.html", "templates/*.txt"):
        yield from in_template(path.read_text(), str(path.relative_to(ROOT)))


def tracked(*patterns: str) -> list[Path]:
    """The repository's files, and new ones that are not ignored."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    paths = [ROOT / name for name in sorted(set(listed.stdout.splitlines()))]
    return [path for path in paths if path.exists()]


def in_code(source: str, place: str) -> Iterator[Found]:
    """The sentences in calls of gettext and its sisters."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name not in FUNCTIONS:
            continue
        forms, has_context = FUNCTIONS[name]
        texts = [
            one.value
            for one in node.args[: forms + has_context]
            if isinstance(one, ast.Constant) and isinstance(one.value, str)
        ]
        if len(texts) == forms + has_context:
            yield found(texts, forms, has_context, place)


def in_template(source: str, place: str) -> Iterator[Found]:
    """The sentences in translate and blocktranslate tags, and in `_("…")`."""
    for name, arguments in TAG.findall(templatize(source)):
        texts = [ast.literal_eval(text) for text in re.findall(TEXT, arguments)]
        forms = 2 if name.startswith("n") else 1
        yield found(texts, forms, "p" in name, place)


def found(texts: list[str], forms: int, has_context: bool, place: str) -> Found:
    context = texts[0] if has_context else ""
    sentence = texts[has_context : has_context + forms]
    return context, (sentence[0], sentence[1]) if forms == 2 else sentence[0], place


def merged(path: Path, language: str, found: list[Found]) -> Catalog:
    """The catalogue as it was, with the sentences there are now and no others."""
    template = Catalog()
    for context, sentence, place in found:
        template.add(sentence, locations=[(place, 0)], context=context or None)
    if not path.exists():
        kept = Catalog(locale=language, fuzzy=False)
    else:
        with path.open("rb") as file:
            kept = read_po(file, locale=language)
    kept.update(template, no_fuzzy_matching=True, update_creation_date=False)
    kept.obsolete.clear()
    kept.creation_date = kept.revision_date = SOME_DAY
    return kept


def as_po(catalogue: Catalog) -> bytes:
    """The catalogue for translators, in the order of files; its head tells no dates or people."""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=100, include_lineno=False, omit_header=True)
    head = HEAD.format(language=catalogue.locale, plurals=catalogue.plural_forms)
    return head.encode() + buffer.getvalue()


def as_mo(catalogue: Catalog) -> bytes:
    """The catalogue for programs."""
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
