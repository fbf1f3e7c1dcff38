"""Mappings as a spreadsheet: out, in, and back again."""

import csv
import io
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from datasets.harmonisation import sheet
from datasets.models import Mapping
from tests.factories import (
    DatasetFactory,
    MappingFactory,
    MembershipFactory,
    SharedVariableFactory,
    StudySiteFactory,
    table_version,
)
from tests.pages import text_of

pytestmark = pytest.mark.django_db

PAGE = "/projects/heart/mapping-file/"
CALL = "/api/v1/projects/heart/mapping-file/"
RECODE = {
    "kind": "recode",
    "column": "geschl",
    "map": {"m": "1", "w": "2", "k.A.": None},
    "otherwise": None,
}


@pytest.fixture
def sex(project):
    return SharedVariableFactory(
        project=project,
        name="sex",
        label="Sex",
        type="category",
        codes={"1": "male", "2": "female"},
    )


@pytest.fixture
def age(project):
    return SharedVariableFactory(project=project, name="age", type="number", unit="a")


@pytest.fixture
def version(project, sex, age):
    return made(project, "Zurich", "Swiss patients")


def made(project, site, title, **values):
    return table_version(
        {
            "geschl": ("category", ["m", "w", "k.A."]),
            "alter": ("integer", [40, 50, 60]),
            "=1+1": ("integer", [1, 2, 3]),
        },
        dataset=DatasetFactory(
            project=project,
            site=StudySiteFactory(project=project, name=site),
            title=title,
            **values,
        ),
    )


def lines_of(response):
    text = response.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def filled(lines, **changes):
    """The sheet with cells changed, by the line's variable or column, as a program writes it."""
    out = io.StringIO()
    writer = csv.DictWriter(out, sheet.HEADER)
    writer.writeheader()
    for line in lines:
        writer.writerow(line | changes.get(line["variable"] or line["column"], {}))
    return out.getvalue().encode("utf-8-sig")


def upload(content):
    return SimpleUploadedFile("filled.csv", content, "text/csv")


def test_a_sheet_has_every_variable_and_every_unread_column(page, lead, sex, version):
    MappingFactory(variable=sex, version=version, rule=RECODE)
    answer = page(lead).get(f"{PAGE}fetch/")
    assert answer["Content-Type"].startswith("text/csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    lines = lines_of(answer)
    assert [(one["variable"], one["rule"], one["column"]) for one in lines] == [
        ("sex", "recode", "geschl"),
        ("age", "", ""),
        ("", "", "alter"),
        ("", "", "'=1+1"),
    ]
    assert lines[0]["values"] == "m = 1\nw = 2\nk.A. ="
    assert lines[0]["variable_codes"] == "1 = male\n2 = female"
    assert (lines[0]["site"], lines[0]["revision"]) == ("Zurich", "1")
    semicolons = page(lead).get(f"{PAGE}fetch/", {"separator": "semicolon"})
    assert semicolons.content.decode("utf-8-sig").startswith("dataset;site;title;")
    assert page(lead).get(f"{PAGE}fetch/", {"separator": "bar"}).status_code == 404


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "copy", "column": "=1+1"},
        RECODE | {"otherwise": "keep", "if_missing": " x "},
        RECODE | {"map": {"a=b": "c\nd", "'=": "-1", "": None}, "otherwise": {"kind": "copy"}},
        {"kind": "expression", "sql": "-alter\n+ 1"},
        {"kind": "expression", "sql": "'=' || geschl"},
        {"kind": "unit", "column": "alter", "from": "mo", "to": "a", "missing": ["-9"]},
    ],
)
@pytest.mark.parametrize("separator", ["comma", "semicolon", "tab"])
def test_a_sheet_that_is_sent_back_as_it_came_changes_nothing(
    page, api, lead, age, version, rule, separator
):
    MappingFactory(variable=age, version=version, rule=rule, status="partial")
    fetched = page(lead).get(f"{PAGE}fetch/", {"separator": separator}).content
    cells = next(csv.reader(io.StringIO(fetched.decode().splitlines()[1])))
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    for content in (fetched, fetched.decode("utf-8-sig").encode("utf-16")):
        answer = api(lead).post(CALL, {"file": upload(content)}, format="multipart")
        assert answer.status_code == 200, answer.data
        assert (answer.data["rows"], answer.data["unchanged"]) == ([], 1)


def test_a_file_that_changes_nothing_says_why(page, lead, age, version):
    """Of a header alone it was said that every line with a rule is in force."""
    client = page(lead)
    fetched = client.get(f"{PAGE}fetch/").content
    for content in (fetched, fetched.splitlines()[0]):
        without = text_of(client.post(PAGE, {"file": upload(content)}))
        assert "Nothing: no line of the file has a rule." in without
        assert "in force already" not in without
    MappingFactory(variable=age, version=version, rule={"kind": "copy", "column": "alter"})
    shown = text_of(client.post(PAGE, {"file": upload(client.get(f"{PAGE}fetch/").content)}))
    assert "Nothing: every line with a rule says what is in force already." in shown


def test_a_filled_sheet_is_looked_at_applied_and_taken_back(page, lead, sex, age, version):
    before = MappingFactory(variable=sex, version=version, rule=RECODE)
    client = page(lead)
    lines = lines_of(client.get(f"{PAGE}fetch/"))
    content = filled(
        lines,
        sex={"values": "m = 1\nw = 2", "note": "Nobody asked"},
        alter={"variable": "age", "rule": "copy"},
    )
    shown = client.post(PAGE, {"file": upload(content)})
    text = text_of(shown)
    assert shown.status_code == 200
    assert "geschl: m → 1, w → 2, k.A. → missing, all else missing" in text
    assert "alter, as it is" in text
    assert "1 value is not accounted for." in text
    assert Mapping.objects.count() == 1
    done = client.post(PAGE, {"content": content.decode("utf-8-sig"), "step": "apply"})
    assert done.status_code == 302
    before.refresh_from_db()
    assert (before.status, before.note, before.revision) == ("partial", "Nobody asked", 2)
    made_now = Mapping.objects.get(variable=age)
    assert made_now.rule == {"kind": "copy", "column": "alter"}
    assert "alter, as it is" in text_of(client.get(done.url))
    back = client.post(f"{done.url}undo/", follow=True)
    assert "2 mappings are as they were." in text_of(back)
    again = client.post(f"{done.url}undo/", follow=True)
    assert "Nothing of this step is left to take back" in text_of(again), "not that 0 are"
    before.refresh_from_db()
    assert (before.rule, before.revision) == (RECODE, 3)
    assert not Mapping.objects.filter(variable=age).exists()


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"rule": "guess"}, "unknown_rule", "Write one of: copy, recode"),
        ({"variable": "nowhere"}, "unknown_variable", "define it first"),
        ({"dataset": "9999999"}, "unknown_dataset", "take its number"),
        ({"column": "nowhere"}, "unknown_column", "nowhere"),
        ({"values": "m = 1\nm = 2"}, "invalid", "twice"),
        ({"values": "M = 1"}, "keeps_nothing", "did you mean m"),
        ({"note": "x" * 301}, "invalid", "shorten"),
        ({"revision": "7"}, "changed_meanwhile", "get the file again"),
    ],
)
def test_a_line_that_does_not_fit_says_what_to_do(
    page, api, lead, sex, version, changes, code, words
):
    MappingFactory(variable=sex, version=version, rule=RECODE)
    lines = lines_of(page(lead).get(f"{PAGE}fetch/"))
    wrong = {"values": "m = 1\nw = 2"} | changes
    content = filled(lines, sex=wrong, alter={"variable": "age", "rule": "copy"})
    answer = api(lead).post(CALL, {"file": upload(content)}, format="multipart").data
    assert (answer["accepted"], answer["refused"], answer["step"]) == (0, 1, None)
    (refused,) = [one for one in answer["rows"] if one["outcome"] == "refused"]
    assert (refused["row"], refused["code"]) == (2, code)
    assert words in refused["detail"]
    shown = page(lead).post(PAGE, {"file": upload(content)})
    place = ", Sex at Zurich" if refused["variable"] and refused["dataset"] else ""
    assert f"Line 2{place}: {refused['detail']}" in unescape(text_of(shown))
    assert Mapping.objects.get().revision == 1
    part = api(lead).post(CALL, {"file": upload(content), "partial": "true"}, format="multipart")
    assert part.data["accepted"] == 1
    assert Mapping.objects.filter(variable__name="age").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The first line lacks dataset, variable, and rule"),
        (b"a,b\n1,2\n", "The first line lacks"),
        (b"dataset,variable,rule\n\x00", "no text"),
        (b"dataset,variable,rule,Rule\n", "The first line has rule twice"),
        (b'dataset,variable,rule,note\n1,age,copy,"5\n1,sex,copy,\n', "cannot be read as CSV"),
        (b"x" * (2 * 1024**2 + 1), "larger than 2 MB"),
    ],
)
def test_what_is_no_sheet_is_refused_whole(page, api, lead, version, content, words):
    refused = api(lead).post(CALL, {"file": upload(content)}, format="multipart")
    assert refused.status_code == 400
    assert words in refused.data["errors"][0]["detail"]
    shown = page(lead).post(PAGE, {"file": upload(content)})
    assert (shown.status_code, words in text_of(shown)) == (422, True)


def test_the_call_tries_first_then_applies_and_takes_back(page, api, lead, age, version):
    lines = lines_of(page(lead).get(f"{PAGE}fetch/"))
    content = filled(lines, age={"rule": "unit", "column": "alter", "from_unit": "mo"})
    call = api(lead)
    answer = call.post(CALL, {"file": upload(content), "dry_run": "true"}, format="multipart")
    tried = answer.data
    assert answer["Content-Type"] == "application/json"
    assert (tried["accepted"], tried["step"]) == (1, None)
    assert (tried["rows"][0]["outcome"], tried["rows"][0]["status"]) == ("new", "complete")
    assert tried["rows"][0]["account"]["kept"] == 3
    assert not Mapping.objects.exists()
    done = call.post(CALL, {"file": upload(content)}, format="multipart").data
    mapping = Mapping.objects.get()
    assert (mapping.rule["from"], done["accepted"]) == ("mo", 1)
    mapping.revisions.create(
        number=2,
        version=version,
        status="complete",
        rule=mapping.rule,
        changed_at=mapping.updated_at,
        changed_by=lead,
    )
    Mapping.objects.update(revision=2)
    undo = f"/api/v1/projects/heart/mapping-steps/{done['step']}/undo/"
    assert "Nothing of this step is left to take back" in call.post(undo).data["detail"]
    assert Mapping.objects.get().revision == 2
    other = undo.replace(done["step"][:8], "00000000")
    assert call.post(other).status_code == 404


def test_whoever_may_not_read_the_rows_learns_nothing_from_a_sheet(
    page, api, lead, project, sex, age
):
    version = made(project, "Oslo", "Guarded", access="summaries")
    call = api(lead)
    fetched = call.get(CALL)
    assert "k.A." not in fetched.content.decode()
    lines = lines_of(fetched)
    for rule in (
        {"rule": "recode", "column": "geschl", "values": "M = 1"},
        {"rule": "recode", "column": "geschl", "values": "m = 1"},
        {"rule": "copy", "column": "geschl"},
    ):
        content = filled(lines, sex=rule)
        row = call.post(CALL, {"file": upload(content)}, format="multipart").data["rows"][0]
        assert (row["code"], row["account"], row["status"]) == ("rows_not_readable", None, None)
    content = filled(lines, age={"rule": "copy", "column": "alter"})
    row = call.post(CALL, {"file": upload(content)}, format="multipart").data["rows"][0]
    assert (row["outcome"], row["account"]) == ("new", None)
    assert Mapping.objects.get().dataset_id == version.dataset_id


def test_who_neither_maps_nor_reads_rows_gets_the_words_of_the_pages(page, api, lead, project, sex):
    version = made(project, "Oslo", "Guarded", access="controlled")
    many = {f"value {number}": "1" for number in range(9)}
    MappingFactory(variable=sex, version=version, rule=RECODE | {"map": many})
    reader = MembershipFactory(project=project, role="reader").user
    for answer in (page(reader).get(f"{PAGE}fetch/"), api(reader).get(CALL)):
        line = lines_of(answer)[0]
        assert (line["rule"], line["values"], line["column"]) == ("", "", "")
        assert line["in_words"].startswith("geschl, by a rule whose values are shown to whoever")
        assert "value 4" not in answer.content.decode()
    full = lines_of(page(lead).get(f"{PAGE}fetch/"))[0]
    assert (full["rule"], full["values"].count("\n")) == ("recode", 8)


def test_a_contributor_maps_what_they_keep_by_a_sheet_and_nothing_else(
    page, project, lead, age, version
):
    keeper = MembershipFactory(project=project, role="contributor").user
    own = made(project, "Hue", "Own", created_by=keeper)
    lines = lines_of(page(keeper).get(f"{PAGE}fetch/"))
    content = filled(lines, age={"rule": "copy", "column": "alter"})
    shown = page(keeper).post(PAGE, {"file": upload(content)})
    assert "Only the person who keeps this dataset" in shown.text
    sent = {"content": content.decode("utf-8-sig"), "step": "apply"}
    assert page(keeper).post(PAGE, sent).status_code == 302
    assert Mapping.objects.get().dataset == own.dataset
    reader = MembershipFactory(project=project, role="reader").user
    assert page(reader).get(f"{PAGE}fetch/").status_code == 200
    assert page(reader).post(PAGE, sent).status_code == 403


def test_a_sheet_costs_the_same_queries_at_any_length(
    page, lead, project, age, version, django_assert_max_num_queries
):
    client = page(lead)
    MappingFactory(variable=age, version=made(project, "First", "More"))
    client.get(f"{PAGE}fetch/")
    with django_assert_max_num_queries(13) as few:
        client.get(f"{PAGE}fetch/")
    for number in range(5):
        MappingFactory(variable=age, version=made(project, f"Site {number}", "More"))
    with django_assert_max_num_queries(len(few)):
        client.get(f"{PAGE}fetch/")


def test_a_rule_in_a_sheet_tells_a_token_that_reads_no_data_nothing_of_a_value(
    api, lead, sex, version
):
    """Line by line it would be told which of the values that it guesses somebody has."""
    lines = lines_of(api(lead, ["read"]).get(CALL))
    for guess in ("m", "x"):
        cells = {"rule": "recode", "column": "geschl", "values": f"{guess} = 1"}
        sent = {"file": upload(filled(lines, sex=cells)), "dry_run": True}
        (line,) = api(lead, ["write:data"]).post(CALL, sent, format="multipart").data["rows"]
        assert (line["outcome"], line["status"], line["code"]) == (
            "refused",
            None,
            "insufficient_scope",
        )
