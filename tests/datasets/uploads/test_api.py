"""Versions, their profile, dictionary and problems over the API."""

import hashlib
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from datasets.models import Version
from portal.jobs import running
from portal.jobs.choices import JobState
from tests.factories import DatasetFactory, MembershipFactory, UserFactory
from tests.factories.files import PATIENTS, ready_version, uploaded

pytestmark = pytest.mark.django_db
CANARY = "CANARY-7f3a"


def base(dataset, number=1):
    return f"/api/v1/datasets/{dataset.pk}/versions/{number}/"


def send(client, dataset, content=PATIENTS, name="patients.csv", **fields):
    file = SimpleUploadedFile(name, content, content_type="text/csv")
    url = f"/api/v1/datasets/{dataset.pk}/versions/"
    return client.post(url, {"file": file, **fields}, format="multipart")


def test_an_upload_is_answered_with_its_job(api, dataset):
    client = api(dataset.created_by)
    digest = hashlib.sha256(PATIENTS).hexdigest()
    options = json.dumps({"missing": ["?", "0"]})
    answer = send(client, dataset, sha256=digest, options=options)
    assert answer.status_code == 202
    assert (answer.data["number"], answer.data["state"]) == (1, "received")
    assert answer.data["job"]["state"] == "queued"
    assert client.get(answer.data["job"]["url"]).data["id"] == answer.data["job"]["id"]
    assert client.get(answer.data["url"]).data["options"]["missing"] == ["?", "0"]


@pytest.mark.parametrize(
    ("fields", "content", "code"),
    [
        ({}, b"", "empty_file"),
        ({"name": "a.html"}, PATIENTS, "bad_filename"),
        ({}, b"<html><script>alert(1)</script>", "content_type_mismatch"),
        ({"sha256": "0" * 64}, PATIENTS, "checksum_mismatch"),
        ({"options": "{"}, PATIENTS, "bad_option"),
        ({"options": "[1]"}, PATIENTS, "bad_option"),
        ({"options": "[" * 5000}, PATIENTS, "bad_option"),
        ({"options": '{"missing": ["\\u0000"]}'}, PATIENTS, "bad_option"),
        ({"options": '{"missing": ["\\ud800"]}'}, PATIENTS, "bad_option"),
        ({"options": '{"types": {"\\ud800": "text"}}'}, PATIENTS, "bad_option"),
        ({"options": '{"types": {"age": []}}'}, PATIENTS, "bad_option"),
        ({"options": '{"delimiter": "xx"}'}, PATIENTS, "bad_option"),
        ({"options": SimpleUploadedFile("options.json", b"{}")}, PATIENTS, "bad_option"),
        ({"sha256": SimpleUploadedFile("patients.sha256", b"0" * 64)}, PATIENTS, "invalid"),
    ],
)
def test_a_refusal_has_a_stable_code(api, dataset, fields, content, code):
    answer = send(api(dataset.created_by), dataset, content, **fields)
    assert (answer.status_code, answer.data["code"]) == (400, code)
    assert answer["Content-Type"].startswith("application/problem+json")
    assert not Version.objects.exists()


class CutOff:
    """A body whose sender goes away."""

    def read(self, size=-1):
        raise OSError

    readline = read


@pytest.mark.parametrize("kind", ["multipart", "json"])
def test_an_upload_that_is_cut_off_is_no_fault_of_ours(api, dataset, kind):
    client = api(dataset.created_by)
    url = "/api/v1/projects/" if kind == "json" else f"/api/v1/datasets/{dataset.pk}/versions/"
    answer = client.post(url, {"title": "x"}, format=kind, **{"wsgi.input": CutOff()})
    assert (answer.status_code, answer.data["code"]) == (400, "parse_error")
    assert answer.data["detail"] == "The connection ended before all was sent."


def test_without_a_file_or_as_json_the_answer_says_what_to_send(api, dataset):
    client = api(dataset.created_by)
    url = f"/api/v1/datasets/{dataset.pk}/versions/"
    answer = client.post(url, {"sha256": ""}, format="multipart")
    assert (answer.status_code, answer.data["code"]) == (400, "file_missing")
    assert client.post(url, {"file": "x"}, format="json").status_code == 415


def test_the_same_bytes_twice_are_a_conflict(api, dataset):
    client = api(dataset.created_by)
    send(client, dataset)
    answer = send(client, dataset)
    assert (answer.status_code, answer.data["code"]) == (409, "duplicate_file")


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.csv", "..\\..\\boot.csv", "a\nb.csv", "a;b'\".csv", "ñ☃.csv"]
)
def test_hostile_names_never_become_paths(api, dataset, name):
    client = api(dataset.created_by)
    answer = send(client, dataset, name=name)
    assert answer.status_code == 202, answer.data
    version = Version.objects.get()
    assert "/" not in version.filename
    assert "\\" not in version.filename
    assert version.original_key.startswith("originals/")
    kept = client.get(base(dataset) + "download/")
    assert "\n" not in kept["Content-Disposition"]
    assert b"".join(kept.streaming_content) == PATIENTS


@pytest.mark.parametrize("role", ["reader", "contributor", "outsider"])
def test_who_sees_it_but_may_not_upload_gets_403(api, dataset, role):
    person = (
        UserFactory()
        if role == "outsider"
        else MembershipFactory(project=dataset.project, role=role).user
    )
    assert send(api(person), dataset).status_code == 403
    assert not Version.objects.exists()


def test_uploading_needs_its_scope(api, dataset):
    scopes = ["read", "read:data", "write", "manage:members"]
    answer = send(api(dataset.created_by, scopes), dataset)
    assert (answer.status_code, answer.data["code"]) == (403, "insufficient_scope")


def test_a_session_needs_the_csrf_token(dataset):
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(dataset.created_by)
    assert send(client, dataset).status_code == 403
    assert not Version.objects.exists()


def test_profiles_are_exact_or_guarded(api, dataset):
    content = PATIENTS + f"99,x,{CANARY},1\n".encode() + b"41,m,5,0\n" * 20
    ready_version(dataset, content)
    url = base(dataset) + "profile/"
    exact = api(dataset.created_by).get(url).data
    assert exact["exact"] is True
    age = exact["columns"][0]
    assert (age["name"], age["max"], exact["rows"]) == ("age", 99, 141)
    for client in (
        api(UserFactory()),
        api(MembershipFactory(project=dataset.project, role="reader").user),
        api(MembershipFactory(project=dataset.project, role="contributor").user),
        api(dataset.created_by, ["read"]),
    ):
        guarded = client.get(url)
        assert guarded.data["exact"] is False
        assert guarded.data["columns"][0]["max"] is None
        assert CANARY not in guarded.content.decode()


def test_the_dictionary_is_read_and_edited(api, dataset):
    ready_version(dataset)
    client, url = api(dataset.created_by), base(dataset) + "columns/"
    assert [row["name"] for row in client.get(url).data["results"]] == ["age", "sex", "chol", "num"]
    body = {"columns": [{"name": "chol", "label": "Cholesterol", "unit": "mg/dL"}]}
    changed = client.patch(url, body)
    assert changed.data["results"][2]["unit"] == "mg/dL"
    assert client.patch(url, [{"name": "age", "label": "Age"}]).data["results"][0]["label"] == "Age"
    assert client.get(base(dataset) + "profile/").data["columns"][2]["unit"] == "mg/dL"
    assert client.patch(url, {"columns": [{"name": "x", "label": ""}]}).status_code == 400
    assert client.patch(url, {"columns": [{"label": "x"}]}).status_code == 400
    other = api(MembershipFactory(project=dataset.project).user)
    assert other.patch(url, body).status_code == 403


def failed(dataset):
    version = uploaded(dataset, PATIENTS)
    job = running.claim(version.latest_job().pk)
    problem = {
        "code": "type_mismatch",
        "detail": f"Line 7 holds {CANARY}.",
        "row": 7,
        "column": "age",
        "value": CANARY,
        "cure": "Choose the type text.",
    }
    running.end(
        job,
        JobState.FAILED,
        {"code": "type_mismatch", "detail": f"Line 7 holds {CANARY}.", "row": 7, "column": "age"},
    )
    Version.objects.filter(pk=version.pk).update(problems=[problem] * 2)
    return version


def test_problems_carry_values_only_to_whoever_reads_rows(api, dataset):
    version = failed(dataset)
    paths = [base(dataset), base(dataset) + "problems/", f"/api/v1/jobs/{version.latest_job().pk}/"]
    for path in paths:
        assert CANARY in api(dataset.created_by).get(path).content.decode()
    reader = MembershipFactory(project=dataset.project, role="reader").user
    for path in paths:
        answer = api(reader).get(path)
        assert answer.status_code == 200
        assert CANARY not in answer.content.decode()
        assert "type_mismatch" in answer.content.decode()
    for path in paths:
        assert CANARY not in api(dataset.created_by, ["read"]).get(path).content.decode()


def test_a_failed_version_is_hidden_from_outsiders(api, dataset):
    failed(dataset)
    assert api(UserFactory()).get(base(dataset)).status_code == 404
    assert api(UserFactory()).get(base(dataset) + "problems/").status_code == 404


def test_reading_again_with_other_options(api, dataset):
    failed(dataset)
    client = api(dataset.created_by)
    answer = client.post(base(dataset) + "read-options/", {"delimiter": ";", "missing": ["?"]})
    assert (answer.status_code, answer.data["number"], answer.data["state"]) == (202, 1, "received")
    assert client.post(base(dataset) + "read-options/", {}).status_code == 409
    assert client.post(base(dataset) + "read-options/", {"delimiter": "xx"}).status_code == 400


def test_a_guarded_file_is_read_again_by_whoever_reads_its_rows(api, project):
    """By missing codes that a steward guessed, the profile told which values there are."""
    keeper = MembershipFactory(project=project, role="contributor").user
    dataset = DatasetFactory(project=project, access="summaries", created_by=keeper)
    ready_version(dataset)
    steward = MembershipFactory(project=project, role="steward").user
    url, sent = base(dataset) + "read-options/", {"missing": ["417"]}
    refused = api(steward).post(url, sent)
    assert (refused.status_code, refused.data["code"]) == (403, "rows_not_readable")
    refused = api(keeper, ["read", "write:data"]).post(url, sent)
    assert (refused.status_code, refused.data["code"]) == (403, "insufficient_scope")
    assert dataset.versions.count() == 1
    assert api(keeper).post(url, sent).status_code == 202


def test_a_version_of_guarded_data_is_brought_by_whoever_reads_their_rows(api, page, project):
    """By files that a steward made up, each with one more of a yes or no, the ledger told in which
    they come close to the rows, and so how many have it: exactly, in 24 worlds of 24."""
    keeper = MembershipFactory(project=project, role="contributor").user
    dataset = DatasetFactory(project=project, access="summaries", created_by=keeper)
    ready_version(dataset)
    steward = MembershipFactory(project=project, role="steward").user
    url, form = f"/api/v1/datasets/{dataset.pk}/versions/", f"/datasets/{dataset.pk}/upload/"
    for sent in ({"file": SimpleUploadedFile("made_up.csv", b"sick\n1\n0\n")}, {}):
        refused = api(steward).post(url, sent, format="multipart")
        assert (refused.status_code, refused.data["code"]) == (403, "rows_not_readable")
    assert page(steward).get(form).status_code == 403
    assert form not in page(steward).get(f"/datasets/{dataset.pk}/").content.decode()
    assert form in page(keeper).get(f"/datasets/{dataset.pk}/").content.decode()
    assert dataset.versions.count() == 1
    sent = {"file": SimpleUploadedFile("next.csv", b"sick\n1\n0\n")}
    # Who sends files by a script needs no right to read them back.
    answer = api(keeper, ["read", "write:data"]).post(url, sent, format="multipart")
    assert answer.status_code == 202


def test_a_version_costs_the_same_however_many_columns(api, dataset):
    small = ready_version(dataset, b"a,b\n1,2\n3,4\n")
    names = ",".join(f"c{n}" for n in range(60)).encode()
    row = ",".join(map(str, range(60))).encode()
    wide = ready_version(dataset, names + b"\n" + row + b"\n")
    client = api(dataset.created_by)
    client.get(base(dataset))
    for path in ("", "profile/", "columns/", "problems/"):
        costs = []
        for version in (small, wide):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(base(dataset, version.number) + path).status_code == 200
            costs.append(len(queries))
        assert costs[0] == costs[1] <= 6


def test_a_repeated_upload_is_told_from_another_file_of_the_same_size(api, dataset):
    client = api(dataset.created_by)
    client.credentials(**client._credentials, HTTP_IDEMPOTENCY_KEY="k-1")
    other = PATIENTS.replace(b"181", b"182", 1)
    answers = [send(client, dataset, content) for content in (PATIENTS, PATIENTS, other)]
    assert [answer.status_code for answer in answers] == [202, 202, 409]
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert answers[2].data["code"] == "idempotency_key_reused"
    assert dataset.versions.count() == 1
