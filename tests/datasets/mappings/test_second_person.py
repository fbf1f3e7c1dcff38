"""Four eyes: a mapping counts once somebody other than who set it has approved it."""

import pytest
from django.db import IntegrityError
from django.utils import timezone

from datasets.mappings import actions as mappings
from datasets.models import Mapping
from datasets.pools.pool import pool
from members.models import AuditEvent
from portal.common.exceptions import Conflict, NotAllowed
from tests.factories import (
    DatasetFactory,
    MappingFactory,
    MembershipFactory,
    SharedVariableFactory,
    table_version,
)
from tests.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("second_person")]

GRID = "/projects/heart/variables/"
COPY = {"kind": "copy", "column": "chol"}


@pytest.fixture
def version(project):
    return table_version(
        {"chol": ("integer", [*range(150, 250)])}, dataset=DatasetFactory(project=project)
    )


@pytest.fixture
def mapping(project, version, lead):
    variable = SharedVariableFactory(project=project, name="chol", type="number")
    return mappings.save(
        variable=variable, dataset=version.dataset, version=version, rule=COPY, by=lead
    )


def test_another_person_approves_what_they_looked_at(project, mapping, lead, steward):
    with pytest.raises(NotAllowed) as refused:
        mappings.approve(mapping=mapping, revision=1, by=lead)
    assert refused.value.code == "second_person"
    with pytest.raises(Conflict, match="Look again"):
        mappings.approve(mapping=mapping, revision=2, by=steward)
    contributor = MembershipFactory(project=project, role="contributor").user
    with pytest.raises(NotAllowed):
        mappings.approve(mapping=mapping, revision=1, by=contributor)
    assert mapping.waits(project)
    approved = mappings.approve(mapping=mapping, revision=1, by=steward)
    assert (approved.approved_by, approved.waits(project)) == (steward, False)
    assert AuditEvent.objects.get(action="mapping.approved").actor_id == steward.pk
    with pytest.raises(Conflict, match="already"):
        mappings.approve(mapping=mapping, revision=1, by=steward)


def test_each_change_waits_anew_and_the_database_refuses_ones_own_word(
    project, mapping, version, lead, steward
):
    mappings.approve(mapping=mapping, revision=1, by=steward)
    rule = {"kind": "expression", "sql": "chol + 1"}
    again = mappings.save(
        variable=mapping.variable, dataset=version.dataset, version=version, rule=rule, by=steward
    )
    assert (again.approved_by, again.waits(project)) == (None, True)
    assert mappings.undo(mapping=again, by=lead).waits(project)
    with pytest.raises(IntegrityError, match="mapping_approved_by_another"):
        Mapping.objects.update(approved_by=lead, approved_at=timezone.now())


def test_what_has_no_rule_needs_no_second_person(project, version, lead, steward):
    variable = SharedVariableFactory(project=project, name="hdl")
    mapping = mappings.save(
        variable=variable,
        dataset=version.dataset,
        version=version,
        rule=None,
        status="impossible",
        by=lead,
    )
    assert not mapping.waits(project)
    with pytest.raises(Conflict, match="no rule"):
        mappings.approve(mapping=mapping, revision=1, by=steward)


def test_a_pool_takes_what_is_approved_and_nothing_falls_back_to_columns(
    project, mapping, version, steward
):
    waiting = pool(project, [version])
    assert (waiting.variables, waiting.rules) == ({}, [{}])
    assert "waits for a second person" in waiting.left_out["chol"]
    mappings.approve(mapping=mapping, revision=1, by=steward)
    assert pool(project, [version]).rules == [{"chol": COPY}]
    mappings.save(
        variable=mapping.variable, dataset=version.dataset, version=version, rule=COPY, by=steward
    )
    assert pool(project, [version]).rules == [{}]
    project.second_person = False
    project.save()
    assert pool(project, [version]).rules == [{"chol": COPY}]


def test_the_pages_show_who_it_waits_for_and_take_the_word(page, mapping, lead, steward):
    url = f"{GRID}chol/mappings/{mapping.dataset_id}/"
    own = page(lead).get(url)
    assert "It waits for a second person" in text_of(own)
    assert f"{url}approve/" not in own.text
    assert page(lead).post(f"{url}approve/", {"revision": "1"}).status_code == 403
    grid = page(steward).get(GRID, {"state": "waiting"})
    assert "waits for you" in text_of(grid)
    assert "Remove filter: Waits for a second person" in grid.text
    assert "waits for a second person" in text_of(page(steward).get(f"{GRID}chol/"))
    assert f'action="{url}approve/"' in page(steward).get(url).text
    done = page(steward).post(f"{url}approve/", {"revision": "1"})
    assert done.url == f"{GRID}#cell-chol-{mapping.dataset_id}"
    for place in (url, f"{GRID}chol/"):
        assert f"Approved by {steward.name}" in text_of(page(lead).get(place))
    assert "waits for a second person" not in page(lead).get(GRID).text.lower()
    assert page(steward).post(f"{url}approve/", {"revision": "x"}).status_code == 404


def test_the_call_says_so_too(api, mapping, lead, steward):
    url = f"/api/v1/projects/heart/variables/chol/mappings/{mapping.dataset_id}/"
    shown = api(lead).get(url).data
    assert (shown["waits_for_second_person"], shown["approved_by"]) == (True, None)
    (listed,) = api(lead).get("/api/v1/projects/heart/variables/").data["results"]
    assert listed["mappings"][0]["waits_for_second_person"] is True
    assert api(lead).post(f"{url}approve/", {"revision": 1}).status_code == 403
    done = api(steward).post(f"{url}approve/", {"revision": 1})
    assert (done.status_code, done.data["approved_by"]) == (200, steward.name)
    assert done.data["waits_for_second_person"] is False
    assert api(steward).post(f"{url}approve/", {"revision": 1}).status_code == 409


def test_a_lead_turns_it_on_and_off(api, page, lead, project):
    call = api(lead)
    assert call.get("/api/v1/projects/heart/").data["second_person"] is True
    changed = call.patch("/api/v1/projects/heart/", {"second_person": False})
    assert changed.data["second_person"] is False
    assert "A second person approves each mapping" in page(lead).get("/projects/heart/edit/").text
    mapping = MappingFactory(version__dataset__project=project)
    project.refresh_from_db()
    assert not mapping.waits(project)
