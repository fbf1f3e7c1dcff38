"""Institutions that people type."""

import pytest

from members.institutions import actions as institutions
from portal.common.exceptions import Invalid
from tests.factories import InstitutionFactory

pytestmark = pytest.mark.django_db


class TestInstitutions:
    def test_case_and_spaces_do_not_make_another_one(self):
        first = institutions.named(name="Charité Berlin", country="DEU")
        assert institutions.named(name="  charité  BERLIN ", country="DEU") == first
        assert str(first) == "Charité Berlin"

    def test_another_country_does(self):
        first = InstitutionFactory(name="University Hospital", country="HUN")
        assert institutions.named(name="University Hospital", country="CHE") != first

    @pytest.mark.parametrize(("name", "country"), [(" ", "KEN"), ("A", ""), ("A", "ken")])
    def test_what_is_none(self, name, country):
        with pytest.raises(Invalid):
            institutions.named(name=name, country=country)
