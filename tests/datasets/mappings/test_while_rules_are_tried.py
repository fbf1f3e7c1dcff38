"""Trying rules on files takes its time: others go on writing to the audit trail meanwhile."""

import pytest

from datasets.harmonisation import actions as shared_variables
from datasets.mappings import actions as mappings
from datasets.mappings import previews
from datasets.models import Mapping
from members.audit_events import actions as audit_events
from members.models import AuditEvent
from tests.factories import DatasetFactory, SharedVariableFactory, UserFactory, table_version
from tests.meanwhile import acts_elsewhere

pytestmark = pytest.mark.django_db(transaction=True)

ONE_IS_MALE = {"kind": "recode", "column": "sex", "map": {"1": "m", "2": "f"}}


@pytest.fixture
def variable(project):
    codes = {"m": "male", "f": "female"}
    return SharedVariableFactory(project=project, name="sex", type="category", codes=codes)


@pytest.fixture
def versions(project):
    columns = {"sex": ("text", ["1", "2", "1", "2"])}
    return [
        table_version(columns, dataset=DatasetFactory(project=project, access="project"))
        for _ in range(3)
    ]


@pytest.fixture
def others_act(monkeypatch):
    """Somebody acts in the portal each time that a rule is tried; how often that was."""
    tried, preview, other = [], previews.preview, UserFactory()

    def watched(*given):
        acts_elsewhere(other)
        other.refresh_from_db()
        tried.append(given)
        return preview(*given)

    monkeypatch.setattr(previews, "preview", watched)
    return tried


def test_one_rule_for_several_datasets(variable, versions, lead, others_act):
    mappings.save_all(variable=variable, versions=versions, rule=ONE_IS_MALE, by=lead)
    assert len(others_act) == Mapping.objects.count() == 3
    assert AuditEvent.objects.filter(action="mapping.saved").count() == 3
    assert audit_events.verify().rows == 6


def test_a_variable_whose_rules_are_checked_again(variable, versions, lead, others_act):
    mappings.save_all(variable=variable, versions=versions, rule=ONE_IS_MALE, by=lead)
    codes = {"m": "man", "f": "woman", "x": "other"}
    shared_variables.change(variable=variable, changes={"codes": codes}, by=lead)
    assert len(others_act) == 6
    actions = list(AuditEvent.objects.order_by("id").values_list("action", flat=True))
    assert actions[-4:] == [*["mapping.saved"] * 3, "shared_variable.changed"]
    assert audit_events.verify().rows == len(actions)
