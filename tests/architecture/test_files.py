"""Files that one reads in one go, and tests that all run."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = (*("portal", "members", "projects", "datasets", "templates", "static"), "tests", "bench")
SUFFIXES = {".py", ".html", ".css", ".js", ".sh"}
# Written by Django, and by other people.
NOT_OURS = {"migrations", "vendor", "__pycache__"}
MOST_LINES = 400
LEFT_OUT = re.compile(r"\b(pytest|mark|unittest)\.(skip|xfail|importorskip)|\bSkipTest\b")


def sources():
    """Every file that we write and a machine runs or shows."""
    for folder in FOLDERS:
        for file in (ROOT / folder).rglob("*"):
            inside = file.relative_to(ROOT)
            if file.suffix in SUFFIXES and not NOT_OURS.intersection(inside.parts):
                yield inside
    for folder in ("bin", ".ci"):
        yield from (file.relative_to(ROOT) for file in (ROOT / folder).iterdir() if file.is_file())


def test_no_file_is_too_long_to_read():
    lines = {str(file): len((ROOT / file).read_bytes().splitlines()) for file in sources()}
    assert {file: count for file, count in lines.items() if count > MOST_LINES} == {}


def test_no_test_is_left_out():
    files = [file for file in sources() if file.parts[0] == "tests" and file.suffix == ".py"]
    assert files
    assert all(LEFT_OUT.search(f"pytest.{way}") for way in ("skip", "xfail", "importorskip"))
    assert [str(file) for file in files if LEFT_OUT.search((ROOT / file).read_text())] == []


def test_what_is_generated_is_left_alone_also_where_a_hook_names_it():
    generated = [str(file) for file in ROOT.glob("*/migrations/0001_initial.py")]
    assert generated
    ruff = Path(sys.executable).with_name("ruff")
    done = subprocess.run([ruff, "format", "--check", *generated], cwd=ROOT, check=False)
    assert done.returncode == 0
