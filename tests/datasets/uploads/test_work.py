"""From received to ready or failed, through a real child process."""

import os
import re
import signal
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from datasets.choices import VersionState
from datasets.engine.reading import forking
from datasets.uploads import actions as versions
from datasets.versions import storage
from members.models import AuditEvent, Notification
from portal.jobs import actions as jobs
from portal.jobs.choices import JobState
from portal.jobs.running import claim_and_run
from tests.factories import MembershipFactory
from tests.factories.files import PATIENTS, uploaded

pytestmark = pytest.mark.django_db(transaction=True)


def run(version):
    assert claim_and_run(version.latest_job().pk)
    version.refresh_from_db()
    return version


def tables():
    return set(storage.old_keys("tables", -60))


def test_a_good_file_becomes_a_table_with_its_columns(dataset):
    version = run(uploaded(dataset))
    assert (version.state, version.rows, version.column_count) == ("ready", 120, 4)
    assert version.read_options["missing"] == ["?"]
    assert [c.name for c in version.columns.all()] == ["age", "sex", "chol", "num"]
    chol = version.columns.get(name="chol").profile
    assert (chol["n"], chol["missing"]) == (106, 14)
    with storage.local(version.table_key) as path:
        assert path.stat().st_size == version.table_bytes
    job = version.latest_job()
    assert (job.state, job.progress, job.error) == (JobState.SUCCEEDED, 1.0, None)
    note = Notification.objects.get(kind="version_ready")
    assert note.recipient == dataset.created_by
    assert "about 120 rows" in note.text
    assert AuditEvent.objects.get(action="version.ready").after["rows"] == 120


def test_an_inbox_tells_rows_as_whoever_may_read_none_is_told_them(dataset):
    """It is read by tokens without `read:data`, and after the right to the rows is gone."""
    version = run(uploaded(dataset, PATIENTS + b"63,m,250,1\n" * 3))
    assert version.rows == 123
    assert "about 125 rows" in Notification.objects.get(kind="version_ready").text


def test_a_bad_file_fails_with_place_and_cure_and_is_kept(dataset):
    before = tables()
    version = run(uploaded(dataset, PATIENTS + b"63,m,250\n64,f\n"))
    assert (version.state, version.rows, version.table_key) == ("failed", None, "")
    first = version.problems[0]
    assert (first["code"], first["row"]) == ("ragged_row", 122)
    assert first["cure"]
    assert len(version.problems) == 2
    job = version.latest_job()
    assert (job.state, job.attempt, job.error["code"], job.error["row"]) == (
        *("failed", 1),
        *("ragged_row", 122),
    )
    assert "your file is safe" in Notification.objects.get(kind="version_failed").text
    with storage.local(version.original_key) as path:
        assert path.read_bytes().startswith(PATIENTS)
    assert tables() == before


def test_numbers_at_the_end_of_what_numbers_can_be_are_read_and_shown(dataset, client):
    """Their file was refused as one at which the reader crashed."""
    cells = [["1e308", "1e308", "3e-320", "nan"], ["-1e308", "9e307", "1e-320", "inf"]]
    lines = [",".join(row) for row in [["both", "high", "small", "words"], *cells * 40, ["1"] * 4]]
    version = run(uploaded(dataset, "\n".join(lines).encode()))
    assert version.state == "ready", version.problems
    types = {one.name: str(one.type) for one in version.columns.all()}
    assert types == {"both": "number", "high": "number", "small": "number", "words": "category"}
    page, api = dataset.get_absolute_url(), f"/api/v1/datasets/{dataset.pk}/versions/1"
    client.force_login(dataset.created_by)
    for address in (page, f"{page}versions/1/", f"{api}/profile/", f"{api}/rows/"):
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert "10³⁰⁸" in answer.text or address.startswith(api)
    # Whoever reads no rows is shown fewer bins and no extremes.
    dataset.access, dataset.release_policy = "summaries", "gate"
    dataset.save()
    client.force_login(MembershipFactory(project=dataset.project, role="reader").user)
    for address in (page, f"{page}versions/1/", f"{api}/profile/"):
        answer = client.get(address)
        assert (answer.status_code, "10³⁰⁸" in answer.text) == (200, False), address


def test_the_notice_of_a_failure_tells_nothing_of_the_file(dataset):
    version = run(uploaded(dataset, PATIENTS + b"63,CANARY\n"))
    (problem,) = version.problems
    assert "CANARY" in problem["value"]
    note = Notification.objects.get(kind="version_failed")
    assert "CANARY" not in note.text
    assert problem["detail"] not in note.text
    assert note.url == version.get_absolute_url()


def test_of_a_file_that_is_no_utf8_the_encoding_is_offered_and_reads_it(dataset, api, page):
    version = run(uploaded(dataset, PATIENTS.replace(b",m,", ",é,".encode("cp1252"))))
    address = f"datasets/{dataset.pk}/versions/1/"
    (problem,) = api(dataset.created_by).get(f"/api/v1/{address}").data["problems"]
    assert (problem["code"], problem["offer"]) == ("not_utf8", {"encoding": "cp1252"})
    client, url = page(dataset.created_by), f"/{address}read-options/"
    html = client.get(url).content.decode()
    (offered,) = re.findall(r'<option value="(cp1252)"\s+selected', html)
    client.post(url, {"encoding": offered, "missing": "?"})
    version.refresh_from_db()
    assert version.state == "received"
    assert run(version).state == "ready"


def test_what_is_offered_can_be_sent_back_whole(dataset, api):
    rows = PATIENTS.replace(b",m,", ",é,".encode("cp1252"))
    fixed = {"delimiter": ",", "decimal": ".", "missing": ["?", "-9"], "types": {"age": "number"}}
    file = ContentFile(rows, name="a.csv")
    version = run(versions.upload(dataset=dataset, file=file, options=fixed, by=dataset.created_by))
    person, address = api(dataset.created_by), f"/api/v1/datasets/{dataset.pk}/versions/1/"
    (problem,) = person.get(address).data["problems"]
    assert problem["offer"] == {**fixed, "encoding": "cp1252"}
    sent = person.post(f"{address}read-options/", problem["offer"], format="json")
    assert sent.status_code == 202
    version.refresh_from_db()
    assert version.options == {**fixed, "encoding": "cp1252"}


def test_of_very_many_problems_the_first_hundred_are_kept(dataset):
    version = run(uploaded(dataset, PATIENTS + b"1,2\n" * 500))
    assert version.state == "failed"
    assert len(version.problems) == 100


def test_fixed_options_are_kept_to(dataset):
    file = ContentFile(PATIENTS, name="a.csv")
    options = {"missing": [], "types": {"age": "number"}}
    version = versions.upload(dataset=dataset, file=file, options=options, by=dataset.created_by)
    run(version)
    assert version.columns.get(name="age").type == "number"
    assert version.columns.get(name="chol").type == "text"
    assert version.read_options["missing"] == []


def test_a_reading_that_failed_can_be_repeated(dataset):
    version = run(uploaded(dataset, PATIENTS + b"63,m,250\n"))
    job = jobs.retry(job=version.latest_job(), by=dataset.created_by)
    version.refresh_from_db()
    assert (version.state, version.problems, job.state) == ("received", [], "queued")
    run(version)
    assert (version.state, version.latest_job().attempt) == ("failed", 2)
    assert Notification.objects.filter(kind="version_failed").count() == 2
    assert Notification.objects.open().filter(kind="version_failed").count() == 1


def test_a_damaged_original_is_found(dataset):
    version = uploaded(dataset)
    with storage.local(version.original_key) as path:
        path.chmod(0o600)
        path.write_bytes(PATIENTS.replace(b"40,m", b"41,m"))
    run(version)
    assert (version.state, version.problems[0]["code"]) == ("failed", "checksum_mismatch")


def big(megabytes):
    line = b"%d,m,233,1\n"
    return b"age,sex,chol,num\n" + b"".join(line % (n % 90) for n in range(megabytes * 90_000))


def test_a_running_reading_is_cancelled_in_its_midst(dataset):
    version = uploaded(dataset, big(60))
    job = version.latest_job()

    def cancel_when_running():
        while True:
            job.refresh_from_db()
            if job.state == JobState.RUNNING and job.progress > 0:
                break
            time.sleep(0.02)
        jobs.cancel(job=job, by=dataset.created_by)
        connection.close()

    thread = threading.Thread(target=cancel_when_running)
    thread.start()
    run(version)
    thread.join()
    assert (version.state, version.problems[0]["code"]) == (VersionState.FAILED, "cancelled")
    job.refresh_from_db()
    assert (job.state, job.progress < 1) == (JobState.CANCELLED, True), job.progress
    assert not Notification.objects.filter(kind="version_failed").exists()


def test_stages_show_while_the_work_goes_on(dataset):
    version = uploaded(dataset, big(30))
    seen = set()
    done = threading.Event()

    def watch():
        while not done.is_set():
            version_now = type(version).objects.get(pk=version.pk)
            seen.add(version_now.state)
            time.sleep(0.01)
        connection.close()

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        run(version)
    finally:
        done.set()
        thread.join()
    assert {"scanning", "parsing"} <= seen
    assert version.state == "ready"


@contextmanager
def a_reader_that_stops():
    """Whatever child reads within the block is stopped in the middle of its work."""
    done = threading.Event()
    stopped = []

    def stop():
        while not done.is_set():
            nursery = forking.NURSERY.process
            for pid in children(nursery.pid) if nursery else []:
                os.kill(pid, signal.SIGSTOP)
                stopped.append(pid)
                return
            time.sleep(0.002)

    thread = threading.Thread(target=stop)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    assert stopped
    assert not Path(f"/proc/{stopped[0]}").exists()


def children(pid):
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_reader_that_stalls_is_tried_again_and_has_a_code_of_its_own(dataset, settings):
    settings.INGEST_QUIET_SECONDS = 1
    version = uploaded(dataset, big(30))
    with a_reader_that_stops():
        run(version)
    job = version.latest_job()
    assert (job.state, job.attempt) == (JobState.QUEUED, 1)
    assert version.state != "failed"
    settings.INGEST_QUIET_SECONDS = 60
    assert run(version).state == "ready"

    settings.INGEST_QUIET_SECONDS = 1
    version = uploaded(dataset, big(31))
    job = version.latest_job()
    for _ in range(job.last_attempt):
        with a_reader_that_stops():
            run(version)
    job.refresh_from_db()
    assert (job.state, job.error["code"], job.attempt) == ("failed", "stalled", job.last_attempt)
    assert (version.state, version.problems[0]["code"]) == ("failed", "stalled")
