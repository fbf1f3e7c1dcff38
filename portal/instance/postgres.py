"""The instance's own PostgreSQL: on a Unix socket, its data in the home."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psycopg2

from portal.instance.binaries import SHARED, PostgresPrograms, find_postgres
from portal.instance.errors import CannotStart
from portal.instance.home import Home, make_private, open_to_everyone, server_user
from portal.instance.processes import spawn, stop, tail

START_SECONDS = 120
# Until the processes of a killed server have gone, a new one finds their traces and gives up.
TRACES_OF_THE_LAST_SERVER = ("lock file", "shared memory block")
# An eighth of the machine's memory, within bounds: the default keeps few of a million rows.
MACHINE_MB = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
SHARED_BUFFERS_MB = min(max(MACHINE_MB // 8, 128), 1024)
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class Postgres:
    """Starts and stops one server; the database `cohortium` exists once it has started."""

    def __init__(
        self, home: Home, *, durable: bool = True, programs: PostgresPrograms | None = None
    ) -> None:
        self.home = home
        self.durable = durable
        self.user = server_user()
        self.log = home.logs / "postgres.log"
        self.sockets = home.postgres_sockets
        self.process: subprocess.Popen[bytes] | None = None
        self._programs = programs

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        self.folder = self._data_folder()
        self.data = self.folder / "data"
        self.programs = self._programs or find_postgres(_version(self.data))
        make_private(self.sockets, self.user)
        if not self.data.exists():
            self._initialise()
        self._write_access_rules()
        self._end_orphan()
        deadline = time.monotonic() + START_SECONDS
        while not self._try_start(deadline):
            time.sleep(0.3)
        self._create_database()

    def stop(self) -> None:
        """Fast shutdown: transactions are rolled back, data is written; immediate after 3.5 s."""
        if self.process:
            stop(self.process, (signal.SIGINT, 3.5), (signal.SIGQUIT, 0.5))

    def alive(self) -> bool:
        """Whether the server's main process runs."""
        return self.process is not None and self.process.poll() is None

    def _data_folder(self) -> Path:
        """`postgres` in the home, a link when PostgreSQL as `nobody` can't reach into the home."""
        link = self.home.path / "postgres"
        if not link.exists():
            if link.is_symlink():
                raise CannotStart(
                    f"The database of this instance was in {link.readlink()}, which is gone. "
                    f"Put it back, or remove {link} to start with an empty one."
                )
            if self.user and not open_to_everyone(self.home.path):
                elsewhere = SHARED / "data" / secrets.token_hex(8)
                SHARED.mkdir(parents=True, exist_ok=True)
                SHARED.chmod(0o755)
                elsewhere.parent.mkdir(mode=0o711, exist_ok=True)
                make_private(elsewhere, self.user)
                link.symlink_to(elsewhere)
            else:
                make_private(link, self.user)
        folder = link.resolve()
        owner = folder.stat().st_uid
        if owner != (self.user.pw_uid if self.user else os.geteuid()):
            raise CannotStart(
                f"The database in {folder} belongs to user {_user_name(owner)}. Start the "
                "instance as the user who started it first, or set COHORTIUM_HOME to a new folder."
            )
        return folder

    def _initialise(self) -> None:
        """Make an empty cluster beside its place and move it there when it is complete."""
        draft = self.folder / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        command: list[str | Path] = [
            self.programs / "initdb",
            f"--pgdata={draft}",
            "--username=cohortium",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--auth=reject",
            "--no-instructions",
        ]
        if not self.durable:
            command.append("--no-sync")
        seen = self._log_size()
        process = spawn(command, log=self.log, user=self.user, environment=_environment())
        if process.wait() != 0:
            raise CannotStart(f"PostgreSQL's initdb failed:\n{tail(self.log, seen)}")
        draft.rename(self.data)

    def _write_access_rules(self) -> None:
        """Only the user who starts the instance gets in, known by the socket's peer."""
        us = _user_name(os.geteuid())
        for name, line in (
            ("pg_hba.conf", "local all cohortium peer map=cohortium\n"),
            ("pg_ident.conf", f'cohortium "{us}" cohortium\n'),
        ):
            (self.data / name).write_text(line)

    def _end_orphan(self) -> None:
        """Stop a server that has outlived its starter; forget one that is long gone.

        We hold the home's lock, so nobody else is using what we find. A process that merely got
        the dead server's number would keep PostgreSQL from ever starting.
        """
        pid_file = self.data / "postmaster.pid"
        if not pid_file.exists():
            return
        pid = int(pid_file.read_text().split("\n", 1)[0])
        here = _working_folder(pid)
        if here is None:
            return
        if here != self.data:
            pid_file.unlink(missing_ok=True)
            return
        os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + 10
        while _working_folder(pid) == self.data and time.monotonic() < deadline:
            time.sleep(0.1)

    def _try_start(self, deadline: float) -> bool:
        """Start once: True when it answers, False to try again."""
        settings = [
            "listen_addresses=",
            f"unix_socket_directories={self.sockets}",
            "unix_socket_permissions=0700",
            f"shared_buffers={SHARED_BUFFERS_MB}MB",
            *(() if self.durable else FAST),
        ]
        seen = self._log_size()
        self.process = spawn(
            [
                self.programs / "postgres",
                "-D",
                self.data,
                *(part for setting in settings for part in ("-c", setting)),
            ],
            log=self.log,
            user=self.user,
            environment=_environment(),
            death_signal=signal.SIGINT,
        )
        while self.process.poll() is None:
            if self.answers():
                return True
            if time.monotonic() > deadline:
                self.stop()
                break
            time.sleep(0.05)
        said = tail(self.log, seen)
        retry = any(trace in said for trace in TRACES_OF_THE_LAST_SERVER)
        if not retry or time.monotonic() > deadline:
            raise CannotStart(f"PostgreSQL does not start ({self.log}):\n{said}")
        return False

    def answers(self) -> bool:
        """Whether a connection works: a status command says running for a dying server, too."""
        try:
            psycopg2.connect(dbname="postgres", user="cohortium", host=str(self.sockets)).close()
        except psycopg2.OperationalError:
            return False
        return True

    def _create_database(self) -> None:
        connection = psycopg2.connect(dbname="postgres", user="cohortium", host=str(self.sockets))
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'cohortium'")
                if cursor.fetchone() is None:
                    cursor.execute("CREATE DATABASE cohortium")
        finally:
            connection.close()

    def _log_size(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0


def _environment() -> dict[str, str]:
    """Nothing of the caller's: PGDATA, PGHOST and the like would change what the programs do."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _version(data: Path) -> int | None:
    """The major version that wrote the data."""
    try:
        return int((data / "PG_VERSION").read_text())
    except FileNotFoundError:
        return None


def _working_folder(pid: int) -> Path | None:
    """The folder a process works in; None when there is no such process, or no /proc."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink()
    except PermissionError:
        return Path()
    except OSError:
        return None


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
