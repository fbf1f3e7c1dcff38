"""The list of people and the page of one, without a browser."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.models import User
from tests.factories import (
    InstitutionFactory,
    MembershipFactory,
    ProfileFactory,
    ProjectFactory,
    UserFactory,
)
from tests.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/people/", "/people/1/"])
def test_strangers_are_led_to_sign_in(client, path):
    answer = client.get(path)
    assert answer.headers["Location"] == f"/accounts/login/?next={path}"


def test_others_see_the_profile_and_never_the_address(page, user):
    profile = ProfileFactory(orcid="0000-0002-1825-0097", about="**Hips**")
    shown = page(user).get(f"/people/{profile.user.pk}/").text
    for text in (profile.user.name, "Hungary", "Cardiology", "0000-0002-1825-0097"):
        assert text in shown
    assert "<strong>Hips</strong>" in shown
    assert profile.user.email not in shown


@pytest.mark.parametrize("reason", ["closed", "unverified", "nobody"])
def test_who_cannot_be_seen_is_not_there(page, user, reason):
    hidden = {
        "closed": lambda: UserFactory(is_active=False).pk,
        "unverified": lambda: UserFactory(address=False).pk,
        "nobody": lambda: 999999,
    }[reason]()
    assert page(user).get(f"/people/{hidden}/").status_code == 404


def test_only_projects_the_reader_may_look_into_are_named(page, user):
    person = UserFactory()
    for title, visibility in (
        ("Open hips", "public"),
        ("Listed hips", "listed"),
        ("Secret hips", "private"),
    ):
        project = ProjectFactory(title=title, visibility=visibility)
        MembershipFactory(project=project, user=person)
    shared = ProjectFactory(title="Our hips", visibility="private")
    MembershipFactory(project=shared, user=person)
    MembershipFactory(project=shared, user=user)
    ended = ProjectFactory(title="Old hips", visibility="public")
    MembershipFactory(
        project=ended,
        user=person,
        starts_at=timezone.now() - timedelta(days=2),
        ends_at=timezone.now() - timedelta(days=1),
    )
    shown = text_of(page(user).get(f"/people/{person.pk}/"))
    assert "Open hips" in shown
    assert "Our hips" in shown
    assert shown.count("You are in it too") == 1
    for hidden in ("Listed hips", "Secret hips", "Old hips"):
        assert hidden not in shown


def test_scripts_in_the_text_are_not_run(page, user):
    profile = ProfileFactory(about="<script>x</script><img src=x onerror=y>[a](javascript:z)")
    shown = page(user).get(f"/people/{profile.user.pk}/").text
    assert "<script>x" not in shown
    assert "onerror" not in shown.replace("&lt;img src=x onerror=y&gt;", "")
    assert 'href="javascript' not in shown


def test_search_by_name_institution_discipline_and_country(page, user):
    mulago = InstitutionFactory(name="Mulago Hospital", country="UGA")
    one = ProfileFactory(user__name="Grace Phiri", country="MWI", disciplines=["ethics"])
    two = ProfileFactory(user__name="Rosa Quispe", country="UGA", institution=mulago)
    browser = page(user)

    def found(query):
        text = browser.get(f"/people/?{query}").text
        return {profile for profile in (one, two) if profile.user.name in text}

    assert found("") == {one, two}
    assert found("q=phir") == {one}
    assert found("q=mulago") == {two}
    assert found("discipline=ethics") == {one}
    assert found("country=UGA") == {two}
    assert found("country=UGA&discipline=ethics") == set()
    assert found("country=nowhere&page=x") == {one, two}
    assert "Nobody fits all of this" in browser.get("/people/?q=zzz").text


def test_long_lists_come_in_pages(page, user):
    for number in range(30):
        ProfileFactory(user__name=f"Zed {number:02}")
    browser = page(user)
    first = browser.get("/people/?q=zed").text
    assert "Zed 24" in first
    assert "Zed 25" not in first
    second = browser.get("/people/?q=zed&page=2").text
    assert "Zed 25" in second
    assert "q=zed" in first


def test_who_fits_by_name_and_by_institution_comes_once(page, user):
    zed = InstitutionFactory(name="Zed Clinic")
    ProfileFactory(user__name="Zed Two", institution=zed)
    ProfileFactory(user__name="Ada Lovelace", institution=zed)
    ProfileFactory(user__name="Zed One")
    answer = page(user).get("/people/?q=zed")
    names = [person.name for person in answer.context["people"]]
    assert names == ["Ada Lovelace", "Zed One", "Zed Two"]
    assert answer.context["count"] == 3


@pytest.mark.parametrize("text", ["quispe", "qz"])
def test_names_and_institutions_are_looked_up_by_index(text, user):
    with connection.cursor() as cursor:
        # Only what an index can find by itself: what the planner knows of tables that other
        # tests have filled and emptied decides nothing then.
        for way in ("seqscan", "indexscan", "indexonlyscan", "nestloop"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    with CaptureQueriesContext(connection) as asked:
        assert User.objects.visible_to(user).first_named(text, 10) == []
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {asked[0]['sql']}")
        plan = str(cursor.fetchall())
    assert "user_name_trigram" in plan
    assert "institution_trigram" in plan


@pytest.mark.parametrize("rows", [1, 10, 100])
def test_the_list_asks_the_same_number_of_queries(page, user, rows, django_assert_num_queries):
    for _ in range(rows):
        ProfileFactory(user__name="Ada Lovelace", country="GBR")
    browser = page(user)
    for query in ("", "?q=ada&country=GBR"):
        with django_assert_num_queries(5):
            browser.get(f"/people/{query}")


@pytest.mark.parametrize("rows", [1, 10])
def test_a_person_asks_the_same_number_of_queries(page, user, rows, django_assert_num_queries):
    person = ProfileFactory().user
    for _ in range(rows):
        MembershipFactory(user=person, project=ProjectFactory(visibility="public"))
    browser = page(user)
    with django_assert_num_queries(7):
        browser.get(f"/people/{person.pk}/")
