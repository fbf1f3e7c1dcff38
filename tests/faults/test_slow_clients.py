"""Clients that send slowly, or never finish, hold up nobody; what is large passes through."""

import http.client
import json
import select
import socket
import threading
import time
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from tests.faults.conftest import Instance, wait_for

MIB = 1024 * 1024
PATIENCE = 5.0
GIVEN_UP_WITHIN = 45
STEADY_SECONDS = 40
HALF = b"GET /projects/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
SLOW_BODY = (
    b"POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nCookie: csrftoken=" + b"a" * 32 + b"\r\n"
    b"\r\nlogin="
)


def test_ordinary_calls_are_answered_beside_440_slow_connections(instance: Instance) -> None:
    instance.start()
    with ExitStack() as open_connections:

        def connect(first_bytes: bytes) -> socket.socket:
            client = socket.create_connection(("127.0.0.1", instance.port), timeout=PATIENCE)
            open_connections.enter_context(client)
            client.sendall(first_bytes)
            return client

        for first_bytes, count in ((b"", 200), (HALF, 200), (SLOW_BODY, 40)):
            for _ in range(count):
                connect(first_bytes)
        time.sleep(1)  # until the bodies are being waited for
        seconds: list[float] = []

        def call() -> None:
            started = time.monotonic()
            with urllib.request.urlopen(f"{instance.url}/health/", timeout=PATIENCE) as page:
                assert page.status == 200
            seconds.append(time.monotonic() - started)

        calls = [threading.Thread(target=call) for _ in range(8)]
        for one in calls:
            one.start()
        for one in calls:
            one.join(2 * PATIENCE)
    assert len(seconds) == 8
    assert max(seconds) < 3
    # Their clients are gone, and so is their hold.
    wait_for(instance.answers, 10)
    assert instance.stop() < 10
    assert instance.processes() == []


def open_transactions(instance: Instance) -> int:
    """Transactions that somebody else has open in the instance's database."""
    ask = (
        "from django.db import connection; cursor = connection.cursor(); cursor.execute("
        "'SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()'"
        "' AND xact_start IS NOT NULL AND pid <> pg_backend_pid()');"
        "print('open:', cursor.fetchone()[0])"
    )
    return int(instance.manage("shell", "--no-imports", "-c", ask).split()[-1])


def threads(pids: list[int]) -> int:
    return sum(len(list(Path(f"/proc/{pid}/task").iterdir())) for pid in pids)


def test_bodies_that_never_end_are_given_up_and_hold_no_transaction_meanwhile(
    instance: Instance,
) -> None:
    instance.start()
    email = "ada@example.org"
    instance.manage("create_user", email, "--password", "long enough 123", "--name", "Ada Byron")
    token = instance.manage("create_token", email, "--scope", "read", "--scope", "write").split()[
        -1
    ]
    address = f"{instance.url}/api/v1/projects/"
    project = urllib.request.urlopen(
        urllib.request.Request(
            address,
            data=b'{"title": "Sleep", "question": "How long?"}',
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        ),
        timeout=60,
    )
    address += json.load(project)["slug"] + "/"
    web = instance.processes("portal.instance.serving")
    assert instance.answers()
    before = threads(web)
    call = (
        f"POST /api/v1/projects/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        "Idempotency-Key: %s\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
    )
    change = (
        f"PATCH {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        "If-Match: *\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
    )
    with ExitStack() as open_connections:
        clients = []
        for number in range(40):
            client = socket.create_connection(("127.0.0.1", instance.port), timeout=PATIENCE)
            open_connections.enter_context(client)
            head = (SLOW_BODY, change.encode(), *[(call % number).encode()] * 2)[number % 4]
            client.sendall(head)
            clients.append(client)
        started = time.monotonic()
        wait_for(lambda: threads(web) >= 40, 20)  # each body is being waited for
        assert open_transactions(instance) == 0
        # Half of them say something every few seconds, which is no pace.
        answers: dict[socket.socket, bytes] = {}
        while len(answers) < 40 and time.monotonic() < started + GIVEN_UP_WITHIN:
            time.sleep(2)
            ended, _, _ = select.select([one for one in clients if one not in answers], [], [], 0)
            for client in ended:
                answers[client] = client.recv(1000)
                assert client.recv(1000) == b""
            for client in clients[::2]:
                if client not in answers:
                    client.sendall(b" ")
    assert [answer.split()[1] for answer in answers.values()] == [b"408"] * 40
    assert instance.answers()
    # The threads were free at once; those of them that are not needed end.
    wait_for(lambda: threads(web) <= before + 4, 60)


def test_a_slow_but_steady_body_is_taken(instance: Instance) -> None:
    instance.start()
    form = b"a" * (2 * 1024 * STEADY_SECONDS)
    head = SLOW_BODY.replace(b"100000", str(len(b"login=") + len(form)).encode())
    with socket.create_connection(("127.0.0.1", instance.port), timeout=PATIENCE) as client:
        client.sendall(head)
        for second in range(STEADY_SECONDS):
            client.sendall(form[2 * 1024 * second : 2 * 1024 * (second + 1)])
            time.sleep(1)
        # Without its token the form is refused, and only once it was read.
        assert client.recv(1000).split()[1] == b"403"


def names_of_people(instance: Instance) -> str:
    ask = (
        "from members.models import User; print(list(User.objects.values_list('name', flat=True)))"
    )
    return instance.manage("shell", "--no-imports", "-c", ask)


def test_a_form_that_is_cut_off_is_not_taken_for_whole(instance: Instance) -> None:
    instance.start()
    token = "a" * 32

    def sign_up(email: str, *, cut: int = 0, waits: bool = True) -> bytes:
        """The status of the answer, for a client that waits for it; the name comes last."""
        fields = {"csrfmiddlewaretoken": token, "email": email, "password1": "long enough 123"}
        form = urllib.parse.urlencode(fields | {"name": "Augusta Ada Byron Lovelace"}).encode()
        head = SLOW_BODY.partition(b"\r\n\r\n")[0].replace(b"login", b"signup")
        head = head.replace(b"100000", str(len(form)).encode())
        with socket.create_connection(("127.0.0.1", instance.port), timeout=60) as client:
            client.sendall(head + b"\r\n\r\n" + form[: len(form) - cut])
            if cut:
                client.shutdown(socket.SHUT_WR)
            return client.recv(1000).split()[1] if waits else b""

    sign_up("gone@example.org", cut=9, waits=False)
    assert sign_up("cut@example.org", cut=9) == b"400"
    assert sign_up("whole@example.org") == b"302"
    assert names_of_people(instance).strip().endswith("['Augusta Ada Byron Lovelace']")
    log = (instance.home.path / "logs" / "web.log").read_text()
    assert "Traceback" not in log


def test_who_asks_for_a_web_socket_gets_the_page(instance: Instance) -> None:
    instance.start()
    with socket.create_connection(("127.0.0.1", instance.port), timeout=60) as client:
        client.sendall(
            b"GET /health/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n"
            b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        assert client.recv(1000).split()[1] == b"200"
    assert "Traceback" not in (instance.home.path / "logs" / "web.log").read_text()


def resident(pids: list[int]) -> int:
    """The most memory that these processes ever had, together."""
    lines = [
        line
        for pid in pids
        for line in (Path("/proc") / str(pid) / "status").read_text().splitlines()
        if line.startswith("VmHWM")
    ]
    return sum(int(line.split()[1]) * 1024 for line in lines)


def form_with_a_large_file(boundary: str, size: int) -> Iterator[bytes]:
    """A multipart body, piece by piece."""
    yield (
        f"--{boundary}\r\nContent-Disposition: form-data; name=file; filename=large.csv\r\n"
        "Content-Type: text/csv\r\n\r\na,b\r\n"
    ).encode()
    for _ in range(size // MIB):
        yield b"1,2\n" * (MIB // 4)
    yield f"\r\n--{boundary}--\r\n".encode()


def test_300_megabytes_pass_through_without_filling_the_web_process(instance: Instance) -> None:
    instance.start()
    assert instance.answers()
    web = instance.processes("portal.instance.serving")
    before = resident(web)
    boundary = uuid.uuid4().hex
    length = sum(len(piece) for piece in form_with_a_large_file(boundary, 300 * MIB))
    page = http.client.HTTPConnection("127.0.0.1", instance.port, timeout=60)
    page.request(
        "POST",
        "/accounts/login/",
        body=form_with_a_large_file(boundary, 300 * MIB),
        headers={
            "Content-Length": str(length),
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Cookie": f"csrftoken={'a' * 32}",
        },
    )
    # The form lacks its token: it was read to its end, and refused.
    answer = page.getresponse()
    assert answer.status == 403
    answer.read()
    assert resident(web) - before < 40 * MIB
    # The connection is used again.
    page.request("GET", "/health/", headers={"X-Small": "y"})
    assert page.getresponse().status == 200
    page.close()


def test_heads_that_are_too_large_are_refused_and_the_connection_closed(
    instance: Instance,
) -> None:
    instance.start()
    for head, status in (
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"414"),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 500_000 + b"\r\n\r\n", b"431"),
    ):
        with socket.create_connection(("127.0.0.1", instance.port), timeout=5) as client:
            client.sendall(head)
            assert client.recv(100).split()[1] == status
