"""What pays for a project."""

from datetime import date
from decimal import Decimal

import pytest

from members.models import AuditEvent
from portal.common.exceptions import Conflict, Invalid
from projects.grants import actions as grants
from projects.models import Grant, GrantAim
from tests.factories import GrantFactory, ProjectFactory

pytestmark = pytest.mark.django_db
GRANT = {
    "source": "Heart Foundation",
    "grant_number": "HF-2026-9",
    "amount": Decimal("250000.50"),
    "currency": "eur",
    "starts": date(2026, 1, 1),
    "ends": date(2028, 12, 31),
}
STAFF = {"aim": "Staff", "pledged": Decimal(200_000), "spent": Decimal(10)}


def test_a_grant_says_who_pays_how_much_for_how_long_and_what_for(project, lead):
    grant = grants.add(project=project, by=lead, aims=[STAFF], **GRANT)
    kept = Grant.objects.get()
    assert (kept.source, kept.amount, kept.currency) == (
        "Heart Foundation",
        Decimal("250000.5"),
        "EUR",
    )
    assert kept.aims.values_list("aim", "pledged", "spent").get() == ("Staff", 200_000, 10)
    event = AuditEvent.objects.get(action="grant.added")
    assert event.after["amount"] == "250000.5"
    assert event.after["aims"] == [{"aim": "Staff", "pledged": "200000", "spent": "10"}]
    assert grant == kept


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("source", {"source": " "}),
        ("source", {"source": "x" * 121}),
        ("grant_number", {"grant_number": ""}),
        ("amount", {"amount": Decimal(0)}),
        ("amount", {"amount": Decimal(-1)}),
        ("amount", {"amount": Decimal("0.125")}),
        ("amount", {"amount": Decimal("0.5"), "currency": "JPY"}),
        ("amount", {"amount": Decimal(10) ** 12}),
        ("currency", {"currency": "Euro"}),
        ("currency", {"currency": "XXX"}),
        ("currency", {"currency": "DEM"}),
        ("ends", {"ends": date(2025, 12, 31)}),
        ("aims", {"aims": [STAFF, {**STAFF, "aim": "staff"}]}),
        ("aims", {"aims": [STAFF, {**STAFF, "aim": "Travel"}]}),
        ("aims", {"aims": [{**STAFF, "pledged": Decimal("0.125")}]}),
        ("aims", {"aims": [{**STAFF, "aim": f"{n}", "pledged": Decimal(1)} for n in range(51)]}),
        ("pledged", {"aims": [{**STAFF, "pledged": Decimal(-1)}]}),
        ("spent", {"aims": [{**STAFF, "spent": Decimal(-1)}]}),
        ("aim", {"aims": [{**STAFF, "aim": " "}]}),
    ],
)
def test_what_does_not_fit_is_refused_by_field(project, lead, field, values):
    with pytest.raises(Invalid) as error:
        grants.add(project=project, by=lead, **GRANT | values)
    assert field in error.value.errors


def test_a_number_of_a_source_stands_once_in_a_project(project, lead):
    grants.add(project=project, by=lead, **GRANT)
    again = GRANT | {"source": "heart  foundation", "grant_number": "hf-2026-9"}
    with pytest.raises(Conflict) as error:
        grants.add(project=project, by=lead, **again)
    assert error.value.code == "grant_exists"
    grants.add(project=ProjectFactory(lead=lead), by=lead, **GRANT)


def test_what_is_left_out_of_a_change_stays(project, lead):
    grant = grants.add(project=project, by=lead, aims=[STAFF], **GRANT)
    grants.change(grant=grant, by=lead, amount=Decimal(300_000))
    grant.refresh_from_db()
    assert (grant.amount, grant.source) == (300_000, "Heart Foundation")
    assert grant.aims.get().spent == 10
    grants.change(grant=grant, by=lead, aims=[{**STAFF, "spent": Decimal(20)}])
    assert GrantAim.objects.get().spent == 20
    grants.change(grant=grant, by=lead, aims=[{**STAFF, "spent": Decimal(20)}])
    first, second = AuditEvent.objects.filter(action="grant.changed").order_by("id")
    assert (first.before["amount"], first.after["amount"]) == ("250000.5", "300000")
    assert second.after["aims"][0]["spent"] == "20"


def test_a_grant_written_down_by_mistake_goes(project, lead):
    grant = GrantFactory(project=project)
    grants.remove(grant=grant, by=lead)
    assert not Grant.objects.exists()
    assert AuditEvent.objects.get(action="grant.removed").before["source"] == "Heart Foundation"
