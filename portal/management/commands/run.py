"""`manage.py run`: the whole instance from one terminal."""

import signal
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from portal.instance import CannotStart
from portal.instance.whole import Instance

PARTS = ("web", "workers", "sweep")


class Command(BaseCommand):
    help = "Serve the portal with its database, broker, workers and sweep, until Ctrl-C."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--no-demo", action="store_true", help="start with an empty portal")
        parser.add_argument(
            "--reload", action="store_true", help="start the programs again when a file changes"
        )
        parser.add_argument(
            "--only",
            action="append",
            choices=PARTS,
            help="run this part alone, on servers and a database that are there (repeatable)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, interrupt)
        instance = Instance(
            self.stdout,
            options["host"],
            options["port"],
            logs=not options["only"],
            reload=options["reload"],
        )
        try:
            if options["only"]:
                instance.serve_parts(options["only"])
            else:
                instance.serve_all(demo=not options["no_demo"])
        except CannotStart as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")


def interrupt(number: int, frame: FrameType | None) -> None:
    """Stop on SIGTERM and on a closed terminal as on Ctrl-C."""
    raise KeyboardInterrupt
