"""Every page of the demo in a made-up language: no word escapes it, none is cut off."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.conf import settings
from django.core.management import call_command

from datasets.analyses.result import said_of
from datasets.models import Analysis
from members.choices import Scope
from portal.common.countries import COUNTRIES, names_in
from tests.browser_checks import SCRIPTS, new_page
from tests.journeys.test_demo_in_browser import pages, session_of
from tests.language import pseudo
from tests.workers import running_worker

pytestmark = pytest.mark.django_db(transaction=True)

WIDTHS = (1280, 390)
LONG = 60
SEPARATOR = "\x1f"
# Names of things, the same in every language.
NAMES = {"Cohortium", "API", "OpenAPI", "ORCID", "CSV", "Parquet", "JSON", "SHA", "KB", "UCUM"}
NAMES |= {"UTF", "REML", "Python", "numpy", "scipy", "DuckDB"}
EDGES = " ,;:.·–—()“”\"'×→%+<>="
SUPERSCRIPTS = re.compile("[²⁰¹³⁴⁵⁶⁷⁸⁹⁻]")
WORD = re.compile(r"[^\W\d_]{2,}")
DAY = re.compile(r"\b\d{1,2} \w+ \d{4}\b|\b\d{1,2}:\d{2}\b")


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
            read = page.evaluate((SCRIPTS / "words.js").read_text())
            # A sentence may go through several elements, from bracket to bracket.
            for text in (SEPARATOR.join(read["texts"]), *read["attributes"]):
                for piece in pseudo.outside_brackets(text, SEPARATOR):
                    if not data.holds(piece):
                        faults.setdefault(f"unmarked: {piece[:120]}", address)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 800})
                for fault in page.evaluate((SCRIPTS / "overflow.js").read_text()):
                    faults.setdefault(f"at {width} px: {fault}", address)
    assert not faults, "\n".join(f"{fault}  ({address})" for fault, address in faults.items())


class Data:
    """What people and files have brought, which no language changes."""

    def __init__(self) -> None:
        self.values: set[str] = set(NAMES) | set(COUNTRIES) | set(Scope.values)
        # Names of places come from Babel, which does not know this language.
        places = names_in("en")
        self.values |= {*places.countries.values(), *places.sub_regions.values()}
        self.long: list[str] = []
        kept = [
            model
            for app in ("members", "projects", "datasets", "jobs")
            for model in apps.get_app_config(app).get_models()
        ]
        self.take_answers()
        for model in [*kept, EmailAddress]:
            names = [field.attname for field in model._meta.concrete_fields]
            for row in model._default_manager.all().values_list(*names):
                for value in row:
                    self.take(value)

        # Long enough to be no word of ours by chance, the longest first.
        named = (t for t in self.values if "/" in t or (len(t) > 5 and (" " in t or "." in t)))
        self.names = sorted(named, key=len, reverse=True)

    def take_answers(self) -> None:
        """What the engine says of results, which is English (docs/adr/0021)."""
        for analysis in Analysis.objects.exclude(result=None):
            rows = analysis.result.get("coefficients") or [None]
            for row in rows:
                said = said_of(analysis, analysis.result, row)
                self.take(said["sentence"])
                self.take([said[part] for part in ("before", "emphasis", "after")])
                self.take([list(one.values()) for one in said["numbers"]])

    def take(self, value: object) -> None:
        """Keep every text in a value."""
        if isinstance(value, str):
            text = " ".join(SUPERSCRIPTS.sub("", value).split()).strip(EDGES)
            self.values.add(text)
            if len(text) >= LONG:
                self.long.append(text)
        elif isinstance(value, dict):
            for pair in value.items():
                for one in pair:
                    self.take(one)
        elif isinstance(value, list | tuple):
            for one in value:
                self.take(one)

    def holds(self, piece: str) -> bool:
        """Whether a piece of a page is data, a day, or no words at all."""
        rest = DAY.sub("", SUPERSCRIPTS.sub("", piece)).strip(EDGES)
        if not WORD.search(rest) or rest in self.values:
            return True
        if any(rest in text for text in self.long):
            return True
        for name in self.names:
            if name in rest:
                rest = rest.replace(name, ",")
        words = [part.strip(EDGES) for part in re.split(r"[,;:·()×→/]|[–.] ", rest)]
        return all(word in self.values or NAMES.issuperset(WORD.findall(word)) for word in words)
