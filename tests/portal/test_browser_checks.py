"""The frame and every part pass the browser checks, and the checks notice what they must."""

import pytest

from tests.browser_checks import THEMES, WIDTHS, accept, axe, new_page, problems


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_part_is_accepted(browser, gallery, width, theme):
    page = new_page(browser, gallery)
    accept(page, f"{gallery}/everything/?errors=1", width=width, theme=theme)


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_front_page_parts_and_lists_are_accepted(browser, gallery, width, theme):
    accept(new_page(browser, gallery), f"{gallery}/lists/", width=width, theme=theme)


@pytest.mark.parametrize("theme", THEMES)
def test_the_frame_alone_is_accepted(browser, gallery, theme):
    accept(new_page(browser, gallery), f"{gallery}/plain/", width=390, theme=theme)


def test_a_page_that_breaks_the_rules_is_refused(browser, gallery):
    found = "\n".join(problems(new_page(browser, gallery), f"{gallery}/unreadable/", width=390))
    assert "console: Applying inline style violates" in found
    assert "elsewhere.example" in found
    assert "axe image-alt" in found
    assert "at 320 px: page is" in found
    assert "target of " in found
    assert "focus cannot be seen on" in found


def test_what_is_wrong_within_a_fold_is_found(browser, gallery):
    page = new_page(browser, gallery)
    page.add_init_script(
        """addEventListener("load", () => {
            const fold = document.createElement("details");
            fold.innerHTML = "<summary>Open me</summary><button>x</button><p></p>";
            fold.querySelector("button").style.cssText = "min-height: 0; padding: 0; height: 15px";
            fold.querySelector("p").style.cssText = "width: 500px; height: 1px";
            document.querySelector("main").append(fold);
        });"""
    )
    found = "\n".join(problems(page, f"{gallery}/plain/", width=390))
    assert "15 px: <button" in found
    assert "at 320 px: page is" in found


def test_a_page_that_jumps_is_refused(browser, gallery):
    page = new_page(browser, gallery)
    page.add_init_script(
        """addEventListener("load", () => setTimeout(() => {
            const late = document.createElement("p");
            late.style.height = "300px";
            document.body.prepend(late);
        }, 100));"""
    )
    assert any("layout shift" in one for one in problems(page, f"{gallery}/plain/"))


def test_a_page_that_fails_is_refused(browser, gallery):
    page = new_page(browser, gallery)
    assert "answers 404, not 200" in problems(page, f"{gallery}/nowhere/", width=390)
    accept(page, f"{gallery}/nowhere/", width=390, status=404)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.django_db(transaction=True)
def test_the_page_of_the_api_can_be_read_by_everybody(browser, gallery, theme):
    page = new_page(browser, gallery)
    page.context.add_cookies([{"name": "theme", "value": theme, "url": gallery}])
    page.goto(f"{gallery.removesuffix('/gallery')}/api/docs/")
    page.wait_for_selector(".opblock")
    assert axe(page) == []
