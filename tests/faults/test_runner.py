"""`bin/run` starts, stops, survives the death of each part, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
from collections.abc import Callable

from portal.instance.home import CHECKOUT
from tests.faults.conftest import Instance, wait_for

WORKER, WEB, SWEEP = "celery", "portal.instance.serving", "sweep --forever"
SERVERS = ("postgres -D", "valkey-server")


def add_person(instance: Instance, email: str) -> None:
    instance.manage("create_user", email, "--password", "long enough 123", "--name", "Ada Byron")


def people(instance: Instance) -> str:
    return instance.manage(
        "shell", "-v0", "-c", "from members.models import User; print(User.objects.count())"
    ).strip()


def beats(instance: Instance) -> str:
    """How many workers gave a sign of life in the last seconds."""
    return instance.manage(
        "shell",
        "-v0",
        "-c",
        "from datetime import timedelta; from django.db.models.functions import Now;"
        "from portal.jobs.models import WorkerHeartbeat as H;"
        "print(H.objects.filter(beat_at__gt=Now() - timedelta(seconds=8)).count())",
    ).strip()


def test_two_instances_stop_cleanly_and_keep_their_data(
    make_instance: Callable[[], Instance],
) -> None:
    first, second = make_instance(), make_instance()
    first.start()
    second.start()
    before = people(second)
    add_person(first, "ada@example.org")
    assert people(first) == str(int(before) + 1)
    assert people(second) == before

    assert second.stop() < 10
    assert second.processes() == []
    assert first.answers()
    assert first.stop(signal.SIGINT) < 10
    assert first.processes() == []

    first.start()
    assert people(first) == str(int(before) + 1)


def test_killed_with_9_it_leaves_nothing_and_starts_again(instance: Instance) -> None:
    instance.start()
    add_person(instance, "ada@example.org")
    count = people(instance)
    instance.stop(signal.SIGKILL)
    wait_for(lambda: instance.processes() == [], 10)
    instance.start()
    assert people(instance) == count
    for pid in instance.processes():
        os.kill(pid, signal.SIGKILL)
    assert instance.runner is not None
    instance.runner.wait()
    instance.runner = None
    instance.start()
    assert people(instance) == count


def test_every_part_that_dies_is_started_again(instance: Instance) -> None:
    instance.start()
    for words in (WEB, WORKER, SWEEP, *SERVERS):
        old = set(instance.processes(words))
        assert old, words
        for pid in old:
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda w=words, o=old: len(set(instance.processes(w)) - o) >= min(len(o), 2), 30)
        wait_for(instance.answers, 30)
    wait_for(lambda: beats(instance) == "2", 30)


def test_a_worker_that_takes_no_jobs_is_replaced(instance: Instance) -> None:
    instance.start()
    stuck, _ = instance.started(WORKER)
    os.kill(stuck, signal.SIGSTOP)
    wait_for(lambda: stuck not in instance.processes(WORKER), 60)
    wait_for(lambda: beats(instance) == "2", 30)
    assert "it has stopped taking jobs" in instance.output.read_text()


def test_pages_are_served_while_the_broker_is_away(instance: Instance) -> None:
    instance.start()
    [broker] = instance.started("valkey-server")
    os.kill(broker, signal.SIGSTOP)
    assert instance.answers()
    os.kill(broker, signal.SIGCONT)
    wait_for(lambda: beats(instance) == "2", 30)


def test_with_reload_every_program_starts_again_on_a_changed_file(instance: Instance) -> None:
    instance.start("--reload")
    old = {words: set(instance.processes(words)) for words in (WEB, WORKER, SWEEP)}
    (CHECKOUT / "templates" / "base.html").touch()
    for words, pids in old.items():
        wait_for(
            lambda w=words, p=pids: instance.processes(w) and not p & set(instance.processes(w)), 30
        )
    wait_for(instance.answers, 30)
    wait_for(lambda: beats(instance) == "2", 30)
    assert "templates/base.html has changed" in instance.output.read_text()


def refusal(instance: Instance) -> str:
    runner = instance.launch("--no-demo")
    assert runner.wait(60) != 0
    said = instance.output.read_text()
    assert "Traceback" not in said
    return said


def test_a_home_in_use_is_explained(make_instance: Callable[[], Instance]) -> None:
    running, other = make_instance(), make_instance()
    running.start()
    other.home = running.home
    assert "An instance is already running" in refusal(other)
    assert running.answers()
    other.home = make_instance().home


def test_a_port_in_use_is_explained(instance: Instance) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", instance.port))
        taken.listen()
        assert f"bin/run --port {instance.port + 1}" in refusal(instance)


def test_a_home_that_is_a_file_is_explained(instance: Instance) -> None:
    instance.home.path.touch()
    assert "Set COHORTIUM_HOME to a folder that belongs to you" in refusal(instance)
    instance.home.path.unlink()


def test_a_server_that_does_not_answer_is_explained(instance: Instance) -> None:
    runner = subprocess.run(
        [".venv/bin/python", "manage.py", "run"],
        env={**instance.environment, "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert runner.returncode != 0
    assert "The server of DATABASE_URL does not answer" in runner.stderr
    assert "Traceback" not in runner.stderr
