"""What is named is used: a function, a class or a filter that is named only once is dead.

What only tests name counts as dead too.
"""

import ast
import importlib
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from django import forms
from django.template import engines
from rest_framework import serializers

ROOT = Path(__file__).parents[2]
APPS = ("portal", "members", "projects", "datasets")
NOT_OURS = {"migrations", "vendor", "__pycache__"}
SETTINGS = "".join((ROOT / "portal" / file).read_text() for file in ("settings.py", "urls.py"))
BENCHES = sorted((ROOT / "bench").glob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
# Names that a library finds without a base class to say so.
LOOKED_UP = {
    "process_exception": "Django, in a middleware",
    "TokenScheme": "drf-spectacular, for the class that its target names",
    "PageSessionScheme": "drf-spectacular, for the class that its target names",
    "import_ahead": "Celery, for a signal",
    "get_full_name": "Django's admin, of a user",
    "get_short_name": "Django's admin, of a user",
    "get_help_text": "Django, in a password validator",
}


def python_files():
    return [
        file
        for app in APPS
        for file in sorted((ROOT / app).rglob("*.py"))
        if not NOT_OURS.intersection(file.parts)
    ]


@cache
def trees():
    """What each file says, parsed once."""
    return {file: ast.parse(file.read_text()) for file in [*python_files(), *BENCHES]}


@cache
def named():
    """How often code, templates and scripts say each name; tests do not count."""
    scripts = [*(ROOT / "static").glob("js/*.js"), *BENCHES]
    files = [*python_files(), *TEMPLATES, *scripts]
    return Counter(word for file in files for word in re.findall(r"\w+", file.read_text()))


def definitions(tree, around=()):
    """Every function and class, with the names of the classes around it."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, around
        inside = (*around, node.name) if isinstance(node, ast.ClassDef) else around
        yield from definitions(node, inside)


def a_base_looks_for(module, around, name):
    """Whether a library's base class has the name, or it goes with one of the class' fields."""
    owner = importlib.import_module(module)
    for one in around:
        owner = getattr(owner, one)
    if not isinstance(owner, type):
        return False
    foreign = [base for base in owner.__mro__[1:] if base.__module__.split(".")[0] not in APPS]
    purpose, _, field = name.partition("_")
    return (
        any(name in vars(base) for base in foreign)
        or (purpose == "clean" and issubclass(owner, forms.Form) and field in owner.base_fields)
        or (
            purpose == "get"
            and issubclass(owner, serializers.Serializer)
            and field in owner._declared_fields
        )
    )


def is_found_otherwise(file, around, name):
    module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
    return (
        name in LOOKED_UP
        or (name.startswith("__") and name.endswith("__"))
        or (file.name == "apps.py" and name.endswith("Config"))
        or a_base_looks_for(module, around, name)
    )


def test_every_function_and_class_is_named_where_it_is_used():
    once = [
        (file, around, name)
        for file in python_files()
        for name, around in definitions(trees()[file])
        if named()[name] == 1
    ]
    assert once
    dead = [
        f"{file.relative_to(ROOT)}: {'.'.join((*around, name))}"
        for file, around, name in once
        if not is_found_otherwise(file, around, name)
    ]
    assert dead == []


def test_every_function_of_a_module_is_imported_or_called():
    """Even where its name is a word that others use too."""
    imported = {name for tree in trees().values() for name in names_imported_by(tree)}
    said = {
        file: {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        for file, tree in trees().items()
    }
    dead = [
        f"{file.relative_to(ROOT)}: {node.name}"
        for file in python_files()
        for node in trees()[file].body
        # What decorates it may register it.
        if isinstance(node, ast.FunctionDef) and not node.decorator_list
        if (module_of(file), node.name) not in imported
        if f"{module_of(file)}.{node.name}" not in SETTINGS
        if node.name not in said[file]
    ]
    assert dead == []


def module_of(file):
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def names_imported_by(tree):
    """Module and name of whatever is imported, or asked of a module that is imported."""
    modules = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for one in node.names:
                modules[one.asname or one.name] = f"{node.module}.{one.name}"
                yield node.module, one.name
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield modules.get(node.value.id), node.attr


@pytest.mark.parametrize("name", LOOKED_UP)
def test_an_exception_is_still_needed(name):
    assert named()[name] == 1


def test_every_filter_and_tag_is_used_by_a_template():
    source = "\n".join(file.read_text() for file in TEMPLATES)
    libraries = [
        importlib.import_module(path)
        for path in engines["django"].engine.libraries.values()
        if path.startswith(APPS)
    ]
    used = {
        **{name: rf"\|{name}\b" for module in libraries for name in module.register.filters},
        **{name: rf"{{%\s*{name}\b" for module in libraries for name in module.register.tags},
    }
    assert len(used) > 10
    assert [name for name, use in used.items() if not re.search(use, source)] == []
