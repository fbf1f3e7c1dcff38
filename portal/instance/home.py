"""The instance's folder: where everything it stores lies, and who may use it at a time."""

import fcntl
import hashlib
import os
import pwd
import re
import secrets
import shutil
import stat
from pathlib import Path
from typing import IO

from portal.instance.errors import CannotStart

CHECKOUT = Path(__file__).resolve().parents[2]
MINIMUM_FREE_BYTES = 300 * 1024**2
# A socket's path may have 107 bytes; ".s.PGSQL.5432.lock" is the longest name put behind it.
SOCKET_FOLDER = re.compile(rf"[A-Za-z0-9/._-]{{1,{107 - len('/.s.PGSQL.5432.lock')}}}")


def prepare_environment() -> None:
    """Fill in DATABASE_URL, REDIS_URL and SECRET_KEY with this instance's own, where not set.

    Production sets them: there a made-up value would hide a mistake, so nothing is filled in.
    """
    if os.environ.get("PRODUCTION", "").lower() in {"1", "true", "yes", "on"}:
        return
    home = Home.from_environment()
    if not all(os.environ.get(name) for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")):
        home.create()
        os.environ["COHORTIUM_HOME"] = str(home.path)
    for name, value in (
        ("DATABASE_URL", lambda: home.database_url),
        ("REDIS_URL", lambda: home.redis_url),
        ("SECRET_KEY", home.secret_key),
    ):
        if not os.environ.get(name):
            os.environ[name] = value()


class Home:
    """COHORTIUM_HOME: files/, mail/, logs/, run/ and the embedded servers' data."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.logs = self.path / "logs"
        self.run = self.path / "run"
        self._lock_file: IO[str] | None = None

    @classmethod
    def from_environment(cls) -> "Home":
        """The folder named by COHORTIUM_HOME, `var/` in the checkout by default."""
        return cls(Path(os.environ.get("COHORTIUM_HOME") or CHECKOUT / "var"))

    def create(self) -> None:
        """Make the folders, or say why they can't be made."""
        try:
            for folder in (self.path, self.run):
                folder.mkdir(parents=True, exist_ok=True)
            for folder in (self.path / "files", self.path / "mail", self.logs):
                folder.mkdir(mode=0o700, exist_ok=True)
            probe = self.run / f"writable.{os.getpid()}"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise CannotStart(
                f"{self.path} can't be written ({error.strerror}). "
                "Set COHORTIUM_HOME to a folder that belongs to you."
            ) from error

    def require_space(self) -> None:
        """Refuse to start on a full disk, where PostgreSQL would stop in the middle of work."""
        free = shutil.disk_usage(self.path).free
        if free < MINIMUM_FREE_BYTES:
            raise CannotStart(
                f"The disk of {self.path} has {free // 1024**2} MB left, and "
                f"{MINIMUM_FREE_BYTES // 1024**2} MB are needed. "
                "Free some space, or set COHORTIUM_HOME to a folder on another disk."
            )

    def secret_key(self) -> str:
        """The key that signs sessions and links: made once, readable by the owner alone."""
        target = self.path / "secret_key"
        try:
            if not target.exists():
                draft = self.run / f"secret_key.{os.getpid()}"
                draft.touch(mode=0o600)
                draft.write_text(secrets.token_urlsafe(50))
                try:
                    # Linking fails when another process was first, whose key then holds.
                    target.hardlink_to(draft)
                except FileExistsError:
                    pass
                finally:
                    draft.unlink()
            return target.read_text()
        except PermissionError as error:
            raise CannotStart(
                f"{target} can't be read: the instance in {self.path} was started by another "
                "user. Run this as that user, or set COHORTIUM_HOME to a folder of your own."
            ) from error

    def try_lock(self) -> bool:
        """Become the one process that starts this home's servers; False if another one is."""
        lock_file = (self.run / "lock").open("w")
        try:
            fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock_file.close()
            return False
        self._lock_file = lock_file
        return True

    def unlock(self) -> None:
        """Let another process start this home's servers."""
        if self._lock_file:
            self._lock_file.close()
            self._lock_file = None

    @property
    def database_url(self) -> str:
        """Where the embedded PostgreSQL answers."""
        return f"postgres://cohortium@/cohortium?host={self.postgres_sockets}"

    @property
    def redis_url(self) -> str:
        """Where the embedded Valkey answers."""
        return f"redis+socket://{self.valkey_socket}"

    @property
    def postgres_sockets(self) -> Path:
        """PostgreSQL's socket folder."""
        return self._socket_folder("postgres")

    @property
    def valkey_socket(self) -> Path:
        """Valkey's socket."""
        return self._socket_folder("valkey") / "valkey.sock"

    def _socket_folder(self, name: str) -> Path:
        """`run/NAME`, or a short path elsewhere when that won't do.

        It may be too long, closed to PostgreSQL's user, or hold characters with a meaning in URLs
        and in PostgreSQL's list of folders.
        """
        folder = self.run / name
        closed = os.geteuid() == 0 and not open_to_everyone(self.run)
        if SOCKET_FOLDER.fullmatch(str(folder)) and not closed:
            return folder
        digest = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:12]
        # /tmp is the one short folder every user has; make_private() refuses a planted one.
        base = "/run/cohortium" if os.geteuid() == 0 else f"/tmp/cohortium-{os.geteuid()}"  # noqa: S108  # nosec B108
        return Path(base) / f"{digest}-{name}"


def open_to_everyone(folder: Path) -> bool:
    """Whether any user may walk down to this folder."""
    return all(step.stat().st_mode & stat.S_IXOTH for step in (folder, *folder.parents))


def server_user() -> pwd.struct_passwd | None:
    """The user PostgreSQL runs as when we are root, which it refuses to be."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def make_private(folder: Path, owner: pwd.struct_passwd | None = None) -> None:
    """Make a folder for its owner alone; one that somebody else put there is refused."""
    parent = folder.parent
    if not parent.exists():
        parent.mkdir(parents=True)
        parent.chmod(0o711 if os.geteuid() == 0 else 0o700)
    folder.mkdir(mode=0o700, exist_ok=True)
    trusted = {0, os.geteuid(), owner.pw_uid if owner else os.geteuid()}
    for step in (parent, folder):
        found = step.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in trusted:
            raise CannotStart(f"{step} belongs to somebody else. Remove it and start again.")
    if owner:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    folder.chmod(0o700)
