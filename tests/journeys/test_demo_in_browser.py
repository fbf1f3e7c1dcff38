"""The demo, built by real workers, and every page of it in a real browser, in a made-up language
that is longer than ours: each is accepted, no word escapes and none is cut off."""

import itertools
import re
from collections import Counter

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.core.management import call_command
from django.test import Client
from django.urls import resolve
from playwright.sync_api import Browser

from datasets.models import Analysis, Dataset, Release
from members.models import User
from portal.demo.plan import EMAIL, HEART
from tests.browser_checks import SCRIPTS, WIDTHS, new_page, problems
from tests.language import pseudo
from tests.language.escapes import Data, unmarked
from tests.workers import running_worker

pytestmark = pytest.mark.django_db(transaction=True)

LOOKS = ((1280, "light"), (390, "dark"), (1280, "dark"), (390, "light"))
PROJECT = f"/projects/{HEART.slug}/"
BELOW = (PROJECT, "/datasets/", "/analyses/")
MOST_OF_A_KIND = 5
LINK = re.compile(r'href="([^"?#]+)')


def rows_of_everything() -> dict[str, int]:
    return {
        model._meta.label: model.objects.count()
        for app in ("members", "projects", "datasets")
        for model in apps.get_app_config(app).get_models()
    }


def pages() -> dict[str, list[str]]:
    """By visitor (nobody is ""), the addresses of pages of every kind."""
    swiss = Dataset.objects.get(project__slug=HEART.slug, site__name="Switzerland")
    guarded = Dataset.objects.exclude(project__slug=HEART.slug).get(access="summaries")
    kept = Dataset.objects.get(project__slug=HEART.slug, access="summaries")
    (held,) = Release.objects.filter(outcome="held")
    results = [f"/analyses/{one.pk}/" for one in Analysis.objects.order_by("id")]
    stranger = User.objects.get(email=EMAIL["emily.carver"])
    return {
        "": ["/", "/projects/", PROJECT, "/datasets/", f"/datasets/{swiss.pk}/", results[-1]],
        HEART.lead: [
            "/",
            *(f"{PROJECT}{tab}" for tab in ("datasets/", "variables/", "analyses/", "members/")),
            f"{PROJECT}datasets/new/",
            f"{PROJECT}sites/",
            f"{PROJECT}edit/",
            f"{PROJECT}variables/chol/",
            f"{PROJECT}variables/trestbps/mappings/{swiss.pk}/",
            f"{PROJECT}variables/trestbps/mappings/{swiss.pk}/apply/",
            f"{PROJECT}variable-suggestions/",
            f"{PROJECT}variable-approvals/",
            f"{PROJECT}analyses/new/",
            f"{PROJECT}analyses/new/?method=correlation",
            "/datasets/?q=triage",
            f"/datasets/{swiss.pk}/?order_by=-age",
            f"/datasets/{swiss.pk}/edit/",
            f"/datasets/{swiss.pk}/upload/",
            f"/datasets/{swiss.pk}/audit/",
            f"/datasets/{swiss.pk}/versions/1/read-options/",
            f"/datasets/{swiss.pk}/versions/1/columns/",
            *results,
            f"{results[-1]}?term=sex",
            "/projects/?view=table",
            "/inbox/",
            "/inbox/?show=done",
            "/people/",
            "/account/",
            "/account/tokens/",
            "/accounts/email/",
            "/accounts/password/change/",
            f"/people/{stranger.pk}/",
        ],
        "dana.whitlock": [
            "/",
            "/releases/",
            f"/releases/{held.pk}/",
            f"/datasets/{kept.pk}/",
            f"/datasets/{kept.pk}/edit/",
            # Both wide and narrow.
            f"/datasets/{kept.pk}/domains/",
            f"/datasets/{kept.pk}/domains/",
            f"/analyses/{held.analysis_id}/",
        ],
        HEART.asks: [f"/analyses/{held.analysis_id}/", results[0]],
        "emily.carver": [f"{PROJECT}join/", f"/datasets/{guarded.pk}/"],
    }


@pytest.fixture
def pseudo_language(settings, tmp_path):
    """The portal speaks the made-up language besides its own."""
    settings.LOCALE_PATHS = [*settings.LOCALE_PATHS, pseudo.write(tmp_path / "locale")]
    settings.LANGUAGES = [*settings.LANGUAGES, (pseudo.CODE, "⟦⟧")]


def test_the_demo_is_built_once_and_every_page_of_it_is_accepted(
    live_server, browser, pseudo_language
):
    with running_worker():
        call_command("seed_demo", verbosity=0)
        built = rows_of_everything()
        call_command("seed_demo", verbosity=0)
    assert rows_of_everything() == built
    for key in ("", HEART.asks, "emily.carver"):
        assert len(crawled(key)) > 20
    assert not bare_names()
    faults = faults_of_pages(browser, live_server.url)
    assert not faults, "\n".join(faults)


def faults_of_pages(browser: Browser, origin: str) -> list[str]:
    """What is wrong with any page, the words on it that no catalogue knows, and those cut off."""
    data = Data()
    looks = itertools.cycle(LOOKS)
    faults: dict[str, str] = {}
    for key, addresses in pages().items():
        page = new_page(browser, origin, session_of(key))
        cookie = {"name": django_settings.LANGUAGE_COOKIE_NAME, "value": pseudo.CODE}
        page.context.add_cookies([{**cookie, "url": origin}])
        for address in addresses:
            width, theme = next(looks)
            for fault in problems(page, origin + address, width=width, theme=theme):
                faults.setdefault(fault, f"{address} at {width} px, {theme}")
            for piece in unmarked(page, data):
                faults.setdefault(f"unmarked: {piece[:120]}", address)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 800})
                for fault in page.evaluate((SCRIPTS / "overflow.js").read_text()):
                    faults.setdefault(f"at {width} px: {fault}", address)
    return [f"{fault}  ({address})" for fault, address in faults.items()]


def crawled(key: str) -> list[str]:
    """Pages below the project and the data that links lead this visitor to, some of each kind."""
    client = client_of(key)
    found, left, kinds = [], ["/", PROJECT, "/datasets/"], Counter()
    while left:
        address = left.pop()
        found.append(address)
        kind = resolve(address).url_name
        kinds[kind] += 1
        if kinds[kind] > MOST_OF_A_KIND:
            continue
        answer = client.get(address)
        assert answer.status_code in (200, 302), f"{key or 'nobody'}: {address}"
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            links = set(LINK.findall(answer.text)) - set(found) - set(left)
            left += sorted(one for one in links if one.startswith(BELOW))
    return found


def bare_names() -> list[tuple[int, str]]:
    """Where a page of an answer calls a variable by its name though it has a label."""
    found = []
    for analysis in Analysis.objects.filter(project__slug=HEART.slug).order_by("id"):
        names = {one["name"] for one in analysis.variables if one["label"] not in ("", one["name"])}
        # Words of the language are no bare names, nor is what stands in <code> after its label.
        names -= {"age", "sex", "site", "disease"}
        for key in (HEART.lead, "dana.whitlock", HEART.asks):
            html = client_of(key).get(f"/analyses/{analysis.pk}/").text
            main = html[html.index("<main") :].replace('<code class="detail-inline">', "<code ")
            main = re.sub(r"<code [^<]*</code>|<[^>]+>", " ", main)
            found += [(analysis.pk, name) for name in names if re.search(rf"\b{name}\b", main)]
    return found


def session_of(key: str) -> str:
    return client_of(key).cookies["sessionid"].value if key else ""


def client_of(key: str) -> Client:
    client = Client()
    if key:
        client.force_login(User.objects.get(email=EMAIL[key]))
    return client
