"""`createsuperuser`: a portal admin by Django's name for it, in the audit trail as any account."""

import os
from getpass import getpass
from typing import Any

from django.core.management.base import CommandError, CommandParser

from portal.management.commands import create_user

ASKED = {"email": "E-mail address", "name": "Name", "password": "Password"}


class Command(create_user.Command):
    """Asks for what is not given; with `--noinput` it is taken from DJANGO_SUPERUSER_…."""

    help = "Make the account of a portal admin, as create_user --admin does."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email")
        parser.add_argument("--name")
        parser.add_argument("--noinput", "--no-input", action="store_false", dest="interactive")

    def handle(self, *args: Any, **options: Any) -> None:
        may_ask = options["interactive"]
        given = {name: options.get(name) or self._asked(name, may_ask) for name in ASKED}
        self.make(**given, admin=True)

    def _asked(self, name: str, may_ask: bool) -> str:
        kept = f"DJANGO_SUPERUSER_{name.upper()}"
        if found := os.environ.get(kept):
            return found
        if not may_ask:
            raise CommandError(f"Set {kept}, or leave out --noinput.")
        ask = getpass if name == "password" else input
        return ask(f"{ASKED[name]}: ")
