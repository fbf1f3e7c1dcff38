"""PostgreSQL ends at once while people work: they are asked to wait, and then all is well."""

import json
import os
import signal
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from email.message import Message

from tests.faults.conftest import Instance, wait_for

ADDRESSES = ("/", "/projects/", "/health/", "/api/v1/me/", "/api/v1/projects/", "/inbox/")


class Caller(threading.Thread):
    """Asks one address again and again, and keeps what it was told."""

    def __init__(self, instance: Instance, address: str, headers: dict[str, str]) -> None:
        super().__init__(daemon=True)
        self.request = urllib.request.Request(instance.url + address, headers=headers)
        self.address = address
        self.told: Counter[int] = Counter()
        self.wrong: list[str] = []
        self.enough = threading.Event()

    def run(self) -> None:
        while not self.enough.is_set():
            try:
                with urllib.request.urlopen(self.request, timeout=20) as answer:
                    self.told[answer.status] += 1
            except urllib.error.HTTPError as error:
                self.told[error.code] += 1
                self.check(error.code, error.headers, error.read().decode())
            except OSError as error:
                self.wrong.append(f"{self.address}: {error!r}")

    def check(self, status: int, headers: Message, body: str) -> None:
        """A refusal says when to come again, as JSON to scripts."""
        api = self.address.startswith("/api/")
        proper = status == 503 and headers["Retry-After"] and "back shortly" in body
        if not proper or (api and json.loads(body)["code"] != "unavailable"):
            self.wrong.append(f"{self.address}: {status} {body[:100]}")


def test_nobody_sees_a_fault_of_ours_while_postgresql_restarts(instance: Instance) -> None:
    instance.start()
    email = "ada@example.org"
    instance.manage("create_user", email, "--password", "long enough 123", "--name", "Ada Byron")
    token = instance.manage("create_token", email, "--scope", "read", "--days", "1").split()[-1]
    session = instance.manage(
        "shell",
        "-v0",
        "-c",
        "from django.test import Client; from members.models import User; c = Client();"
        f"c.force_login(User.objects.get(email='{email}')); print(c.cookies['sessionid'].value)",
    ).split()[-1]
    callers = [
        Caller(
            instance,
            address,
            {"Authorization": f"Bearer {token}"}
            if address.startswith("/api/")
            else {"Cookie": f"sessionid={session}"},
        )
        for address in ADDRESSES
    ]
    for caller in callers:
        caller.start()
    wait_for(lambda: all(caller.told[200] > 3 for caller in callers), 30)
    for _ in range(2):
        [server] = instance.started("postgres -D")
        os.kill(server, signal.SIGQUIT)  # what `pg_ctl stop -m immediate` sends
        wait_for(lambda old=server: set(instance.started("postgres -D")) - {old} != set(), 60)
        wait_for(instance.answers, 30)
    time.sleep(1)
    before = [caller.told[200] for caller in callers]
    wait_for(lambda: all(c.told[200] > n + 3 for c, n in zip(callers, before, strict=True)), 30)
    for caller in callers:
        caller.enough.set()
    for caller in callers:
        caller.join(30)
    assert [line for caller in callers for line in caller.wrong] == []
    told = sum((caller.told for caller in callers), Counter())
    assert set(told) == {200, 503}
