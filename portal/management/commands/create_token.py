"""`create_token EMAIL --scope S [--scope S]… [--days N]`: prints the new token alone."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from members.api_tokens import actions as api_tokens
from members.choices import Scope
from members.models import User
from portal.common.exceptions import DomainError


class Command(BaseCommand):
    """Makes an API token for an active account."""

    help = "Make an API token; its secret is printed once and kept nowhere."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument(
            "--scope", action="append", required=True, help=f"One of {', '.join(Scope.values)}."
        )
        parser.add_argument("--days", type=int, default=90)
        parser.add_argument("--name", default="create_token")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["email"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active account with the address {options['email']}.")
        try:
            _, secret = api_tokens.create(
                name=options["name"], scopes=options["scope"], days=options["days"], by=user
            )
        except DomainError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(secret)
