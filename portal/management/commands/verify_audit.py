"""`verify_audit [--head HASH]`: walks the audit trail and names the first broken row."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from members.audit_events import actions as audit_events
from members.models import AuditEvent


class Command(BaseCommand):
    """Checks every row's hash and its link to the row before."""

    help = "Check the audit trail; exits with 1 and names the first row that does not fit."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head",
            help="A hash that this command printed earlier: rows missing at the end show by it.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = audit_events.verify()
        if found.broken is not None:
            raise CommandError(
                f"Row {found.broken.pk} ({found.broken}) {found.reason}. "
                f"The {found.rows} rows before it are whole."
            )
        head = options["head"]
        if head and not AuditEvent.objects.filter(hash=head).exists():
            raise CommandError(
                f"The trail is whole but no longer holds {head}: its last rows are missing."
            )
        self.stdout.write(f"{found.rows} rows, all whole. Head: {found.head}")
