"""The child that reads: same answers, and every way it can end badly told in plain words."""

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from datasets.engine.reading import sandbox
from datasets.engine.reading.ingest import ingest
from datasets.engine.reading.problems import ChildKilled, IngestError
from datasets.engine.reading.readers import ReadOptions
from datasets.engine.reading.sandbox import Limits, ingest_in_child
from tests.engine.reading.reading import HEART

ENOUGH = Limits()


def run(tmp_path: Path, source: Path, limits: Limits = ENOUGH, should_stop=lambda: False):
    told = []
    try:
        result = ingest_in_child(
            source,
            tmp_path / "out.parquet",
            ReadOptions(),
            "data.csv",
            lambda *one: told.append(one),
            should_stop,
            limits,
        )
    finally:
        left = {path.name for path in tmp_path.iterdir()} - {"out.parquet", source.name}
        assert left == set()
    return result, told


@pytest.fixture
def endless(monkeypatch, tmp_path):
    """Makes the child run `code` instead of its reader."""

    def replace(code: str) -> Path:
        package = tmp_path.parent / f"{tmp_path.name}-child"
        module = package / "datasets" / "engine"
        module.mkdir(parents=True)
        (package / "datasets" / "__init__.py").touch()
        (module / "__init__.py").touch()
        (module / "sandbox.py").write_text(
            "import ctypes, os, resource, signal, sys, time, json\n"
            "job = json.loads(sys.stdin.readline())\n" + code
        )
        monkeypatch.setattr(sandbox, "ROOT", package)
        source = tmp_path / "upload"
        source.write_text("a,b\n1,2\n")
        return source

    return replace


def test_the_child_answers_as_the_reader_does(tmp_path):
    source = HEART / "va-long-beach.csv"
    result, told = run(tmp_path, source)
    here = ingest(source, tmp_path / "here", ReadOptions(), "data.csv", lambda *_: None)
    (tmp_path / "here").unlink()
    assert result == here
    assert list(dict.fromkeys(stage for stage, _, _ in told)) == [
        "scanning",
        "parsing",
        "profiling",
    ]


def test_refusals_come_through(tmp_path):
    source = tmp_path / "upload"
    source.write_text("a,b\n1\n")
    with pytest.raises(IngestError) as caught:
        run(tmp_path, source)
    assert not isinstance(caught.value, ChildKilled)
    assert [(one.code, one.row) for one in caught.value.problems] == [("ragged_row", 2)]
    assert not (tmp_path / "out.parquet").exists()


def killed(tmp_path, source, **arguments) -> ChildKilled:
    with pytest.raises(ChildKilled) as caught:
        run(tmp_path, source, **arguments)
    assert not (tmp_path / "out.parquet").exists()
    (problem,) = caught.value.problems
    assert problem.code == caught.value.code
    assert "Traceback" not in problem.detail
    assert problem.cure
    return caught.value


def test_too_little_memory(tmp_path):
    source = tmp_path / "upload"
    source.write_text("a,b\n" + "1,2\n" * 100_000)
    assert killed(tmp_path, source, limits=Limits(memory_mb=300)).code == "out_of_memory"


def test_a_memory_bomb(tmp_path):
    """The limits the child takes on hold for whatever it runs afterwards."""
    code = (
        "from datasets.engine.reading.sandbox import _confine, Limits\n"
        "_confine(Limits(memory_mb=500))\n"
        "import duckdb\n"
        "duckdb.sql(\"select repeat('a', 3000000000)\").fetchall()\n"
    )
    bomb = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    # Whether it still finds words depends on where the memory ran out.
    assert bomb.returncode != 0
    # In KiB, of the largest child so far: reading a real file takes about 1 GB of them.
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 2_000_000


def test_no_network_and_no_large_files(tmp_path):
    code = (
        "from datasets.engine.reading.sandbox import _confine, Limits\n"
        "import pathlib, socket, sys\n"
        "_confine(Limits(file_mb=1))\n"
        "try:\n"
        "    socket.socket()\n"
        "except PermissionError:\n"
        "    print('no socket')\n"
        "try:\n"
        f"    pathlib.Path({str(tmp_path / 'big')!r}).write_bytes(b'x' * 3_000_000)\n"
        "except OSError as error:\n"
        "    print(error.errno)\n"
    )
    confined = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert confined.stdout.split("\n")[:2] == ["no socket", "27"]


def test_stopped_by_the_user(tmp_path, endless):
    source = endless("time.sleep(60)")
    began = time.monotonic()
    error = killed(tmp_path, source, should_stop=lambda: time.monotonic() - began > 0.5)
    assert error.code == "cancelled"
    assert time.monotonic() - began < 10


def test_too_slow(tmp_path, endless):
    source = endless("time.sleep(60)")
    assert killed(tmp_path, source, limits=Limits(wall_seconds=1)).code == "too_slow"


def test_no_progress(tmp_path, endless):
    source = endless("time.sleep(60)")
    assert killed(tmp_path, source, limits=Limits(quiet_seconds=1)).code == "too_slow"


def test_too_much_processor_time(tmp_path, endless):
    source = endless("resource.setrlimit(resource.RLIMIT_CPU, (1, 2))\nwhile True: pass")
    assert killed(tmp_path, source).code == "too_slow"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("raise RuntimeError('secret path')", "reader_crashed"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "reader_crashed"),
        ("sys.exit(0)", "reader_crashed"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "out_of_memory"),
        ("print('no json', flush=True)\ntime.sleep(60)", "reader_crashed"),
        ("raise MemoryError", "out_of_memory"),
    ],
)
def test_a_child_that_dies(tmp_path, endless, code, expected):
    error = killed(tmp_path, endless(code))
    assert error.code == expected
    assert "secret" not in str(error.problems)


def test_nothing_the_child_started_outlives_it(tmp_path, endless):
    note = tmp_path.parent / f"{tmp_path.name}-pid"
    source = endless(
        "import subprocess\n"
        "child = subprocess.Popen(['sleep', '300'])\n"
        f"open({str(note)!r}, 'w').write(str(child.pid))\n"
        "time.sleep(60)\n"
    )
    killed(tmp_path, source, should_stop=note.exists)
    pid = int(note.read_text() or 0)
    for _ in range(50):
        status = Path(f"/proc/{pid}/stat")
        if not status.exists() or status.read_text().split()[2] == "Z":
            return
        time.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    pytest.fail("the child's own child lived on")
