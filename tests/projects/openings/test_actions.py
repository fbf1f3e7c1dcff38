"""What projects look for."""

import pytest

from members.models import AuditEvent
from portal.common.exceptions import Invalid
from projects.models import Opening
from projects.openings import actions as openings

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("values", "label"),
    [
        ({"kind": "method", "detail": " Mixed  models "}, "Mixed models"),
        ({"kind": "method", "method": "Survival analysis"}, "Survival analysis"),
        ({"kind": "discipline", "discipline": "genetics"}, "Genetics"),
        ({"kind": "region", "region": "Southern Asia"}, "Sites in Southern Asia"),
    ],
)
def test_an_opening_says_what_is_lacking(project, lead, values, label):
    assert openings.add(project=project, by=lead, **values).label == label


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "method"},
        {"kind": "magic", "detail": "x"},
        {"kind": "region", "region": "Atlantis"},
        {"kind": "discipline", "discipline": "alchemy"},
        {"kind": "method", "detail": "x" * 121},
    ],
)
def test_an_opening_that_says_nothing_is_refused(project, lead, values):
    with pytest.raises(Invalid):
        openings.add(project=project, by=lead, **values)
    assert not Opening.objects.exists()


def test_an_opening_is_found_and_looked_for_again(project, lead):
    opening = openings.add(project=project, kind="data", detail="Registries", by=lead)
    openings.fill(opening=opening, by=lead)
    openings.fill(opening=opening, by=lead)
    assert not Opening.objects.open().exists()
    openings.fill(opening=opening, by=lead, filled=False)
    assert Opening.objects.open().exists()
    actions = AuditEvent.objects.filter(object_type="opening").order_by("id")
    assert list(actions.values_list("action", flat=True)) == [
        "opening.added",
        "opening.filled",
        "opening.reopened",
    ]
