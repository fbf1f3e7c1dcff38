"""Child processes that end with us, however we end."""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from portal.instance.errors import CannotStart

PR_SET_PDEATHSIG = 1
LARGEST_LOG = 10 * 1024**2
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def end_with_parent(death_signal: int) -> Callable[[], None] | None:
    """What a child runs before its program: it gets `death_signal` when we die (Linux only).

    Call it in the main thread: the kernel watches the thread that forked, not the process.
    """
    if _libc is None:
        return None
    libc, parent = _libc, os.getpid()

    def set_death_signal() -> None:
        libc.prctl(PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != parent:
            os._exit(1)

    return set_death_signal


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path | None,
    user: pwd.struct_passwd | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | str = "/",
    death_signal: int = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, its output appended to `log`, or on ours.

    Ctrl-C in the terminal reaches us alone, so that we stop the programs in the right order.
    """
    if log and log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_suffix(".old.log"))
    with log.open("ab") if log else contextlib.nullcontext() as output:
        try:
            return subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if log else None,
                cwd=folder,
                env=environment,
                start_new_session=True,
                preexec_fn=end_with_parent(death_signal),
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=[] if user else None,
            )
        except OSError as error:
            raise CannotStart(f"{command[0]} can't be started: {error.strerror}.") from error


def stop(process: subprocess.Popen[bytes], *steps: tuple[int, float]) -> None:
    """Send signal after signal, each with its seconds to wait, and SIGKILL to the rest."""
    for number, seconds in steps:
        if process.poll() is not None:
            break
        process.send_signal(number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
    kill_session(process)


def kill_session(process: subprocess.Popen[bytes]) -> None:
    """Kill the program and whatever it has left behind in its session."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def tail(log: Path, start: int = 0, lines: int = 12) -> str:
    """The last lines a program wrote to its log since byte `start`."""
    try:
        with log.open("rb") as output:
            output.seek(start)
            return "\n".join(output.read().decode(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
