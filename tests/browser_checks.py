"""What every page must pass in a real browser: `accept(page, url, width=…, theme=…)`.

`open_browser()` starts Debian's Chromium. Pages come from `new_page(browser, …)`, signed in where a
session cookie is given. A refusal lists everything that is wrong with the page at once.
"""

import gzip
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from shutil import which
from urllib.parse import urlsplit

from django.db import connections
from playwright.sync_api import Browser, Page, Response, sync_playwright

# The shell draws the same pages in a fifth less time: it has no windows.
CHROMIUM = os.environ.get("CHROMIUM") or which("chromium-headless-shell") or which("chromium")
CHROMIUM_ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
FOLDER = Path(__file__).parent / "vendor"
SCRIPTS = Path(__file__).parent / "browser_scripts"
THEMES = ("light", "dark")
WIDTHS = (1280, 390)
NARROWEST = 320
MOST_BYTES = 120 * 1024
MOST_SHIFT = 0.1
# A4 less margins of 16 mm, at 96 pixels per inch.
PRINT_WIDTH, PRINT_HEIGHT = 673, 1001


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Starts Chromium without its sandbox, as containers need it."""
    # Playwright runs an event loop in this thread, which Django would take for async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, chromium_sandbox=False, args=CHROMIUM_ARGUMENTS
        )
        yield browser
        browser.close()
        # While the loop ran, Django had a connection of its own for it in this thread.
        connections.close_all()


def new_page(browser: Browser, origin: str, session: str = "", javascript: bool = True) -> Page:
    """Opens a page of its own, signed in when `session` is a session cookie's value."""
    context = browser.new_context(java_script_enabled=javascript, reduced_motion="reduce")
    context.set_default_timeout(10_000)
    if session:
        context.add_cookies([{"name": "sessionid", "value": session, "url": origin}])
    return context.new_page()


def accept(
    page: Page, url: str, *, width: int = 1280, theme: str = "light", status: int = 200
) -> None:
    """Opens a page that answers with `status`; AssertionError names everything it fails on."""
    found = problems(page, url, width=width, theme=theme, status=status)
    assert not found, f"{url} at {width} px, {theme}:\n" + "\n".join(f"- {p}" for p in found)


def problems(
    page: Page, url: str, *, width: int = 1280, theme: str = "light", status: int = 200
) -> list[str]:
    """Opens a page and returns in words what is wrong with it; leaves it as wide as paper."""
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    page.context.add_cookies([{"name": "theme", "value": theme, "url": origin}])
    page.set_viewport_size({"width": width, "height": 800})
    found: list[str] = []
    responses: list[Response] = []

    def on_console(message) -> None:
        expected = status != 200 and "Failed to load resource" in message.text
        if message.type == "error" and not expected:
            found.append(f"console: {message.text}")

    def on_error(error) -> None:
        found.append(f"script: {error}")

    def on_request(request) -> None:
        if not request.url.startswith((origin, "data:", "blob:")):
            found.append(f"leaves the portal: {request.url}")

    def on_response(response) -> None:
        responses.append(response)

    listeners = {
        "console": on_console,
        "pageerror": on_error,
        "request": on_request,
        "response": on_response,
    }
    for event, listener in listeners.items():
        page.on(event, listener)
    try:
        answer = page.goto(url, wait_until="load")
        if answer is None or answer.status != status:
            found.append(f"answers {answer and answer.status}, not {status}")
        page.evaluate("document.fonts.ready.then(() => true)")
        found += _weight(responses)
        found += axe(page)
        # Late, so that what loads after the page has moved it, and before we do.
        found += _layout_shift(page)
        found += _script(page, "keyboard.js")
        found += _script(page, "targets.js")
        found += _narrow(page)
        found += _print(page)
    finally:
        for event, listener in listeners.items():
            page.remove_listener(event, listener)
    return found


def _script(page: Page, name: str, argument: object = None) -> list[str]:
    """Runs a check written in the page's own language; it returns what is wrong."""
    if name == "keyboard.js":
        # A key makes the browser show focus for what scripts focus after it.
        page.keyboard.press("Tab")
    return page.evaluate((SCRIPTS / name).read_text(), argument)


def axe(page: Page) -> list[str]:
    """No violation that axe-core knows."""
    page.evaluate((FOLDER / "axe.min.js").read_text())
    # Style sheets, which it would read again, are for a rule that is off: it is experimental.
    options = {"resultTypes": ["violations"], "preload": {"assets": ["media"]}}
    run = "(options) => axe.run(document, options).then((found) => found.violations)"
    violations = page.evaluate(run, options)
    return [
        f"axe {violation['id']}: {violation['help']}: {node['target']} {node['failureSummary']}"
        for violation in violations
        for node in violation["nodes"][:5]
    ]


def _weight(responses: list[Response]) -> list[str]:
    """HTML, style sheets and scripts together, as they would travel compressed."""
    kinds = ("document", "stylesheet", "script")
    weight = sum(
        _weight_of(response.body())
        for response in responses
        if response.request.resource_type in kinds and response.ok
    )
    return [f"weighs {weight:,} bytes gzipped"] if weight > MOST_BYTES else []


@cache
def _weight_of(body: bytes) -> int:
    """Style sheets and scripts are the same on every page."""
    return len(gzip.compress(body))


def _layout_shift(page: Page) -> list[str]:
    """Nothing jumps while the page loads."""
    shift = page.evaluate((SCRIPTS / "shift.js").read_text())
    return [f"cumulative layout shift {shift:.3f}"] if shift >= MOST_SHIFT else []


def _narrow(page: Page) -> list[str]:
    """No sideways scrolling on the narrowest screen, also with WCAG's text spacing."""
    page.set_viewport_size({"width": NARROWEST, "height": 800})
    found = [f"at {NARROWEST} px: {p}" for p in _script(page, "overflow.js")]
    page.evaluate((SCRIPTS / "spacing.js").read_text())
    found += [f"with text spacing: {p}" for p in _script(page, "overflow.js")]
    page.evaluate("document.adoptedStyleSheets.pop()")
    return found


def _print(page: Page) -> list[str]:
    """On paper: light, without navigation, figures whole."""
    page.set_viewport_size({"width": PRINT_WIDTH, "height": PRINT_HEIGHT})
    page.emulate_media(media="print")
    found = _script(page, "print.js", PRINT_HEIGHT)
    page.emulate_media(media="screen")
    return [f"printed: {p}" for p in found]
