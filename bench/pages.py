#!/usr/bin/env python3
"""Lists, searches and API calls over a million rows, against an empty view, in one run.

    pages.py [--rows 1000000] [--runs 30] [--slowest 15] [--only WORD] [--short]

Starts a PostgreSQL of its own, fills it (`rows.py`), and asks every page in turn, an empty view
between them, through the whole WSGI application in this process. Printed are the median and the
95th percentile of the server's time, the 95th percentile of the processor time in it (which is
what to read where others use the machine too), the median processor time of the web process and of
its PostgreSQL process as ratios to the empty view's, and the number of queries. A query that takes
longer than `--slowest` seconds is given up, and its page is asked once.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

EMPTY = "empty view"
PAGE_GOAL, API_GOAL = 150, 60


def pages(n: int) -> dict[str, str]:
    """What is asked, by name: addresses that the reader, person 1, opens."""
    from bench.rows import BUSY, NOBODYS_FIELD, NOBODYS_PLACE, RARE_INSTITUTION, RARE_PERSON
    from portal.common.pages import mark
    from projects.models import Project

    deep = Project.objects.get(pk=n * 3 // 5)
    rare_word = Project.objects.get(pk=3).title.split()[-1]
    field, country = NOBODYS_PLACE
    busy = f"projects/project-{BUSY}/"
    # One in which the reader may read no rows of the inputs, in somebody else's public project.
    guarded = 70 * (n // 140 - 3) + 62
    return {
        "home": "/",
        "explore": "/projects/",
        "explore, a field": "/projects/?field=cardiology",
        "explore, a country": "/projects/?country=HUN",
        "explore, three facets": "/projects/?field=cardiology&stage=planning&need=data",
        "explore, a field nobody has": f"/projects/?field={NOBODYS_FIELD}",
        "explore, facets that exclude": f"/projects/?field={field}&country={country}",
        "explore, common words": "/projects/?q=aspirin+hospitals",
        "explore, a rare word": f"/projects/?q={rare_word}",
        "explore, typos": "/projects/?q=asprin+survivel",
        "explore, nothing found": "/projects/?q=xylophonist",
        "explore, most sites": "/projects/?sort=sites",
        "explore, deep": f"/projects/?after={mark(deep.active_at, deep.pk)}",
        "datasets": "/datasets/",
        "datasets, deep": f"/datasets/?after={n // 2}",
        "datasets, common words": "/datasets/?q=statins+survival",
        "datasets, a rare word": "/datasets/?q=quillwort",
        "datasets, two letters": "/datasets/?q=qz",
        "datasets, nothing found": "/datasets/?q=xylophonist",
        "datasets, open": "/datasets/?access=open",
        "datasets, a project's rows": "/datasets/?access=project",
        "people": "/people/",
        "people, last page": "/people/?page=40",
        "people, a common name": "/people/?q=anna",
        "people, a rare name": f"/people/?q={RARE_PERSON}",
        "people, two letters": "/people/?q=qz",
        "people, a common institution": "/people/?q=hospital",
        "people, a rare institution": f"/people/?q={RARE_INSTITUTION}",
        "people, a discipline": "/people/?discipline=cardiology",
        "people, a discipline nobody has": f"/people/?discipline={NOBODYS_FIELD}",
        "people, a country": "/people/?country=HUN",
        "people, name and discipline": "/people/?q=anna&discipline=cardiology",
        "person": "/people/2/",
        "inbox": "/inbox/",
        "project": f"/{busy}",
        "project's members": f"/{busy}members/",
        "project's data": f"/{busy}datasets/",
        "project's analyses": f"/{busy}analyses/",
        "analysis": "/analyses/150/",
        "analysis, guarded": f"/analyses/{guarded}/",
        "API projects": "/api/v1/projects/",
        "API projects, words": "/api/v1/projects/?search=aspirin+hospitals",
        "API projects, typos": "/api/v1/projects/?search=asprin+survivel",
        "API projects, facets that exclude": f"/api/v1/projects/?field={field}&country={country}",
        "API project": f"/api/v1/{busy}",
        "API datasets": "/api/v1/datasets/",
        "API datasets, a rare word": "/api/v1/datasets/?search=quillwort",
        "API datasets, nothing found": "/api/v1/datasets/?search=xylophonist",
        "API members": f"/api/v1/{busy}memberships/",
        "API analyses": f"/api/v1/{busy}analyses/",
        "API analysis": "/api/v1/analyses/150/",
        "API analysis, guarded": f"/api/v1/analyses/{guarded}/",
        "API join requests": f"/api/v1/{busy}join-requests/",
        "API notifications": "/api/v1/notifications/",
    }


class Reader:
    """Person 1 at the web application: a session for pages, a token for calls."""

    def __init__(self, slowest: float) -> None:
        from django.db import connection
        from django.test import Client, RequestFactory
        from django.test.utils import CaptureQueriesContext

        from members.api_tokens import actions as api_tokens
        from members.choices import Scope
        from members.models import User
        from portal.wsgi import application

        reader = User.objects.get(pk=1)
        browser = Client()
        browser.force_login(reader)
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in browser.cookies.items())
        _, secret = api_tokens.create(name="bench", scopes=Scope.values, days=1, by=reader)
        self.page = {"HTTP_COOKIE": cookies}
        self.call = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}
        self.application = application
        self.requests = RequestFactory()
        self.slowest = slowest
        self.capture = CaptureQueriesContext
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self.backend = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")

    def ask(self, address: str) -> str:
        """The status of the answer, its body read to the end."""
        headers = self.call if address.startswith("/api/") else self.page
        environ = self.requests.get(address, **headers).environ
        statuses: list[str] = []
        answer = self.application(environ, lambda status, *rest: statuses.append(status))
        for _ in answer:
            pass
        answer.close()
        return statuses[0]

    def measure(self, address: str) -> tuple[float, float, float]:
        """Milliseconds of wall time, of this process' processor time, and of PostgreSQL's."""
        before = self.clocks()
        status = self.ask(address)
        wall, processor, database = (b - a for a, b in zip(before, self.clocks(), strict=True))
        if not status.startswith("200") and wall < self.slowest * 1000:
            raise SystemExit(f"{address} answered {status}")
        return wall, processor, database

    def clocks(self) -> tuple[float, float, float]:
        database = int(self.backend.read_text().split()[0]) / 1_000_000
        return time.perf_counter() * 1000, time.process_time() * 1000, database

    def queries(self, address: str) -> int:
        from django.db import connection

        with self.capture(connection) as asked:
            self.ask(address)
        return len(asked)


@contextmanager
def instance() -> Iterator[None]:
    """A portal with an empty database of its own."""
    from portal.instance import Home, Servers, prepare_environment

    home = Home(Path(tempfile.mkdtemp(prefix="bench-pages-")))
    # PostgreSQL, as another user when we are root, must reach its data in there.
    home.path.chmod(0o711)
    home.create()
    servers = Servers(home, durable=False)
    os.environ["COHORTIUM_HOME"] = str(home.path)
    servers.start()
    try:
        prepare_environment()
        yield
    finally:
        servers.stop()
        shutil.rmtree(home.path, ignore_errors=True)


def set_up(slowest: float) -> None:
    """Django on that database, with pages that give up after `slowest` seconds."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    os.environ["API_RATE"] = "1000000/min"
    os.environ["LOG_LEVEL"] = "CRITICAL"
    import django
    from django.conf import settings

    settings.ROOT_URLCONF = "bench.urls"
    settings.ALLOWED_HOSTS = ["testserver"]
    options = settings.DATABASES["default"].setdefault("OPTIONS", {})
    options["options"] = f"-c statement_timeout={int(slowest * 1000)}"
    # One PostgreSQL process, whose processor time is read.
    settings.DATABASES["default"]["CONN_MAX_AGE"] = None
    django.setup()


def make(n: int) -> None:
    """The tables, and n of everything in them."""
    from django.core.management import call_command
    from django.db import connection

    from bench.rows import fill

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    for step in fill(n):
        print(f"filling: {step:40}", end="\r", file=sys.stderr, flush=True)
    connection.close()


def compare(reader: Reader, asked: dict[str, str], runs: int) -> dict[str, list[Any]]:
    """The times of each page, an empty view before every one; and the empty view's."""
    found: dict[str, list[Any]] = {EMPTY: []}
    for address in ("/bench/empty/", *asked.values()):
        reader.ask(address)
    for name, address in asked.items():
        found[name] = [reader.measure(address)]
    for _ in range(runs - 1):
        for name, address in asked.items():
            found[EMPTY].append(reader.measure("/bench/empty/"))
            if found[name][0][0] < 1000 * reader.slowest / 5:
                found[name].append(reader.measure(address))
    return found


def report(reader: Reader, asked: dict[str, str], found: dict[str, list[Any]]) -> None:
    """One line a page, with the goals that were missed."""
    empty = statistics.median(processor for _, processor, _ in found[EMPTY])
    print(f"{'':36}{'p50 ms':>9}{'p95 ms':>9}{'cpu p95':>9}{'web':>8}{'db':>8}{'queries':>9}")
    for name, times in found.items():
        walls, processors, databases = (sorted(clock) for clock in zip(*times, strict=True))
        worked = sorted(processor + database for _, processor, database in times)
        p95, cpu95 = (clock[round(0.95 * (len(times) - 1))] for clock in (walls, worked))
        goal = API_GOAL if name.startswith("API") else PAGE_GOAL
        print(
            f"{name:36}{statistics.median(walls):9.1f}{p95:9.1f}{cpu95:9.1f}"
            f"{statistics.median(processors) / empty:8.1f}"
            f"{statistics.median(databases) / empty:8.1f}"
            f"{reader.queries(asked[name]) if name in asked else 0:9}"
            f"{'  *' if p95 > goal else ''}"
        )
    print(f"*: over {PAGE_GOAL} ms (API {API_GOAL} ms). The empty view took {empty:.2f} ms.")


def main() -> None:
    parser = argparse.ArgumentParser(description="Pages and calls over a million rows.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--slowest", type=float, default=15, help="seconds a query may take")
    parser.add_argument("--only", default="", help="pages whose name holds this")
    parser.add_argument("--short", action="store_true", help="ten thousand rows, five runs")
    args = parser.parse_args()
    n, runs = (10_000, 5) if args.short else (args.rows, args.runs)
    with instance():
        set_up(args.slowest)
        make(n)
        asked = {name: url for name, url in pages(n).items() if args.only in name}
        reader = Reader(args.slowest)
        report(reader, asked, compare(reader, asked, runs))


if __name__ == "__main__":
    main()
