"""Mapping a dataset to a variable: tried first, on record, and taken back."""

import pytest

from datasets.harmonisation import actions as variables
from datasets.mappings import actions as mappings
from datasets.models import Mapping, SharedVariable
from members.models import AuditEvent
from portal.common.exceptions import Conflict, Invalid, NotAllowed
from tests.factories import (
    ColumnFactory,
    DatasetFactory,
    MembershipFactory,
    ProjectFactory,
    SharedVariableFactory,
    VersionFactory,
    table_version,
)

pytestmark = pytest.mark.django_db

ZERO_IS_MISSING = {
    "kind": "recode",
    "column": "chol",
    "map": {"0": None},
    "otherwise": {"kind": "copy"},
}
COPY = {"kind": "copy", "column": "chol"}


@pytest.fixture
def version(project):
    return table_version(
        {"chol": ("integer", [0, 200, 250, None]), "sex": ("text", ["m", "f", "f", None])},
        dataset=DatasetFactory(project=project),
    )


@pytest.fixture
def variable(project):
    return SharedVariableFactory(project=project, name="chol", type="number")


def saved(variable, version, by, rule=COPY, status="complete", **values):
    return mappings.save(
        variable=variable,
        dataset=version.dataset,
        version=version,
        status=status,
        rule=rule,
        by=by,
        **values,
    )


def test_a_rule_is_kept_with_what_it_does(variable, version, lead):
    mapping = saved(variable, version, lead, ZERO_IS_MISSING, note="0 was never measured")
    assert mapping.preview["turned_missing"] == 1
    assert mapping.preview["before"][0]["n"] == 3
    assert mapping.preview["after"]["n"] == 2
    assert (mapping.revision, mapping.changed_by) == (1, lead)
    event = AuditEvent.objects.get(action="mapping.saved")
    assert (event.before, event.after["rule"]) == (None, ZERO_IS_MISSING)
    assert event.scopes.get(kind="dataset").number == version.dataset_id


def test_each_change_is_a_revision_that_can_be_restored(variable, version, lead):
    saved(variable, version, lead)
    mapping = saved(variable, version, lead, ZERO_IS_MISSING)
    assert mapping.revision == 2
    first = mapping.revisions.get(number=1)
    restored = mappings.restore(mapping=mapping, revision=first, by=lead)
    assert (restored.revision, restored.rule) == (3, COPY)
    assert AuditEvent.objects.filter(action="mapping.saved").last().before["revision"] == 2
    mappings.remove(mapping=restored, by=lead)
    assert not Mapping.objects.exists()
    assert AuditEvent.objects.get(action="mapping.removed").before["rule"] == COPY


def test_what_somebody_has_removed_meanwhile_is_said_to_be_gone(variable, version, lead):
    mapping = saved(variable, version, lead)
    seen_by_another = Mapping.objects.get()
    mappings.remove(mapping=mapping, by=lead)
    with pytest.raises(Conflict, match="removed it meanwhile"):
        mappings.remove(mapping=seen_by_another, by=lead)
    variables.delete(variable=SharedVariable.objects.get(), by=lead)
    for late in (
        lambda: variables.delete(variable=variable, by=lead),
        lambda: variables.change(variable=variable, changes={"label": "Late"}, by=lead),
        lambda: saved(variable, version, lead),
    ):
        with pytest.raises(Conflict, match="removed it meanwhile"):
            late()


def test_who_may_map(variable, version, project):
    keeper = version.dataset.created_by
    others = [
        MembershipFactory(project=project, role="contributor").user,
        MembershipFactory(project=project, role="reader").user,
        keeper,
    ]
    for user in others:
        with pytest.raises(NotAllowed):
            saved(variable, version, user)
    assert not Mapping.objects.exists()
    MembershipFactory(project=project, user=keeper, role="contributor")
    saved(variable, version, keeper)
    mapping = saved(variable, version, MembershipFactory(project=project, role="steward").user)
    with pytest.raises(NotAllowed):
        mappings.remove(mapping=mapping, by=others[0])
    with pytest.raises(NotAllowed):
        mappings.restore(mapping=mapping, revision=mapping.revisions.first(), by=others[0])


@pytest.mark.parametrize(
    "rule",
    [
        None,
        "copy chol",
        [],
        {},
        {"kind": "copy"},
        {"kind": "copy", "column": "nowhere"},
        {"kind": "copy", "column": ["chol"]},
        {"kind": "copy", "column": "chol", "extra": 1},
        {"kind": "recode", "column": "chol", "map": {}},
        {"kind": "recode", "column": "chol", "map": {"x": 1}},
        {"kind": "recode", "column": "chol", "map": {"1": "\x00"}},
        {"kind": "recode", "column": "chol", "map": {"1": "\ud800"}},
        {"kind": "recode", "column": "chol", "map": {"1": float("nan")}},
        {"kind": "expression", "sql": "1; DROP TABLE x"},
        {"kind": "expression", "sql": "(SELECT 1)"},
        {"kind": "expression", "sql": "read_text('/etc/passwd')"},
        {"kind": "expression", "sql": "chol +"},
        {"kind": "expression", "sql": ""},
        {"kind": "expression", "sql": 5},
        {"kind": "expression"},
        {"kind": "guess"},
    ],
)
def test_a_rule_that_does_not_work_is_refused_in_words(variable, version, lead, rule):
    with pytest.raises(Invalid) as refused:
        saved(variable, version, lead, rule)
    assert list(refused.value.errors) == ["rule"]
    assert not Mapping.objects.exists()


def test_unit_conversion_is_not_offered_yet(variable, version, lead):
    rule = {"kind": "unit", "column": "chol", "from": "mg/dL", "to": "mmol/L", "analyte": "chol"}
    with pytest.raises(Invalid) as refused:
        saved(variable, version, lead, rule)
    assert refused.value.code == "rule_not_offered"
    assert "not offered yet" in refused.value.detail


def test_status_and_rule_fit_each_other(variable, version, lead):
    with pytest.raises(Invalid) as refused:
        saved(variable, version, lead, COPY, status="impossible")
    assert "rule" in refused.value.errors
    with pytest.raises(Invalid) as refused:
        saved(variable, version, lead, COPY, status="perhaps")
    assert "status" in refused.value.errors
    mapping = saved(variable, version, lead, None, status="impossible")
    assert (mapping.rule, mapping.preview) == (None, None)


def test_the_version_is_ready_and_the_datasets(variable, version, lead):
    received = VersionFactory(dataset=version.dataset, number=99)
    foreign = VersionFactory(ready=True, dataset__project=variable.project)
    for other in (received, foreign):
        with pytest.raises(Invalid):
            mappings.save(
                variable=variable,
                dataset=version.dataset,
                version=other,
                status="complete",
                rule=COPY,
                by=lead,
            )
    elsewhere = VersionFactory(ready=True, dataset__project=ProjectFactory(lead=lead))
    with pytest.raises(NotAllowed):
        saved(variable, elsewhere, lead)


def test_one_rule_for_all_datasets_that_have_its_columns(variable, version, project, lead):
    alike = table_version(
        {"chol": ("integer", [0, 0, 180])}, dataset=DatasetFactory(project=project)
    )
    unlike = table_version(
        {"cholesterol": ("integer", [0, 1, 2])}, dataset=DatasetFactory(project=project)
    )
    DatasetFactory(project=project)
    saved(variable, version, lead, ZERO_IS_MISSING)
    proposals = mappings.propose(
        variable=variable, rule=ZERO_IS_MISSING, datasets=project.datasets.all(), by=lead
    )
    assert [one.dataset for one in proposals] == [alike.dataset, unlike.dataset]
    assert proposals[0].preview["turned_missing"] == 2
    assert "chol" in proposals[1].error
    made = mappings.save_all(
        variable=variable, versions=[alike], status="complete", rule=ZERO_IS_MISSING, by=lead
    )
    assert [mapping.dataset for mapping in made] == [alike.dataset]
    with pytest.raises(Invalid):
        mappings.save_all(
            variable=SharedVariableFactory(project=project, name="again"),
            versions=[alike, unlike],
            status="complete",
            rule=ZERO_IS_MISSING,
            by=lead,
        )
    assert Mapping.objects.count() == 2


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ([("Chol", "", "number"), ("chol", "", "number")], "chol"),
        ([("CHOL_", "", "integer")], "CHOL_"),
        ([("x7", "Serum cholesterol", "number")], "x7"),
        ([("serum-cholesterol", "", "number")], "serum-cholesterol"),
        ([("cholesterol", "", "number")], None),
        ([("chol", "", "date")], None),
    ],
)
def test_a_column_of_the_same_name_or_label_is_suggested(project, columns, found):
    variable = SharedVariableFactory(
        project=project, name="chol", type="number", label="Serum cholesterol"
    )
    version = VersionFactory(ready=True)
    made = [
        ColumnFactory(version=version, name=name, label=label, type=kind)
        for name, label, kind in columns
    ]
    suggestion = mappings.suggest(variable, made)
    assert (suggestion and suggestion.column) == found
    if found:
        assert suggestion.reason


SINGLES_OUT = (
    {"kind": "expression", "sql": "CASE WHEN chol = 200 THEN chol * 1000000 ELSE 0 END"},
    {"kind": "recode", "column": "chol", "map": {"200": 1000000}, "otherwise": 0},
)


@pytest.mark.parametrize("rule", SINGLES_OUT)
def test_only_who_reads_the_rows_writes_rules_that_can_single_one_out(
    variable, version, lead, rule
):
    dataset = version.dataset
    dataset.access = "summaries"
    dataset.save()
    with pytest.raises(NotAllowed) as caught:
        saved(variable, version, lead, rule)
    assert caught.value.code == "rows_not_readable"
    (proposal,) = mappings.propose(variable=variable, rule=rule, datasets=[dataset], by=lead)
    assert (proposal.preview, proposal.error) == (None, caught.value.detail)
    saved(variable, version, lead)
    MembershipFactory(project=dataset.project, user=dataset.created_by, role="contributor")
    assert saved(variable, version, dataset.created_by, rule).rule == rule
