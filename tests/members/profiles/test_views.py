"""The page of one's own profile, without a browser."""

import pytest

from members.models import Profile
from tests.factories import InstitutionFactory

pytestmark = pytest.mark.django_db

PROFILE = {
    "name": "Ada Lovelace",
    "orcid": "0000-0002-1825-0097",
    "institution": "St Mary’s",
    "country": "GBR",
    "disciplines": ["cardiology"],
    "about": "Numbers.",
}


def test_strangers_are_led_to_sign_in(client):
    answer = client.get("/account/")
    assert answer.headers["Location"] == "/accounts/login/?next=/account/"


def test_it_is_saved_and_shown_again(page, user):
    browser = page(user)
    assert browser.post("/account/", PROFILE).headers["Location"] == "/account/"
    shown = browser.get("/account/").text
    assert "Your profile is saved." in shown
    assert 'value="0000-0002-1825-0097"' in shown
    assert Profile.objects.get(user=user).country == "GBR"


def test_what_is_wrong_is_said_beside_its_field_and_the_rest_kept(page, user):
    answer = page(user).post("/account/", {**PROFILE, "orcid": "0000-0002-1825-0098"})
    assert answer.status_code == 422
    assert "its check digit does not fit" in answer.text
    assert 'href="#id_orcid"' in answer.text
    assert "St Mary’s" in answer.text
    assert not Profile.objects.filter(orcid__isnull=False).exists()


def test_choices_that_are_none_are_refused(page, user):
    answer = page(user).post("/account/", {**PROFILE, "country": "XXX"})
    assert answer.status_code == 422


def test_the_country_of_a_known_institution_may_be_left_out(page, user):
    InstitutionFactory(name="St Mary’s", country="IRL")
    assert page(user).post("/account/", {**PROFILE, "country": ""}).status_code == 302
    profile = Profile.objects.get(user=user)
    assert (profile.country, profile.institution.country) == ("IRL", "IRL")


@pytest.mark.parametrize("known", [(), ("IRL", "GBR")], ids=["unknown", "one name of two"])
def test_where_an_institution_is_must_be_said_otherwise(page, user, known):
    for country in known:
        InstitutionFactory(name="St Mary’s", country=country)
    answer = page(user).post("/account/", {**PROFILE, "country": ""})
    assert answer.status_code == 422
    assert 'href="#id_country"' in answer.text


def test_fields_that_are_not_asked_for_are_not_changed(page, user):
    page(user).post("/account/", {**PROFILE, "is_staff": "on", "email": "x@example.org"})
    user.refresh_from_db()
    assert (user.is_staff, user.email != "x@example.org") == (False, True)
