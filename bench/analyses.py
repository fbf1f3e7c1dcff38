#!/usr/bin/env python3
"""From a question's POST to its result, over the demo's four hospitals, against the limit.

    analyses.py [--runs 15] [--short]

Starts an instance of its own with the demo, asks each of the demo's questions again through the
API as a script would, one at a time, looks for the result twenty times a second, and prints
the median and the 95th percentile as ratios to the limit.
"""

import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LIMIT = 0.6
LOOK_SECONDS = 0.05
PERSON = "ilona.farkas@demo.cohortium.example"
PROJECT = "heart-disease-four-hospitals"


class Instance:
    """`bin/run` with a home and a port of its own, and one person's token."""

    def __init__(self, home: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        ours = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE"}
        kept = {name: value for name, value in os.environ.items() if name not in ours}
        self.environment = {**kept, "COHORTIUM_HOME": home, "PORT": str(port)}
        self.output = Path(home, "out")
        self.token = ""

    def __enter__(self) -> "Instance":
        with self.output.open("wb") as output:
            self.runner = subprocess.Popen(
                [ROOT / "bin" / "run"], stdout=output, stderr=output, env=self.environment
            )
        while f"Ready: {self.url}\n" not in self.output.read_text():
            if self.runner.poll() is not None:
                raise SystemExit(self.output.read_text())
            time.sleep(0.2)
        made = subprocess.run(
            [
                ROOT / "bin" / "manage",
                "create_token",
                PERSON,
                "--scope=read",
                "--scope=write:data",
                "--scope=read:data",
            ],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            env=self.environment,
        )
        self.token = made.stdout.split()[-1]
        return self

    def __exit__(self, *why: object) -> None:
        self.runner.send_signal(signal.SIGTERM)
        self.runner.wait()

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """The answer to one call."""
        asked = urllib.request.Request(
            f"{self.url}/api/v1{path}",
            data=json.dumps(body).encode() if body else None,
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(asked) as answer:
            return json.load(answer)


def answered(instance: Instance, question: dict[str, Any]) -> float:
    """Seconds from the question to its result."""
    started = time.perf_counter()
    asked = instance.ask(f"/projects/{PROJECT}/analyses/", question)
    while asked["state"] in ("queued", "running"):
        time.sleep(LOOK_SECONDS)
        asked = instance.ask(f"/analyses/{asked['id']}/")
    if asked["state"] != "succeeded":
        raise SystemExit(f"{question['title']}: {asked['job']['error']}")
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--short", action="store_true", help="three runs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, Instance(home) as instance:
        known = instance.ask(f"/projects/{PROJECT}/analyses/")["results"]
        questions = [
            {key: one[key] for key in ("title", "method", "parameters")}
            | {"inputs": [{key: i[key] for key in ("dataset", "version")} for i in one["inputs"]]}
            for one in (instance.ask(f"/analyses/{each['id']}/") for each in known)
        ]
        print(f"{'':42}{'p50 s':>8}{'p95 s':>8}{'p95 of limit':>14}")
        for question in questions:
            answered(instance, question)
            runs = range(3 if options.short else options.runs)
            took = sorted(answered(instance, question) for _ in runs)
            slow = took[round(0.95 * (len(took) - 1))]
            name = f"{question['method']}: {question['title']}"[:40]
            print(f"{name:42}{statistics.median(took):8.2f}{slow:8.2f}{slow / LIMIT:14.2f}")


if __name__ == "__main__":
    main()
