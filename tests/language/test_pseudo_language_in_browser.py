"""Every page of the demo in a made-up language: no word escapes it, none is cut off."""

import pytest
from django.conf import settings
from django.core.management import call_command

from tests.browser_checks import SCRIPTS, new_page
from tests.journeys.test_demo_in_browser import pages, session_of
from tests.language import pseudo
from tests.language.escapes import Data, unmarked
from tests.workers import running_worker

pytestmark = pytest.mark.django_db(transaction=True)

WIDTHS = (1280, 390)


@pytest.fixture
def pseudo_language(settings, tmp_path):
    """The portal speaks the made-up language besides its own."""
    settings.LOCALE_PATHS = [pseudo.write(tmp_path)]
    settings.LANGUAGES = [*settings.LANGUAGES, (pseudo.CODE, "⟦⟧")]


def test_no_word_escapes_and_none_is_cut_off(live_server, browser, pseudo_language):
    with running_worker():
        call_command("seed_demo", verbosity=0)
    data = Data()
    faults: dict[str, str] = {}
    for key, addresses in pages().items():
        page = new_page(browser, live_server.url, session_of(key))
        cookie = {"name": settings.LANGUAGE_COOKIE_NAME, "value": pseudo.CODE}
        page.context.add_cookies([{**cookie, "url": live_server.url}])
        for address in addresses:
            page.goto(live_server.url + address, wait_until="load")
            for piece in unmarked(page, data):
                faults.setdefault(f"unmarked: {piece[:120]}", address)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 800})
                for fault in page.evaluate((SCRIPTS / "overflow.js").read_text()):
                    faults.setdefault(f"at {width} px: {fault}", address)
    assert not faults, "\n".join(f"{fault}  ({address})" for fault, address in faults.items())
