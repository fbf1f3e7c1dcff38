"""`create_user EMAIL --password P --name N [--admin]`: an account with a verified address."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from members.accounts import actions as users
from portal.common.exceptions import DomainError, Invalid


class Command(BaseCommand):
    """Makes an account without a mail; for operators and scripts."""

    help = "Make an account whose address counts as verified."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--password", required=True)
        parser.add_argument("--name", required=True)
        parser.add_argument("--admin", action="store_true", help="May open the admin console.")

    def handle(self, *args: Any, **options: Any) -> None:
        self.make(options["email"], options["password"], options["name"], options["admin"])

    def make(self, email: str, password: str, name: str, admin: bool) -> None:
        """The account, or what is wrong with what was given."""
        try:
            user = users.create(email=email, password=password, name=name, admin=admin, by=None)
        except Invalid as error:
            lines = (f"{field}: {text}" for field, texts in error.errors.items() for text in texts)
            raise CommandError("\n".join(lines) or error.detail) from error
        except DomainError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(f"Made {user.email}.")
