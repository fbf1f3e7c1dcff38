"""Mappings over the API."""

import pytest

from datasets.models import Mapping
from tests.factories import (
    DatasetFactory,
    MembershipFactory,
    SharedVariableFactory,
    UserFactory,
    table_version,
)

pytestmark = pytest.mark.django_db

COPY = {"kind": "copy", "column": "chol"}


@pytest.fixture
def version(project):
    SharedVariableFactory(project=project, name="chol")
    return table_version(
        {"chol": ("integer", [0, *range(150, 250)])},
        dataset=DatasetFactory(project=project, access="controlled"),
    )


@pytest.fixture
def url(version):
    return f"/api/v1/projects/heart/variables/chol/mappings/{version.dataset_id}/"


def body(of, **values):
    return {"version": of.number, "status": "complete", "rule": COPY} | values


def test_put_get_delete(api, lead, version, url):
    call = api(lead)
    assert call.get(url).status_code == 404
    made = call.put(url, body(version))
    assert (made.status_code, made.data["revision"]) == (201, 1)
    assert made.data["preview"]["after"]["n"] == 101
    again = call.put(url, body(version, rule={"kind": "expression", "sql": "chol / 38.67"}))
    assert (again.status_code, again.data["revision"]) == (200, 2)
    assert [one["rule"]["kind"] for one in again.data["revisions"]] == ["copy", "expression"]
    read = call.get(url)
    assert read.data["rule"]["sql"] == "chol / 38.67"
    stale = call.put(url, body(version), HTTP_IF_MATCH='"something else"')
    assert stale.status_code == 412
    assert call.put(url, body(version), HTTP_IF_MATCH=read["ETag"]).status_code == 200
    assert call.delete(url).status_code == 204
    assert not Mapping.objects.exists()


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"version": 999_999}, "version", "invalid"),
        ({"version": "x"}, "version", "invalid"),
        ({"version": 2**40}, "version", "max_value"),
        ({"status": "good"}, "status", "invalid_choice"),
        ({"rule": None}, "rule", "invalid"),
        ({"rule": {"kind": "copy", "column": "no"}}, "rule", "unknown_column"),
        ({"rule": {"kind": "unit", "column": "chol"}}, "rule", "unknown_unit"),
        ({"note": "x" * 301}, "note", "max_length"),
    ],
)
def test_what_does_not_fit_is_told_by_field(api, lead, version, url, values, field, code):
    refused = api(lead).put(url, body(version, **values))
    assert refused.status_code == 400
    assert [(error["field"], error["code"]) for error in refused.data["errors"]] == [(field, code)]


@pytest.mark.parametrize(
    ("role", "status"), [("steward", 201), ("contributor", 403), ("reader", 403), ("", 403)]
)
def test_who_may_map(api, version, url, role, status):
    project = version.dataset.project
    user = MembershipFactory(project=project, role=role).user if role else UserFactory()
    assert api(user).put(url, body(version)).status_code == status
    assert Mapping.objects.exists() == (status == 201)


def test_outsiders_of_a_private_project_learn_nothing(api, version, url):
    version.dataset.project.visibility = "private"
    version.dataset.project.save()
    call = api(UserFactory())
    for method in (call.get, call.delete):
        assert method(url).status_code == 404
    assert call.put(url, body(version)).status_code == 404


def test_distributions_pass_the_gate_for_whoever_may_not_read_the_rows(api, lead, version, url):
    call = api(lead)
    call.put(url, body(version))
    assert call.get(url).data["preview"]["before"][0]["min"] == 0
    contributor = MembershipFactory(project=version.dataset.project, role="contributor").user
    shown = api(contributor).get(url).data
    assert shown["preview"]["before"][0]["min"] is None
    assert shown["preview"]["after"]["max"] is None
    assert shown["suppressed"]


def test_distributions_pass_the_gate_for_a_token_that_reads_no_data(api, lead, version, url):
    writing, reading = api(lead, ["write:data"]), api(lead, ["read"])
    for shown in (writing.put(url, body(version)).data, reading.get(url).data):
        assert shown["preview"]["before"][0]["min"] is None
        assert shown["preview"]["after"]["max"] is None
        assert shown["suppressed"]
    assert api(lead, ["read", "read:data"]).get(url).data["preview"]["before"][0]["min"] == 0


def test_a_repeated_call_of_a_token_that_reads_no_data_is_another_one(api, lead, version, url):
    key = {"HTTP_IDEMPOTENCY_KEY": "first-look"}
    calls = api(lead, ["write:data", "read:data"]), api(lead, ["write:data"])
    whole, alone = (one.post(f"{url}preview/", body(version), **key) for one in calls)
    assert whole.data["preview"]["before"][0]["min"] == 0
    assert (alone.status_code, alone.data["code"]) == (409, "idempotency_key_reused")


LOSES = {"kind": "recode", "column": "sex", "map": {"M": 1, "W": 0}}


@pytest.fixture
def coded(project):
    SharedVariableFactory(project=project, name="sex")
    return table_version(
        {"sex": ("category", ["m", "w", "w", "k.A."])},
        dataset=DatasetFactory(project=project, access="controlled"),
    )


def test_what_a_rule_misses_is_told_to_tokens_that_read_data_alone(api, lead, coded):
    url = f"/api/v1/projects/heart/variables/sex/mappings/{coded.dataset_id}/"
    refused = api(lead).put(url, body(coded, rule=LOSES))
    assert refused.status_code == 400
    (error,) = refused.data["errors"]
    assert (error["field"], error["code"]) == ("rule", "keeps_nothing")
    assert "w, k.A., and m: did you mean w and m?" in error["detail"]
    refused = api(lead, ["write:data"]).put(url, body(coded, rule=LOSES))
    assert (refused.status_code, refused.data["code"]) == (403, "insufficient_scope")
    assert refused.data["detail"] == "This token lacks the scope “read:data”."
    assert not Mapping.objects.exists()


def test_a_status_is_computed_and_may_be_left_out(api, lead, coded):
    url = f"/api/v1/projects/heart/variables/sex/mappings/{coded.dataset_id}/"
    rule = LOSES | {"map": {"m": 1, "w": 0}}
    made = api(lead).put(url, body(coded, rule=rule))
    assert (made.status_code, made.data["status"]) == (201, "partial")
    assert made.data["preview"]["account"]["missed"] == [{"value": "k.A.", "n": 1}]
    rule = LOSES | {"map": {"m": 1, "w": 0, "k.A.": None}}
    made = api(lead).put(url, {"version": coded.number, "rule": rule})
    assert made.data["status"] == "complete"
    contributor = MembershipFactory(project=coded.dataset.project, role="contributor").user
    assert api(contributor).get(url).data["preview"]["account"] is None
    undone = api(lead).post(f"{url}undo/")
    assert (undone.status_code, undone.data["status"], undone.data["revision"]) == (
        200,
        "partial",
        3,
    )
    assert api(lead).post(f"{url}undo/").data["revision"] == 4


def test_a_suggestion_tells_its_reasons(api, lead, coded):
    top = [{"value": value, "n": 1} for value in ("m", "w", "k.A.")]
    coded.columns.update(profile={"top": top, "distinct": 3})
    variable = coded.dataset.project.variables.get(name="sex")
    variable.type, variable.codes = "category", {"1": "male", "2": "female"}
    variable.save()
    url = f"/api/v1/projects/heart/variables/sex/mappings/{coded.dataset_id}/suggestion/"
    found = api(lead).get(url).data["suggestion"]
    assert found["rule"]["map"] == {"m": "1", "w": "2", "k.A.": None}
    assert found["reasons"][0] == "It has the same name."
    assert api(lead, ["read"]).get(url).data["suggestion"] is None


def test_a_dry_run_tells_what_a_rule_would_do_and_keeps_nothing(api, lead, coded):
    url = f"/api/v1/projects/heart/variables/sex/mappings/{coded.dataset_id}/"
    rule = LOSES | {"map": {"m": 1, "w": 0}}
    tried = api(lead).post(f"{url}preview/", body(coded, rule=rule))
    assert (tried.status_code, tried.data["status"], tried.data["refusal"]) == (200, "partial", "")
    account = tried.data["preview"]["account"]
    assert (account["kept"], account["missed"]) == (3, [{"value": "k.A.", "n": 1}])
    assert tried.data["preview"]["after"]["n"] == 3
    lost = api(lead).post(f"{url}preview/", body(coded, rule=LOSES)).data
    assert lost["status"] is None
    assert "did you mean w and m?" in lost["refusal"]
    said = api(lead).post(f"{url}preview/", {"version": coded.number, "status": "impossible"})
    assert (said.data["status"], said.data["preview"]) == ("impossible", None)
    wrong = api(lead).post(f"{url}preview/", body(coded, rule=COPY))
    assert (wrong.status_code, wrong.data["errors"][0]["code"]) == (400, "unknown_column")
    assert not Mapping.objects.exists()


def test_a_dry_run_tells_a_token_that_reads_no_data_nothing_of_a_value(api, lead, coded):
    """By what an expression is refused for, a patient's number was found to its last digit."""
    url = f"/api/v1/projects/heart/variables/sex/mappings/{coded.dataset_id}/preview/"
    call = api(lead, ["write:data"])
    rules = [
        LOSES,
        {"kind": "expression", "sql": "CASE WHEN sex = 'k.A.' THEN 1 END"},
        {"kind": "expression", "sql": "CASE WHEN sex = 'x' THEN 1 END"},
    ]
    told = [call.post(url, body(coded, rule=rule)) for rule in rules]
    assert {(one.status_code, one.data["code"]) for one in told} == {(403, "insufficient_scope")}
    assert told[1].data == told[2].data
    steward = MembershipFactory(project=coded.dataset.project, role="steward").user
    coded.dataset.access = "summaries"
    coded.dataset.save()
    assert api(steward).post(url, body(coded, rule=LOSES)).status_code == 403


@pytest.mark.parametrize(
    ("scopes", "status"),
    [(["write:data"], "undetermined"), (["write:data", "read:data"], "partial")],
)
def test_other_codes_tell_a_token_that_reads_no_data_nothing_of_a_value(
    api, lead, coded, scopes, status
):
    """Whether a rule still fits says which of the codes somebody has."""
    variable = coded.dataset.project.variables.get(name="sex")
    variable.type, variable.codes = "category", {"m": "male", "w": "female", "k.A.": "unknown"}
    variable.save()
    url = "/api/v1/projects/heart/variables/sex/"
    rule = {"kind": "copy", "column": "sex"}
    api(lead).put(f"{url}mappings/{coded.dataset_id}/", body(coded, rule=rule))
    codes = {"m": "male", "w": "female"}
    assert api(lead, scopes).patch(url, {"codes": codes}, format="json").status_code == 200
    assert Mapping.objects.get().status == status


def test_going_back_tells_a_token_that_reads_no_data_nothing_of_a_value(api, lead, coded):
    """Codes that it made up, and the rule of before tried on them again, told which values there
    are."""
    variable = coded.dataset.project.variables.get(name="sex")
    variable.type, variable.codes = "category", {"m": "", "w": "", "k.A.": ""}
    variable.save()
    of_variable = "/api/v1/projects/heart/variables/sex/"
    url = f"{of_variable}mappings/{coded.dataset_id}/"
    copy = {"kind": "copy", "column": "sex"}
    assert api(lead).put(url, body(coded, rule=copy)).status_code == 201
    call = api(lead, ["read", "write:data"])
    told = []
    for guess in ("k.A.", "x"):
        assert call.patch(of_variable, {"codes": {guess: ""}}).status_code == 200
        told.append(call.post(f"{url}undo/"))
    assert {(one.status_code, one.data["code"]) for one in told} == {(403, "insufficient_scope")}
    assert told[0].data == told[1].data
