"""Which requests work at a time, and which threads keep a database connection."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from portal.instance import serving
from portal.instance.serving import Turns


@pytest.mark.django_db(transaction=True)
def test_few_threads_keep_their_connection_and_make_room_when_they_end(monkeypatch):
    monkeypatch.setattr(serving, "KEPT_CONNECTIONS", 2)

    def application(environ, start_response):
        connection.ensure_connection()
        return [b""]

    turns = Turns(application)

    def kept(count):
        """By how many of so many threads at a time, each of which answers two requests."""
        together = threading.Barrier(count, timeout=20)

        def work(_):
            try:
                for _ in range(2):
                    turns({"wsgi.input": io.BytesIO()}, print)
                    together.wait()
                return connection.connection is not None
            finally:
                connection.close()

        with ThreadPoolExecutor(count) as threads:
            return sum(threads.map(work, range(count)))

    assert [kept(1), kept(5), kept(5)] == [1, 2, 2]
