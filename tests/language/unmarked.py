"""Finds what people read and nobody can translate, in code and in templates."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser

from django.template.base import Lexer, TokenType

from portal.management.catalogue import FUNCTIONS

PHRASE = re.compile(r"[A-Za-zÀ-ÿ]{2,},? [a-zà-ÿ]{2,}")
WORD = re.compile(r"^[A-Z][a-z]|[a-z] ")
MARKUP = re.compile(r"<[^>]*>?|[\w-]+=\"[^\"]*\"?")
# What these are given is for people, however short.
SPOKEN = {"label", "help_text", "empty_label", "violation_error_message", "text", "because"}
SPOKEN |= {"action_label", "title", "caption"}
# What these are given is for developers, operators and machines.
MUTE_CALLS = {
    "RuntimeError",
    "OSError",
    "PermissionError",
    "ValueError",
    "TypeError",
    "ImproperlyConfigured",
    "execute",
    "RunSQL",
}
MUTE_CALLS |= {"info", "warning", "error", "exception", "OpenApiParameter", "extend_schema"}
MUTE_CALLS |= {
    "LookupError",
    "KeyError",
    "TemplateSyntaxError",
    "Trigger",
    "compile",
    "record",
    "Func",
}
# Statements in the database's language.
SQL = re.compile(
    r"\b(SELECT|INSERT INTO|NEW\.search|UPDATE|CASE WHEN|IS NOT NULL|AND regexp_full_match)\b"
    r"|\b(isfinite|trunc|read_csv)\("
)


def in_code(source: str, *, described: bool = False) -> Iterator[tuple[int, str]]:
    """Line and text of every phrase that is not marked; `described` lets help texts be."""
    yield from _Walker(ast.parse(source), described).found


class _Walker:
    """Walks a module once and keeps what is not marked."""

    def __init__(self, tree: ast.Module, described: bool) -> None:
        self.found: list[tuple[int, str]] = []
        self.described = described
        self.visit(tree, spoken=False)

    def visit(self, node: ast.AST, *, spoken: bool) -> None:
        if isinstance(node, ast.Call):
            self.call(node)
            return
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return  # a docstring
        if isinstance(node, ast.Constant | ast.JoinedStr):
            self.text(node, spoken)
            if isinstance(node, ast.JoinedStr):
                for value in node.values:
                    if isinstance(value, ast.FormattedValue):
                        self.visit(value.value, spoken=False)
            return
        if isinstance(node, ast.ClassDef) and _has_base(node, "StrEnum"):
            return  # codes; what people read of them stands in a table of its own
        if isinstance(node, ast.ClassDef) and _has_base(node, "Choices"):
            for statement in node.body:
                if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Tuple):
                    for label in statement.value.elts[1:]:
                        self.visit(label, spoken=True)
            return
        for child in ast.iter_child_nodes(node):
            self.visit(child, spoken=spoken and not isinstance(node, ast.Compare | ast.Subscript))

    def call(self, node: ast.Call) -> None:
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name in FUNCTIONS or name in MUTE_CALLS:
            return
        self.visit(node.func, spoken=False)
        for argument in node.args:
            self.visit(argument, spoken=False)
        for keyword in node.keywords:
            if not (self.described and keyword.arg == "help_text"):
                self.visit(keyword.value, spoken=keyword.arg in SPOKEN)
        given = {keyword.arg for keyword in node.keywords}
        is_field = re.search(r"(Field|Lines)$", name) and getattr(node.func, "value", None)
        if is_field and _name(node.func) == "forms" and "label" not in given:
            self.found.append((node.lineno, f"{name} without a label"))

    def text(self, node: ast.Constant | ast.JoinedStr, spoken: bool) -> None:
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        texts = [p.value if isinstance(p, ast.Constant) else "{}" for p in parts]
        if not all(isinstance(text, str) for text in texts):
            return
        text = MARKUP.sub("", "".join(map(str, texts)))
        if SQL.search(text):
            return
        if PHRASE.search(text) or (spoken and WORD.search(text)):
            self.found.append((node.lineno, text))


def _has_base(node: ast.ClassDef, name: str) -> bool:
    return any(ast.unparse(base).endswith(name) for base in node.bases)


def _name(function: ast.expr) -> str:
    return getattr(getattr(function, "value", None), "id", "")


ATTRIBUTES = {"alt", "title", "aria-label", "placeholder", "label", "data-label"}
QUIET = {"script", "style", "code", "pre", "kbd", "svg"}
# Literals in tags and filters; those of marks and of dates' formats are passed over.
LITERAL = re.compile(r"""(?:_\(|\b(?:date|time):)"[^"]*"|"([^"]*)\"""")
TECHNICAL = {"load", "url", "static", "icon", "now", "extends", "translate", "trans", "if", "elif"}
LETTERS = re.compile(r"[A-Za-z]{2,}")
CLASSES = re.compile(r"block \w+_class\b")
# The same in every language.
NAMES = re.compile(r"\b(Cohortium|Python|numpy|scipy|DuckDB|Parquet)\b")


def in_template(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of every word outside of translate tags."""
    plain: list[str] = []
    inside = ""
    for token in Lexer(source).tokenize():
        newlines = "\n" * token.contents.count("\n")
        if token.token_type == TokenType.COMMENT:
            plain.append(newlines)
            continue
        tag = token.contents.split()[0] if token.contents.split() else ""
        if token.token_type == TokenType.BLOCK and not inside and tag.startswith("blocktrans"):
            inside = f"end{tag}"
        elif token.token_type == TokenType.BLOCK and not inside and tag == "comment":
            inside = "endcomment"
        elif token.token_type == TokenType.BLOCK and not inside and CLASSES.match(token.contents):
            inside = "endblock"
        elif token.token_type == TokenType.BLOCK and tag == inside:
            inside = ""
        elif not inside and token.token_type == TokenType.TEXT:
            plain.append(token.contents)
            continue
        elif not inside and tag not in TECHNICAL:
            for text in LITERAL.findall(token.contents):
                if LETTERS.search(text) and WORD.search(text):
                    yield token.lineno or 0, text
        plain.append(newlines if token.token_type == TokenType.TEXT else "\x00" + newlines)
    parser = _Reader("".join(plain))
    yield from parser.found


class _Reader(HTMLParser):
    """Reads the text and the spoken attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []
        self.quiet = 0
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.quiet += tag in QUIET
        for name, value in attrs:
            if name in ATTRIBUTES and value and LETTERS.search(value.replace("\x00", "")):
                self.found.append((self.getpos()[0], value))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.quiet -= tag in QUIET

    def handle_endtag(self, tag: str) -> None:
        self.quiet -= tag in QUIET

    def handle_data(self, data: str) -> None:
        text = " ".join(NAMES.sub("", data.replace("\x00", "")).split())
        if not self.quiet and LETTERS.search(text):
            self.found.append((self.getpos()[0], text))
