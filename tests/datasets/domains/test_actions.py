"""Declaring: who may, what is refused, what is kept."""

import pytest

from datasets.domains import actions as domains
from datasets.domains.proposals import lines_of
from members.models import AuditEvent
from portal.common.exceptions import Invalid, NotAllowed
from tests.datasets.domains.conftest import table
from tests.factories.files import ready_version

pytestmark = pytest.mark.django_db


def by_column(lines):
    return {line.domain.column: line for line in lines}


def test_what_is_proposed_everybody_sees_already(ward):
    """Only levels that enough people share; edges that no single value moves; no range."""
    lines = by_column(lines_of(ward))
    assert list(lines) == ["ward", "age", "weight", "visits"]
    assert lines["ward"].domain.levels == [["north", ""], ["south", ""]]
    assert lines["ward"].outside == 3
    age = lines["age"].domain
    assert (age.low, age.high, age.levels) == (None, None, [])
    assert age.edges == [30.0, 40.0, 50.0, 60.0, 70.0]
    assert not any(line.is_declared for line in lines.values())
    ready_version(ward, table(extreme=80_000))
    assert by_column(lines_of(ward))["age"].domain.edges == age.edges


def test_it_survives_versions_and_is_written_down(ward, keeper):
    wanted = [
        {"column": "ward", "levels": [("north", "Ward N"), ("attic", "")]},
        {"column": "age", "low": 18, "high": 99, "edges": [18, 40, 60, 99]},
        {"column": "weight", "edges": []},
    ]
    domains.declare(dataset=ward, domains=wanted, by=keeper)
    ready_version(ward, table()[:-1])
    lines = by_column(lines_of(ward))
    assert lines["ward"].domain.codes == ("north", "attic")
    assert (lines["age"].domain.low, lines["age"].domain.high) == (18, 99)
    assert [name for name, line in lines.items() if line.is_declared] == ["ward", "age"]
    event = AuditEvent.objects.get(action="dataset.domains_declared")
    assert event.before == {"domains": []}
    assert event.after["domains"][0]["levels"][0] == {"code": "north", "meaning": "Ward N"}
    assert set(event.scopes.values_list("kind", flat=True)) == {"project", "dataset"}
    domains.declare(dataset=ward, domains=wanted, by=keeper)
    assert AuditEvent.objects.filter(action="dataset.domains_declared").count() == 1


def test_what_is_not_named_is_declared_no_more(ward, keeper):
    domains.declare(dataset=ward, domains=[{"column": "age", "low": 0}], by=keeper)
    domains.declare(dataset=ward, domains=[{"column": "weight", "low": 0}], by=keeper)
    assert list(ward.domains.values_list("column", flat=True)) == ["weight"]
    domains.declare(dataset=ward, domains=[], by=keeper)
    assert not ward.domains.exists()


def test_whoever_leads_but_reads_no_rows_declares_nothing(ward, lead):
    with pytest.raises(NotAllowed, match="may read its rows"):
        domains.declare(dataset=ward, domains=[], by=lead)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"column": "none"}, "nothing to declare"),
        ({"column": "ward", "low": 1}, "no range and no bins"),
        ({"column": "ward", "levels": [("a", ""), ("a", "")]}, "named twice"),
        ({"column": "ward", "levels": [("", "")]}, "1 to 200 characters"),
        ({"column": "ward", "levels": [("x" * 201, "")]}, "1 to 200 characters"),
        ({"column": "ward", "levels": [("a\0", "")]}, "cannot be kept"),
        ({"column": "ward", "levels": [(f"{k}", "") for k in range(1001)]}, "At most 1000"),
        ({"column": "age", "low": 2, "high": 1}, "above the highest"),
        ({"column": "age", "low": float("nan")}, "finite"),
        ({"column": "age", "edges": [1, float("inf"), 3]}, "finite"),
        ({"column": "age", "edges": [1, 2]}, "at least three"),
        ({"column": "age", "edges": [1, 3, 2]}, "at least three"),
        ({"column": "visits", "levels": [("one", "")]}, "are numbers"),
    ],
)
def test_what_cannot_be_declared_is_refused_with_its_place(ward, keeper, given, why):
    good = {"column": "weight", "low": 0}
    with pytest.raises(Invalid) as refused:
        domains.declare(dataset=ward, domains=[good, given], by=keeper)
    assert list(refused.value.errors) == ["columns.1"]
    assert why in str(refused.value.errors)
    assert not ward.domains.exists()
