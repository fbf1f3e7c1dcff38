"""Mapping a dataset to a variable: tried first, on record, and taken back."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from datasets.harmonisation import actions as variables
from datasets.mappings import actions as mappings
from datasets.mappings.proposals import propose
from datasets.models import Mapping, SharedVariable
from members.models import AuditEvent
from portal.common.exceptions import Conflict, Invalid, NotAllowed
from projects.models import Project
from tests.factories import (
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


CHOL = {"chol": ("integer", [0, 200, 250, None])}


@pytest.fixture
def variable(project):
    return SharedVariableFactory(project=project, name="chol", type="number")


def saved(variable, version, by, rule=COPY, status=None, **values):
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
    # Who reads the trail need not read the rows, if not today, then once the data are closed.
    assert event.before is None
    assert event.after["rule"].keys() == {"kind", "column", "sha256"}
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


def test_a_unit_is_converted_to_the_variables_own(project, version, lead):
    variable = SharedVariableFactory(project=project, name="lipid", type="number", unit="mmol/L")
    rule = {"kind": "unit", "column": "chol", "from": "mg/dl", "to": "mmol/L"}
    with pytest.raises(Invalid) as refused:
        saved(variable, version, lead, rule)
    assert refused.value.code == "needs_analyte"
    rule |= {"analyte": "cholesterol", "missing": ["0"]}
    mapping = saved(variable, version, lead, rule)
    assert mapping.status == "complete"
    assert mapping.preview["after"]["max"] == pytest.approx(250 / 38.665)
    with pytest.raises(Invalid) as refused:
        saved(variable, version, lead, rule | {"from": "mmol/L", "to": "mg/dL"})
    assert refused.value.code == "other_unit"


def test_status_and_rule_fit_each_other(variable, version, lead):
    with pytest.raises(Invalid) as refused:
        saved(variable, version, lead, COPY, status="impossible")
    assert "rule" in refused.value.errors
    with pytest.raises(Invalid) as refused:
        saved(variable, version, lead, COPY, status="perhaps")
    assert "status" in refused.value.errors
    mapping = saved(variable, version, lead, None, status="impossible")
    assert (mapping.rule, mapping.preview) == (None, None)
    with pytest.raises(Invalid) as refused:
        saved(variable, version, lead, None, status="complete")
    assert "rule" in refused.value.errors


def test_the_version_is_ready_and_the_datasets(variable, version, lead):
    received = VersionFactory(dataset=version.dataset, number=version.number + 1)
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
    proposals = propose(
        variable=variable, rule=ZERO_IS_MISSING, datasets=project.datasets.all(), by=lead
    )
    assert [one.dataset for one in proposals] == [alike.dataset, unlike.dataset]
    assert proposals[0].preview["turned_missing"] == 2
    assert "chol" in proposals[1].error
    made = mappings.save_all(variable=variable, versions=[alike], rule=ZERO_IS_MISSING, by=lead)
    assert [mapping.dataset for mapping in made] == [alike.dataset]
    with pytest.raises(Invalid):
        mappings.save_all(
            variable=SharedVariableFactory(project=project, name="again"),
            versions=[alike, unlike],
            rule=ZERO_IS_MISSING,
            by=lead,
        )
    assert Mapping.objects.count() == 2


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
    (proposal,) = propose(variable=variable, rule=rule, datasets=[dataset], by=lead)
    assert (proposal.preview, proposal.error) == (None, caught.value.detail)
    saved(variable, version, lead)
    MembershipFactory(project=dataset.project, user=dataset.created_by, role="contributor")
    assert saved(variable, version, dataset.created_by, rule).rule == rule


RECODE = {"kind": "recode", "column": "sex", "map": {"m": 1, "f": 0}}


@pytest.mark.parametrize("sent", ["complete", "partial", None])
@pytest.mark.parametrize(
    ("rule", "status"),
    [
        (RECODE, "complete"),
        (RECODE | {"map": {"m": 1}}, "partial"),
        (RECODE | {"map": {"m": 1, "f": None}}, "complete"),
        (RECODE | {"map": {"m": None, "f": None}}, "partial"),
        ({"kind": "expression", "sql": "CASE sex WHEN 'm' THEN 1 END"}, "partial"),
        ({"kind": "expression", "sql": "CASE sex WHEN 'm' THEN 1 ELSE NULL END"}, "complete"),
    ],
)
def test_the_status_of_a_rule_is_computed_whatever_is_sent(
    variable, version, lead, rule, status, sent
):
    """Complete: every value is accounted for, and some are kept."""
    assert saved(variable, version, lead, rule, status=sent).status == status


def test_what_empty_cells_become_hides_no_loss(variable, version, lead):
    rule = RECODE | {"map": {"M": 1, "W": 0}, "if_missing": 0}
    with pytest.raises(Invalid) as refused:
        saved(variable, version, lead, rule)
    assert refused.value.code == "keeps_nothing"
    mapping = saved(variable, version, lead, RECODE | {"if_missing": 9})
    assert (mapping.status, mapping.preview["after"]["max"]) == ("complete", 9)


def test_nobody_knows_yet_where_nothing_is_said(variable, version, lead):
    assert saved(variable, version, lead, None).status == "undetermined"


def test_a_rule_that_loses_every_value_is_refused_with_those_it_missed(variable, version, lead):
    rule = RECODE | {"map": {"M": 1, "W": 0}}
    with pytest.raises(Invalid) as refused:
        saved(variable, version, lead, rule)
    assert refused.value.code == "keeps_nothing"
    assert refused.value.errors["rule"] == [
        "None of your rules has a value for f and m: did you mean m? "
        "All 3 values would be lost, so nothing was saved."
    ]
    assert not Mapping.objects.exists()
    with pytest.raises(Invalid) as refused:
        saved(variable, version, lead, rule, names_values=False)
    assert refused.value.detail == "This rule would lose every value, so nothing was saved."


@pytest.mark.parametrize("values", [["m", "f", "f"], ["x", "y", "z"]])
def test_whoever_may_not_read_the_rows_learns_no_value_from_a_refusal(project, lead, values):
    """The same words whether the codes fit the values or not, before any row is read."""
    version = table_version(
        {"sex": ("category", values), "n": ("number", [1.5, 2.0, 3.0])},
        dataset=DatasetFactory(project=project, access="summaries"),
    )
    coded = SharedVariableFactory(project=project, type="category", codes={"m": "", "f": ""})
    whole = SharedVariableFactory(project=project, type="integer")
    for variable, rule in (
        (coded, {"kind": "copy", "column": "sex"}),
        (whole, {"kind": "copy", "column": "sex"}),
        (whole, {"kind": "copy", "column": "n"}),
        (whole, RECODE),
    ):
        with pytest.raises(NotAllowed) as refused:
            saved(variable, version, lead, rule)
        assert refused.value.code == "rows_not_readable"
        assert not {*values} & {*refused.value.detail.split()}
    number = SharedVariableFactory(project=project, type="number")
    assert saved(number, version, lead, {"kind": "copy", "column": "n"}).status == "complete"


def test_the_last_change_goes_back_in_one_press_and_again(variable, version, lead):
    mapping = saved(variable, version, lead)
    with pytest.raises(Conflict, match="no earlier revision"):
        mappings.undo(mapping=mapping, by=lead)
    mapping = saved(variable, version, lead, ZERO_IS_MISSING)
    undone = mappings.undo(mapping=mapping, by=lead)
    assert (undone.rule, undone.revision) == (COPY, 3)
    again = mappings.undo(mapping=undone, by=lead)
    assert (again.rule, again.revision) == (ZERO_IS_MISSING, 4)


def test_a_project_is_marked_as_active_once_all_is_kept(
    project, variable, version, lead, django_capture_on_commit_callbacks
):
    """Its row is locked for no longer than that takes, and written once for many mappings."""
    before = Project.objects.get(pk=project.pk).active_at
    marked = f'UPDATE "{Project._meta.db_table}"'
    versions = [version, *(table_version(CHOL, dataset__project=project) for _ in range(2))]
    with django_capture_on_commit_callbacks() as after, CaptureQueriesContext(connection) as asked:
        mappings.save_all(variable=variable, versions=versions, rule=COPY, by=lead)
    assert not [one["sql"] for one in asked if one["sql"].startswith(marked)]
    with CaptureQueriesContext(connection) as asked:
        for one in after:
            one()
    assert len([one["sql"] for one in asked if one["sql"].startswith(marked)]) == 1
    assert Project.objects.get(pk=project.pk).active_at > before
