"""Asking a question as somebody does who looks at what it can use before pressing the button."""

import pytest
from django.test import Client
from playwright.sync_api import expect

from datasets.models import Draft, Mapping
from tests.browser_checks import accept, axe, new_page
from tests.factories import (
    ProjectFactory,
    SharedVariableFactory,
    UserFactory,
)
from tests.factories.analyses import mapped_sites

pytestmark = pytest.mark.django_db(transaction=True)

NEW = "/projects/heart/analyses/new/"
N = 60


@pytest.fixture
def asker(client: Client):
    """Whoever leads a project of two sites."""
    user = UserFactory()
    project = ProjectFactory(lead=user, slug="heart", visibility="private")
    codes = {"1": "Typical angina", "2": "Atypical angina", "3": "No pain"}
    variables = [
        SharedVariableFactory(
            project=project, name="pain", label="Chest pain", type="category", codes=codes
        ),
        SharedVariableFactory(project=project, name="age", label="Age", type="integer", unit="a"),
        SharedVariableFactory(project=project, name="sick", label="Disease", type="boolean"),
    ]
    columns = {
        "pain": ("category", [str(1 + k % 3) for k in range(N)]),
        "age": ("integer", [None] * 12 + [30 + k * 7 % 40 for k in range(N - 12)]),
        "sick": ("boolean", [k % 5 in (0, 3) for k in range(N)]),
    }
    mapped_sites(project, variables, columns)
    client.force_login(user)
    return project, client.cookies["sessionid"].value


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_the_panel_is_seen_before_the_button_and_levels_come_with_their_variable(
    live_server, browser, asker, width, theme
):
    _, session = asker
    page = new_page(browser, live_server.url, session)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(live_server.url + NEW)
    page.locator("button[value=run]").click()
    wrong = page.locator(".error-summary, .field-error, [aria-invalid]")
    expect(page.locator(".error-summary")).to_be_focused()
    page.locator("[name=outcome]").select_option("sick")
    page.locator("[name=exposure]").select_option("pain")
    page.locator("[name=terms][value=age]").check()
    expect(page.locator("#panel")).to_contain_text("96")
    expect(wrong).to_have_count(0)
    expect(page.locator("#panel")).to_contain_text("Age costs most rows")
    levels = page.locator("#references select")
    expect(levels).to_have_count(1)
    with page.expect_response(lambda one: one.request.method == "POST"):
        levels.select_option(label="No pain")
    expect(page.locator("#plan")).to_contain_text("96 of 120 rows have a value")
    assert not axe(page)
    draft = Draft.objects.get()
    assert draft.answers["reference"] == ['["pain", "3"]']
    for look in ((width, theme), (width, "dark" if theme == "light" else "light")):
        accept(page, live_server.url + draft.get_absolute_url(), width=look[0], theme=look[1])
    page.set_viewport_size({"width": width, "height": 800})
    run, panel = box(page.locator("button[value=run]")), box(page.locator("#panel"))
    narrow = panel["y"] + panel["height"] < run["y"]
    assert narrow if width < 600 else panel["x"] > run["x"]


@pytest.mark.parametrize(("width", "theme"), [(1280, "dark"), (390, "light")])
def test_a_refusal_offers_to_go_on_without_the_site(live_server, browser, asker, width, theme):
    project, session = asker
    project.second_person = True
    project.save()
    Mapping.objects.exclude(variable__name="age", dataset__site__name="Oslo").update(
        approved_at=project.created_at, approved_by=project.created_by
    )
    page = new_page(browser, live_server.url, session)
    page.goto(live_server.url + NEW)
    page.locator("[name=outcome]").select_option("sick")
    page.locator("[name=exposure]").select_option("age")
    button = page.get_by_role("button", name="Leave out Oslo")
    expect(button).to_be_visible()
    accept(page, live_server.url + Draft.objects.get().get_absolute_url(), width=width, theme=theme)
    page.set_viewport_size({"width": width, "height": 800})
    page.get_by_role("button", name="Leave out Oslo").click()
    expect(page.locator("#panel")).to_contain_text("48")


def test_coming_back_to_a_draft_ticks_what_it_has(live_server, browser, asker):
    """A browser ticks again by place; what is ticked stands first once a draft is opened."""
    _, session = asker
    page = new_page(browser, live_server.url, session)
    page.goto(live_server.url + NEW)
    page.locator("[name=outcome]").select_option("sick")
    page.locator("[name=exposure]").select_option("pain")
    page.locator("[name=terms][value=age]").check()
    expect(page.locator("#plan")).to_contain_text("chest pain and age")
    page.wait_for_url("**draft=*")
    page.goto(live_server.url + "/projects/heart/")
    page.go_back()
    ticked = page.locator("[name=terms]:checked")
    assert [one.get_attribute("value") for one in ticked.all()] == ["age"]


def box(locator):
    found = locator.bounding_box()
    assert found is not None
    return found
