"""What a test run starts, and in which order it runs."""

import resource
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.plugin import ENGINE, pytest_collection_modifyitems, without_servers

TESTS = ENGINE.parent


@pytest.mark.parametrize(
    ("asked", "without"),
    [
        ([], False),
        (["-q", "-n", "2"], False),
        ([f"{ENGINE}"], True),
        (["-n", "2", f"{ENGINE}/guard", f"{ENGINE}/test_hostile_names.py::test_one"], True),
        ([f"{ENGINE}", f"{TESTS}/members"], False),
        ([f"{TESTS}"], False),
    ],
)
def test_the_engine_s_tests_alone_start_no_server(asked, without):
    assert without_servers(asked) is without


def ordered(*tests, no_browser=False):
    """The tests that are left, in their order, and those left out."""
    items = [SimpleNamespace(path=Path(path), fixturenames=fixtures) for path, *fixtures in tests]
    out = []
    config = SimpleNamespace(
        getoption=lambda name: no_browser,
        hook=SimpleNamespace(pytest_deselected=lambda items: out.extend(items)),
    )
    pytest_collection_modifyitems(config, items)
    return [str(item.path) for item in items], [str(item.path) for item in out]


def test_the_long_ones_come_first_and_the_others_stay_in_random_order():
    long, short = "tests/journeys/test_main_job.py", ["tests/b.py", "tests/a.py"]
    assert ordered((short[0],), (short[1],), (long,)) == ([long, *short], [])


def test_a_run_without_a_browser_leaves_out_the_tests_that_ask_for_one():
    tests = ("tests/a.py", "browser", "db"), ("tests/b.py", "db")
    assert ordered(*tests, no_browser=True) == (["tests/b.py"], ["tests/a.py"])


def test_calls_in_a_loop_cost_no_memory_at_any_depth():
    """Each would ask the system for its frame, which faults when it is first written to."""

    def calls_at(depth):
        if depth:
            calls_at(depth - 1)
        for _ in range(500):
            str_of(depth)

    def str_of(depth):
        return str(depth)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    calls_at(300)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before < 200
