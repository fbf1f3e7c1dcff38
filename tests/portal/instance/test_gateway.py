"""The gateway between granian and Django, spoken to as granian does."""

import asyncio
import gc
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest

from portal.instance import gateway
from portal.instance.gateway import Gateway

SCOPE = {
    "type": "http",
    "method": "POST",
    "raw_path": b"/%ff/%C3%A9",
    "query_string": b"q=%20",
    "http_version": "1.1",
    "server": ("127.0.0.1", "8000"),
    "client": ("127.0.0.9", "5000"),
    "scheme": "http",
    "headers": [],
}

LEAVES = object()


def in_a_loop(coroutine):
    """What it returns, on a thread of its own: this one may have a browser's loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def call(application, pieces=(), headers=(), leaves_after=None):
    """What the gateway sends for a request whose body comes in these pieces.

    A number among them is a pause of so many seconds; at `LEAVES` the client is gone. It also
    leaves after so many messages.
    """
    sent, left = [], list(pieces)
    gone = asyncio.Event()

    async def receive():
        while left and isinstance(left[0], int | float):
            await asyncio.sleep(left.pop(0))
        if left and left[0] is not LEAVES:
            return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}
        if not left:
            await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)
        if len(sent) == leaves_after:
            gone.set()
            await asyncio.sleep(0.05)

    in_a_loop(Gateway(application)({**SCOPE, "headers": list(headers)}, receive, send))
    return sent


def echo(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["wsgi.input"].read()]


def test_a_request_reaches_the_application_as_wsgi_says_it():
    seen = {}

    def application(environ, start_response):
        seen.update(environ)
        return echo(environ, start_response)

    start, body = call(
        application,
        [b"one, ", b"two"],
        [
            (b"content-length", b"8"),
            (b"x-forwarded-for", b"10.0.0.1"),
            (b"x-forwarded-for", b"10.0.0.2"),
            (b"x_forwarded_for", b"10.0.0.3"),
        ],
    )
    assert (start["status"], start["headers"]) == (200, [(b"Content-Type", b"text/plain")])
    assert body == {"type": "http.response.body", "body": b"one, two"}
    assert (seen["PATH_INFO"], seen["QUERY_STRING"]) == ("/\xff/\xc3\xa9", "q=%20")
    assert (seen["REMOTE_ADDR"], seen["CONTENT_LENGTH"]) == ("127.0.0.9", "8")
    assert seen["HTTP_X_FORWARDED_FOR"] == "10.0.0.1,10.0.0.2"


@pytest.mark.parametrize("pieces", [[60], [b"a", 60], [b"a", *[0.1, b"a"] * 50]])
def test_a_body_without_pace_is_given_up(monkeypatch, pieces):
    monkeypatch.setattr(gateway, "PACE_SECONDS", 0.3)
    # Whoever waited for its end would be told what it was.
    start, body = call(lambda *request: echo(*request), [*pieces, b"end"])
    assert (start["status"], start["headers"]) == (408, [(b"Connection", b"close")])
    assert body == {"type": "http.response.body"}


@pytest.mark.parametrize("pieces", [[LEAVES], [b"a", LEAVES], [b"a" * 40, 0.1, LEAVES]])
@pytest.mark.parametrize("size", [-1, 30, 64 * 1024])
def test_a_body_that_is_cut_off_is_no_body(pieces, size):
    read, refused = bytearray(), []

    def application(environ, start_response):
        for _ in range(2):
            try:
                while piece := environ["wsgi.input"].read(size):
                    read.extend(piece)
            except OSError as error:
                refused.append(error)
        start_response("200 OK", [])
        return [b"whatever I made of it"]

    start, body = call(application, pieces, [(b"content-length", b"90")])
    assert (start["status"], start["headers"]) == (400, [(b"Connection", b"close")])
    assert body == {"type": "http.response.body"}
    assert len(refused) == 2
    assert len(read) in (0, 30)


def test_a_body_without_its_length_is_refused_and_not_taken_for_none():
    start, body = call(echo, [b"{}"], [(b"transfer-encoding", b"chunked")])
    assert (start["status"], start["headers"]) == (411, [(b"Connection", b"close")])
    assert body == {"type": "http.response.body"}


def test_an_application_that_breaks_off_with_its_body_broke_nothing():
    start, _ = call(echo, [b"a", LEAVES], [(b"content-length", b"90")])
    assert start["status"] == 400


def raises_its_own(environ, start_response):
    try:
        return echo(environ, start_response)
    except OSError as error:
        raise ValueError("no form") from error


@pytest.mark.parametrize("application", [echo, raises_its_own])
@pytest.mark.parametrize("pieces", [[b"a", LEAVES], [b"a", 60, b"end"]])
def test_a_refused_connection_is_held_by_nothing(monkeypatch, application, pieces):
    """Granian closes a connection once nobody can receive from it, and not before."""
    monkeypatch.setattr(gateway, "PACE_SECONDS", 0.1)
    left = list(pieces)

    class Receiving:
        async def __call__(self):
            piece = left.pop(0)
            if piece is LEAVES:
                return {"type": "http.disconnect"}
            if isinstance(piece, int):
                await asyncio.sleep(piece)
            return {"type": "http.request", "body": piece, "more_body": True}

    async def ask():
        async def send(message):
            pass

        receive = Receiving()
        connection = weakref.ref(receive)
        asked = asyncio.ensure_future(Gateway(application)(SCOPE, receive, send))
        del receive
        await asyncio.wait([asked])
        asked.cancelled() or asked.exception()
        del asked
        await asyncio.sleep(0.05)  # until the loop has let go of it too
        return connection()

    gc.collect()
    gc.disable()
    try:
        assert in_a_loop(ask()) is None
    finally:
        gc.enable()


def test_a_slow_body_that_keeps_its_pace_is_taken(monkeypatch):
    monkeypatch.setattr(gateway, "PACE_SECONDS", 0.5)
    monkeypatch.setattr(gateway, "PACE_BYTES", 10)
    start, body = call(echo, [*[b"12345", 0.1] * 10, b"end"])
    assert (start["status"], body["body"]) == (200, b"12345" * 10 + b"end")


def test_a_long_answer_ends_when_its_client_is_gone():
    closed = threading.Event()

    def endless(environ, start_response):
        start_response("200 OK", [])
        try:
            while True:
                yield b"a" * gateway.BATCH
        finally:
            closed.set()

    sent = call(endless, [b""], leaves_after=4)
    assert len(sent) < 10
    assert closed.is_set()


def test_an_answer_that_breaks_off_is_closed_and_not_ended():
    def broken(environ, start_response):
        start_response("200 OK", [])
        yield b"a" * gateway.BATCH
        raise ValueError("the right ended")

    with pytest.raises(ValueError, match="the right ended"):
        call(broken, [b""])


def test_threads_are_used_again_and_end_when_idle(monkeypatch):
    monkeypatch.setattr(gateway, "IDLE_SECONDS", 0.2)
    before = threading.active_count()

    async def many():
        threads = gateway.Threads()
        first = await threads.call(threading.get_ident)
        assert await threads.call(threading.get_ident) == first
        await asyncio.gather(*[threads.call(time.sleep, 0.1) for _ in range(20)])

    in_a_loop(many())
    deadline = time.monotonic() + 10
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert threading.active_count() <= before
