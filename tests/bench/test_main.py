"""`python -m bench` knows every benchmark that the README lists."""

import re
import subprocess
import sys
from pathlib import Path

from bench.__main__ import BENCHMARKS

BENCH = Path(__file__).parents[2] / "bench"


def test_every_script_of_the_folder_is_run_by_name_and_listed():
    scripts = {file.stem for file in BENCH.glob("*.py") if file.read_text().startswith("#!")}
    listed = set(re.findall(r"^\| `(\w+)\.py`", (BENCH / "README.md").read_text(), re.M))
    assert set(BENCHMARKS) == scripts - {"generate"}
    assert scripts <= listed


def test_a_short_run_of_one_says_its_ratios():
    command = [sys.executable, "-m", "bench", "components", "--runs", "3"]
    done = subprocess.run(command, cwd=BENCH.parent, capture_output=True, text=True, check=True)
    assert re.search(r"^include, only +\d+\.\d µs +1\.00$", done.stdout, re.M)
