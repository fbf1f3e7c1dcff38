"""The pages of one's own account, inbox and other people, without a browser."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.api_tokens import actions as api_tokens
from members.models import ApiToken, Notification, Profile, User
from members.notifications import actions as notifications
from tests.factories import (
    InstitutionFactory,
    MembershipFactory,
    ProfileFactory,
    ProjectFactory,
    UserFactory,
)
from tests.pages import text_of

pytestmark = pytest.mark.django_db

LINE = {"kind": "join_request", "text": "Somebody asks to join", "url": "/projects/x/"}
PROFILE = {
    "name": "Ada Lovelace",
    "orcid": "0000-0002-1825-0097",
    "institution": "St Mary’s",
    "country": "GBR",
    "disciplines": ["cardiology"],
    "about": "Numbers.",
}


@pytest.mark.parametrize(
    "path", ["/account/", "/account/tokens/", "/inbox/", "/people/", "/people/1/"]
)
def test_strangers_are_led_to_sign_in(client, path):
    answer = client.get(path)
    assert answer.headers["Location"] == f"/accounts/login/?next={path}"


class TestProfile:
    def test_it_is_saved_and_shown_again(self, page, user):
        browser = page(user)
        assert browser.post("/account/", PROFILE).headers["Location"] == "/account/"
        shown = browser.get("/account/").text
        assert "Your profile is saved." in shown
        assert 'value="0000-0002-1825-0097"' in shown
        assert Profile.objects.get(user=user).country == "GBR"

    def test_what_is_wrong_is_said_beside_its_field_and_the_rest_kept(self, page, user):
        answer = page(user).post("/account/", {**PROFILE, "orcid": "0000-0002-1825-0098"})
        assert answer.status_code == 422
        assert "its check digit does not fit" in answer.text
        assert 'href="#id_orcid"' in answer.text
        assert "St Mary’s" in answer.text
        assert not Profile.objects.filter(orcid__isnull=False).exists()

    def test_choices_that_are_none_are_refused(self, page, user):
        answer = page(user).post("/account/", {**PROFILE, "country": "XXX"})
        assert answer.status_code == 422

    def test_fields_that_are_not_asked_for_are_not_changed(self, page, user):
        page(user).post("/account/", {**PROFILE, "is_staff": "on", "email": "x@example.org"})
        user.refresh_from_db()
        assert (user.is_staff, user.email != "x@example.org") == (False, True)


class TestPeople:
    def test_others_see_the_profile_and_never_the_address(self, page, user):
        profile = ProfileFactory(orcid="0000-0002-1825-0097", about="**Hips**")
        shown = page(user).get(f"/people/{profile.user.pk}/").text
        for text in (profile.user.name, "Hungary", "Cardiology", "0000-0002-1825-0097"):
            assert text in shown
        assert "<strong>Hips</strong>" in shown
        assert profile.user.email not in shown

    @pytest.mark.parametrize("reason", ["closed", "unverified", "nobody"])
    def test_who_cannot_be_seen_is_not_there(self, page, user, reason):
        hidden = {
            "closed": lambda: UserFactory(is_active=False).pk,
            "unverified": lambda: UserFactory(address=False).pk,
            "nobody": lambda: 999999,
        }[reason]()
        assert page(user).get(f"/people/{hidden}/").status_code == 404

    def test_only_projects_the_reader_may_look_into_are_named(self, page, user):
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

    def test_scripts_in_the_text_are_not_run(self, page, user):
        profile = ProfileFactory(about="<script>x</script><img src=x onerror=y>[a](javascript:z)")
        shown = page(user).get(f"/people/{profile.user.pk}/").text
        assert "<script>x" not in shown
        assert "onerror" not in shown.replace("&lt;img src=x onerror=y&gt;", "")
        assert 'href="javascript' not in shown

    def test_search_by_name_institution_discipline_and_country(self, page, user):
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

    def test_long_lists_come_in_pages(self, page, user):
        for number in range(30):
            ProfileFactory(user__name=f"Zed {number:02}")
        browser = page(user)
        first = browser.get("/people/?q=zed").text
        assert "Zed 24" in first
        assert "Zed 25" not in first
        second = browser.get("/people/?q=zed&page=2").text
        assert "Zed 25" in second
        assert "q=zed" in first

    def test_who_fits_by_name_and_by_institution_comes_once(self, page, user):
        zed = InstitutionFactory(name="Zed Clinic")
        ProfileFactory(user__name="Zed Two", institution=zed)
        ProfileFactory(user__name="Ada Lovelace", institution=zed)
        ProfileFactory(user__name="Zed One")
        answer = page(user).get("/people/?q=zed")
        names = [person.name for person in answer.context["people"]]
        assert names == ["Ada Lovelace", "Zed One", "Zed Two"]
        assert answer.context["count"] == 3

    @pytest.mark.parametrize("text", ["quispe", "qz"])
    def test_names_and_institutions_are_looked_up_by_index(self, text, user):
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
    def test_the_list_asks_the_same_number_of_queries(
        self, page, user, rows, django_assert_num_queries
    ):
        for _ in range(rows):
            ProfileFactory(user__name="Ada Lovelace", country="GBR")
        browser = page(user)
        for query in ("", "?q=ada&country=GBR"):
            with django_assert_num_queries(5):
                browser.get(f"/people/{query}")

    @pytest.mark.parametrize("rows", [1, 10])
    def test_a_person_asks_the_same_number_of_queries(
        self, page, user, rows, django_assert_num_queries
    ):
        person = ProfileFactory().user
        for _ in range(rows):
            MembershipFactory(user=person, project=ProjectFactory(visibility="public"))
        browser = page(user)
        with django_assert_num_queries(7):
            browser.get(f"/people/{person.pk}/")


class TestTokens:
    def test_the_secret_is_shown_once_with_a_first_call(self, page, user):
        browser = page(user)
        body = {"name": "ward server", "scopes": ["read"], "days": "30"}
        made = browser.post("/account/tokens/", body)
        secret = made.text.split('id="secret">')[1].split("<")[0]
        assert api_tokens.find(secret).user == user
        assert "curl -H" in made.text
        assert "urllib.request" in made.text
        assert "no-store" in made.headers["Cache-Control"]
        later = browser.get("/account/tokens/").text
        assert "ward server" in later
        assert secret not in later

    def test_without_a_scope_nothing_is_made(self, page, user):
        answer = page(user).post("/account/tokens/", {"name": "x", "days": "30"})
        assert answer.status_code == 422
        assert not ApiToken.objects.exists()

    def test_revoked_and_expired_ones_leave_the_list(self, page, user):
        browser = page(user)
        gone, _ = api_tokens.create(name="to be revoked", scopes=["read"], days=1, by=user)
        old, _ = api_tokens.create(name="expired one", scopes=["read"], days=1, by=user)
        ApiToken.objects.filter(pk=old.pk).update(expires_at=timezone.now())
        browser.post(f"/account/tokens/{gone.pk}/revoke/")
        assert "no longer opens anything" in browser.get("/account/tokens/").text
        assert "to be revoked" not in browser.get("/account/tokens/").text
        assert "expired one" not in browser.get("/account/tokens/").text

    def test_somebody_elses_is_not_there(self, page, user):
        token, _ = api_tokens.create(name="x", scopes=["read"], days=1, by=UserFactory())
        assert page(user).post(f"/account/tokens/{token.pk}/revoke/").status_code == 404
        token.refresh_from_db()
        assert token.revoked_at is None

    def test_looking_revokes_nothing(self, page, user):
        token, _ = api_tokens.create(name="x", scopes=["read"], days=1, by=user)
        led = page(user).get(f"/account/tokens/{token.pk}/revoke/")
        assert led.url == "/account/tokens/#tokens-h"
        token.refresh_from_db()
        assert token.revoked_at is None


class TestInbox:
    def test_what_waits_comes_first_under_its_project(self, page, user):
        notifications.notify([user], event="news", group="Hips", **{**LINE, "text": "An upload"})
        notifications.notify(
            [user],
            event="asked",
            group="Hearts",
            because="Because you lead it",
            action_label="Decide",
            **LINE,
        )
        shown = page(user).get("/inbox/").text
        order = ["Waits on you", "Hearts", "Because you lead it", "News", "Hips", "An upload"]
        places = [shown.index(text) for text in order]
        assert places == sorted(places)
        assert 'aria-label="Inbox, 2 open"' in shown

    def test_done_from_the_list(self, page, user):
        notifications.notify([user], event="e", **LINE)
        line = Notification.objects.get()
        browser = page(user)
        browser.post(f"/inbox/{line.pk}/done/")
        assert "Nothing waits on you" in browser.get("/inbox/").text
        assert line.text in browser.get("/inbox/?show=done").text

    def test_mark_all_leaves_what_waits(self, page, user):
        notifications.notify([user], event="news", **LINE)
        notifications.notify([user], event="waits", action_label="Decide", **LINE)
        browser = page(user)
        browser.post("/inbox/done/")
        assert [line.event for line in Notification.objects.open()] == ["waits"]
        assert "Mark all" not in browser.get("/inbox/").text

    def test_somebody_elses_line_is_not_there(self, page, user):
        notifications.notify([UserFactory()], event="e", **{**LINE, "text": "canary-7731"})
        line = Notification.objects.get()
        browser = page(user)
        assert "canary" not in browser.get("/inbox/").text
        assert browser.post(f"/inbox/{line.pk}/done/").status_code == 404
        browser.post("/inbox/done/")
        line.refresh_from_db()
        assert line.done_at is None

    @pytest.mark.parametrize("rows", [1, 10, 100])
    def test_it_asks_the_same_number_of_queries(self, page, user, rows, django_assert_num_queries):
        for number in range(rows):
            notifications.notify([user], event=f"e{number}", group=f"g{number}", **LINE)
        browser = page(user)
        with django_assert_num_queries(4):
            browser.get("/inbox/")
        Notification.objects.update(done_at=timezone.now())
        with django_assert_num_queries(4):
            browser.get("/inbox/?show=done")
