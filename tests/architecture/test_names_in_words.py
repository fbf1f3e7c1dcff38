"""Files and modules that our words name are there."""

import re
from importlib.util import find_spec
from pathlib import Path
from pkgutil import resolve_name

ROOT = Path(__file__).parents[2]
CODE = ("portal", "members", "projects", "datasets", "bench")
NOT_OURS = {"migrations", "__pycache__"}
# Whole names only: not the beginning of one with a gap such as rows_<…>.py, nor of an address.
PATH = re.compile(r"(?<![\w/.{}*<>:~$\\-])\.?[\w-][\w.-]*(?:/[\w.-]+)+/?(?![\w/.<*{…-])")
FILE = re.compile(r"\.(html|py|md|toml|po|css|js)$")
DOTTED = re.compile(r"(?<![\w./])(?:portal|members|projects|datasets)(?:\.\w+){2,}")
MODULE = re.compile(r"\bpython3? -m ([\w.]*\w)")


def documents():
    yield from ROOT.glob("*.md")
    for folder in ("docs", "bench", "portal/demo"):
        yield from (ROOT / folder).rglob("*.md")


def sources():
    for folder in CODE:
        for file in (ROOT / folder).rglob("*.py"):
            if not NOT_OURS.intersection(file.relative_to(ROOT).parts):
                yield file


def paths_in(text):
    return {path.rstrip(".") for path in PATH.findall(text)}


def is_there(path, file):
    """Seen from the file that names it, from a folder it lies in, or as Django finds it."""
    above = (folder for folder in file.parents if folder.is_relative_to(ROOT))
    return any((place / path).exists() for place in (*above, ROOT / "templates", ROOT / "static"))


def can_run(module):
    inside = ROOT.joinpath(*module.split("."))
    if inside.relative_to(ROOT).parts[0] in CODE:
        return inside.with_suffix(".py").exists() or (inside / "__main__.py").exists()
    return find_spec(module.partition(".")[0]) is not None


def is_known(dotted):
    try:
        resolve_name(dotted)
    except (ImportError, AttributeError):
        return False
    return True


def test_every_path_that_a_document_names_is_there():
    folders = {place.name for place in ROOT.iterdir() if place.is_dir()}
    named = {
        (file, path)
        for file in documents()
        for path in paths_in(file.read_text())
        if FILE.search(path) or path.partition("/")[0] in folders
    }
    assert len(named) > 20
    assert [f"{file.name}: {path}" for file, path in named if not is_there(path, file)] == []


def test_every_file_that_the_code_names_is_there():
    named = {
        (file, path)
        for file in sources()
        for path in paths_in(file.read_text())
        if FILE.search(path)
    }
    assert len(named) > 40
    missing = [(file, path) for file, path in named if not is_there(path, file)]
    assert [f"{file.relative_to(ROOT)}: {path}" for file, path in missing] == []


def test_every_module_that_is_told_to_run_is_there():
    scripts = [file for file in (ROOT / "bin").iterdir() if file.is_file()]
    named = {
        (file.name, module)
        for file in (*documents(), *sources(), *scripts)
        for module in MODULE.findall(file.read_text())
    }
    assert len(named) > 5
    assert [f"{name}: {module}" for name, module in named if not can_run(module)] == []


def test_every_part_of_a_module_that_is_named_is_there():
    templates = (ROOT / "templates").rglob("*.html")
    named = {
        (file, dotted)
        for file in (*documents(), *sources(), *templates)
        for dotted in DOTTED.findall(file.read_text())
    }
    assert len(named) > 100
    unknown = [(file, dotted) for file, dotted in named if not is_known(dotted)]
    assert [f"{file.relative_to(ROOT)}: {dotted}" for file, dotted in unknown] == []
