"""A pooled table holds what its recipe says, for whoever may read every row in it."""

import io

import pyarrow.parquet as pq
import pytest

from datasets.choices import JobKind
from datasets.models import Dataset, PooledTable
from datasets.pools import actions as pools
from datasets.pools import work
from datasets.versions import storage
from members.models import AuditEvent, Notification
from portal.common.canonical import sha256_of
from portal.common.exceptions import Conflict, Invalid, NotAllowed
from portal.jobs.models import Job
from portal.jobs.running import claim_and_run
from projects.models import Membership
from tests.factories import MembershipFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lease_is_extended")]


@pytest.fixture
def made(project, named, member):
    """A table made as a worker would."""
    table = pools.build(project=project, inputs=named, by=member)
    assert claim_and_run(table.latest_job().pk)
    table.refresh_from_db()
    return table


def content(table, format, by):
    with pools.open_file(table=table, format=format, by=by).file as file:
        return file.read()


def test_the_rows_of_all_sites_as_shared_variables(made, versions, member):
    rows = pq.read_table(io.BytesIO(content(made, "parquet", member))).to_pylist()
    oslo, lima = (f"{version.dataset_id}/{version.number}" for version in versions)
    assert [(row["site"], row["source"], row["age"]) for row in rows] == [
        ("Oslo", f"{oslo}/1", 40.0),
        ("Oslo", f"{oslo}/2", 40.5),
        ("Oslo", f"{oslo}/3", None),
        ("Lima", f"{lima}/1", 50.0),
        ("Lima", f"{lima}/2", 51.0),
    ]
    lines = content(made, "csv", member).decode().splitlines()
    assert lines[0] == '"site","country","region","source","age"'
    assert len(lines) == 6
    assert made.rows == 5
    told = Notification.objects.get(recipient=member, kind="pooled_table.made")
    assert told.url == made.get_absolute_url()


def test_the_recipe_says_all_it_rests_on(made, versions):
    oslo = made.recipe["inputs"][0]
    assert (oslo["site"], oslo["rows"], oslo["overlap"]) == ("Oslo", 3, "not_stated")
    assert oslo["table_sha256"] == versions[0].table_sha256
    assert oslo["rules"] == {"age": {"kind": "expression", "sql": "months / 12.0"}}
    assert [one["name"] for one in made.recipe["variables"]] == ["age"]
    assert made.recipe_sha256 == sha256_of(made.recipe)


def test_a_rule_may_name_a_number_that_doubles_leave_out(project, versions, named, member):
    rule = {"kind": "recode", "column": "age", "map": {"50": 2**53 + 1}, "otherwise": None}
    versions[1].dataset.mappings.update(rule=rule)
    first = pools.build(project=project, inputs=named, by=member)
    versions[1].dataset.mappings.update(rule=rule | {"map": {"50": 2**53 + 3}})
    second = pools.build(project=project, inputs=named, by=member)
    assert first.recipe_sha256 != second.recipe_sha256


def test_the_same_recipe_gives_the_same_bytes_and_another_others(made, project, named, member):
    again = pools.build(project=project, inputs=named, by=member)
    claim_and_run(again.latest_job().pk)
    again.refresh_from_db()
    assert (again.recipe_sha256, again.table_sha256) == (made.recipe_sha256, made.table_sha256)
    other = pools.build(project=project, inputs=named[::-1], by=member)
    claim_and_run(other.latest_job().pk)
    other.refresh_from_db()
    assert other.table_sha256 != made.table_sha256


def test_what_cannot_be_pooled_is_refused_at_its_place(project, named, member):
    for inputs, variables, field in (
        ([], None, "inputs"),
        ([{"dataset": 0, "version": 1}], None, "inputs.0"),
        ([named[0], named[0]], None, "inputs.1"),
        (named, ["weight"], "variables"),
        (named, [], "variables"),
    ):
        with pytest.raises(Invalid) as refused:
            pools.build(project=project, inputs=inputs, variables=variables, by=member)
        assert list(refused.value.errors) == [field]
    assert not Job.objects.filter(kind=JobKind.POOL).exists()


def test_rows_that_one_may_not_read_are_in_no_table_of_ones_own(project, named, versions, member):
    Dataset.objects.filter(pk=versions[1].dataset_id).update(access="summaries")
    with pytest.raises(Invalid) as refused:
        pools.build(project=project, inputs=named, by=member)
    assert list(refused.value.errors) == ["inputs.1"]
    assert "may not read the rows" in refused.value.errors["inputs.1"][0]
    assert pools.build(project=project, inputs=named[:1], by=member)


@pytest.mark.parametrize("change", ["access", "membership"])
def test_who_may_no_longer_read_one_dataset_has_the_table_no_longer(
    made, versions, member, project, change
):
    assert list(PooledTable.objects.visible_to(member)) == [made]
    if change == "access":
        Dataset.objects.filter(pk=versions[0].dataset_id).update(access="controlled")
    else:
        Membership.objects.filter(user=member).update(role="reader")
    assert not PooledTable.objects.visible_to(member).exists()
    with pytest.raises(NotAllowed):
        pools.open_file(table=made, format="csv", by=member)
    assert not AuditEvent.objects.filter(action="pooled_table.downloaded").exists()


def test_nobody_outside_has_it_though_the_data_are_open(made, project):
    project.datasets.update(access="open")
    assert not PooledTable.objects.visible_to(UserFactory()).exists()


def test_only_its_maker_and_stewards_remove_it(made, project, member):
    other = MembershipFactory(project=project, role="contributor").user
    with pytest.raises(NotAllowed):
        pools.remove(table=made, by=other)
    key = made.table_key
    pools.remove(table=made, by=member)
    assert not PooledTable.objects.exists()
    assert storage.exists(key)  # goes after the commit


@pytest.mark.django_db(transaction=True)
def test_bytes_go_with_their_table_and_strays_by_themselves(project, named, member, monkeypatch):
    tables = [pools.build(project=project, inputs=named, by=member) for _ in range(2)]
    for table in tables:
        claim_and_run(table.latest_job().pk)
        table.refresh_from_db()
    pools.remove(table=tables[0], by=member)
    assert not storage.exists(tables[0].table_key)
    monkeypatch.setattr(work, "STRAY_SECONDS", -60)
    work.remove_strays()
    assert content(tables[1], "parquet", member).startswith(b"PAR1")
    PooledTable.objects.all().delete()
    work.remove_strays()
    assert not storage.exists(tables[1].table_key)


def test_one_that_is_being_made_is_not_removed(project, named, member):
    table = pools.build(project=project, inputs=named, by=member)
    with pytest.raises(Conflict):
        pools.remove(table=table, by=member)
    with pytest.raises(Conflict):
        pools.open_file(table=table, format="csv", by=member)
