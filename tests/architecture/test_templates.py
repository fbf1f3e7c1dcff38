"""Templates and style sheets: what is named is used, in whole words, in lines that people read."""

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
CSS = sorted(
    file
    for file in (ROOT / "static/css").glob("*.css")
    if file.name not in ("app.css", "swagger.css")
)
APPS = ("portal", "members", "projects", "datasets")
# The only parts of class names with up to three letters.
SHORT_WORDS = {
    *(
        "aim",
        "as",
        "ask",
        "all",
        "bad",
        "bar",
        "box",
        "dot",
        "hit",
        "job",
        "key",
        "map",
        "nav",
        "no",
        "now",
    ),
    *("ok", "own", "row", "tab", "tag", "top", "two"),
}
LONGEST_LINE = 120
# What a template asks an object for by these names may be a key that somebody chose.
METHODS_OF_OBJECTS = re.compile(r"{[%{][^%}]*\.(items|keys|values|get)\b")
# What htmx names.
FOREIGN = {"htmx-request"}


@cache
def styled() -> frozenset[str]:
    """Classes that a style sheet names."""
    names: set[str] = set()
    for file in CSS:
        css = re.sub(r"/\*.*?\*/", "", file.read_text(), flags=re.DOTALL)
        for selector in re.findall(r"([^{};]*)\{", css):
            names.update(re.findall(r"\.([a-zA-Z][\w-]*)", selector))
    return frozenset(names - FOREIGN)


@cache
def python() -> str:
    """The code of the product as one text."""
    files = (file for app in APPS for file in (ROOT / app).rglob("*.py"))
    return "\n".join(file.read_text() for file in files)


def words_of(attribute: str) -> set[str]:
    """The classes of a `class` attribute; a Django tag counts only for what it quotes."""
    tag = r"\{%.*?%\}|\{\{.*?\}\}|\{[^}]*\}"
    plain = re.sub(tag, " ", attribute, flags=re.DOTALL)
    quoted = re.findall(r"""['"]([\w -]+)['"]""", " ".join(re.findall(tag, attribute, re.DOTALL)))
    return set(re.findall(r"[\w-]*\w", " ".join([plain, *quoted])))


@cache
def in_templates() -> frozenset[str]:
    """Classes that a template writes."""
    attribute = re.compile(r'class="((?:[^"{]|\{%.*?%\}|\{\{.*?\}\}|\{)*)"', re.DOTALL)
    names: set[str] = set()
    for file in TEMPLATES:
        text = file.read_text()
        for value in attribute.findall(text):
            names |= words_of(value)
        names.update(re.findall(r'\b(?:kind|class|tag)="([\w-]+)"', text))
        names.update(re.findall(r"block main_class %}([\w -]+){%", text))
        # `notice-{{ kind }}` writes every class that begins so.
        starts = tuple(re.findall(r"([\w-]+-)\{\{", text))
        names.update(name for name in styled() if starts and name.startswith(starts))
    return frozenset(names)


def is_written(name: str) -> bool:
    """Whether a template or Python writes the class, whole or numbered (`segment-{i}`)."""
    stem = re.sub(r"-\d$", "-{", name)
    return name in in_templates() or bool(
        re.search(rf"""["' ]{re.escape(name)}["' ]|["' ]{re.escape(stem)}""", python())
    )


def test_every_class_of_a_style_sheet_is_written_somewhere():
    computed = {"heat-positive-1", "heat-negative-1"}
    unused = {name for name in styled() if not is_written(name)}
    unused = {name for name in unused if re.sub(r"-\d$", "-1", name) not in computed}
    assert not unused, f"styled, yet no template or figure writes them: {sorted(unused)}"


def test_every_class_is_made_of_whole_words():
    parts = {(part, name) for name in styled() | in_templates() for part in name.split("-")}
    short = {
        name
        for part, name in parts
        if len(part) <= 3 and not part.isdigit() and part not in SHORT_WORDS
    }
    assert not short, f"not whole words: {sorted(short)}"


def test_every_icon_is_drawn_somewhere():
    text = python() + "".join(file.read_text() for file in TEMPLATES)
    icons = {file.stem for file in (ROOT / "static/vendor/lucide").glob("*.svg")}
    unused = icons - set(re.findall(r"""(?<=["'])[\w-]+(?=["'])""", text))
    assert not unused, f"take them out of bin/vendor: {sorted(unused)}"


def test_no_template_takes_a_key_for_a_method():
    """`codes.items` is the code called `items`, where there is one: views give pairs."""
    assert METHODS_OF_OBJECTS.search("{% for code, meaning in variable.codes.items %}")
    asking = [
        f"{file.relative_to(ROOT)}: {found[0]}"
        for file in TEMPLATES
        for found in METHODS_OF_OBJECTS.finditer(file.read_text())
    ]
    assert asking == []


def test_no_line_is_longer_than_a_screen():
    long = {
        f"{file.relative_to(ROOT)}:{number}"
        for file in TEMPLATES
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if len(line) > LONGEST_LINE
    }
    assert not long, sorted(long)
