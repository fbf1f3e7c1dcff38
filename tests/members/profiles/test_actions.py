"""A person's profile, and the institution they type."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from members.models import AuditEvent, Institution, Profile
from members.profiles import actions as profiles
from portal.common.exceptions import Invalid
from tests.factories import ProfileFactory, UserFactory

pytestmark = pytest.mark.django_db

GOOD = {
    "name": "Ada Lovelace",
    "orcid": "0000-0002-1825-0097",
    "institution": "St Mary’s",
    "country": "GBR",
    "disciplines": ["cardiology", "biostatistics"],
    "about": "Numbers.",
}


def test_everything_is_kept(user):
    profiles.update(**GOOD, by=user)
    profile = Profile.objects.get(user=user)
    user.refresh_from_db()
    assert user.name == "Ada Lovelace"
    assert (profile.orcid, profile.country) == ("0000-0002-1825-0097", "GBR")
    assert str(profile.institution) == "St Mary’s"
    assert profile.disciplines == ["biostatistics", "cardiology"]
    assert profile.discipline_names == ["Biostatistics", "Cardiology"]


def test_empty_text_empties_the_fields(user):
    profiles.update(**GOOD, by=user)
    empty = dict.fromkeys(GOOD, "") | {"name": "Ada", "disciplines": []}
    profile = profiles.update(**empty, by=user)
    assert (profile.orcid, profile.institution, profile.country) == (None, None, "")
    assert profile.disciplines == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0000-0002-1825-0097", "0000-0002-1825-0097"),
        ("0000-0002-1694-233X", "0000-0002-1694-233X"),
        ("0000-0002-1694-233x", "0000-0002-1694-233X"),
        (" https://orcid.org/0000-0001-5109-3700/ ", "0000-0001-5109-3700"),
    ],
)
def test_orcids_as_people_paste_them(user, typed, kept):
    assert profiles.update(**{**GOOD, "orcid": typed}, by=user).orcid == kept


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("0000-0002-1825-0098", "check digit"),
        ("0000-0002-1825-009X", "check digit"),
        ("0000-0002-1825-007", "Write the ORCID"),
        ("0000000218250097", "Write the ORCID"),
        ("٠٠٠٠-0002-1825-0097", "Write the ORCID"),
        ("ada", "Write the ORCID"),
    ],
)
def test_orcids_that_are_none(user, typed, message):
    with pytest.raises(Invalid) as refusal:
        profiles.update(**{**GOOD, "orcid": typed}, by=user)
    assert message in refusal.value.errors["orcid"][0]
    assert not Profile.objects.filter(orcid__isnull=False).exists()


def test_an_orcid_is_on_one_profile(user):
    ProfileFactory(orcid=GOOD["orcid"])
    with pytest.raises(Invalid) as refusal:
        profiles.update(**GOOD, by=user)
    assert refusal.value.errors == {"orcid": [profiles.ORCID_TAKEN]}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "Ada\u202eecalevoL"}, "name"),
        ({"language": "xx"}, "language"),
        ({"country": "XXX"}, "country"),
        ({"country": "gb"}, "country"),
        ({"country": ""}, "country"),
        ({"institution": "x" * 201}, "institution"),
        ({"disciplines": ["alchemy"]}, "disciplines"),
        ({"about": "x" * 2001}, "about"),
    ],
)
def test_bad_input_names_its_field_and_changes_nothing(user, change, field):
    with pytest.raises(Invalid) as refusal:
        profiles.update(**{**GOOD, **change}, by=user)
    assert list(refusal.value.errors) == [field]
    user.refresh_from_db()
    assert user.name != "Ada Lovelace"
    assert not AuditEvent.objects.exists()


def test_only_what_changed_is_audited(user):
    profiles.update(**GOOD, by=user)
    profiles.update(**{**GOOD, "country": "KEN"}, by=user)
    profiles.update(**{**GOOD, "country": "KEN"}, by=user)
    first, second = AuditEvent.objects.order_by("id")
    assert (second.before, second.after) == ({"country": "GBR"}, {"country": "KEN"})
    assert "Numbers." not in str(first.after)


@pytest.mark.django_db(transaction=True)
def test_people_who_type_one_institution_at_once_share_it():
    people = [UserFactory() for _ in range(6)]

    def save(numbered):
        number, user = numbered
        try:
            name = "Mulago Hospital" if number % 2 else "MULAGO hospital"
            orcid = {"orcid": ""}
            return profiles.update(
                **{**GOOD, **orcid, "institution": name, "country": "UGA"}, by=user
            ).institution_id
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(save, enumerate(people)))) == 1
    assert Institution.objects.count() == 1
