"""`changepassword EMAIL`: a new password by Django's name for it, in the audit trail as any."""

import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from members.accounts import actions as users
from members.models import User
from portal.common.exceptions import DomainError, Invalid


class Command(BaseCommand):
    """Asks for the new password twice."""

    help = "Set the password of an active account; its sessions and API tokens end."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["email"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active account with the address {options['email']}.")
        password = getpass.getpass("New password: ")
        if getpass.getpass("New password again: ") != password:
            raise CommandError("These two are not the same.")
        try:
            users.change_password(user=user, password=password, by=None)
        except Invalid as error:
            raise CommandError("\n".join(error.errors["password"])) from error
        except DomainError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(f"{user.email} has a new password.")
