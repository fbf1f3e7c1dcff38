"""Two people who change many mappings of a project at the same time."""

from functools import partial

import pytest

from datasets.harmonisation import sheet_changes
from datasets.harmonisation.sheet_changes import Change, Plan
from datasets.models import Mapping
from tests.factories import DatasetFactory, SharedVariableFactory, table_version
from tests.meanwhile import at_once

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = ("age", "height", "weight")


@pytest.fixture
def version(project):
    columns = {name: ("number", [40.0, 50.0, 60.0]) for name in NAMES}
    return table_version(columns, dataset=DatasetFactory(project=project, access="project"))


@pytest.fixture
def changes(project, version):
    """A line of a sheet for each variable."""
    return [
        Change(
            line=2 + place,
            variable=SharedVariableFactory(project=project, name=name, type="number"),
            dataset=version.dataset,
            version=version,
            rule={"kind": "copy", "column": name},
        )
        for place, name in enumerate(NAMES)
    ]


def sheet(changes):
    return Plan(changes=changes, unchanged=0)


def test_two_sheets_with_the_same_lines_in_another_order(changes, lead):
    apply = partial(sheet_changes.apply, by=lead)
    orders = (changes, changes[::-1])
    assert at_once([partial(apply, plan=sheet(order)) for order in orders]) == []
    assert {one.revision for one in Mapping.objects.all()} == {2}


def test_one_step_is_taken_back_while_another_is_applied(changes, lead):
    first, _ = sheet_changes.apply(plan=sheet(changes), by=lead)
    found = list(Mapping.objects.order_by("-pk"))
    back = partial(sheet_changes.take_back, found=found, batch=first, by=lead)
    again = partial(sheet_changes.apply, plan=sheet(changes), by=lead)
    assert at_once([back, again]) == []
