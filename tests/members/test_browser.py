"""Every page of accounts, inbox and people in a real browser, and the ones a form comes back on."""

import itertools

import pytest
from allauth.account.models import EmailConfirmationHMAC
from django.core.cache import cache
from django.utils import timezone

from members.api_tokens import actions as api_tokens
from members.notifications import actions as notifications
from tests.browser_checks import THEMES, WIDTHS, accept, new_page
from tests.factories import MembershipFactory, ProfileFactory, ProjectFactory, UserFactory
from tests.factories.members import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)

# Each width and each theme once: neither changes what the other does.
EVERYWHERE = list(zip(WIDTHS, THEMES, strict=True))
FOR_STRANGERS = (
    "/",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/done/",
    "/accounts/password/reset/key/1-set-password/",
    "/accounts/confirm-email/abc/",
    "/accounts/inactive/",
)
FOR_MEMBERS = (
    "/",
    "/account/",
    "/account/tokens/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/logout/",
    "/accounts/reauthenticate/",
    "/inbox/",
    "/inbox/?show=done",
    "/people/",
    "/people/?q=nobody-has-this-name",
)


@pytest.fixture
def member(client):
    """Somebody with a full inbox, projects, tokens and colleagues; `client` is signed in."""
    cache.clear()
    user = ProfileFactory(user__name="Grace Phiri", orcid="0000-0002-1825-0097").user
    project = ProjectFactory(title="Pulse-oximetry triage in childhood pneumonia")
    MembershipFactory(user=user, project=project, role="lead")
    colleague = ProfileFactory(user__name="Rosa Quispe", about="Works on *hips*.").user
    MembershipFactory(user=colleague, project=project)
    line = {"kind": "join_request", "url": "/projects/", "group": project.title}
    for event, text, label, due in (
        ("asked", "Sofia Ortega asks to join", "Decide", timezone.now()),
        ("ready", "children.csv is read: 2,393 rows, 10 columns", "", None),
        ("named", f"“{'A' * 140}” has its result.", "Read it", None),
        ("gone", "Your request was approved", "", None),
    ):
        notifications.notify(
            [user],
            event=event,
            text=text,
            because="You lead this project.",
            action_label=label,
            due_at=due,
            **line,
        )
    notifications.settle(event="gone")
    api_tokens.create(name="Ward server", scopes=["read", "write:data"], days=30, by=user)
    client.force_login(user)
    user.colleague = colleague
    return user


def session_of(client):
    return client.cookies["sessionid"].value


@pytest.mark.parametrize(("width", "theme"), EVERYWHERE)
def test_pages_for_strangers(browser, live_server, width, theme):
    page = new_page(browser, live_server.url)
    address = UserFactory(address=False).emailaddress_set.get()
    link = f"/accounts/confirm-email/{EmailConfirmationHMAC(address).key}/"
    for path in (*FOR_STRANGERS, link):
        accept(page, live_server.url + path, width=width, theme=theme)
    page.context.close()


def test_pages_for_members(browser, live_server, client, member):
    """Each in one look: the walk through the demo sees those of a kind in other ways."""
    page = new_page(browser, live_server.url, session_of(client))
    paths = (*FOR_MEMBERS, f"/people/{member.colleague.pk}/", f"/people/{member.pk}/")
    for path, (width, theme) in zip(paths, itertools.cycle(EVERYWHERE), strict=False):
        accept(page, live_server.url + path, width=width, theme=theme)
    page.context.close()


def test_an_invalid_form_is_focused_links_to_its_field_and_keeps_the_input(
    browser, live_server, client, member
):
    page = new_page(browser, live_server.url, session_of(client))
    page.goto(live_server.url + "/account/")
    page.fill("#id_orcid", "0000-0002-1825-0098")
    page.fill("#id_about", "Half a thought")
    page.click("main button:has-text('Save')")
    page.wait_for_selector(".error-summary")
    assert page.evaluate("document.activeElement.className") == "error-summary"
    page.click(".error-summary a")
    assert page.evaluate("document.activeElement.id") == "id_orcid"
    assert page.input_value("#id_about") == "Half a thought"
    page.context.close()


def test_a_form_sent_after_the_session_ended_is_sent_once_signed_in_again(
    browser, live_server, client, member
):
    page = new_page(browser, live_server.url, session_of(client))
    page.goto(live_server.url + "/account/")
    page.fill("#id_about", "Twenty years of ward work")
    page.context.clear_cookies(name="sessionid")
    page.click("main button:has-text('Save')")
    assert page.inner_text("h1") == "This was not sent yet"
    with page.context.expect_page() as opened:
        page.click("main a:has-text('Sign in')")
    opened.value.fill("#id_login", member.email)
    opened.value.fill("#id_password", PASSWORD)
    opened.value.click("main button:has-text('Sign in')")
    opened.value.wait_for_url(live_server.url + "/")
    page.click("main button:has-text('Send it again')")
    assert "in another tab" in page.inner_text("main")
    page.click("main button:has-text('Send it again')")
    page.wait_for_url(live_server.url + "/account/")
    assert page.input_value("#id_about") == "Twenty years of ward work"
    page.context.close()


def test_without_javascript_one_signs_in_makes_a_token_and_ticks_off_the_news(
    browser, live_server, member
):
    page = new_page(browser, live_server.url, javascript=False)
    page.goto(live_server.url + "/accounts/login/")
    page.fill("#id_login", member.email)
    page.fill("#id_password", PASSWORD)
    page.click("main button:has-text('Sign in')")
    page.goto(live_server.url + "/account/tokens/")
    page.fill("#id_name", "Nightly upload")
    page.click("main button:has-text('Create token')")
    secret = page.inner_text("#secret")
    assert api_tokens.find(secret).user == member
    page.goto(live_server.url + "/inbox/")
    page.click("button:has-text('Mark all news done')")
    assert page.locator(".inbox li").count() == 2
    page.context.close()


def test_the_secret_page_and_the_open_question_are_sound(browser, live_server, client, member):
    page = new_page(browser, live_server.url, session_of(client))
    problems = []
    page.on("console", lambda message: message.type == "error" and problems.append(message.text))
    page.goto(live_server.url + "/account/tokens/")
    page.fill("#id_name", "Nightly upload")
    page.click("main button:has-text('Create token')")
    page.wait_for_selector("#secret")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click("summary:has-text('Revoke') >> nth=0")
    page.click("button:has-text('Revoke the token') >> nth=0")
    page.wait_for_selector("text=no longer opens anything")
    assert page.locator(".list li").count() == 1
    assert problems == []
    page.context.close()


def test_the_people_list_narrows_as_one_chooses_and_says_how_many(
    browser, live_server, client, member
):
    ProfileFactory(user__name="Mats Lindqvist", country="SWE")
    page = new_page(browser, live_server.url, session_of(client))
    page.goto(live_server.url + "/people/")
    page.select_option("#id_country", "SWE")
    page.wait_for_selector("#rcount:has-text('1 person')")
    assert "country=SWE" in page.url
    assert page.evaluate("document.activeElement.id") == "rcount"
    page.go_back()
    page.wait_for_selector("#rcount:has-text('people')")
    page.context.close()


def test_the_admin_console_works_under_the_content_security_policy(browser, live_server, client):
    admin = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(admin)
    page = new_page(browser, live_server.url, session_of(client))
    problems = []
    page.on("console", lambda message: message.type == "error" and problems.append(message.text))
    for path in ("", "members/user/", f"members/user/{admin.pk}/change/", "members/auditevent/"):
        assert page.goto(f"{live_server.url}/admin/{path}").status == 200
    assert problems == []
    page.context.close()
