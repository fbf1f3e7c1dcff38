"""A process that has the engine loaded and forks the children that read.

To start Python and load the engine takes longer than to read a small file. The nursery does it
once; it has one thread, no network, and never opens a file of a user's. It is spoken to through
the socket that is its stdin: a message carries four descriptors, which become stdin, stdout and
stderr of a new child and a line to whoever wants it. On that line goes the child's process id,
and later what it ended with; a child is killed, with all it started, when the line is hung up.
When its own socket is hung up, or the process that started it is gone, all is over.
"""

import contextlib
import gc
import os
import selectors
import signal
import socket
import sys
import traceback
from dataclasses import dataclass

from datasets.engine.reading import child

LOOK_EVERY = 1.0


@dataclass
class _Ward:
    """A child and the line to whoever wanted it."""

    pid: int
    line: int


class _Nursery:
    """The children that live, and the loop that sees to them."""

    def __init__(self, door: socket.socket) -> None:
        self.door = door
        self.parent = os.getppid()
        self.wards: dict[int, _Ward] = {}
        self.selector = selectors.DefaultSelector()
        self.selector.register(door, selectors.EVENT_READ, self.admit)
        self.bell, self.rope = os.pipe()
        for end in (self.bell, self.rope):
            os.set_blocking(end, False)
        self.selector.register(self.bell, selectors.EVENT_READ, self.reap)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.rope, warn_on_full_buffer=False)

    def serve(self) -> None:
        """Sees to the children until there is nobody left to do it for."""
        while os.getppid() == self.parent:
            for key, _ in self.selector.select(LOOK_EVERY):
                if not isinstance(key.data, _Ward):
                    key.data()
                elif self.wards.get(key.fd) is key.data:  # not one that took its number
                    self.end(key.data)
        self.close()

    def admit(self) -> None:
        """A new child for the descriptors in the next message."""
        message, ends, _, _ = socket.recv_fds(self.door, 1, 4)
        if not message:
            self.close()
        stdin, stdout, stderr, line = ends
        try:
            pid = os.fork()
        except OSError:  # no room for another process: whoever wanted it hears nothing
            traceback.print_exc()
            for end in ends:
                os.close(end)
            return
        if pid == 0:
            self.become_child(stdin, stdout, stderr)
        # here as well as in the child, so that the group is there whoever comes first
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)
        for end in (stdin, stdout, stderr):
            os.close(end)
        with contextlib.suppress(BrokenPipeError):
            os.write(line, b"%d\n" % pid)
        self.wards[line] = _Ward(pid, line)
        self.selector.register(line, selectors.EVENT_READ, self.wards[line])

    def become_child(self, stdin: int, stdout: int, stderr: int) -> None:
        """In the child: forget the nursery, read, and leave without ever coming back."""
        code = 1
        try:
            os.setpgid(0, 0)
            child.die_with_parent()
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            nursery = os.getppid()
            self.selector.close()
            self.door.detach()
            for end, place in ((stdin, 0), (stdout, 1), (stderr, 2)):
                os.dup2(end, place)
            os.closerange(3, os.sysconf("SC_OPEN_MAX"))
            if nursery != 1:
                child.main()
                code = 0
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else 1
        except BaseException:
            traceback.print_exc()
        finally:
            with contextlib.suppress(OSError):
                sys.stderr.flush()
            os._exit(code)

    def reap(self) -> None:
        """Tells what the children that ended did end with."""
        with contextlib.suppress(BlockingIOError):
            os.read(self.bell, 1 << 10)
        for ward in list(self.wards.values()):
            # left a zombie until its group is killed, so that its number is nobody else's
            if os.waitid(os.P_PID, ward.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                self.end(ward)

    def end(self, ward: _Ward) -> None:
        """Kills a child with all it started and says what it ended with."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(ward.pid, signal.SIGKILL)
        _, status = os.waitpid(ward.pid, 0)
        with contextlib.suppress(BrokenPipeError):
            os.write(ward.line, b"%d\n" % os.waitstatus_to_exitcode(status))
        self.selector.unregister(ward.line)
        os.close(ward.line)
        del self.wards[ward.line]

    def close(self) -> None:
        """Kills every child and ends this process."""
        for ward in list(self.wards.values()):
            self.end(ward)
        os._exit(0)


def main() -> None:
    """Serves the process that holds the other end of stdin."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    door = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    child.leave_network()
    gc.collect()
    gc.freeze()
    _Nursery(door).serve()


if __name__ == "__main__":
    main()
