"""A rule that can single out a row enters a question when who reads the rows has set it."""

import pytest

from datasets.analyses import actions as analyses
from datasets.mappings import actions as mappings
from portal.common.exceptions import Invalid, NotAllowed
from tests.factories import (
    DatasetFactory,
    MembershipFactory,
    SharedVariableFactory,
    StudySiteFactory,
    table_version,
)

pytestmark = pytest.mark.django_db

ISOLATING = {"kind": "expression", "sql": "age + CASE WHEN age = 77 THEN 1000 ELSE 0 END"}


@pytest.fixture
def version(project):
    keeper = MembershipFactory(project=project, role="contributor").user
    dataset = DatasetFactory(
        project=project,
        site=StudySiteFactory(project=project, name="Cleveland"),
        access="project",
        created_by=keeper,
    )
    ages = [30 + k % 40 for k in range(60)] + [77]
    return table_version({"age": ("number", ages)}, dataset=dataset)


@pytest.fixture
def contributor(project):
    return MembershipFactory(project=project, role="contributor").user


@pytest.fixture
def variable(project):
    return SharedVariableFactory(project=project, name="years")


def save(variable, version, by, rule=ISOLATING):
    return mappings.save(
        variable=variable, dataset=version.dataset, version=version, rule=rule, by=by
    )


def ask(project, version, by):
    return analyses.check(
        project=project,
        method="describe",
        inputs=[{"dataset": version.dataset_id, "version": version.number}],
        parameters={"variables": ["years"]},
        by=by,
    )


def test_a_rule_from_before_the_rows_were_guarded_waits(project, version, variable, lead):
    save(variable, version, lead)
    ask(project, version, lead)
    project.datasets.update(access="summaries")
    for person in (lead, version.dataset.created_by):
        with pytest.raises(Invalid) as refused:
            ask(project, version, person)
        assert refused.value.errors == {
            "parameters.variables": [
                f"The rule of years for {version.title} waits for somebody who may read the rows "
                "there: saving it again approves it."
            ]
        }
    with pytest.raises(NotAllowed):
        save(variable, version, lead)
    save(variable, version, version.dataset.created_by)
    ask(project, version, lead)


def test_an_approval_is_of_one_rule(project, version, variable, lead, contributor):
    keeper = version.dataset.created_by
    save(variable, version, keeper, {"kind": "expression", "sql": "age"})
    save(variable, version, lead)
    project.datasets.update(access="summaries")
    with pytest.raises(Invalid):
        ask(project, version, contributor)
    mapping = variable.mappings.get()
    mappings.restore(mapping=mapping, revision=mapping.revisions.get(number=1), by=keeper)
    ask(project, version, contributor)


def test_whoever_has_left_approves_no_more(project, version, variable, contributor):
    keeper = version.dataset.created_by
    project.datasets.update(access="summaries")
    version.dataset.refresh_from_db()
    save(variable, version, keeper)
    ask(project, version, contributor)
    project.memberships.filter(user=keeper).update(role="reader")
    with pytest.raises(Invalid):
        ask(project, version, contributor)


def test_a_rule_that_loses_nothing_waits_for_nobody(project, version, variable, lead, contributor):
    save(variable, version, lead, {"kind": "copy", "column": "age"})
    project.datasets.update(access="summaries")
    ask(project, version, contributor)
