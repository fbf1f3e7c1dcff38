"""Defining, changing and removing shared variables."""

import pytest

from datasets.harmonisation import actions as shared_variables
from datasets.mappings import actions as mappings
from datasets.models import SharedVariable
from members.models import AuditEvent
from portal.common.exceptions import Conflict, Invalid, NotAllowed
from tests.factories import (
    AnalysisFactory,
    DatasetFactory,
    MappingFactory,
    MembershipFactory,
    SharedVariableFactory,
    UserFactory,
    table_version,
)

pytestmark = pytest.mark.django_db


def test_a_steward_defines_a_variable_and_it_is_on_record(project):
    steward = MembershipFactory(project=project, role="steward").user
    variable = shared_variables.create(
        project=project,
        name="sex",
        type="category",
        codes={"m": "male", "f": "female"},
        topic="Person",
        by=steward,
    )
    assert SharedVariable.objects.get() == variable
    event = AuditEvent.objects.get(action="shared_variable.created")
    assert (event.actor_id, event.after["codes"]) == (steward.pk, {"m": "male", "f": "female"})


@pytest.mark.parametrize("role", ["reader", "contributor", None])
def test_others_may_not(project, role):
    user = MembershipFactory(project=project, role=role).user if role else UserFactory()
    variable = SharedVariableFactory(project=project)
    with pytest.raises(NotAllowed):
        shared_variables.create(project=project, name="age", type="number", by=user)
    with pytest.raises(NotAllowed):
        shared_variables.change(variable=variable, changes={"label": "x"}, by=user)
    with pytest.raises(NotAllowed):
        shared_variables.delete(variable=variable, by=user)
    assert list(SharedVariable.objects.values_list("label", flat=True)) == [""]
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "a b"}, "name"),
        ({"name": "site"}, "name"),
        ({"name": "taken"}, "name"),
        ({"type": "float"}, "type"),
        ({"codes": {"1": "one"}}, "codes"),
        ({"type": "category", "codes": {"": "none"}}, "codes"),
        ({"type": "category", "codes": {"a": "nul \x00"}}, "codes"),
        ({"type": "category", "codes": ["a"]}, "codes"),
        ({"type": "boolean", "codes": {"2": "two"}}, "codes"),
    ],
)
def test_what_does_not_fit_is_told_by_field(project, lead, values, field):
    SharedVariableFactory(project=project, name="taken")
    with pytest.raises(Invalid) as refused:
        shared_variables.create(
            project=project, **({"name": "fine", "type": "number"} | values), by=lead
        )
    found = refused.value.errors
    assert field in found or "__all__" in found
    assert SharedVariable.objects.count() == 1


def test_the_name_is_fixed_once_something_uses_it(project, lead):
    unused = SharedVariableFactory(project=project, name="first")
    shared_variables.change(variable=unused, changes={"name": "second"}, by=lead)
    mapped = MappingFactory(version__dataset__project=project).variable
    analysed = SharedVariableFactory(project=project, name="dose")
    AnalysisFactory(project=project, variables=[{"name": "dose", "type": "number"}])
    for variable in (mapped, analysed):
        with pytest.raises(Conflict):
            shared_variables.change(variable=variable, changes={"name": "other"}, by=lead)
        with pytest.raises(Conflict):
            shared_variables.delete(variable=variable, by=lead)
    shared_variables.delete(variable=unused, by=lead)
    assert set(SharedVariable.objects.all()) == {mapped, analysed}


def test_another_type_checks_every_mapping_again(project, lead):
    version = table_version(
        {"age": ("integer", [40, 50, None]), "name": ("text", ["a", "b", "2020-01-31"])},
        dataset=DatasetFactory(project=project, created_by=lead),
    )
    other = table_version(
        {"age": ("integer", [40, 50, 60]), "name": ("text", ["a", "b", "c"])},
        dataset=DatasetFactory(project=project, created_by=lead),
    )
    variable = SharedVariableFactory(project=project, name="age", type="text")
    for dated, column in ((version, "name"), (other, "age")):
        mappings.save(
            variable=variable,
            dataset=dated.dataset,
            version=dated,
            status="complete",
            rule={"kind": "copy", "column": column},
            by=lead,
        )
    shared_variables.change(variable=variable, changes={"type": "date"}, by=lead)
    lost = variable.mappings.get(dataset=other.dataset)
    assert (lost.status, lost.rule, lost.revision) == ("undetermined", None, 2)
    assert "no longer fits" in lost.note
    kept = variable.mappings.get(dataset=version.dataset)
    assert (kept.status, kept.revision) == ("partial", 2)
    assert kept.preview["turned_missing"] == 2


def test_a_changed_list_of_codes_computes_each_status_again(project, lead):
    version = table_version(
        {"sex": ("category", ["m", "w", "w"])},
        dataset=DatasetFactory(project=project, created_by=lead),
    )
    variable = SharedVariableFactory(
        project=project, name="sex", type="category", codes={"m": "", "w": ""}
    )
    rule = {"kind": "copy", "column": "sex"}
    mapping = mappings.save(
        variable=variable, dataset=version.dataset, version=version, rule=rule, by=lead
    )
    assert mapping.status == "complete"
    for codes, status, kept in (
        ({"m": ""}, "partial", rule),
        ({"M": "", "W": ""}, "undetermined", None),
    ):
        shared_variables.change(variable=variable, changes={"codes": codes}, by=lead)
        mapping.refresh_from_db()
        assert (mapping.status, mapping.rule) == (status, kept)


@pytest.mark.parametrize("code", ["HIV", "nobody has this"])
def test_codes_made_up_tell_nobody_which_values_there_are(project, lead, code):
    """Whoever may not read the rows gets the same answer whether the value is there or not."""
    keeper = MembershipFactory(project=project, role="contributor").user
    version = table_version(
        {"diagnosis": ("category", ["HIV", "TB", "TB"])},
        dataset=DatasetFactory(project=project, created_by=keeper, access="summaries"),
    )
    variable = SharedVariableFactory(
        project=project, name="dx", type="category", codes={"HIV": "", "TB": ""}
    )
    mapping = mappings.save(
        variable=variable,
        dataset=version.dataset,
        version=version,
        rule={"kind": "copy", "column": "diagnosis"},
        by=keeper,
    )
    assert mapping.status == "complete"
    shared_variables.change(variable=variable, changes={"codes": {code: ""}}, by=lead)
    mapping.refresh_from_db()
    assert (mapping.status, mapping.rule, mapping.preview) == ("undetermined", None, None)
    assert "look at its rule again" in mapping.note
    assert (code in mapping.note) is False
