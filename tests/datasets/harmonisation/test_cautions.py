"""What to look at first in a mapping: on the matrix, beside it, and for scripts."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from datasets.models import Column, Mapping
from tests.factories import (
    DatasetFactory,
    MembershipFactory,
    SharedVariableFactory,
    StudySiteFactory,
    table_version,
)
from tests.html import Read
from tests.pages import text_of

pytestmark = pytest.mark.django_db

GRID = "/projects/heart/variables/"
CALLS = "/api/v1/projects/heart/variables/"
FILE = "/api/v1/projects/heart/mapping-file/"
RECODE = {"kind": "recode", "column": "sex", "map": {"m": "male", "w": "female"}}


def made(project, site, values, **more):
    return table_version(
        {"sex": ("category", values), "chol_mgdl": ("number", [200.0] * len(values))},
        dataset=DatasetFactory(
            project=project, site=StudySiteFactory(project=project, name=site), **more
        ),
    )


def put(client, name, version, rule):
    body = {"version": version.number, "rule": rule}
    return client.put(f"{CALLS}{name}/mappings/{version.dataset_id}/", body, format="json")


@pytest.fixture
def sex(project):
    return SharedVariableFactory(project=project, name="sex", type="category", codes={})


COPY = {"kind": "copy", "column": "sex"}


def test_levels_that_differ_between_sites_are_told_everywhere(page, api, lead, project, sex):
    """One site's m and w beside another's 1 and 2 was Complete twice, without a word."""
    oslo = made(project, "Oslo", ["m", "w", "w"])
    turin = made(project, "Turin", ["1", "2", "2"])
    call, client = api(lead), page(lead)
    assert put(call, "sex", oslo, COPY).data["cautions"] == []
    said = "Its levels are 1 and 2, those at Oslo m and w, and analyses take each for another one"
    url = f"{CALLS}sex/mappings/{turin.dataset_id}/"
    tried = call.post(f"{url}preview/", {"version": turin.number, "rule": COPY}, format="json")
    saved = put(call, "sex", turin, COPY)
    for answer in (tried.data, saved.data, call.get(url).data):
        assert [said in one for one in answer["cautions"]] == [True]
        assert answer["status"] == "complete", "no rule says that the others are right"
    panel = f"{GRID}sex/mappings/{turin.dataset_id}/"
    assert said in text_of(client.get(panel))
    assert said in text_of(client.get(f"{GRID}sex/"))
    grid = text_of(client.get(GRID))
    assert f'title="{said}' in grid
    assert grid.count("look at it first") == 2
    asked = {"method": "describe", "inputs": [f"{v.dataset_id}:{v.number}" for v in (oslo, turin)]}
    builder = text_of(client.get("/projects/heart/analyses/new/", asked))
    assert "Levels differ: they are m and w at Oslo and 1 and 2 at Turin." in builder


def test_levels_that_a_rule_would_make_elsewhere_are_told_before_it_is_applied(
    page, api, lead, project, sex
):
    oslo = made(project, "Oslo", ["m", "w", "w"])
    turin = made(project, "Turin", ["1", "2", "2"])
    put(api(lead), "sex", oslo, COPY)
    shown = page(lead).get(f"{GRID}sex/mappings/{oslo.dataset_id}/apply/")
    assert "Its levels are 1 and 2, those at Oslo m and w" in text_of(shown)
    form = Read(shown.text).form(having="dataset")
    assert form.values["dataset"] == [], f"nothing is ticked, {turin.dataset.title} neither"


def planned(client, call, turin, oslo):
    """A file that maps Turin as it is mapped, and Oslo too, says the status each is seen with."""
    lines = "dataset,variable,rule,column,note\n" + "".join(
        f"{one.dataset_id},sex,copy,sex,again\n" for one in (turin, oslo)
    )
    sent = SimpleUploadedFile("filled.csv", lines.encode(), "text/csv")
    asked = {"file": sent, "dry_run": "true"}
    (first, _) = call.post(FILE, asked, format="multipart").data["rows"]
    assert (first["status"], len(first["cautions"])) == ("partial", 1)
    sent = SimpleUploadedFile("filled.csv", lines.encode(), "text/csv")
    shown = text_of(client.post("/projects/heart/mapping-file/", {"file": sent}))
    assert "analyses take each for another one" in shown


def test_levels_that_no_other_sites_rule_knows_are_not_complete(page, api, lead, project, sex):
    oslo = made(project, "Oslo", ["m", "w", "w"])
    turin = made(project, "Turin", ["1", "2", "2"])
    call, client = api(lead), page(lead)
    put(call, "sex", turin, COPY)
    assert put(call, "sex", oslo, RECODE).data["status"] == "complete"
    url = f"{CALLS}sex/mappings/{turin.dataset_id}/"
    tried = call.post(f"{url}preview/", {"version": turin.number, "rule": COPY}, format="json")
    assert (tried.data["status"], call.get(url).data["status"]) == ("partial", "partial")
    for listed in (call.get(CALLS).data["results"][0], call.get(f"{CALLS}sex/").data):
        told = {one["dataset"]: one["status"] for one in listed["mappings"]}
        assert told == {oslo.dataset_id: "complete", turin.dataset_id: "partial"}
    assert client.get(GRID, {"state": "partial"}).text.count('class="status-link') == 1
    assert "Partial" in text_of(client.get(f"{GRID}sex/mappings/{turin.dataset_id}/"))
    planned(client, call, turin, oslo)
    fetched = text_of(client.get("/projects/heart/mapping-file/fetch/"))
    assert (fetched.count(",partial,"), fetched.count(",complete,")) == (1, 1)
    prefix = f"mapping-{turin.dataset_id}-"
    sent = {"version": str(turin.number), "kind": "copy", "column": "sex", "note": "again"}
    again = client.post(
        f"{GRID}sex/mappings/{turin.dataset_id}/",
        {prefix + name: value for name, value in sent.items()},
        follow=True,
    )
    assert "sex is mapped (partial)." in text_of(again)
    # Once a second person has to approve it, the other rule says nothing until then.
    project.second_person = True
    project.save()
    assert call.get(url).data["status"] == "complete"


def test_where_a_rule_would_replace_another_that_one_has_the_status_it_is_seen_with(
    page, api, lead, project, sex
):
    oslo = made(project, "Oslo", ["m", "w", "w"])
    turin, bergen = (made(project, name, ["1", "2", "2"]) for name in ("Turin", "Bergen"))
    codes = RECODE | {"map": {"1": "male", "2": "female"}}
    for version, rule in ((oslo, RECODE), (turin, COPY), (bergen, codes)):
        put(api(lead), "sex", version, rule)
    shown = text_of(page(lead).get(f"{GRID}sex/mappings/{bergen.dataset_id}/apply/"))
    assert "It is mapped already (partial)" in shown


@pytest.mark.parametrize(
    ("here", "there"),
    [(["m", "w"], ["m", "w"]), (["m", "w"], ["m", "w", "d"]), (["m"], ["m", "w"])],
)
def test_a_level_that_a_site_lacks_is_no_difference(api, lead, project, sex, here, there):
    put(api(lead), "sex", made(project, "Oslo", there), COPY)
    assert put(api(lead), "sex", made(project, "Turin", here), COPY).data["cautions"] == []


def test_levels_that_one_is_not_shown_are_told_by_no_caution_and_no_status(api, lead, project, sex):
    """A guess, put into a rule elsewhere, would else be answered by the other site's status."""
    keeper = MembershipFactory(project=project, role="contributor").user
    rows = ["m"] * 30 + ["w"] * 30 + ["x"]
    hidden = made(project, "Oslo", rows, access="summaries", created_by=keeper)
    own = made(project, "Turin", ["x", "y"])
    put(api(keeper), "sex", hidden, COPY)
    url = f"{CALLS}sex/mappings/{hidden.dataset_id}/"
    answers = []
    for guess in ("x", "y"):
        rule = RECODE | {"map": {guess: guess}, "otherwise": None}
        said = put(api(lead), "sex", own, rule).data["cautions"]
        told = [one.replace(f"are {guess},", "are the guess,") for one in said]
        answers.append((told, api(lead).get(url).data["status"]))
    assert answers[0] == answers[1]
    assert "x" not in answers[0][0][0].split("those at")[1].partition(",")[0]


def test_a_token_that_reads_no_rows_is_told_no_level(api, lead, project, sex):
    oslo = made(project, "Oslo", ["m", "w", "w"])
    turin = made(project, "Turin", ["1", "2", "2"])
    put(api(lead), "sex", oslo, RECODE)
    assert len(put(api(lead), "sex", turin, COPY).data["cautions"]) == 1
    url = f"{CALLS}sex/mappings/{turin.dataset_id}/"
    script = api(lead, scopes=["read", "write:data"])
    asked = {"version": turin.number, "rule": COPY}
    for answer in (script.get(url), script.post(f"{url}preview/", asked, format="json")):
        assert (answer.data["cautions"], answer.data["status"]) == ([], "complete")
    told = script.get(f"{CALLS}sex/").data["mappings"]
    assert {one["status"] for one in told} == {"complete"}


def test_a_unit_that_speaks_against_a_rule_is_marked_on_the_matrix(page, api, lead, project):
    SharedVariableFactory(project=project, name="chol", type="number", unit="mmol/L")
    version = made(project, "Oslo", ["m", "w"])
    rule = {"kind": "copy", "column": "chol_mgdl"}
    saved = put(api(lead), "chol", version, rule)
    said = "Its name says mg/dL and the variable is in mmol/L, but this rule takes the values"
    assert [said in one for one in saved.data["cautions"]] == [True]
    for who in (lead, MembershipFactory(project=project, role="reader").user):
        grid = text_of(page(who).get(GRID))
        assert f'title="{said}' in grid
        assert "look at it first" in grid
    assert said in text_of(page(lead).get(f"{GRID}chol/mappings/{version.dataset_id}/"))
    converted = {"kind": "unit", "column": "chol_mgdl", "from": "mg/dL", "to": "mmol/L"}
    put(api(lead), "chol", version, converted | {"analyte": "cholesterol"})
    assert "look at it first" not in text_of(page(lead).get(GRID))


def test_a_cell_says_in_a_few_words_what_speaks_against_what_it_probably_is(page, lead, project):
    """It named the column alone; what spoke against it stood on another page."""
    for name in ("chol_mgdl", "age"):
        SharedVariableFactory(project=project, name=name, type="number", unit="mmol/L")
    ages = [float(age) for age in range(40, 60)]
    version = table_version(
        {"chol_mgdl": ("number", [200.0] * 20), "age": ("number", ages)},
        dataset=DatasetFactory(project=project),
    )
    profile = {
        "suspicious": [
            {"value": -9, "n": 3, "said": {"template": "far below the others", "values": {}}}
        ]
    }
    Column.objects.filter(name="age").update(profile=profile)
    grid = text_of(page(lead).get(GRID))
    cell = grid.partition(f'id="cell-age-{version.dataset_id}"')[2].partition("</a>")[0]
    assert "probably age" in cell
    assert "−9 may mean missing" in cell
    assert "−9 occurs 3 times" in cell.partition('title="')[2]
    kept = {"kind": "copy", "column": "age"}
    Mapping.objects.create(
        variable=project.variables.get(name="age"),
        dataset=version.dataset,
        version=version,
        status="complete",
        rule=kept,
        changed_by=lead,
    )
    assert "−9 may mean missing" in text_of(page(lead).get(GRID)), "nor was it of a rule in force"


@pytest.mark.parametrize(("unit", "lowest"), [("mmol/L", 154.66), ("mg/dL", 4.0)])
def test_a_code_for_missing_is_set_missing_before_a_suggestion_is_taken(
    page, lead, project, unit, lowest
):
    """Accepting was the first button: −9 became −348 mg/dL, “Complete”, “No value was lost.”"""
    SharedVariableFactory(project=project, name="chol", type="number", unit="mg/dL")
    version = table_version(
        {"chol": ("number", [-9.0] * 9 + [4 + k / 50 for k in range(60)])},
        dataset=DatasetFactory(project=project),
    )
    far = {"value": -9, "n": 9, "said": {"template": "far below the others", "values": {}}}
    version.columns.update(unit=unit, profile={"suspicious": [far]})
    client, url = page(lead), f"{GRID}chol/mappings/{version.dataset_id}/"
    html = client.get(url).text
    first, second = html.index("Accept it, with −9 set missing"), html.index("Accept it as it is")
    assert first < second
    client.post(f"{url}accept/")
    said = text_of(client.get(url))
    assert "Complete, but look at −9" in said
    assert "No value became missing, with −9 taken as measured." in said
    for place in (GRID, f"{GRID}chol/"):
        assert "Complete, but look at −9" in text_of(client.get(place))
    Mapping.objects.all().delete()
    client.post(f"{url}accept/", {"codes": "missing"})
    mapping = Mapping.objects.get()
    assert [mapping.preview["account"][name] for name in ("on_purpose", "kept")] == [9, 60]
    assert mapping.preview["after"]["min"] == pytest.approx(lowest)
    assert "but look at" not in text_of(client.get(url)) + text_of(client.get(GRID))


def test_a_rule_that_leaves_no_value_is_kept_and_says_so(page, api, lead, project):
    """It was partial, with 0 values, without a word: a hospital that writes 0 measured nothing."""
    SharedVariableFactory(project=project, name="chol", type="number", unit="mg/dL")
    version = table_version(
        {"chol": ("number", [0.0] * 20)}, dataset=DatasetFactory(project=project)
    )
    said = "All 20 values are missing by this rule: no row of these data has the variable."
    rule = {"kind": "recode", "column": "chol", "map": {"0": None}}
    url, call = f"{CALLS}chol/mappings/{version.dataset_id}/", api(lead)
    body = {"version": version.number, "rule": rule | {"otherwise": {"kind": "copy"}}}
    tried = call.post(f"{url}preview/", body, format="json")
    assert said in tried.data["cautions"], tried.data
    saved = call.put(url, body, format="json")
    assert (saved.data["status"], said in saved.data["cautions"]) == ("partial", True)
    grid = text_of(page(lead).get(GRID))
    assert "no row has a value" in grid
    assert said in grid
    for path in (f"{GRID}chol/", f"{GRID}chol/mappings/{version.dataset_id}/"):
        assert said in text_of(page(lead).get(path))
    fetched = call.get("/api/v1/projects/heart/mapping-file/").content.decode()
    assert said in fetched
    reader = MembershipFactory(project=project, role="reader").user
    version.dataset.access = "summaries"
    version.dataset.save()
    assert said not in text_of(page(reader).get(GRID)), "nothing of rows that one does not read"
    version.dataset.access = "project"
    version.dataset.save()
    Mapping.objects.all().delete()
    line = f"{version.dataset_id},chol,recode,chol,0 =,keep"
    content = f"dataset,variable,rule,column,values,otherwise\n{line}\n".encode()
    file = SimpleUploadedFile("filled.csv", content, "text/csv")
    asked = {"file": file, "dry_run": "true"}
    [row] = call.post(FILE, asked, format="multipart").data["rows"]
    assert (row["status"], said in row["cautions"]) == ("partial", True), row


def test_another_substance_is_told_before_its_unit(api, lead, project):
    """A column of cholesterol taken for haemoglobin was to be converted from mg/dL."""
    SharedVariableFactory(project=project, name="hb", type="number", unit="g/dL")
    version = made(project, "Oslo", ["m"])
    (said,) = put(api(lead), "hb", version, {"kind": "copy", "column": "chol_mgdl"}).data[
        "cautions"
    ]
    assert said.startswith("Its name or label is of another substance than the variable’s")


def test_an_unusual_median_is_marked_for_whoever_reads_the_rows(page, api, lead, project):
    SharedVariableFactory(project=project, name="hb", type="number", unit="g/dL")
    version = made(project, "Oslo", ["m"])
    profile = {"quantiles": {"0.5": 8.4}}
    Column.objects.filter(name="chol_mgdl").update(name="hb", profile=profile)
    Mapping.objects.create(
        variable=project.variables.get(),
        dataset=version.dataset,
        version=version,
        status="complete",
        rule={"kind": "copy", "column": "hb"},
        changed_by=lead,
    )
    said = "Its median is 8.4, which would be unusual in g/dL and usual in mmol/L"
    assert said in text_of(page(lead).get(GRID))
    reader = MembershipFactory(project=project, role="reader").user
    version.dataset.access = "summaries"
    version.dataset.save()
    assert said not in text_of(page(reader).get(GRID))


def test_a_known_substance_is_chosen_already_and_says_why(page, lead, project):
    """It was asked of a column without a unit in its dictionary, whatever its name said."""
    SharedVariableFactory(
        project=project, name="lipid", label="Serum cholesterol", type="number", unit="mmol/L"
    )
    version = made(project, "Oslo", ["m"])
    prefix = f"mapping-{version.dataset_id}"
    url = f"{GRID}lipid/mappings/{version.dataset_id}/"
    shown = page(lead).get(url)
    form = Read(shown.text).form(f"mappings/{version.dataset_id}/")
    assert form.values[f"{prefix}-analyte"] == ["cholesterol"]
    assert "Names and labels speak of cholesterol." in text_of(shown)
    filled = {"kind": "unit", "column": "chol_mgdl", "from_unit": "g/L"}
    sent = form.fill(**{f"{prefix}-{name}": value for name, value in filled.items()})
    assert sent.send(page(lead), url).status_code == 302
    assert Mapping.objects.get().rule["analyte"] == "cholesterol"
