"""Every sentence a person reads can be translated."""

import re

import pytest

from portal.management.catalogue import ROOT, tracked
from tests.language.unmarked import in_code, in_template

# Operators' and developers' words, and the demo's data.
NOT_FOR_PEOPLE = re.compile(
    r"/migrations/|^portal/(demo|instance|management|settings\.py|celery\.py)"
)
# Names that are looked up, and never shown.
TABLES = (
    "portal/common/countries.py",
    "datasets/engine/mapping/units_table.py",
    "datasets/mappings/abbreviations.py",
)
# Schema and admin descriptions: the OpenAPI document is one text for every reader.
DESCRIPTIONS = re.compile(r"/(models|(\w+_)?api)\.py$|^portal/common/api/")
LEFT_AS_IT_IS = {
    "rows of the versions": "a key of an analysis' provenance",
    "complete rows": "a key of an analysis' provenance",
    "whoever may not read the rows of every input": "of an analysis' provenance, for scripts",
    "does not follow the row before it": "of the command verify_audit",
    "was changed after it was written": "of the command verify_audit",
    "answered before": "the name of a column in the log",
    "private, no-store": "a header",
    "private, no-cache": "a header",
    "nofollow noopener noreferrer": "an attribute",
    "small-figure stack-figure": "classes",
    "share-part high": "classes",
    "site seeking": "classes",
    "tag tag-ok": "classes",
    "tag tag-warning": "classes",
    "tag tag-info": "classes",
    "slots of the component": "a key of the render context",
    "not known": "a spelling of a missing value",
    "not available": "a spelling of a missing value",
    "not done": "a spelling of a missing value",
    "not applicable": "a spelling of a missing value",
    "urea nitrogen": "a substance as a rule names it",
    "uric acid": "a substance as a rule names it",
    "Invalid unicode": "found in DuckDB's message",
    "CSV Error on Line: (\\d+)": "found in DuckDB's message",
}


def test_code_says_nothing_unmarked():
    found = []
    for path in tracked("members/*.py", "projects/*.py", "datasets/*.py", "portal/*.py"):
        name = str(path.relative_to(ROOT))
        if NOT_FOR_PEOPLE.search(name) or name in TABLES:
            continue
        described = bool(DESCRIPTIONS.search(name))
        for line, text in in_code(path.read_text(), described=described):
            if text not in LEFT_AS_IT_IS:
                found.append(f"{name}:{line}: {text}")
    assert not found, "\n".join(found)


def test_templates_say_nothing_unmarked():
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in tracked("templates/*.html", "templates/*.txt")
        for line, text in in_template(path.read_text())
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "source",
    [
        'raise NotAllowed("You may not do this.")',
        'say(request, f"{name} is gone now.")',
        'field = forms.CharField(label="Title")',
        "field = forms.CharField(max_length=9)",
        'class Role(models.TextChoices):\n    LEAD = "lead", "Lead"',
        'WORDS = {"today": "some days ago"}',
        'Caution("no_rows", f"{site} has no rows and is left out.")',
        'fields.errors["terms"] = "names a pair twice."',
        'notes.add(name, f"fewer than {t} rows")',
    ],
)
def test_unmarked_code_is_found(source):
    assert list(in_code(source))


@pytest.mark.parametrize(
    "source",
    [
        'raise NotAllowed(gettext("You may not do this."), code="not_allowed")',
        'def f():\n    """What it does for whom."""',
        'log.info("job taken by a worker")',
        'Caution("no_rows", Sentence("%(site)s has no rows and is left out.", site=site))',
        'sql = f"CASE WHEN {column} IN ({values}) THEN {value} END"',
        'row = f\'<rect class="bar high" x="{x}"/>\'',
        'class Role(models.TextChoices):\n    LEAD = "lead", gettext_lazy("Lead")',
    ],
)
def test_marked_and_technical_code_is_not(source):
    assert not list(in_code(source))


@pytest.mark.parametrize(
    "source",
    [
        "<p>Sign in</p>",
        '<img alt="A map">',
        "<p>{% translate 'Sign in' %} now</p>",
        '{% crumbs "Projects" url "Members" %}',
        '<input placeholder="Search projects">',
    ],
)
def test_unmarked_templates_are_found(source):
    assert list(in_template(source))


@pytest.mark.parametrize(
    "source",
    [
        "<p>{% translate 'Sign in' %}</p>",
        "{% blocktranslate %}Hello, <b>you</b>{% endblocktranslate %}",
        "{% comment %}What this part needs.{% endcomment %}<p>{{ name }}</p>",
        "<code>SELECT 1</code><p>· 12 %</p>",
        '<a class="button quiet" href="{% url \'home\' %}">{{ label }}</a>',
        '{% crumbs _("Projects") url here %}',
    ],
)
def test_marked_templates_are_not(source):
    assert not list(in_template(source))
