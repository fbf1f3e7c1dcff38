"""The instance's own servers: they start in any home, as any user, and lose nothing when killed."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest

from portal.instance import CannotStart, Home, Servers, binaries, prepare_environment
from portal.instance.home import CHECKOUT, make_private, open_to_everyone
from portal.instance.postgres import Postgres
from portal.instance.valkey import Valkey

MakeHome = Callable[[str], Home]


@pytest.fixture(autouse=True)
def _no_servers_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "COHORTIUM_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def make_home() -> Iterator[MakeHome]:
    """Makes homes in a folder that every user may enter; removes them and their data."""
    parent = Path(tempfile.mkdtemp(prefix="cohortium-"))
    parent.chmod(0o711)
    homes = []

    def make(name: str) -> Home:
        home = Home(parent / name)
        home.create()
        homes.append(home)
        return home

    yield make
    for home in homes:
        shutil.rmtree((home.path / "postgres").resolve(), ignore_errors=True)
        for folder in (home.postgres_sockets, home.valkey_socket.parent):
            shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(parent)


@pytest.fixture
def start() -> Iterator[Callable[..., Servers]]:
    """Starts a home's servers, `durable=True` as a person's; stops them at the end."""
    started = []

    def start_servers(home: Home, durable: bool = False) -> Servers:
        servers = Servers(home, durable=durable)
        servers.start()
        started.append(servers)
        return servers

    yield start_servers
    for servers in started:
        servers.stop()


def query(home: Home, sql: str) -> list[tuple]:
    """Run a statement in the home's database."""
    connection = psycopg2.connect(home.database_url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def closed_home(make_home: MakeHome) -> Home:
    """A home that only its owner may enter, so that root's PostgreSQL can't."""
    outer = make_home("closed")
    outer.path.chmod(0o700)
    home = Home(outer.path / "inner")
    home.create()
    return home


def kill_all(servers: Servers) -> None:
    for server in servers.started:
        assert server.process is not None
        server.process.kill()
        server.process.wait()


@pytest.mark.parametrize("name", ["plain", "with space and ü", "long" * 25])
def test_data_survives_kill_in_any_path(
    make_home: MakeHome, start: Callable[..., Servers], name: str
) -> None:
    home = make_home(name)
    servers = start(home, durable=True)
    query(home, "CREATE TABLE kept AS SELECT 42 AS n")
    assert query(home, "SHOW server_encoding") == [("UTF8",)]
    kill_all(servers)
    start(home, durable=True)
    assert query(home, "SELECT n FROM kept") == [(42,)]


def test_data_survives_kill_where_the_home_is_closed_to_others(
    make_home: MakeHome, start: Callable[..., Servers]
) -> None:
    home = closed_home(make_home)
    servers = start(home, durable=True)
    query(home, "CREATE TABLE kept AS SELECT 42 AS n")
    kill_all(servers)
    start(home, durable=True)
    assert query(home, "SELECT n FROM kept") == [(42,)]
    assert (home.path / "postgres").is_symlink() == (os.geteuid() == 0)
    servers.stop()
    shutil.rmtree((home.path / "postgres").resolve())


def test_an_ordinary_user_needs_no_help(make_home: MakeHome) -> None:
    home = make_home("users")
    programs = binaries.find_postgres(None)
    valkey = shutil.copy(binaries.find_valkey(), home.path / "valkey-server")

    def start_and_ask() -> None:
        own = Home(home.path / "own")
        own.create()
        postgres, broker = (
            Postgres(own, durable=False, programs=programs),
            Valkey(own, program=valkey),
        )
        postgres.start()
        broker.start()
        assert query(own, "SELECT current_user") == [("cohortium",)]
        broker.stop()
        postgres.stop()
        assert (own.path / "postgres" / "data").stat().st_uid == os.geteuid()

    if os.geteuid() != 0:
        start_and_ask()
        return
    nobody = pwd.getpwnam("nobody")
    os.chown(home.path, nobody.pw_uid, nobody.pw_gid)
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
            start_and_ask()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_two_homes_run_side_by_side(make_home: MakeHome, start: Callable[..., Servers]) -> None:
    first, second = make_home("first"), make_home("second")
    start(first)
    start(second)
    query(first, "CREATE TABLE here AS SELECT 1")
    assert query(second, "SELECT to_regclass('here')") == [(None,)]


def test_only_the_owner_gets_in(make_home: MakeHome, start: Callable[..., Servers]) -> None:
    home = make_home("private")
    start(home)
    for folder in (home.postgres_sockets, home.valkey_socket.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    rules = (home.path / "postgres" / "data" / "pg_hba.conf").read_text()
    assert rules == "local all cohortium peer map=cohortium\n"
    assert query(home, "SHOW listen_addresses") == [("",)]


def test_servers_that_outlived_their_starter_are_replaced(
    make_home: MakeHome, start: Callable[..., Servers]
) -> None:
    home = make_home("orphans")
    old = start(home)
    start(home)
    assert not any(server.alive() for server in old.started)
    assert query(home, "SELECT 1") == [(1,)]


def test_a_number_taken_by_another_process_does_not_block_the_start(
    make_home: MakeHome, start: Callable[..., Servers]
) -> None:
    home = make_home("stale")
    kill_all(start(home))
    pid_file = home.path / "postgres" / "data" / "postmaster.pid"
    lines = pid_file.read_text().split("\n")
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    start(home)
    assert query(home, "SELECT 1") == [(1,)]


def test_dead_servers_are_started_again(make_home: MakeHome, start: Callable[..., Servers]) -> None:
    home = make_home("dead")
    servers = start(home)
    kill_all(servers)
    assert servers.restart_dead() == ["Postgres", "Valkey"]
    assert all(server.answers() for server in servers.started)
    assert servers.restart_dead() == []


def test_every_installation_on_the_machine_works(make_home: MakeHome) -> None:
    installations = [*binaries.postgres_from_wheel(), *binaries.postgres_from_machine()]
    assert installations
    for number, programs in enumerate(installations):
        home = make_home(f"postgres{number}")
        server = Postgres(home, durable=False, programs=programs)
        server.start()
        [(version,)] = query(home, "SHOW server_version_num")
        server.stop()
        assert int(version) // 10000 == programs.major
    for number, program in enumerate(
        filter(None, [binaries.valkey_from_wheel(), binaries.valkey_from_machine()])
    ):
        broker = Valkey(make_home(f"valkey{number}"), program=program)
        broker.start()
        broker.stop()


def test_missing_servers_are_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    for source in ("postgres_from_wheel", "postgres_from_machine"):
        monkeypatch.setattr(binaries, source, lambda: iter(()))
    for source in ("valkey_from_wheel", "valkey_from_machine"):
        monkeypatch.setattr(binaries, source, lambda: None)
    with pytest.raises(CannotStart, match=r"apt-get install postgresql\).*DATABASE_URL"):
        binaries.find_postgres(None)
    with pytest.raises(CannotStart, match=r"apt-get install redis-server\).*REDIS_URL"):
        binaries.find_valkey()


def test_data_of_another_version_is_explained() -> None:
    with pytest.raises(CannotStart, match=r"written by PostgreSQL 9, .*postgresql-9\)"):
        binaries.find_postgres(9)


def test_the_environment_is_filled_in_once(make_home: MakeHome) -> None:
    home = make_home("environment")
    os.environ["COHORTIUM_HOME"] = str(home.path)
    os.environ["REDIS_URL"] = "redis://elsewhere:6379/0"
    prepare_environment()
    assert os.environ["DATABASE_URL"] == home.database_url
    assert os.environ["REDIS_URL"] == "redis://elsewhere:6379/0"
    key = os.environ.pop("SECRET_KEY")
    assert len(key) >= 50
    assert stat.S_IMODE((home.path / "secret_key").stat().st_mode) == 0o600
    prepare_environment()
    assert os.environ["SECRET_KEY"] == key


def test_production_must_set_its_own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRODUCTION", "true")
    prepare_environment()
    assert "SECRET_KEY" not in os.environ
    assert "DATABASE_URL" not in os.environ


def test_a_home_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotStart, match=r"can't be written .*Set COHORTIUM_HOME"):
        Home(tmp_path / "file" / "home").create()


def test_a_full_disk_is_explained(make_home: MakeHome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(9, 9, 10))
    with pytest.raises(CannotStart, match=r"0 MB left.*Free some space"):
        make_home("full").require_space()


def test_a_planted_socket_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "sockets").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CannotStart, match="Remove it"):
        make_private(tmp_path / "sockets")


def test_one_process_at_a_time_starts_a_home(make_home: MakeHome) -> None:
    home = make_home("locked")
    other = Home(home.path)
    assert home.try_lock()
    assert not other.try_lock()
    home.unlock()
    assert other.try_lock()
    other.unlock()


def command(home: Home, *arguments: str) -> list[str]:
    return ["env", f"COHORTIUM_HOME={home.path}", sys.executable, *arguments]


def test_a_command_gets_servers_for_as_long_as_it_lasts(make_home: MakeHome) -> None:
    home = make_home("command")
    ask = (
        "import os, psycopg2, time; time.sleep({});"
        "psycopg2.connect(os.environ['DATABASE_URL']); print('connected')"
    )
    # The second finds the first one's servers, outlasts it, and keeps them up.
    running = [
        subprocess.Popen(
            command(home, "-m", "portal.instance", sys.executable, "-c", ask.format(seconds)),
            stdout=subprocess.PIPE,
            text=True,
            cwd=CHECKOUT,
        )
        for seconds in (0, 3)
    ]
    assert [process.communicate(timeout=60)[0] for process in running] == ["connected\n"] * 2
    assert [process.returncode for process in running] == [0, 0]
    assert not any(server.answers() for server in Servers(home).started)


def test_servers_end_with_a_killed_starter(make_home: MakeHome) -> None:
    home = make_home("killed")
    script = (
        "import os, signal\n"
        "from portal.instance import Home, Servers\n"
        "Servers(Home.from_environment(), durable=False).start()\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run(command(home, "-c", script), cwd=CHECKOUT, check=False)
    assert ended.returncode == -signal.SIGKILL
    deadline = time.monotonic() + 10
    while any(server.answers() for server in Servers(home).started):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_who_may_enter_a_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    assert not open_to_everyone(tmp_path)
    assert open_to_everyone(Path("/usr"))
