"""What the database refuses of shared variables."""

import pytest
from django.db import IntegrityError

from datasets.models import SharedVariable
from tests.factories import MembershipFactory, ProjectFactory, SharedVariableFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["site", "country", "region", "1st", "a b", "", "é"])
def test_a_name_is_an_identifier_and_not_reserved(name):
    with pytest.raises(IntegrityError, match="shared_variable_name_valid"):
        SharedVariableFactory(name=name)


def test_a_name_is_once_in_a_project():
    first = SharedVariableFactory(name="age")
    SharedVariableFactory(name="age")
    with pytest.raises(IntegrityError, match="shared_variable_once"):
        SharedVariableFactory(name="age", project=first.project)


def test_the_type_is_one_of_the_list():
    with pytest.raises(IntegrityError, match="shared_variable_type_valid"):
        SharedVariableFactory(type="float")


def test_who_sees_inside_the_project_sees_its_variables(user):
    listed = SharedVariableFactory(project=ProjectFactory(visibility="listed"))
    public = SharedVariableFactory(project=ProjectFactory(visibility="public"))
    assert list(SharedVariable.objects.visible_to(user)) == [public]
    MembershipFactory(project=listed.project, user=user, role="reader")
    assert set(SharedVariable.objects.visible_to(user)) == {listed, public}


def test_codes_keep_the_order_in_which_they_were_written():
    """PostgreSQL had them by the length of their names, and the picker of references with it."""
    made = SharedVariableFactory(type="category", codes={"never": "", "quit": "", "daily": "now"})
    kept = SharedVariable.objects.get(pk=made.pk)
    assert list(kept.codes.items()) == [("never", ""), ("quit", ""), ("daily", "now")]
    assert kept.info.levels == ("never", "quit", "daily")
    SharedVariable.objects.filter(pk=made.pk).update(codes={"b": "", "a": ""})
    assert [*SharedVariable.objects.values_list("codes", flat=True).get()] == ["b", "a"]
