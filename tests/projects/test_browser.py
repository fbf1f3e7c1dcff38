"""The app's pages in a real browser: acceptance, filters, joining, with and without JavaScript."""

import itertools
import re

import pytest
from django.test import Client
from playwright.sync_api import expect

from tests.browser_checks import new_page, problems
from tests.projects import world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def the_world():
    return world.build()


@pytest.fixture
def open_as(live_server, browser):
    """`open_as(user)`: a browser page signed in as that person."""

    def make(user=None, javascript=True):
        session = ""
        if user is not None:
            client = Client()
            client.force_login(user)
            session = client.cookies["sessionid"].value
        return new_page(browser, live_server.url, session, javascript)

    return make


def test_every_page_is_accepted(live_server, the_world, open_as):
    w, heart = the_world, f"/projects/{the_world.heart.slug}/"
    member = w.heart.memberships.get(user=w.reader)
    pages = {
        w.stranger: ["/projects/", "/projects/?q=zzzz&stage=planning", heart, f"{heart}join/"],
        w.declined: [f"{heart}join/", f"/projects/{w.closed.slug}/join/"],
        w.lead: [
            "/projects/?view=table",
            "/projects/new/",
            heart,
            f"{heart}edit/",
            f"{heart}members/",
            f"{heart}members/{member.pk}/",
            f"{heart}sites/",
            f"{heart}sites/{w.sites[0].pk}/",
        ],
        None: ["/projects/", f"/projects/{w.listed.slug}/"],
    }
    looks = itertools.cycle(((1280, "light"), (390, "dark")))
    found = []
    for user, paths in pages.items():
        page = open_as(user)
        for path in paths:
            # The walk through the demo looks at those of a kind in other ways.
            width, theme = next(looks)
            wrong = problems(page, live_server.url + path, width=width, theme=theme)
            found += [f"{path} at {width} px, {theme}: {problem}" for problem in wrong]
    assert not found, "\n".join(found)


def test_filters_change_the_list_in_place_and_back_undoes_them(live_server, the_world, open_as):
    page = open_as(the_world.stranger)
    page.goto(f"{live_server.url}/projects/")
    count = page.locator("#rcount")
    expect(count).to_have_text("12 projects")
    page.get_by_role("checkbox", name="Genetics").check()
    expect(count).to_have_text("3 projects")
    expect(page).to_have_url(re.compile(r"field=genetics"))
    expect(count).to_be_focused()
    page.get_by_label("Sort").select_option("newest")
    expect(page).to_have_url(re.compile(r"sort=newest"))
    page.get_by_label("Remove filter: Field Genetics").click()
    expect(count).to_have_text("12 projects")
    page.go_back()
    expect(page.locator("#rcount")).to_have_text("3 projects")
    logged = []
    page.on("console", lambda message: logged.append(message.text))
    page.locator("#filters").evaluate(
        "form => { for (let n = 0; n < 3; n++) form.dispatchEvent(new Event('change')); }"
    )
    page.wait_for_load_state("networkidle")
    assert not logged, "a request that a newer one took the place of is no error"


@pytest.mark.parametrize("javascript", [True, False])
def test_join_from_the_list_and_be_let_in(live_server, the_world, open_as, javascript):
    w = the_world
    guest = open_as(w.gone, javascript)
    guest.goto(f"{live_server.url}/projects/?q=heart")
    guest.get_by_role("link", name="Heart disease in four hospitals").click()
    guest.get_by_role("link", name="Ask to join").click()
    guest.get_by_role("button", name="Ask to join").click()
    assert "Say what you would bring" in guest.locator(".error-summary").inner_text()
    guest.get_by_label("What would you bring").fill("We bring 294 patients.")
    guest.get_by_label("Which device measures").fill("An aneroid one.")
    guest.get_by_role("button", name="Ask to join").click()
    expect(guest.locator(".tracked-state")).to_have_text("Requested")

    lead = open_as(w.lead, javascript)
    lead.goto(f"{live_server.url}/projects/{w.heart.slug}/members/")
    queue = lead.locator(".list-top > li", has_text="Tom Left")
    queue.get_by_label("Role").select_option("steward")
    queue.get_by_role("button", name="Approve").click()
    expect(lead.locator(".messages")).to_contain_text("Tom Left is now a member.")

    guest.goto(f"{live_server.url}/projects/{w.heart.slug}/")
    expect(guest.locator("main .tags").first).to_contain_text("You are data steward")
