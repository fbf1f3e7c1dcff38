"""Words of people in a sheet: no program calculates them, and they come back as they were."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from datasets.harmonisation import sheet
from datasets.harmonisation.sources import in_words
from datasets.models import Mapping
from tests.factories import DatasetFactory, MappingFactory, SharedVariableFactory, table_version
from tests.html import Read

pytestmark = pytest.mark.django_db

PAGE = "/projects/heart/mapping-file/"
CALL = "/api/v1/projects/heart/mapping-file/"
SIGNS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"

TEXTS = [
    "=1+1",
    "+49 30 1234",
    "-9 means refused",
    "@Dana: look",
    "'=1+1",
    "''=1",
    "'quoted'",
    "First line\n=SUM(A1:A9)\n-2\n@x\n+1",
    "=HYPERLINK(\"http://x\")\n'second'",
    "\uff1d1+1",
    'a, b; c\td "e"',
    "two\n\nlines",
    "größer als 9",
]


@pytest.fixture
def version(project):
    return table_version({"alter": ("integer", [40, 50])}, dataset=DatasetFactory(project=project))


@pytest.fixture
def noted(project, version):
    """A mapping with each of the texts as its note."""
    rule = {"kind": "copy", "column": "alter"}
    for text in TEXTS:
        variable = SharedVariableFactory(project=project, type="number")
        MappingFactory(variable=variable, version=version, rule=rule, note=text, status="complete")


def uploaded(content):
    return {"file": SimpleUploadedFile("x.csv", content, "text/csv")}


def test_notes_come_back_as_they_were_and_are_no_formulas(page, api, lead, noted):
    for separator, sign in sheet.SEPARATORS.items():
        fetched = page(lead).get(f"{PAGE}fetch/", {"separator": separator}).content
        text = fetched.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=sign))
        assert not [cell for row in rows for cell in row if cell.startswith(tuple(SIGNS))]
        # As spreadsheet programs write it again.
        again = io.StringIO()
        csv.writer(again, delimiter=sign, quoting=csv.QUOTE_ALL).writerows(rows)
        for content in (fetched, again.getvalue().encode("utf-16")):
            answer = api(lead).post(CALL, uploaded(content), format="multipart")
            assert answer.data["rows"] == []
            assert answer.data["unchanged"] == len(TEXTS)


@pytest.mark.parametrize(("encoding", "count"), [("utf-8-sig", 11), ("utf-16", 1), ("cp1252", 1)])
def test_notes_written_into_the_sheet_are_kept_as_they_were_written(
    page, lead, noted, encoding, count
):
    """What was looked at was applied as UTF-8, whatever it was: one saw ü and got a black box."""
    texts = [one for one in TEXTS if one.isascii() or "ö" in one]
    wanted = dict(zip(Mapping.objects.order_by("id"), texts[::-1][:count], strict=False))
    fetched = page(lead).get(f"{PAGE}fetch/").content.decode("utf-8-sig")
    lines = {one["variable"]: one for one in csv.DictReader(io.StringIO(fetched, newline=""))}
    out = io.StringIO()
    writer = csv.DictWriter(out, sheet.HEADER)
    writer.writeheader()
    for mapping, text in wanted.items():
        writer.writerow(lines[mapping.variable.name] | {"note": sheet.harmless(text)})
    tried = page(lead).post(PAGE, uploaded(out.getvalue().encode(encoding)))
    form = Read(tried.text).form(having="content")
    assert form.send(page(lead), PAGE, step="apply").status_code == 302
    for mapping, text in wanted.items():
        assert Mapping.objects.get(pk=mapping.pk).note == text


def test_a_yes_or_no_is_no_word_of_a_programming_language():
    """It said “ja → True”."""
    rule = {"kind": "recode", "column": "mi", "map": {"ja": True, "nein": False}}
    said = "mi: ja → yes, nein → no, all else no, empty cells no"
    assert in_words(rule | {"otherwise": False, "if_missing": False}) == said
