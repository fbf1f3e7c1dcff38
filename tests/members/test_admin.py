"""The admin console: accounts are closed through actions, the trail is only read."""

import pytest
from django.contrib.admin import site

from members.models import AuditEvent, User
from tests.factories import ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return UserFactory(is_staff=True, is_superuser=True)


def choose(browser, action, *people):
    return browser.post(
        "/admin/members/user/",
        {"action": action, "_selected_action": [user.pk for user in people]},
        follow=True,
    )


def test_signing_in_goes_through_the_portals_page(client, user):
    assert client.get("/admin/").headers["Location"].startswith("/admin/login/")
    answer = client.get("/admin/login/?next=/admin/")
    assert answer.headers["Location"].startswith("/accounts/login/")
    client.force_login(user)
    assert client.get("/admin/login/?next=/admin/").status_code == 403


def test_the_password_is_changed_on_the_portals_page(page, admin):
    answer = page(admin).get("/admin/password_change/")
    assert answer.headers["Location"] == "/accounts/password/change/"


def test_accounts_are_closed_and_opened_with_an_audit_row(page, admin, user):
    browser = page(admin)
    assert f"Deactivated: {user.email}" in choose(browser, "deactivate", user).text
    user.refresh_from_db()
    assert not user.is_active
    choose(browser, "reactivate", user)
    actions = AuditEvent.objects.order_by("id").values_list("action", "actor_id")
    assert list(actions) == [("user.deactivated", admin.pk), ("user.reactivated", admin.pk)]


def test_one_refusal_does_not_stop_the_rest(page, admin, user):
    shown = choose(page(admin), "deactivate", admin, user).text
    assert "cannot deactivate your own account" in shown
    user.refresh_from_db()
    assert not user.is_active


def test_nothing_is_edited_added_or_deleted_by_form(page, admin, user):
    browser = page(admin)
    event_page = "/admin/members/auditevent/"
    for path in (
        "/admin/members/user/add/",
        f"/admin/members/user/{user.pk}/delete/",
        f"{event_page}add/",
    ):
        assert browser.get(path).status_code == 403, path
        assert browser.post(path, {"post": "yes"}).status_code == 403, path
    answer = browser.post(f"/admin/members/user/{user.pk}/change/", {"is_staff": "on"})
    assert answer.status_code == 403
    user.refresh_from_db()
    assert not user.is_staff


def test_the_trail_is_read_and_searched(page, admin, user):
    browser = page(admin)
    choose(browser, "deactivate", user)
    shown = browser.get("/admin/members/auditevent/?q=deactivated")
    assert "user.deactivated" in shown.text
    event = AuditEvent.objects.get()
    assert browser.get(f"/admin/members/auditevent/{event.pk}/change/").status_code == 200


def test_neither_groups_nor_addresses_are_edited_here():
    names = {model._meta.label for model in site._registry}
    assert not names & {"auth.Group", "account.EmailAddress", "members.ApiToken"}


def test_admins_see_no_private_project_by_being_admins(page, api, admin):
    hidden = ProjectFactory(title="canary-7731", visibility="private")
    browser = page(admin)
    assert "canary" not in browser.get("/").text
    assert browser.get(f"/projects/{hidden.slug}/").status_code == 404
    assert api(admin).get("/api/v1/me/").data["memberships"] == []
