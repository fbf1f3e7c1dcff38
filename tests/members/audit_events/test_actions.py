"""The audit trail: one chain, whoever writes, that shows what was changed behind its back."""

import hashlib
import math
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import InternalError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members.audit_events import actions as audit_events
from members.audit_events.api import AuditEventSerializer
from members.models import AuditEvent, AuditScope, User
from tests.factories import UserFactory
from tests.meanwhile import acts_elsewhere

pytestmark = pytest.mark.django_db


def record_three():
    user = UserFactory()
    with transaction.atomic():
        return [
            audit_events.record(f"step.{n}", user, by=user, scopes={"project": n}, after={"n": n})
            for n in range(3)
        ]


# Foreign keys are checked at a transaction's end; tables are not altered while checks wait.
CHECK_NOW = "SET CONSTRAINTS ALL IMMEDIATE"


def behind_its_back(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(CHECK_NOW)
        for table in ("members_auditevent", "members_auditscope"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement, values)
        cursor.execute(CHECK_NOW)
        for table in ("members_auditevent", "members_auditscope"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_a_whole_chain_has_no_broken_row():
    last = record_three()[-1]
    found = audit_events.verify()
    assert (found.rows, found.head, found.broken) == (3, last.hash, None)


def test_an_empty_trail_is_whole():
    assert audit_events.verify() == audit_events.Verification(0, audit_events.GENESIS)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE members_auditevent SET actor = 'nobody'",
        "DELETE FROM members_auditevent",
        "TRUNCATE members_auditevent CASCADE",
        "UPDATE members_auditscope SET number = 9",
        "DELETE FROM members_auditscope",
        "TRUNCATE members_auditscope",
    ],
)
def test_rows_can_only_be_added(statement):
    record_three()
    with connection.cursor() as cursor:
        cursor.execute(CHECK_NOW)
        with pytest.raises(InternalError), transaction.atomic():
            cursor.execute(statement)
    assert (AuditEvent.objects.count(), AuditScope.objects.count()) == (3, 3)


@pytest.mark.parametrize("field", ["actor", "object_label", "action"])
def test_a_change_past_the_trigger_is_found_and_named(field):
    second = record_three()[1]
    behind_its_back(f"UPDATE members_auditevent SET {field} = 'x' WHERE id = %s", second.pk)
    found = audit_events.verify()
    assert (found.broken.pk, found.rows) == (second.pk, 1)
    assert found.reason == "was changed after it was written"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE members_auditscope SET number = 9 WHERE event_id = %s",
        "UPDATE members_auditscope SET kind = 'dataset' WHERE event_id = %s",
        "DELETE FROM members_auditscope WHERE event_id = %s",
        "INSERT INTO members_auditscope (kind, number, event_id) VALUES ('project', 9, %s)",
    ],
)
def test_a_row_moved_to_another_trail_is_found(statement):
    second = record_three()[1]
    behind_its_back(statement, second.pk)
    found = audit_events.verify()
    assert (found.broken.pk, found.reason) == (second.pk, "was changed after it was written")


def test_a_row_taken_out_is_found_at_the_one_after_it():
    _, second, third = record_three()
    behind_its_back("DELETE FROM members_auditscope WHERE event_id = %s", second.pk)
    behind_its_back("DELETE FROM members_auditevent WHERE id = %s", second.pk)
    found = audit_events.verify()
    assert found.broken.pk == third.pk
    assert found.reason == "does not follow the row before it"


@pytest.mark.django_db(transaction=True)
def test_writers_at_once_keep_one_chain():
    users = [UserFactory() for _ in range(4)]

    def write(user):
        try:
            for number in range(10):
                with transaction.atomic():
                    audit_events.record("step", user, by=user, after={"n": number})
                    if number % 3 == 0:
                        audit_events.record("step.more", user, by=user)
                    if number % 5 == 4:
                        transaction.set_rollback(True)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, users))
    found = audit_events.verify()
    assert found.broken is None
    assert found.rows == 4 * (8 + 3)
    previous = list(AuditEvent.objects.values_list("previous_hash", flat=True))
    assert len(set(previous)) == len(previous), "no two rows follow the same one"


plain_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | plain_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(plain_text, inner, max_size=3),
    max_leaves=8,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(before=st.none() | st.dictionaries(plain_text, values, max_size=4), label=plain_text)
def test_whatever_is_recorded_verifies(before, label):
    user = User(pk=1, name=label)
    with transaction.atomic():
        audit_events.record("step", user, by=None, before=before)
    assert audit_events.verify().broken is None


def test_the_hash_is_one_that_anybody_can_take_again():
    """RFC 8785's own digits and order, put together here without our code."""
    user = UserFactory(name="Zo\u00eb")
    after = {"p": 1e-05, "q": 1e-7, "whole": 3.0, "far": 1e22, "\ufb01": 1, "\U0001f600": 2}
    with transaction.atomic():
        event = audit_events.record("step", user, by=user, scopes={"project": 7}, after=after)
    at = event.at.isoformat(timespec="microseconds")
    text = (
        f'{{"action":"step","actor":"Zo\u00eb","actor_id":{user.pk},'
        '"after":{"far":1e+22,"p":0.00001,"q":1e-7,"whole":3,"\U0001f600":2,"\ufb01":1},'
        f'"at":"{at}","before":null,"object_id":"{user.pk}","object_label":"Zo\u00eb",'
        f'"object_type":"user","previous_hash":"{"0" * 64}","scopes":[["project",7]]}}'
    )
    assert event.hash == hashlib.sha256(text.encode()).hexdigest()
    assert audit_events.verify().broken is None


@pytest.mark.parametrize("whole", [2**53 + 1, -(2**53) - 1, 12345678901234567890, 2**60])
def test_a_whole_number_that_a_double_does_not_hold_is_kept_as_its_digits(whole):
    user = UserFactory()
    with transaction.atomic():
        event = audit_events.record("step", user, by=user, after={"rule": [{"n": whole}]})
    event.refresh_from_db()
    assert event.after == {"rule": [{"n": str(whole)}]}
    assert audit_events.verify().broken is None
    near = f'{{"rule": [{{"n": {whole + 1}}}]}}'
    behind_its_back("UPDATE members_auditevent SET after = %s::jsonb", near)
    assert audit_events.verify().broken == event


def test_numbers_that_json_does_not_know_are_an_error_in_the_action():
    user = UserFactory()
    with pytest.raises(ValueError, match="not JSON compliant"), transaction.atomic():
        audit_events.record("step", user, by=user, after={"x": math.nan})


@pytest.mark.django_db(transaction=True)
def test_a_row_is_written_only_inside_the_transaction_of_what_it_records():
    with pytest.raises(RuntimeError):
        audit_events.record("step", UserFactory(), by=None)


def test_the_trail_of_one_thing_newest_first(django_assert_num_queries):
    user = UserFactory()
    with transaction.atomic():
        first = audit_events.record("a", user, by=user, scopes={"project": 1})
        second = audit_events.record("b", user, by=user, scopes={"project": 1, "dataset": 2})
        audit_events.record("c", user, by=user, scopes={"project": 3})
        audit_events.record("d", user, by=user)
    with django_assert_num_queries(4):
        assert [row.event for row in AuditScope.objects.of("project", 1)] == [second, first]
        assert [row.event for row in AuditScope.objects.of("dataset", 2)] == [second]


def test_a_row_as_the_api_shows_it_names_nobodys_address():
    user = UserFactory()
    with transaction.atomic():
        event = audit_events.record("project.changed", user, by=user, after={"stage": "planning"})
    shown = AuditEventSerializer(event).data
    assert shown.keys() == AuditEventSerializer().fields.keys()
    assert shown["actor"] == {"id": user.pk, "name": user.name}
    assert user.email not in str(shown)


def test_a_trail_is_read_in_blocks(django_assert_num_queries):
    user = UserFactory()
    with transaction.atomic():
        for number in range(20):
            audit_events.record("step", user, by=user, scopes={"project": number})
    with django_assert_num_queries(2):
        audit_events.verify()


def breaks_off(around, user):
    """A step that fails after its row was recorded."""
    with around:
        audit_events.record("undone", user, by=user)
        raise ValueError("no")


class TestWrittenLast:
    """Several steps of one action, whose rows come at its end."""

    @pytest.mark.django_db(transaction=True)
    def test_others_act_between_a_first_row_and_the_end(self):
        user, other = UserFactory(), UserFactory()
        with audit_events.written_last():
            audit_events.record("first", user, by=user, after={"n": 1})
            acts_elsewhere(other)
            audit_events.record("second", user, by=user)
        found = AuditEvent.objects.order_by("id").values_list("action", flat=True)
        assert list(found) == ["profile.changed", "first", "second"]
        assert audit_events.verify().rows == 3

    def test_what_breaks_off_leaves_no_row(self, user):
        with pytest.raises(ValueError, match="no"):
            breaks_off(audit_events.written_last(), user)
        assert not AuditEvent.objects.exists()

    def test_a_part_that_is_undone_leaves_no_row(self, user):
        with audit_events.written_last():
            audit_events.record("kept", user, by=user)
            with pytest.raises(ValueError, match="no"):
                breaks_off(transaction.atomic(), user)
            with transaction.atomic():
                audit_events.record("kept too", user, by=user, scopes={"project": 7})
        found = AuditEvent.objects.order_by("id").values_list("action", flat=True)
        assert list(found) == ["kept", "kept too"]
        assert AuditScope.objects.get().number == 7
        assert audit_events.verify().rows == 2

    def test_one_within_another_waits_for_the_outer_end(self, user):
        with audit_events.written_last():
            with audit_events.written_last():
                audit_events.record("inner", user, by=user)
            assert not AuditEvent.objects.exists()
            audit_events.record("outer", user, by=user)
        found = AuditEvent.objects.order_by("id").values_list("action", flat=True)
        assert list(found) == ["inner", "outer"]

    def test_values_are_those_of_the_moment(self, user):
        values = {"n": 1}
        with audit_events.written_last():
            event = audit_events.record("step", user, by=user, after=values)
            values["n"] = 2
        assert AuditEvent.objects.get().after == {"n": 1} == event.after
