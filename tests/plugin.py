"""Starts a throwaway PostgreSQL and Valkey for a test run; loaded with `-p tests.plugin`.

pytest-django reads the settings before any conftest, so the servers start earlier still. With
DATABASE_URL and REDIS_URL set, those servers are used instead; tests of the engine alone need none.
"""

import atexit
import gc
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol

from portal.instance import Home, Servers, prepare_environment

ENGINE = Path(__file__).parent / "engine"
# What takes a minute, or keeps a worker or servers of its own.
LONG = {
    *("journeys", "test_heart_end_to_end.py", "test_names_are_data.py"),
    *("test_real_worker.py", "test_servers.py", "test_browser.py"),
}
NOWHERE = {
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SECRET_KEY": "of the engine's tests, which sign nothing",
}


def without_servers(args: list[str]) -> bool:
    """Whether only tests of the engine are asked for, which is plain Python."""
    asked = [Path(one.split("::")[0]).resolve() for one in args if not one.startswith("-")]
    files = [one for one in asked if one.exists()]
    return bool(files) and all(one.is_relative_to(ENGINE) for one in files)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(args: list[str]) -> None:
    """Start the servers, once: xdist's workers inherit their addresses."""
    gc.disable()  # until all is imported
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    home = Home(Path(tempfile.mkdtemp(prefix="cohortium-tests-")))
    # PostgreSQL, as another user when we are root, must reach its data in there.
    home.path.chmod(0o711)
    home.create()
    os.environ["COHORTIUM_HOME"] = str(home.path)
    if without_servers(args):
        os.environ |= NOWHERE
        atexit.register(shutil.rmtree, home.path, ignore_errors=True)
        return
    servers = Servers(home, durable=False)
    servers.start()
    atexit.register(shutil.rmtree, home.path, ignore_errors=True)
    atexit.register(servers.stop)
    prepare_environment()


def pytest_addoption(parser: pytest.Parser) -> None:
    """For a second run on other servers, which a browser would not notice."""
    parser.addoption("--no-browser", action="store_true", help="leave out the browser tests")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The long ones first, so that no process waits for one at the end; no browser if told."""
    items.sort(key=lambda item: LONG.isdisjoint(item.path.parts))
    if config.getoption("--no-browser"):
        browser = [item for item in items if "browser" in getattr(item, "fixturenames", ())]
        items[:] = [item for item in items if item not in browser]
        config.hook.pytest_deselected(items=browser)


def pytest_configure() -> None:
    """Python gets its frames' memory from the system 16 KB at a time and gives it back at once:
    a call in a loop, at the depth where they are used up, asks the system each time, which takes a
    fifth of a request. A test begins with one frame of half a megabyte, which comes with as much
    again for all that it calls."""
    runtestprotocol.__code__ = runtestprotocol.__code__.replace(co_stacksize=2**16)


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is imported by now stays, as in the portal's own processes: to look through all of it
    for cycles, again and again, takes a tenth of the time of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    gc.enable()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the fault suite out unless it is asked for: `bin/test faults`."""
    asked = any("faults" in argument for argument in config.args)
    return True if collection_path.name == "faults" and not asked else None
