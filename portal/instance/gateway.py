"""Granian's ASGI in front of a WSGI application.

Granian's WSGI reads a body in a thread that nothing calls back, however long its client keeps it
waiting. Its ASGI gives up waiting: so a body has to keep a minimum pace here, and a client that
takes a download slowly holds no thread.
"""

import asyncio
import io
import sys
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import unquote_to_bytes

# So much of a body, or its rest, has to come within so many seconds: about 1 KiB a second.
PACE_BYTES = 32 * 1024
PACE_SECONDS = 30.0
BATCH = 128 * 1024
IDLE_SECONDS = 30.0

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Gateway:
    """A WSGI application as an ASGI one; its threads are as many as granian lets requests in."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.threads = Threads()

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        body = Body(receive, asyncio.get_running_loop())
        # The connection stays open for as long as somebody may receive from it, and an error that
        # passes here keeps what it saw until Python collects its garbage.
        del receive
        try:
            if any(name == b"transfer-encoding" for name, _ in scope["headers"]):
                # WSGI knows no body without a length: the application would read none, and take
                # the call for one without a body.
                await send(head(411, [("Connection", "close")]))
                await send({"type": "http.response.body"})
                return
            await self._answer(environ_of(scope, body), body, send)
        finally:
            body.let_go()

    async def _answer(self, environ: dict[str, Any], body: "Body", send: Send) -> None:
        answer, piece = Answer(), b""
        try:
            piece = await self.threads.call(answer.begin, self.application, environ)
        except OSError:
            if not body.refused:
                raise
        try:
            if body.refused:
                # Whatever the application made of it.
                await send(head(body.refused, [("Connection", "close")]))
                await send({"type": "http.response.body"})
                return
            await send(head(answer.status, answer.headers))
            if answer.ended:
                await send({"type": "http.response.body", "body": piece})
            else:
                await self._send_on(answer, piece, body, send)
        finally:
            if not answer.ended:
                await self.threads.call(answer.close)

    async def _send_on(self, answer: "Answer", piece: bytes, body: "Body", send: Send) -> None:
        """A long answer, as fast as its client takes it, and no longer than there is one."""
        gone = asyncio.ensure_future(body.disconnected())
        try:
            while piece and not gone.done():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                piece = b"" if answer.ended else await self.threads.call(answer.more)
            await send({"type": "http.response.body"})
        finally:
            gone.cancel()


class Threads:
    """Threads of which the last to have worked is the next to work; idle ones end.

    So a flood of waiting requests leaves none behind, and the same few threads do most of the work.
    """

    def __init__(self) -> None:
        self._idle: list[SimpleQueue[Callable[[], None]]] = []

    async def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """What the function returns, or raises, in a thread."""
        future: Future[Any] = Future()

        def work() -> None:
            try:
                future.set_result(function(*arguments))
            except BaseException as error:
                future.set_exception(error)

        try:
            self._idle.pop().put(work)
        except IndexError:
            threading.Thread(target=self._stay, args=(work,), daemon=True).start()
        return await asyncio.wrap_future(future)

    def _stay(self, work: Callable[[], None]) -> None:
        mine: SimpleQueue[Callable[[], None]] = SimpleQueue()
        while True:
            work()
            self._idle.append(mine)
            try:
                work = mine.get(timeout=IDLE_SECONDS)
            except Empty:
                try:
                    self._idle.remove(mine)
                except ValueError:  # taken this moment: there comes one more
                    work = mine.get()
                else:
                    return


class Body(io.BufferedIOBase):
    """A request's body as a thread reads it, which waits while the loop receives.

    `refused` is the status of an answer to one that came too slowly, or whose client said no more
    before its end; reading it raises OSError from then on.
    """

    def __init__(self, receive: Receive, loop: asyncio.AbstractEventLoop) -> None:
        self.refused = 0
        self._receive: Receive | None = receive
        self._loop = loop
        self._buffer = bytearray()
        self._ended = False

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        """So many bytes or all of them; fewer only at the end."""
        wanted = sys.maxsize if size is None or size < 0 else size
        if not self._ended and len(self._buffer) < wanted:
            asyncio.run_coroutine_threadsafe(self._fill(wanted), self._loop).result()
            if self.refused:
                raise OSError
        piece = bytes(self._buffer[:wanted])
        del self._buffer[:wanted]
        return piece

    def let_go(self) -> None:
        """Receive nothing any more: what is still to be read counts as never sent."""
        self._receive = None

    async def disconnected(self) -> None:
        """Wait until the client is gone."""
        while self._receive and (await self._receive())["type"] != "http.disconnect":
            pass

    async def _fill(self, wanted: int) -> None:
        while not self.refused and not self._ended and len(self._buffer) < wanted:
            enough = min(len(self._buffer) + PACE_BYTES, wanted)
            try:
                async with asyncio.timeout(PACE_SECONDS):
                    await self._receive_up_to(enough)
            except TimeoutError:
                self.refused = 408

    async def _receive_up_to(self, enough: int) -> None:
        while not self.refused and not self._ended and len(self._buffer) < enough:
            message: Message = {"type": "http.disconnect"}
            if self._receive:
                message = await self._receive()
            if message["type"] == "http.disconnect":
                self.refused = 400
                return
            self._buffer.extend(message.get("body", b""))
            self._ended = not message.get("more_body", False)


class Answer:
    """What the application says, its pieces joined to larger ones."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: list[tuple[str, str]] = []
        self.ended = False
        self._whole: Iterable[bytes] = ()
        self._pieces: Iterator[bytes] = iter(())

    def start(self, status: str, headers: list[tuple[str, str]], _: object = None) -> None:
        """WSGI's start_response."""
        self.status, self.headers = int(status.split(" ", 1)[0]), headers

    def begin(self, application: Application, environ: dict[str, Any]) -> bytes:
        """Ask the application; the first piece of what it says, which mostly is all."""
        try:
            self._whole = application(environ, self.start)
            self._pieces = iter(self._whole)
            return self.more()
        except BaseException:
            self.close()
            raise

    def more(self) -> bytes:
        """The next piece; `ended` with the last."""
        joined, size = [], 0
        for piece in self._pieces:
            joined.append(piece)
            size += len(piece)
            if size >= BATCH:
                break
        else:
            self.close()
        return b"".join(joined)

    def close(self) -> None:
        self.ended = True
        getattr(self._whole, "close", lambda: None)()


def head(status: int, headers: list[tuple[str, str]]) -> Message:
    """The message that starts an answer."""
    pairs = [(name.encode("latin1"), value.encode("latin1")) for name, value in headers]
    return {"type": "http.response.start", "status": status, "headers": pairs}


def environ_of(scope: dict[str, Any], body: Body) -> dict[str, Any]:
    """What WSGI calls the request."""
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin1"),
        "QUERY_STRING": scope["query_string"].decode("latin1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": scope["server"][0],
        "SERVER_PORT": scope["server"][1],
        "REMOTE_ADDR": scope["client"][0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw, value in scope["headers"]:
        name = raw.decode("latin1").upper()
        # X_Forwarded_For would pass for X-Forwarded-For.
        if "_" in name:
            continue
        key = name.replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        text = value.decode("latin1")
        environ[key] = f"{environ[key]},{text}" if key in environ else text
    return environ
