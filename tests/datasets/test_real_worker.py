"""Four hospitals' files through the API and a real Celery worker, numbers against R's."""

import hashlib
import json
import math
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from portal.demo.plan import HOSPITAL_FILES
from portal.jobs.models import Job
from tests.factories import DatasetFactory, ProjectFactory, UserFactory
from tests.workers import running_worker, wait_for

pytestmark = pytest.mark.django_db(transaction=True)

FILES = ["cleveland.csv", "hungary.csv", "switzerland.csv", "va-long-beach.csv"]


@pytest.fixture(scope="module", autouse=True)
def _worker(django_db_setup, django_db_blocker):
    """One worker for all of these tests."""
    with django_db_blocker.unblock(), running_worker():
        yield


def send(client, dataset, name, content, **fields):
    return client.post(
        f"/api/v1/datasets/{dataset.pk}/versions/",
        {"file": SimpleUploadedFile(name, content), **fields},
        format="multipart",
    )


def columns_of(path):
    """The file read by hand: numbers, with `?` and nothing for missing."""
    head, *lines = path.read_text().splitlines()
    names = head.split(",")
    rows = [line.split(",") for line in lines]
    return {
        name: [float(row[i]) for row in rows if row[i] not in ("?", "")]
        for i, name in enumerate(names)
    }, len(rows)


def test_four_hospitals(api):
    lead = UserFactory()
    project = ProjectFactory(lead=lead)
    client = api(lead)
    answers = []
    for name in FILES:
        content = (HOSPITAL_FILES / name).read_bytes()
        dataset = DatasetFactory(project=project, created_by=lead, title=name)
        digest = hashlib.sha256(content).hexdigest()
        response = send(client, dataset, name, content, sha256=digest)
        assert response.status_code == 202, response.data
        answers.append((name, dataset, response.data))
    wait_for(lambda: not Job.objects.active().exists(), what="all four are read")
    for name, dataset, answer in answers:
        job = client.get(answer["job"]["url"]).data
        assert (job["state"], job["progress"], job["error"]) == ("succeeded", 1.0, None)
        base = f"/api/v1/datasets/{dataset.pk}/versions/1/"
        version = client.get(base).data
        assert version["state"] in ("ready", "ready_with_warnings")
        assert version["sha256"] == hashlib.sha256((HOSPITAL_FILES / name).read_bytes()).hexdigest()
        truth, rows = columns_of(HOSPITAL_FILES / name)
        profile = client.get(f"{base}profile/").data
        assert (profile["rows"], version["rows"], profile["exact"]) == (rows, rows, True)
        for column in profile["columns"]:
            values = truth[column["name"]]
            assert (column["n"], column["missing"]) == (len(values), rows - len(values))
            assert column["distinct"] == len(set(values))
            if column["type"] in ("integer", "number") and values:
                mean = math.fsum(values) / len(values)
                assert math.isclose(column["mean"], mean, rel_tol=1e-12)
                assert (column["min"], column["max"]) == (min(values), max(values))
                squares = math.fsum((value - mean) ** 2 for value in values)
                if len(values) > 1:
                    sd = math.sqrt(squares / (len(values) - 1))
                    assert math.isclose(column["sd"], sd, rel_tol=1e-9)


def test_polling_is_answered_while_the_worker_is_busy(api):
    lead = UserFactory()
    dataset = DatasetFactory(project=ProjectFactory(lead=lead), created_by=lead)
    client = api(lead)
    content = b"age,sex,chol\n" + b"".join(
        b"%d,%s,%d.%d\n" % (n % 90, b"mf"[n % 2 :][:1], n % 400, n % 10) for n in range(500_000)
    )
    job = send(client, dataset, "a.csv", content).data["job"]
    seen = []
    while not seen or seen[-1][0] in ("queued", "running"):
        answer = client.get(job["url"]).data
        seen.append((answer["state"], answer["progress"]))
        time.sleep(0.05)
    states, progress = zip(*seen, strict=True)
    assert "running" in states
    assert list(progress) == sorted(progress)
    assert seen[-1] == ("succeeded", 1.0)


def test_a_bad_file_is_kept_and_says_why(api):
    lead = UserFactory()
    dataset = DatasetFactory(project=ProjectFactory(lead=lead), created_by=lead)
    client = api(lead)
    content = b"age,sex\n63,m\n64\n65,f\n"
    answer = send(client, dataset, "a.csv", content).data
    wait_for(lambda: not Job.objects.active().exists())
    version = client.get(f"/api/v1/datasets/{dataset.pk}/versions/1/").data
    assert (version["state"], version["rows"]) == ("failed", None)
    problem = version["problems"][0]
    assert (problem["code"], problem["row"]) == ("ragged_row", 3)
    job = client.get(answer["job"]["url"]).data
    assert (job["state"], job["error"]["code"], job["error"]["row"]) == ("failed", "ragged_row", 3)
    kept = client.get(f"/api/v1/datasets/{dataset.pk}/versions/1/download/?format=original")
    assert b"".join(kept.streaming_content) == content
    assert json.loads(client.get(answer["job"]["url"]).content)["error"]["detail"]
