"""What app.js adds, and that pages do without it."""

from playwright.sync_api import expect


def theme(page) -> str | None:
    return page.evaluate("document.documentElement.dataset.theme ?? null")


def test_the_theme_switches_at_once_and_stays(screen):
    page = screen("plain")
    page.click(".top-bar-actions [data-theme-toggle]")
    assert theme(page) == "dark"
    expect(page.locator("#live")).to_have_text("dark theme on")
    page.reload()
    assert theme(page) == "dark"


def test_the_theme_switches_without_javascript(screen):
    page = screen("plain", javascript=False)
    page.click(".top-bar-actions [data-theme-toggle]")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.click(".top-bar-actions [data-theme-toggle]")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


def test_slash_goes_to_search_but_not_while_typing(screen):
    page = screen("everything")
    page.locator("body").press("/")
    expect(page.locator("#gq")).to_be_focused()
    page.locator("#id_title").press("/")
    expect(page.locator("#id_title")).to_be_focused()


def test_menus_close_by_escape_and_by_a_click_elsewhere(screen):
    page = screen("everything")
    menu = page.locator("details.dropdown").first
    menu.locator("summary").click()
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()
    menu.locator("summary").click()
    page.locator("h1").click()
    expect(menu).not_to_have_attribute("open", "")


def test_the_present_tab_is_in_sight_on_a_phone(screen):
    page = screen("everything")
    page.set_viewport_size({"width": 320, "height": 800})
    page.reload()
    row, tab = (page.locator(at).bounding_box() for at in (".tabs", ".tabs [aria-current]"))
    assert row["x"] <= tab["x"]
    assert tab["x"] + tab["width"] <= row["x"] + row["width"] + 1


def test_a_question_can_be_turned_down(screen):
    page = screen("everything")
    page.click("text=Withdraw")
    page.click("text=Go back")
    expect(page.locator("details.dropdown[open]")).to_have_count(0)


def test_a_long_table_is_filtered_as_one_types(screen):
    page = screen("everything")
    page.fill("[data-filter]", "circumference")
    expect(page.locator("#cols tbody tr:visible")).to_have_count(1)
    expect(page.locator("#live")).to_have_text("1 of 4 shown")


def test_one_box_ticks_all(screen):
    page = screen("lists")
    page.check("[data-all]")
    expect(page.locator("[name=pick]")).to_be_checked()


def test_after_a_swap_the_count_has_focus_and_the_address_is_kept(screen):
    page = screen("lists")
    page.fill("[name=find]", "tb")
    page.keyboard.press("Enter")
    expect(page.locator("#rcount")).to_have_text("7 projects")
    expect(page.locator("#rcount")).to_be_focused()
    expect(page.locator("#live")).to_have_text("7 projects")
    assert page.url.endswith("?find=tb")
    page.go_back()
    expect(page.locator("#rcount")).to_have_text("61 projects")


def test_a_request_that_is_cut_off_is_no_error_and_hides_none(screen):
    """htmx logs it as two; whatever else is wrong meanwhile is in the console as ever."""
    page = screen("lists")
    logged = []
    page.on("console", lambda message: message.type == "error" and logged.append(message.text))
    page.evaluate(
        """() => {
          const form = document.querySelector("[name=find]").form;
          form.addEventListener("htmx:sendAbort", () => { console.error("something else"); });
          form.requestSubmit();
          htmx.trigger(form, "htmx:abort");
        }"""
    )
    expect(page.locator("#rcount")).to_have_text("61 projects")
    assert logged == ["something else"]


def test_an_upload_shows_how_far_it_is(screen):
    page = screen("lists")
    page.evaluate(
        """() => { window.seen = []; document.addEventListener("htmx:xhr:progress", () =>
        window.seen.push(document.querySelector(".upload-message").textContent)); }"""
    )
    content = {"name": "a.csv", "mimeType": "text/csv", "buffer": b"a,b\n" * 500_000}
    page.set_input_files("[type=file]", content)
    page.click("text=Upload")
    expect(page.locator("h1")).to_have_text("Plain")
    assert any("sent" in text for text in page.evaluate("window.seen"))
    assert page.url.endswith("/gallery/plain/")


def test_a_refused_upload_shows_why_with_focus_on_the_summary(screen):
    page = screen("lists")
    page.click("text=Upload")
    expect(page.locator(".error-summary")).to_contain_text("This field is required")
    expect(page.locator(".error-summary")).to_be_focused()


def test_forms_work_without_javascript(screen):
    page = screen("lists", javascript=False)
    page.set_input_files(
        "[type=file]", {"name": "a.csv", "mimeType": "text/csv", "buffer": b"a\n1\n"}
    )
    page.click("text=Upload")
    expect(page.locator("h1")).to_have_text("Plain")
