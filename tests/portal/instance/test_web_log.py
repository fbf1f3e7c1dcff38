"""The web server's own lines in its log."""

import http.client
import os
import re
import socket
import subprocess
import sys
import time

import pytest

TIME = r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}\]"


@pytest.fixture
def server(tmp_path):
    """The port of a web server, and the file it logs to."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path / "web.log"
    command = [sys.executable, "-m", "portal.instance.serving", "127.0.0.1", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=os.environ)
        try:
            yield port, log
        finally:
            process.terminate()
            process.wait(timeout=20)


def ask(port, path):
    """The answer's status, once there is a server."""
    deadline = time.monotonic() + 30
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        finally:
            connection.close()


def test_no_path_forges_a_line_of_the_log(server):
    port, log = server
    for path in (
        "/a%0d%0a[forged]%20line",
        "/b%00%1b[2J",
        "/c%E2%80%A8[forged]",
        "/d%C2%85[forged]",
    ):
        ask(port, path)
    deadline = time.monotonic() + 10
    # Answered in turn, but written by whichever process got to it.
    while log.read_bytes().count(b" GET ") < 4 and time.monotonic() < deadline:
        time.sleep(0.1)
    raw = log.read_bytes()
    assert not re.search(rb"[\x00-\x09\x0b-\x1f\x7f-\xff]", raw)
    lines = [line for line in raw.decode().split("\n") if " GET " in line]
    assert len(lines) == 4
    assert all(re.match(TIME, line) for line in lines)
    assert not [line for line in raw.decode().split("\n") if line.startswith("[forged")]
    assert r"GET '/a\r\n[forged] line' HTTP/1.1 404 " in lines[0]
