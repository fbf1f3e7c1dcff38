"""Harmonising as a data steward does it: one matrix, a cell opened beside it, and back to it."""

import pytest
from django.test import Client
from playwright.sync_api import expect

from datasets.models import Mapping
from tests.browser_checks import accept, axe, new_page
from tests.factories import (
    DatasetFactory,
    MappingFactory,
    ProjectFactory,
    SharedVariableFactory,
    UserFactory,
    table_version,
)

pytestmark = pytest.mark.django_db(transaction=True)

GRID = "/projects/heart/variables/"
CODES = {"1": "male", "2": "female"}


@pytest.fixture
def steward(client: Client):
    """Whoever leads a project of a hospital that writes m, w and k.A."""
    user = UserFactory()
    project = ProjectFactory(lead=user, slug="heart", visibility="private")
    SharedVariableFactory(project=project, name="sex", type="category", codes=CODES)
    version = table_version(
        {"geschl": ("category", ["m"] * 112 + ["w"] * 10 + ["k.A."])},
        dataset=DatasetFactory(project=project, title="Basel"),
    )
    top = [{"value": value, "n": n} for value, n in (("m", 112), ("w", 10), ("k.A.", 1))]
    version.columns.update(profile={"top": top, "distinct": 3})
    client.force_login(user)
    return version, client.cookies["sessionid"].value


def test_a_cell_opens_beside_the_matrix_shows_what_a_rule_does_and_leads_back(
    live_server, browser, steward
):
    version, session = steward
    page = new_page(browser, live_server.url, session)
    page.goto(live_server.url + GRID)
    cell = page.locator(f"#cell-sex-{version.dataset_id}")
    expect(cell).to_contain_text("probably geschl")
    cell.click()
    panel = page.locator("article.cell")
    expect(panel).to_contain_text("Its values read like the codes: m → 1 and w → 2.")
    expect(page.locator("#cell-h")).to_be_focused()
    assert page.url == live_server.url + GRID
    targets = panel.locator(".rule-values select")
    expect(targets).to_have_count(3)
    targets.nth(2).select_option("")
    expect(page.locator("#effect")).to_contain_text("122 with a value, 0 missing on purpose, 1 not")
    for row in (0, 1):
        targets.nth(row).select_option("")
    panel.locator("[name$=recoding]").fill("M = 1\nW = 2")
    expect(page.locator("#effect")).to_contain_text("did you mean m and w?")
    assert not axe(page)
    assert not Mapping.objects.exists()
    for row, code in enumerate(("=1", "=2", "?")):
        targets.nth(row).select_option(code)
    panel.locator("[name$=recoding]").fill("")
    expect(page.locator("#effect .tag")).to_contain_text("Complete")
    page.get_by_role("button", name="Save the rule").click()
    expect(cell).to_be_focused()
    expect(cell).to_contain_text("122 with a value")
    cell.click()
    panel.locator("[name$=kind][value=copy]").check()
    for other in ("sql", "otherwise", "from_unit", "status"):
        expect(panel.locator(f"[name$={other}]")).to_be_hidden()
    panel.locator("[name$=column]").focus()
    panel.locator("[name$=column]").select_option("")
    expect(page.locator("#rule .rule-values")).to_have_count(0)
    expect(panel.locator("[name$=column]")).to_be_focused()
    # What was chosen first is answered last: it takes nothing away that was chosen since.
    answers = []
    page.route("**/mappings/*/", lambda route: answers.append(route))
    with page.expect_request("**/mappings/*/"):
        panel.locator("[name$=column]").select_option("geschl")
    with page.expect_request("**/mappings/*/"):
        panel.locator("[name$=kind][value=recode]").check()
    for answer in answers[::-1]:
        answer.continue_()
    page.unroute("**/mappings/*/")
    expect(page.locator("#rule .rule-values")).to_have_count(1)
    expect(panel.locator("[name$=kind][value=recode]")).to_be_checked()
    expect(panel.locator("[name$=kind][value=recode]")).to_be_focused()


def test_a_choice_made_the_moment_a_rule_is_drawn_anew_counts(live_server, browser, steward):
    """htmx wires what it has drawn only after a pause: what was chosen within it went unheard."""
    version, session = steward
    page = new_page(browser, live_server.url, session)
    page.goto(f"{live_server.url}{GRID}sex/mappings/{version.dataset_id}/")
    column = page.locator("[name$=column]")
    page.evaluate("""() => addEventListener("htmx:afterSwap", () => setTimeout(() => {
        const column = document.querySelector("[name$=column]");
        column.value = "geschl";
        column.dispatchEvent(new Event("change", { bubbles: true }));
    }), { once: true })""")
    with page.expect_request(lambda request: "column=geschl" in (request.post_data or "")):
        column.select_option("")


def test_coming_back_to_a_rule_shows_the_rule_that_stands(live_server, browser, steward):
    """A browser fills in again by place: a choice for another column's value stood beside this."""
    version, session = steward
    page = new_page(browser, live_server.url, session)
    address = f"{live_server.url}{GRID}sex/mappings/{version.dataset_id}/"
    page.goto(address)
    targets = page.locator(".rule-values select")
    stood = [one.input_value() for one in targets.all()]
    targets.nth(0).select_option("=2")
    page.goto(live_server.url + GRID)
    page.go_back()
    expect(targets.nth(0)).to_have_value(stood[0])


@pytest.mark.parametrize(("width", "theme"), [(1280, "dark"), (390, "light")])
def test_without_scripts_a_cell_is_a_page_with_a_preview(
    live_server, browser, steward, width, theme
):
    version, session = steward
    address = f"{live_server.url}{GRID}sex/mappings/{version.dataset_id}/"
    looked = new_page(browser, live_server.url, session)
    review = f"{live_server.url}/projects/heart/variable-suggestions/"
    for url in (live_server.url + GRID, address, review):
        accept(looked, url, width=width, theme=theme)
    page = new_page(browser, live_server.url, session, javascript=False)
    page.goto(live_server.url + GRID)
    page.locator(f"#cell-sex-{version.dataset_id}").click()
    assert page.url == address
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#effect")).to_contain_text("122 with a value, 1 missing on purpose, 0 not")
    assert not Mapping.objects.exists()
    page.get_by_role("button", name="Save the rule").click()
    assert page.url == f"{live_server.url}{GRID}#cell-sex-{version.dataset_id}"
    assert Mapping.objects.get().status == "complete"


def test_what_waits_is_ticked_at_once_and_approved(live_server, browser, steward):
    version, session = steward
    project = version.dataset.project
    project.second_person = True
    project.save()
    dose = SharedVariableFactory(project=project, name="dose")
    mapping = MappingFactory(variable=dose, version=version, changed_by=UserFactory())
    address = f"{live_server.url}/projects/heart/variable-approvals/"
    page = new_page(browser, live_server.url, session)
    accept(page, address, width=390, theme="dark")
    page.locator(".waiting summary").click()
    page.get_by_label("Tick all shown that nothing speaks against").check()
    assert not axe(page)
    page.get_by_role("button", name="Approve the ticked ones").click()
    expect(page.locator("main")).to_contain_text("Nothing waits for you")
    mapping.refresh_from_db()
    assert mapping.approved_at


def test_a_cell_is_as_high_as_its_row(live_server, browser, steward):
    """Its tint left white slits below the shorter cells of a row."""
    version, session = steward
    name = "a_variable_whose_name_takes_two_lines_in_its_row"
    SharedVariableFactory(project=version.dataset.project, name=name)
    page = new_page(browser, live_server.url, session)
    page.goto(live_server.url + GRID)
    gaps = page.locator(".matrix-cell").evaluate_all(
        "cells => cells.map(one => one.parentElement.clientHeight - one.offsetHeight)"
    )
    assert len(gaps) == 2
    assert max(gaps) <= 1, gaps
