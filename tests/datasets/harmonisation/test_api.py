"""Shared variables over the API."""

import pytest

from datasets.models import Mapping, SharedVariable
from tests.factories import (
    DatasetFactory,
    MappingFactory,
    MembershipFactory,
    SharedVariableFactory,
    UserFactory,
    VersionFactory,
    table_version,
)

pytestmark = pytest.mark.django_db

URL = "/api/v1/projects/heart/variables/"


def test_define_read_change_remove(api, lead, project):
    call = api(lead)
    sent = {"name": "sex", "type": "category", "codes": {"m": "male"}, "topic": "Person"}
    made = call.post(URL, sent | {"id": 5, "created_by": 1, "project": 9})
    assert made.status_code == 201
    assert {name: made.data[name] for name in sent} == sent
    assert made.data["mappings"] == []
    changed = call.patch(f"{URL}sex/", {"label": "Sex at birth"})
    assert (changed.status_code, changed.data["label"]) == (200, "Sex at birth")
    assert changed.data["codes"] == {"m": "male"}
    assert call.get(f"{URL}sex/").data == changed.data
    assert call.delete(f"{URL}sex/").status_code == 204
    assert call.get(f"{URL}sex/").status_code == 404


def test_what_does_not_fit_is_told_by_field(api, lead, project):
    call = api(lead)
    SharedVariableFactory(project=project, name="age")
    for sent, field in (
        ({"type": "number"}, "name"),
        ({"name": "age", "type": "number"}, "name"),
        ({"name": "a", "type": "float"}, "type"),
        ({"name": "a", "type": "number", "codes": {"1": "one"}}, "codes"),
        ({"name": "a", "type": "category", "codes": []}, "codes"),
    ):
        refused = call.post(URL, sent)
        assert refused.status_code == 400
        assert refused.data["errors"][0]["field"] == field
    assert refused.data["errors"][0]["detail"] == "Give the codes as an object: code to meaning."
    for sent, fields in (
        ({"name": "2x", "type": "number", "codes": {"1": "one"}}, ["codes", "name"]),
        ({"name": "age", "type": "float", "unti": "a"}, ["name", "type", "unti"]),
        ({"name": "age", "type": "boolean", "codes": {"2": ""}, "topic": "x" * 99}, None),
    ):
        errors = call.post(URL, sent).data["errors"]
        found = sorted(one["field"] for one in errors)
        assert found == (fields or ["codes", "name", "topic"]), "all mistakes at once"
    errors = call.patch(f"{URL}age/", {"name": "2x", "codes": {"1": "one"}, "unit": 5 * [1]})
    assert sorted(one["field"] for one in errors.data["errors"]) == ["codes", "name", "unit"]
    used = MappingFactory(version__dataset__project=project).variable
    assert call.patch(f"{URL}{used.name}/", {"name": "new"}).status_code == 409
    assert call.delete(f"{URL}{used.name}/").status_code == 409


@pytest.mark.parametrize(
    ("role", "read", "write"),
    [("steward", 200, 201), ("contributor", 200, 403), ("reader", 200, 403), ("", 403, 403)],
)
def test_who_reads_and_who_defines(api, project, role, read, write):
    user = MembershipFactory(project=project, role=role).user if role else UserFactory()
    call = api(user)
    assert call.get(URL).status_code == read
    assert call.post(URL, {"name": "age", "type": "number"}).status_code == write
    assert SharedVariable.objects.exists() == (write == 201)
    variable = SharedVariableFactory(project=project, name="dose")
    allowed = write == 201
    changed = call.patch(f"{URL}dose/", {"label": "x"})
    assert changed.status_code == (200 if allowed else 403)
    assert call.delete(f"{URL}dose/").status_code == (204 if allowed else 403)
    assert SharedVariable.objects.filter(pk=variable.pk).exists() != allowed


def test_the_list_shows_statuses_and_costs_the_same_at_any_length(
    api, lead, project, django_assert_num_queries
):
    call = api(lead)
    version = VersionFactory(ready=True, dataset__project=project)

    def add(count):
        for _ in range(count):
            MappingFactory(version=version, variable=SharedVariableFactory(project=project))

    add(1)
    call.get(URL)
    with django_assert_num_queries(5) as one:
        rows = call.get(URL).data["results"]
    assert rows[0]["mappings"] == [
        {
            "dataset": version.dataset_id,
            "version": version.number,
            "status": "complete",
            "revision": 1,
            "waits_for_second_person": False,
        }
    ]
    add(9)
    with django_assert_num_queries(len(one)):
        assert len(call.get(URL).data["results"]) == 10
    assert len(call.get(URL, {"search": rows[0]["name"]}).data["results"]) >= 1
    assert call.get(URL, {"type": "boolean"}).data["results"] == []
    assert call.get(URL, {"type": "float"}).status_code == 400


REVIEW = "/api/v1/projects/heart/variable-suggestions/"


@pytest.fixture
def suggested(project):
    for name, kind in (("age", "integer"), ("when", "date")):
        SharedVariableFactory(project=project, name=name, type=kind)
    return table_version(
        {"Age": ("integer", [40, 50]), "when": ("category", ["a", "b"])},
        dataset=DatasetFactory(project=project, access="controlled"),
    )


def test_suggestions_are_read_and_several_accepted_at_once(api, lead, suggested):
    call = api(lead)
    found = call.get(REVIEW).data
    keys = [one["key"] for one in found["suggestions"]]
    assert [(one["variable"], one["column"]) for one in found["suggestions"]] == [
        ("age", "Age"),
        ("when", "when"),
    ]
    assert found["suggestions"][0]["reasons"] == ["Its name differs only in case and punctuation."]
    assert found["more"] is False
    outdated = f"{keys[0][:-4]}0000"
    answer = call.post(REVIEW, {"accept": [*keys, outdated]})
    assert answer.status_code == 200
    assert answer.data["accepted"] == 1
    assert [(one["outcome"], one["status"], one["code"]) for one in answer.data["results"]] == [
        ("accepted", "complete", ""),
        ("refused", None, "keeps_nothing"),
        ("changed", None, ""),
    ]
    assert "a and b cannot be read" in answer.data["results"][1]["detail"]
    assert Mapping.objects.get().rule == {"kind": "copy", "column": "Age"}
    assert call.post(REVIEW, {"accept": keys[:1]}).data["results"][0]["outcome"] == "changed"
    assert call.post(REVIEW, {"accept": []}).status_code == 400
    undo = f"/api/v1/projects/heart/mapping-steps/{answer.data['step']}/undo/"
    assert call.post(undo).status_code == 200
    assert not Mapping.objects.exists()


def test_a_token_that_reads_no_data_gets_suggestions_by_name_alone(api, lead, suggested):
    call = api(lead, ["read", "write:data"])
    found = call.get(REVIEW).data["suggestions"]
    assert [one["variable"] for one in found] == ["age"]
    contributor = MembershipFactory(project=suggested.dataset.project, role="contributor").user
    assert api(contributor).get(REVIEW).data["suggestions"] == []
    answer = api(contributor).post(REVIEW, {"accept": [found[0]["key"]]})
    assert (answer.data["accepted"], Mapping.objects.count()) == (0, 0)
