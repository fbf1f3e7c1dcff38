"""Words on a page that no catalogue knows: what they must be instead is data."""

import re
from pathlib import Path

from allauth.account.models import EmailAddress
from babel.messages.pofile import read_po
from django.apps import apps
from playwright.sync_api import Page

from members.choices import Scope
from portal.common.countries import COUNTRIES, names_in
from portal.management.catalogue import LOCALE, collect
from tests.browser_checks import SCRIPTS
from tests.html import Read
from tests.language import pseudo

LONG = 60
SEPARATOR = "\x1f"
# Names of things, the same in every language.
NAMES = {"Cohortium", "API", "OpenAPI", "ORCID", "CSV", "Parquet", "JSON", "SHA", "KB", "UCUM"}
NAMES |= {"UTF", "REML", "Python", "numpy", "scipy", "DuckDB", "mmHg"}
# Django's own catalogue says the one, Babel's lists the other.
NAMES |= {"bytes", "and"}
EDGES = " ,;:.·–—()“”\"'×→%+<>="
SUPERSCRIPTS = re.compile("[²⁰¹³⁴⁵⁶⁷⁸⁹⁻]")
WORD = re.compile(r"[^\W\d_]{2,}")
DAY = re.compile(r"\b\d{1,2} \w+ \d{4}\b|\b\d{1,2}:\d{2}\b")
# What the engine and workers said is kept in English, but nobody's data: it has to be said again.
SENTENCES = {"message", "detail", "cure", "reason", "refused", "why", "said", "step", "applies_to"}
OURS = {("datasets.Analysis", "words"), ("jobs.Job", "message"), ("jobs.Job", "said")}
PHRASE = re.compile(r"[A-Za-z]{2,}[, ]+[a-z]{2,}[, ]+[a-z]{2,}")


def words_of(page: Page) -> dict[str, list[str]]:
    """The texts and the spoken attributes of a page."""
    found: dict[str, list[str]] = page.evaluate((SCRIPTS / "words.js").read_text())
    return found


def unmarked(page: Page, data: "Data") -> list[str]:
    """The pieces of a page in the made-up language that are neither marked nor data."""
    read = words_of(page)
    # A sentence may go through several elements, from bracket to bracket.
    texts = [SEPARATOR.join(read["texts"]), *read["attributes"]]
    pieces = [one for text in texts for one in pseudo.outside_brackets(text, SEPARATOR)]
    return [piece for piece in pieces if not data.holds(piece)]


class English:
    """The English phrases that a language says otherwise."""

    def __init__(self, language: str) -> None:
        path: Path = LOCALE / language / "LC_MESSAGES" / "django.po"
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language)
        self.phrases: set[str] = set()
        for context, sentence, _ in collect():
            ids = sentence if isinstance(sentence, tuple) else (sentence,)
            message = catalogue.get(ids[0], context or None)
            assert message, ids[0]
            said = message.string if isinstance(message.string, tuple) else (message.string,)
            for part in (piece for text in ids for piece in pseudo.KEPT.split(text)[::2]):
                phrase = " ".join(part.split()).strip(EDGES)
                if PHRASE.search(phrase) and not any(phrase in text for text in said):
                    self.phrases.add(phrase)

    def left(self, html: str) -> list[str]:
        """Those that a page says, shown or hidden, or keeps in an attribute for its script."""
        texts: list[str] = []
        for tag, said in Read(html).events:
            texts += [value for _, value in said] if tag else [said]
        text = " ".join(" ".join(texts).split())
        return [phrase for phrase in self.phrases if phrase in text]


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
        for model in [*kept, EmailAddress]:
            names = [field.attname for field in model._meta.concrete_fields]
            names = [name for name in names if (model._meta.label, name) not in OURS]
            for row in model._default_manager.all().values_list(*names):
                for value in row:
                    self.take(value)

        # Long enough to be no word of ours by chance, the longest first.
        named = (t for t in self.values if "/" in t or (len(t) > 5 and (" " in t or "." in t)))
        self.names = sorted(named, key=len, reverse=True)

    def take(self, value: object) -> None:
        """Keep every text in a value."""
        if isinstance(value, str):
            text = " ".join(SUPERSCRIPTS.sub("", value).split()).strip(EDGES)
            # Within a line a name begins with a small letter.
            self.values |= {text, text[:1].lower() + text[1:]}
            if len(text) >= LONG:
                self.long.append(text)
        elif isinstance(value, dict):
            for key, one in value.items():
                self.take(key)
                if key not in SENTENCES:
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
        if rest.endswith("…") and any(text.startswith(rest[:-1]) for text in self.values):
            return True
        for name in self.names:
            if name in rest:
                rest = rest.replace(name, ",")
        words = [part.strip(EDGES) for part in re.split(r"[,;:·()×→/]|[–.] ", rest)]
        return all(
            # A code may stand before the next word, as in a list with one a line.
            {word, word.rstrip("0123456789 ")} & self.values or NAMES.issuperset(WORD.findall(word))
            for word in words
        )
