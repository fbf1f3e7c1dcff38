"""What people are narrowed to by: kept in step with their profiles and names."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.models import PersonFacet, Profile, User
from members.profiles import actions as profiles
from tests.factories import InstitutionFactory, ProfileFactory, UserFactory

pytestmark = pytest.mark.django_db

CARDIOLOGY, HUNGARY = "discipline:cardiology", "country:HUN"


def facets_of(user):
    return set(PersonFacet.objects.filter(user=user).values_list("facet", "name"))


def test_facets_follow_the_profile_and_the_name(user):
    assert facets_of(user) == set()
    same = {"name": "Ada", "orcid": "", "institution": "", "about": ""}
    profiles.update(**same, country="GBR", disciplines=["cardiology", "ethics"], by=user)
    facets = {"country:GBR", CARDIOLOGY, "discipline:ethics"}
    assert facets_of(user) == {(facet, "Ada") for facet in facets}
    User.objects.filter(pk=user.pk).update(name="Ada King")
    assert facets_of(user) == {(facet, "Ada King") for facet in facets}
    # Written past the actions, with a discipline twice.
    Profile.objects.filter(user=user).update(country="", disciplines=["ethics", "ethics"])
    assert facets_of(user) == {("discipline:ethics", "Ada King")}
    Profile.objects.filter(user=user).delete()
    assert facets_of(user) == set()


def test_a_profile_that_changes_hands_takes_its_facets_along():
    profile, heir = ProfileFactory(country="HUN"), UserFactory(name="Heir")
    before = profile.user
    profile.user = heir
    profile.save()
    assert facets_of(before) == set()
    assert facets_of(heir) == {(CARDIOLOGY, "Heir"), (HUNGARY, "Heir")}


def test_a_deleted_person_leaves_none_behind():
    person = ProfileFactory().user
    person.delete()
    assert not PersonFacet.objects.exists()


@pytest.mark.parametrize("text", ["", "an", "ann", "house", "xy"])
@pytest.mark.parametrize(
    "facets",
    [(), (CARDIOLOGY,), (HUNGARY,), (HUNGARY, CARDIOLOGY), ("country:FIN", "discipline:ethics")],
)
def test_the_first_by_name_are_those_that_the_rule_gives(user, text, facets):
    house = InstitutionFactory(name="Ann House")
    for number, name in enumerate(["Zoe Ann", "Anna", "Bela", "Ann", "anna", "Ann", "Éva An"]):
        ProfileFactory(
            user__name=name,
            user__is_active=number != 3,
            country=["HUN", "FIN"][number % 2],
            disciplines=[["cardiology", "ethics"], ["cardiology"], ["ethics"]][number % 3],
            **({"institution": house} if number in (1, 2) else {}),
        )
    UserFactory(name="Ann Unverified", address=False)

    def fits(person):
        profile = getattr(person, "profile", None)
        named = [person.name, profile.institution.name] if profile else [person.name]
        has = {f"country:{profile.country}", *(f"discipline:{d}" for d in profile.disciplines)}
        begins = [f" {each}".lower() for each in named]
        if len(text) == 2 and not any(f" {text}" in each for each in begins):
            return False
        return any(text in each for each in begins) and has >= set(facets)

    seen = User.objects.visible_to(user).filter(profile__isnull=False)
    expected = [person.pk for person in seen.order_by("name", "pk") if fits(person)]
    for most in (2, 100):
        assert seen.first_named(text, most, facets) == expected[:most]
    assert User.objects.visible_to(AnonymousUser()).first_named("", 100, facets) == []


def test_a_facets_people_are_met_in_order(user):
    with CaptureQueriesContext(connection) as asked:
        User.objects.visible_to(user).first_named("", 10, [CARDIOLOGY])
    with connection.cursor() as cursor:
        for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin", "sort"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN {asked[0]['sql']}")
        plan = str(cursor.fetchall())
    assert "people_by_facet" in plan
    assert "Sort" not in plan
