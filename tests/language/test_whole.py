"""Every sentence is whole: none is glued of parts that no translator could put in order."""

import ast
import re
from collections.abc import Iterator

import pytest
from django.template.base import Lexer, TokenType

from portal.management.catalogue import CODE, FUNCTIONS, ROOT, collect, tracked

PUNCTUATION = re.compile(r"\s*(:|–)\s*")


def test_no_code_glues_what_is_marked():
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in tracked(*(f"{app}/*.py" for app in CODE))
        for line, text in in_code(path.read_text())
    ]
    assert not found, "\n".join(found)


def test_no_template_glues_values_and_words():
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in tracked("templates/*.html")
        for line, text in in_template(path.read_text())
    ]
    assert not found, "\n".join(found)


def test_what_ends_like_a_sentence_begins_like_one():
    found = [
        f"{place}: {text}"
        for _, sentence, place in collect()
        for text in (sentence if isinstance(sentence, tuple) else (sentence,))
        if is_piece(text)
    ]
    assert not found, "\n".join(found)


def in_code(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of every marked sentence that is put into an f-string, added or joined."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.JoinedStr(values=parts):
                literal = "".join(str(p.value) for p in parts if isinstance(p, ast.Constant))
                glued = "<" not in literal  # else it is markup, where a sentence may stand whole
            case ast.BinOp(op=ast.Add()):
                parts, glued = [node.left, node.right], True
            case ast.Call(func=ast.Attribute(attr="join")):
                parts, glued = [node.func.value, *node.args], True
            case _:
                continue
        if glued and any(_is_marked(inner) for part in parts for inner in ast.walk(part)):
            yield node.lineno, ast.unparse(node)


def _is_marked(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    return name in FUNCTIONS


def in_template(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of every colon or dash that stands outside of a sentence, before a value.

    French puts a space of its own before a colon, and other languages another sign.
    """
    tokens = [t for t in Lexer(source).tokenize() if t.token_type != TokenType.COMMENT]
    inside = ""
    for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        tag = before.contents.split()[:1]
        if before.token_type == TokenType.BLOCK and tag and tag[0].startswith("blocktrans"):
            inside = f"end{tag[0]}"
        elif before.token_type == TokenType.BLOCK and tag == [inside]:
            inside = ""
        if inside or token.token_type != TokenType.TEXT or after.token_type != TokenType.VAR:
            continue
        is_value = before.token_type == TokenType.VAR
        is_word = before.token_type == TokenType.BLOCK and re.match(
            r"""trans(late)? (?!.* as ).*:["']""", before.contents
        )
        if is_value and PUNCTUATION.fullmatch(token.contents):
            yield token.lineno or 0, f"{before.contents}{token.contents}{after.contents}"
        elif is_word and not token.contents.strip():
            yield token.lineno or 0, f"{before.contents} {after.contents}"


def is_piece(text: str) -> bool:
    """Whether it is only part of a sentence: blank at an end, or with an end and no beginning."""
    return text != text.strip() or (text[0].islower() and text[-1] in ".?!" and " " in text)


@pytest.mark.parametrize(
    "source",
    [
        'said = f"{name} {gettext(word)}"',
        'said = name + gettext("left the project")',
        'label = gettext(" or ").join(names)',
        'errors = ", ".join(Sentence("is not a number") for one in found)',
    ],
)
def test_glued_code_is_found(source):
    assert list(in_code(source))


@pytest.mark.parametrize(
    "source",
    [
        'said = gettext("%(name)s left the project") % {"name": name}',
        "figure = f'<title>{gettext(\"Standard error\")}</title>'",
        'label = either([gettext("“%(name)s”") % {"name": name} for name in names])',
    ],
)
def test_whole_code_is_not(source):
    assert not list(in_code(source))


@pytest.mark.parametrize(
    "source",
    [
        "<li>{{ field.label }}: {{ error }}</li>",
        '<p>{% translate "Stage:" %} {{ name }}</p>',
    ],
)
def test_glued_templates_are_found(source):
    assert list(in_template(source))


@pytest.mark.parametrize(
    "source",
    [
        "<li>{% blocktranslate %}{{ label }}: {{ error }}{% endblocktranslate %}</li>",
        '<a href="{{ url }}#{{ key }}">{% translate "Change" %}</a> {{ name }}',
        '<h2>{% translate "Leave out a filter:" %}</h2><p>{{ name }}</p>',
    ],
)
def test_whole_templates_are_not(source):
    assert not list(in_template(source))


@pytest.mark.parametrize("text", [" or ", "is not a column of this dataset.", "who did it? "])
def test_pieces_are_found(text):
    assert is_piece(text)


@pytest.mark.parametrize("text", ["%(name)s left.", "all groups", "A row.", "p", "e.g."])
def test_phrases_and_sentences_are_not(text):
    assert not is_piece(text)
