"""The audit trail: a chain that shows what was changed behind its back."""

import pytest
from django.db import InternalError, connection, transaction

from members.actions import audit_events
from members.models import AuditEvent
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def record_three():
    user = UserFactory()
    with transaction.atomic():
        return [audit_events.record(f"step.{n}", user, by=user, after={"n": n}) for n in range(3)]


def test_a_whole_chain_has_no_broken_row():
    record_three()
    assert audit_events.first_broken() is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE members_auditevent SET actor = 'nobody'",
        "DELETE FROM members_auditevent",
        "TRUNCATE members_auditevent",
    ],
)
def test_rows_can_only_be_added(statement):
    record_three()
    with pytest.raises(InternalError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEvent.objects.count() == 3


@pytest.mark.parametrize("field", ["actor", "object_label", "action"])
def test_a_change_past_the_trigger_is_found_and_named(field):
    second = record_three()[1]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE members_auditevent DISABLE TRIGGER USER")
        cursor.execute(f"UPDATE members_auditevent SET {field} = 'x' WHERE id = %s", [second.pk])
        cursor.execute("ALTER TABLE members_auditevent ENABLE TRIGGER USER")
    assert audit_events.first_broken().pk == second.pk
