"""Asking a question: what is pinned, what is refused and how it is told."""

import pytest

from datasets.analyses import actions as analyses
from datasets.choices import JobKind
from datasets.mappings import actions as mappings
from datasets.models import Analysis
from members.models import AuditEvent
from portal.common.exceptions import Invalid, InvalidTransition, NotAllowed
from portal.jobs.models import Job
from tests.factories import (
    AnalysisFactory,
    AnalysisInputFactory,
    ColumnFactory,
    DatasetFactory,
    MappingFactory,
    MembershipFactory,
    ProjectFactory,
    SharedVariableFactory,
    StudySiteFactory,
    UserFactory,
    VersionFactory,
    table_version,
)

pytestmark = pytest.mark.django_db

REGRESSION = {"outcome": "sick", "terms": ["age"]}


@pytest.fixture
def member():
    return UserFactory()


@pytest.fixture
def project(member):
    project = ProjectFactory()
    MembershipFactory(project=project, user=member, role="contributor")
    return project


@pytest.fixture
def versions(project):
    """Two unmapped datasets with the columns age, sick and one of differing types."""
    made = []
    for name, country, odd in (("Oslo", "NOR", "integer"), ("Lima", "PER", "text")):
        site = StudySiteFactory(project=project, name=name, country=country)
        version = VersionFactory(ready=True, dataset__project=project, dataset__site=site)
        for column, kind in (("age", "integer"), ("sick", "boolean"), ("odd", odd)):
            ColumnFactory(version=version, name=column, type=kind)
        made.append(version)
    return made


def named(*versions):
    return [{"dataset": one.dataset_id, "version": one.number} for one in versions]


def started(project, member, versions, method="regression", parameters=REGRESSION, **values):
    return analyses.start(
        project=project,
        by=member,
        **{
            "title": "Does age matter?",
            "method": method,
            "inputs": named(*versions),
            "parameters": parameters,
            **values,
        },
    )


def test_a_question_pins_what_it_rests_on_and_queues_its_job(project, member, versions):
    analysis = started(project, member, versions)
    assert analysis.state == "queued"
    assert analysis.parameters == REGRESSION | {
        "family": "binomial",
        "exposure": "age",
        "reference": {},
        "interactions": [],
        "interaction_with": None,
        "offset": None,
        "site_effects": True,
        "standard_errors": "model",
        "strategy": "one_stage",
    }
    assert [one["name"] for one in analysis.variables] == ["sick", "age"]
    first, second = analysis.inputs.all()
    assert (first.version, first.site, first.country) == (versions[0], "Oslo", "NOR")
    assert second.region == "Latin America and the Caribbean"
    assert first.rules == {name: {"kind": "copy", "column": name} for name in ("sick", "age")}
    job = Job.objects.get()
    assert (job.kind, job.target_id, job.created_by) == (JobKind.ANALYSE, analysis.pk, member)
    event = AuditEvent.objects.get(action="analysis.started")
    assert event.after["versions"] == [one.pk for one in versions]


def test_the_order_of_inputs_is_the_users(project, member, versions):
    analysis = started(project, member, versions[::-1])
    assert [one.site for one in analysis.inputs.all()] == ["Lima", "Oslo"]


@pytest.mark.parametrize("role", ["reader", None])
def test_others_may_not_ask(project, versions, role):
    user = MembershipFactory(project=project, role=role).user if role else UserFactory()
    with pytest.raises(NotAllowed):
        started(project, user, versions)
    with pytest.raises(NotAllowed):
        analyses.rerun(analysis=AnalysisFactory(project=project, succeeded=True), by=user)
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        (None, "parameters"),
        ([], "parameters"),
        ("age", "parameters"),
        ({}, "parameters.outcome"),
        ({"outcome": "sick"}, "parameters.terms"),
        (REGRESSION | {"terms": "age"}, "parameters.terms"),
        (REGRESSION | {"terms": []}, "parameters.terms"),
        (REGRESSION | {"terms": ["age", "age"]}, "parameters.terms"),
        (REGRESSION | {"terms": ["nothing"]}, "parameters.terms"),
        (REGRESSION | {"terms": [{"a": 1}]}, "parameters.terms"),
        (REGRESSION | {"terms": ["sick"]}, "parameters.terms"),
        (REGRESSION | {"terms": ["age"] * 5000}, "parameters.terms"),
        (REGRESSION | {"outcome": "'; DROP TABLE x; --"}, "parameters.outcome"),
        (REGRESSION | {"outcome": "C(age)"}, "parameters.outcome"),
        (REGRESSION | {"outcome": "\x00"}, "parameters.outcome"),
        (REGRESSION | {"family": "tweedie"}, "parameters.family"),
        (REGRESSION | {"site_effects": "yes"}, "parameters.site_effects"),
        (REGRESSION | {"interactions": [["age"]]}, "parameters.interactions"),
        (REGRESSION | {"interactions": {"a": "b"}}, "parameters.interactions"),
        (REGRESSION | {"interactions": [["age", "moon"]]}, "parameters.interactions"),
        (REGRESSION | {"seed": 1}, "parameters.seed"),
        (REGRESSION | {"__proto__": {}}, "parameters.__proto__"),
    ],
)
def test_parameters_that_do_not_fit_are_told_by_field(project, member, versions, parameters, field):
    with pytest.raises(Invalid) as refused:
        started(project, member, versions, parameters=parameters)
    assert field in refused.value.errors
    assert not Analysis.objects.exists()


@pytest.mark.parametrize(
    "inputs",
    [None, [], {}, "all", [1], [{"dataset": 1}], [{"dataset": "1", "version": "1"}],
     [{"dataset": True, "version": True}], [{"dataset": -1, "version": 1}],
     [{"dataset": 10**30, "version": 1}], [{"dataset": 1, "version": 1}] * 500],
)  # fmt: skip
def test_inputs_that_name_nothing_are_refused(project, member, versions, inputs):
    with pytest.raises(Invalid) as refused:
        started(project, member, versions, inputs=inputs)
    assert all(field.startswith("inputs") for field in refused.value.errors)


def test_inputs_are_ready_versions_of_this_project_once(project, member, versions):
    foreign = VersionFactory(ready=True, dataset__access="open")
    received = VersionFactory(dataset__project=project)
    for bad in (
        [*versions, foreign],
        [*versions, received],
        [versions[0], versions[0]],
    ):
        with pytest.raises(Invalid) as refused:
            started(project, member, bad)
        assert [f"inputs.{len(bad) - 1}"] == list(refused.value.errors)


def test_the_method_is_checked(project, member, versions):
    with pytest.raises(Invalid) as refused:
        started(project, member, versions, method="guess")
    assert "method" in refused.value.errors


def test_columns_of_differing_types_are_not_pooled_and_it_is_said(project, member, versions):
    with pytest.raises(Invalid) as refused:
        started(project, member, versions, parameters=REGRESSION | {"terms": ["odd"]})
    assert "whole number and text" in refused.value.errors["parameters.terms"][0]
    started(project, member, versions[:1], parameters=REGRESSION | {"terms": ["odd"]})


def test_mapped_data_offers_shared_names_with_the_rules_of_now(project, member, versions):
    dose = SharedVariableFactory(project=project, name="dose")
    sick = SharedVariableFactory(project=project, name="sick", type="boolean")
    rule = {"kind": "expression", "sql": "age * 2"}
    mapping = MappingFactory(variable=dose, version=versions[0], rule=rule)
    MappingFactory(variable=sick, version=versions[0], rule={"kind": "copy", "column": "sick"})
    analysis = started(project, member, versions, parameters={"outcome": "sick", "terms": ["dose"]})
    mapping.rule = {"kind": "copy", "column": "age"}
    mapping.save()
    first, second = analysis.inputs.all()
    assert first.rules["dose"] == rule
    # The other dataset has no mappings: it gives the columns whose name and type are shared.
    assert list(second.rules) == ["sick"]
    with pytest.raises(Invalid) as refused:
        started(project, member, versions, parameters=REGRESSION)
    assert "parameters.terms" in refused.value.errors


def test_a_rule_that_does_not_fit_the_chosen_version_is_said(project, member):
    dataset = DatasetFactory(project=project, created_by=member)
    first = table_version(
        {"age": ("integer", [40, 50]), "sick": ("boolean", [True, False])}, dataset=dataset
    )
    for name, kind in (("age", "number"), ("sick", "boolean")):
        mappings.save(
            variable=SharedVariableFactory(project=project, name=name, type=kind),
            dataset=dataset,
            version=first,
            status="complete",
            rule={"kind": "copy", "column": name},
            by=member,
        )
    newer = VersionFactory(ready=True, dataset=dataset, number=first.number + 1)
    ColumnFactory(version=newer, name="years", type="integer")
    ColumnFactory(version=newer, name="sick", type="boolean")
    with pytest.raises(Invalid) as refused:
        started(project, member, [newer])
    assert "does not fit" in str(refused.value.errors)


def test_a_rerun_repeats_versions_rules_and_places(project, member, versions):
    first = AnalysisFactory(project=project, succeeded=True, method="describe", tests=3)
    one = AnalysisInputFactory(
        analysis=first, index=0, version=versions[0], rules={"age": {"kind": "copy"}}, site="Then"
    )
    again = analyses.rerun(analysis=first, by=member)
    pinned = again.inputs.get()
    assert (pinned.version, pinned.rules, pinned.site) == (one.version, one.rules, "Then")
    assert again.rerun_of == first
    assert again.tests == 3
    assert again.agrees is None
    with pytest.raises(InvalidTransition):
        analyses.rerun(analysis=again, by=member)
