"""What is no field of a body is refused in words, and what was read may be sent back."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from datasets.models import Mapping, SharedVariable
from tests.factories import DatasetFactory, SharedVariableFactory, table_version

pytestmark = pytest.mark.django_db

CALLS = "/api/v1/projects/heart/variables/"


@pytest.fixture
def version(project):
    columns = {"sex": ("category", ["m", "w"])}
    return table_version(columns, dataset=DatasetFactory(project=project))


def fields_of(answer):
    assert answer.status_code == 400, answer.data
    return {one["field"]: one["detail"] for one in answer.data["errors"]}


def test_a_misspelt_field_defines_no_variable(api, lead, project):
    """With `levels` for `codes` it was a variable without codes, and nothing was said."""
    sent = {"name": "sex", "type": "category", "levels": {"1": "male"}, "unti": "", "x": 1}
    found = fields_of(api(lead).post(CALLS, sent, format="json"))
    assert found["levels"] == "Unknown field. Did you mean codes?"
    assert found["unti"] == "Unknown field. Did you mean unit?"
    fields = "name, type, label, unit, codes, topic, wave"
    assert found["x"] == f"Unknown field. Leave it out, or use one of: {fields}."
    assert not SharedVariable.objects.exists()
    wrong = fields_of(api(lead).post(CALLS, {"nmae": "sex", "type": "what"}, format="json"))
    assert set(wrong) == {"name", "nmae", "type"}, "all of it at once"
    variable = SharedVariableFactory(project=project, name="sex", type="category")
    patched = api(lead).patch(f"{CALLS}sex/", {"lable": "Sex"}, format="json")
    assert fields_of(patched) == {"lable": "Unknown field. Did you mean label?"}
    variable.refresh_from_db()
    assert variable.label == ""


def test_what_a_script_read_it_may_change_and_send_back(api, lead, project, version):
    SharedVariableFactory(project=project, name="sex", type="category")
    call, url = api(lead), f"{CALLS}sex/mappings/{version.dataset_id}/"
    rule = {"kind": "copy", "column": "sex"}
    body = {"version": version.number, "status": "complete", "rule": rule}
    assert call.put(url, body, format="json").status_code == 201
    read = call.get(url).json()
    assert call.put(url, read | {"note": "Looked at"}, format="json").status_code == 200
    revision = call.get(url).json()["revisions"][0]
    assert call.put(url, revision, format="json").data["note"] == ""
    variable = call.get(f"{CALLS}sex/").json()
    assert call.patch(f"{CALLS}sex/", variable | {"label": "Sex"}, format="json").status_code == 200
    ours = {"project": "heart", "url": "/variables/sex/", "created_by": "Ada", "label": "Gender"}
    assert call.patch(f"{CALLS}sex/", ours, format="json").data["label"] == "Gender"
    copied = call.get(f"{CALLS}sex/").json() | {"name": "sex_2"}
    assert call.post(CALLS, copied, format="json").status_code == 201


def test_a_misspelt_part_of_a_mapping_or_a_rule_is_told(api, lead, project, version):
    SharedVariableFactory(project=project, name="sex", type="category")
    call, url = api(lead), f"{CALLS}sex/mappings/{version.dataset_id}/"
    rule = {"kind": "copy", "column": "sex"}
    body = {"version": version.number, "rule": rule, "notes": "x", "n" * 500: 1}
    found = fields_of(call.put(url, body, format="json"))
    assert found.pop("notes") == "Unknown field. Did you mean note?"
    assert [len(name) for name in found] == [60], "nobody's long key comes back"
    body = {"version": version.number, "rule": rule | {"kind": "recode", "codes": {"m": "1"}}}
    (said,) = fields_of(call.put(url, body, format="json")).values()
    assert said == (
        "A rule of the kind recode has no codes; its parts are kind, column, map, otherwise, "
        "if_missing."
    )
    many = {f"key{number}": 1 for number in range(500)}
    assert len(fields_of(call.post(f"{url}preview/", many, format="json"))) == 21
    assert not Mapping.objects.exists()


def test_a_question_says_what_it_does_not_take(api, lead, project, version):
    question = {
        "method": "describe",
        "inputs": [{"dataset": version.dataset_id, "version": version.number}],
        "parameters": {"variables": ["sex"]},
    }
    call = api(lead)
    for path in ("analyses/", "analyses/check/"):
        url = f"/api/v1/projects/heart/{path}"
        found = fields_of(call.post(url, question | {"paramters": {}}, format="json"))
        assert found == {"paramters": "Unknown field. Did you mean parameters?"}
    wrong = question | {"parameters": {"variables": ["sex"], "colour": 1}}
    found = fields_of(call.post("/api/v1/projects/heart/analyses/", wrong, format="json"))
    assert list(found) == ["parameters.colour"]
    asked = call.post("/api/v1/projects/heart/analyses/", question, format="json").json()
    again = call.post("/api/v1/projects/heart/analyses/", asked, format="json")
    assert again.status_code == 202, again.data


def test_parts_of_a_body_say_what_they_do_not_take(api, lead, project, version):
    """A `lable` of a column was left out with an answer of 200; what was read is no such thing."""
    call, url = api(lead), f"/api/v1/datasets/{version.dataset_id}/"
    columns = f"{url}versions/{version.number}/columns/"
    read = call.get(columns).json()["results"]
    wrong = [one | {"lable": "Sex"} for one in read]
    assert fields_of(call.patch(columns, wrong, format="json")) == {
        "columns.0.lable": "Unknown field. Did you mean label?"
    }
    right = [one | {"label": "Sex"} for one in read]
    assert call.patch(columns, right, format="json").data["results"][0]["label"] == "Sex"
    domain = {"column": "sex", "levels": [{"code": "m", "label": "men"}], "heigh": 1}
    found = fields_of(call.put(f"{url}domains/", {"columns": [domain]}, format="json"))
    assert set(found) == {"columns.0.heigh", "columns.0.levels.0.label"}
    read = call.get(f"{url}domains/").json()["results"]
    assert read
    assert call.put(f"{url}domains/", read, format="json").status_code == 200


def test_what_stands_above_the_data_says_so_too(api, lead, project):
    """Of a dataset, a project, an opening and a site; each can be sent back as it was read."""
    call, url = api(lead), "/api/v1/projects/heart/"
    opening = call.post(f"{url}openings/", {"kind": "data", "detial": "x"}, format="json")
    assert fields_of(opening) == {"detial": "Unknown field. Did you mean detail?"}
    assert fields_of(call.patch(url, {"visiblity": "private"}, format="json"))
    read = call.get(url).json()
    assert call.patch(url, read | {"title": "Hearts"}, format="json").data["title"] == "Hearts"
    dataset = DatasetFactory(project=project)
    url = f"/api/v1/datasets/{dataset.pk}/"
    found = fields_of(call.patch(url, {"treshold": 10}, format="json"))
    assert found == {"treshold": "Unknown field. Did you mean threshold?"}
    read = call.get(url).json()
    sent = read | {"site": read["site"]["id"], "title": "Ward 3"}
    assert call.patch(url, sent, format="json").data["title"] == "Ward 3"
    copied = sent | {"title": "Ward 4"}
    assert call.post("/api/v1/datasets/", copied, format="json").status_code == 201


def test_a_file_comes_with_no_other_fields_than_those_there_are(api, lead, project, version):
    """With `dryrun` a file that was to be tried was kept, and nothing was said."""
    call = api(lead)
    sheet = SimpleUploadedFile("m.csv", b"dataset,variable,rule")
    sent = {"file": sheet, "dryrun": "true"}
    answer = call.post("/api/v1/projects/heart/mapping-file/", sent, format="multipart")
    assert fields_of(answer) == {"dryrun": "Unknown field. Did you mean dry_run?"}
    sent = {"file": SimpleUploadedFile("a.csv", b"a\n1\n"), "opitons": "{}"}
    url = f"/api/v1/datasets/{version.dataset_id}/versions/"
    answer = call.post(url, sent, format="multipart")
    assert fields_of(answer) == {"opitons": "Unknown field. Did you mean options?"}
    assert version.dataset.versions.count() == 1


def test_the_apis_description_says_so(api, lead):
    """Of every call: a field that is misspelt is left out in silence nowhere."""
    described = api(lead).get("/api/v1/schema/", {"format": "json"}).json()
    schemas = described["components"]["schemas"]
    closed = {name for name, one in schemas.items() if one.get("additionalProperties") is False}
    sent = [
        operation["requestBody"]["content"].get("application/json", {}).get("schema", {})
        for path in described["paths"].values()
        for operation in path.values()
        if "requestBody" in operation
    ]
    bodies = {body["$ref"].rpartition("/")[2] for body in sent if "$ref" in body}
    parts = {
        part["items"]["$ref"].rpartition("/")[2]
        for body in bodies
        for part in schemas[body]["properties"].values()
        if "$ref" in part.get("items", ())
    }
    assert len(bodies) > 20
    objects = {one for one in bodies | parts if schemas[one]["type"] == "object"}
    assert len(objects) > 25
    assert objects - closed == set()
    assert "Mapping" not in closed
