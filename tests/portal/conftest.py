"""The pages that show every part."""

import pytest

from tests.browser_checks import new_page


@pytest.fixture
def gallery(live_server, settings):
    settings.ROOT_URLCONF = "tests.portal.gallery"
    return f"{live_server.url}/gallery"


@pytest.fixture
def screen(browser, gallery):
    """`screen("lists")`: that page of the gallery, opened; `javascript=False` without scripts."""

    def open_page(name: str, **options):
        page = new_page(browser, gallery, **options)
        page.goto(f"{gallery}/{name}/")
        return page

    return open_page
