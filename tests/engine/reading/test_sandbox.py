"""The child that reads: same answers, and every way it can end badly told in plain words."""

import os
import resource
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from datasets.engine.reading import child, forking, sandbox
from datasets.engine.reading.child import Limits
from datasets.engine.reading.forking import Nursery
from datasets.engine.reading.ingest import ingest
from datasets.engine.reading.problems import ChildKilled, IngestError
from datasets.engine.reading.readers import ReadOptions
from datasets.engine.reading.sandbox import ingest_in_child
from datasets.engine.rows.connection import connect
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
    nurseries = []

    def replace(code: str) -> Path:
        package = tmp_path.parent / f"{tmp_path.name}-child"
        room = package / "datasets" / "engine" / "reading"
        room.mkdir(parents=True)
        for folder in (package / "datasets", room.parent):
            (folder / "__init__.py").touch()
        engine = Path(child.__file__).parents[1]
        for real in engine.iterdir():
            if real.name not in ("reading", "__init__.py", "__pycache__"):
                (room.parent / real.name).symlink_to(real)
        for real in (engine / "reading").glob("*.py"):
            if real.name != "child.py":
                (room / real.name).symlink_to(real)
        (room / "child.py").write_text(
            Path(child.__file__).read_text()
            + "\n\ndef main():\n    job = json.loads(sys.stdin.readline())\n"
            + textwrap.indent(code, "    ")
        )
        nurseries.append(Nursery(package))
        monkeypatch.setattr(forking, "NURSERY", nurseries[-1])
        source = tmp_path / "upload"
        source.write_text("a,b\n1,2\n")
        return source

    yield replace
    for nursery in nurseries:
        nursery.close()


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
    source.write_text("a,b\n" + "1,2\n" * 3_000_000)  # longer than two looks at it
    assert killed(tmp_path, source, limits=Limits(memory_mb=60)).code == "out_of_memory"


def test_a_memory_bomb(tmp_path):
    """The limits the child takes on hold for whatever it runs afterwards."""
    code = (
        "from datasets.engine.reading.child import Limits, confine\n"
        "confine(Limits(memory_mb=500))\n"
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
        "from datasets.engine.reading.child import Limits, confine\n"
        "import pathlib, socket, sys\n"
        "confine(Limits(file_mb=1))\n"
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
    assert time.monotonic() - began < 60, "it was left to end by itself"


def test_stopped_before_it_began(tmp_path, endless):
    """Also when the nursery hears of the child and of its end in one breath."""
    source = endless("time.sleep(60)")
    began = time.monotonic()
    for _ in range(10):
        with forking.NURSERY.fork():
            pass
    assert killed(tmp_path, source, should_stop=lambda: True).code == "cancelled"
    assert time.monotonic() - began < 60, "it was left to end by itself"


def test_too_slow(tmp_path, endless):
    source = endless("time.sleep(60)")
    assert killed(tmp_path, source, limits=Limits(wall_seconds=1)).code == "too_slow"


def test_no_progress(tmp_path, endless):
    source = endless("time.sleep(60)")
    assert killed(tmp_path, source, limits=Limits(quiet_seconds=1)).code == "stalled"


def test_saying_the_same_again_is_no_progress(tmp_path, endless):
    source = endless(
        "while True:\n"
        "    print(json.dumps({'stage': 'parsing', 'fraction': 0.3, 'message': ''}), flush=True)\n"
        "    time.sleep(0.1)\n"
    )
    assert killed(tmp_path, source, limits=Limits(quiet_seconds=1)).code == "stalled"


def test_work_without_a_word_is_progress(tmp_path, endless, monkeypatch):
    monkeypatch.setattr(sandbox, "AWAKE_SECONDS", 0.005)
    source = endless("while True: pass")
    limits = Limits(quiet_seconds=1, wall_seconds=2)
    assert killed(tmp_path, source, limits=limits).code == "too_slow"


GROW = (
    "import time\nheld = []\nwhile True:\n    held += [b'x' * 10_000_000]\n    time.sleep(0.01)\n"
)
GROW_BELOW = f"import subprocess\nsubprocess.run([sys.executable, '-c', {GROW!r}])\n"


@pytest.mark.parametrize("code", [GROW, GROW_BELOW], ids=["itself", "below"])
def test_memory_that_is_held_is_counted(tmp_path, endless, code):
    """Also what the child's own children hold."""
    error = killed(tmp_path, endless(code), limits=Limits(memory_mb=500))
    assert error.code == "out_of_memory"


def test_memory_that_is_only_reserved_is_not(tmp_path, endless):
    source = endless(
        "import mmap\n"
        "confine(Limits(**job['limits']))\n"
        "reserved = [mmap.mmap(-1, 1 << 30) for _ in range(3)]\n"
        "time.sleep(1)\n"
        "raise RuntimeError('was let live')\n"
    )
    assert killed(tmp_path, source, limits=Limits(memory_mb=1536)).code == "reader_crashed"


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


def nursery_pid() -> int:
    assert forking.NURSERY.process is not None
    return forking.NURSERY.process.pid


def gone(pid: int) -> bool:
    for _ in range(50):
        status = Path(f"/proc/{pid}/stat")
        if not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.1)
    return False


def test_the_nursery_has_one_thread_and_no_more_than_it_needs(tmp_path):
    source = tmp_path / "upload"
    source.write_text("a,b\n1,2\n")
    run(tmp_path, source)
    pid = nursery_pid()
    assert len(list(Path(f"/proc/{pid}/task").iterdir())) == 1
    variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    assert {one.split(b"=")[0].decode() for one in variables if one} <= {
        *("PATH", "LANG", "OPENBLAS_NUM_THREADS", "OPENBLAS_CORETYPE", "MALLOC_ARENA_MAX"),
        *("JE_ARROW_MALLOC_CONF", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"),
    }
    first = run(tmp_path, source)
    assert nursery_pid() == pid
    os.kill(pid, signal.SIGKILL)
    assert gone(pid)
    assert run(tmp_path, source) == first
    assert nursery_pid() != pid


def test_a_child_has_no_descriptors_of_others(tmp_path, endless):
    note = tmp_path.parent / f"{tmp_path.name}-descriptors"
    source = endless(
        "for end in os.listdir('/proc/self/fd'):\n"
        "    try:\n"
        f"        open({str(note)!r}, 'a').write(os.readlink(f'/proc/self/fd/{{end}}') + '\\n')\n"
        "    except FileNotFoundError:\n"
        "        pass\n"
    )
    killed(tmp_path, source)
    held = [one for one in note.read_text().split() if not one.startswith(("/", "pipe:"))]
    assert held == []
    assert len(set(note.read_text().split()) - {str(note)}) == 3


def test_children_of_several_threads_at_once(tmp_path):
    found = {}

    def read_one(index: int) -> None:
        folder = tmp_path / str(index)
        folder.mkdir()
        source = folder / "upload"
        source.write_text("a,b\n" + f"{index},2\n" * (index + 1))
        found[index] = run(folder, source)[0].rows

    threads = [threading.Thread(target=read_one, args=(index,)) for index in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {index: index + 1 for index in range(6)}


def test_the_nursery_and_its_children_go_with_the_process_they_are_for(tmp_path):
    """Even when it has no time to say so."""
    source = tmp_path / "upload"
    source.write_text("a,b\n" + "1,2\n" * 3_000_000)
    code = (
        "from pathlib import Path\n"
        "from datasets.engine.reading import forking, sandbox\n"
        "from datasets.engine.reading.readers import ReadOptions\n"
        "def told(*_):\n"
        "    nursery = forking.NURSERY.process.pid\n"
        "    children = Path(f'/proc/{nursery}/task/{nursery}/children').read_text()\n"
        "    print(nursery, children, flush=True)\n"
        f"sandbox.ingest_in_child(Path({str(source)!r}), Path({str(tmp_path / 'out')!r}),\n"
        "    ReadOptions(), 'a.csv', told, lambda: False)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        pids = [int(pid) for pid in process.stdout.readline().split()]
        process.kill()
    assert len(pids) == 2
    assert all(gone(pid) for pid in pids)


def test_a_late_text_never_makes_the_reader_wait_for_itself(tmp_path):
    """A COPY that failed once in ten times left DuckDB's asynchronous writer waiting for ever."""
    source = tmp_path / "upload"
    row = ",".join(str(index) for index in range(40)) + "\n"
    with source.open("w") as file:
        file.write(",".join(f"c{index}" for index in range(40)) + "\n")
        file.writelines([row * 10_000] * 10)
        file.write("late" + row[1:])
        file.write(row * 100)
    for _ in range(3):
        result, _ = run(tmp_path, source, Limits(quiet_seconds=30, wall_seconds=120))
        assert result.columns[0]["type"] == "category"


def test_no_connection_has_asynchronous_threads():
    with connect() as connection:
        setting = connection.execute("SELECT current_setting('async_threads')").fetchall()
    assert setting == [(0,)]
