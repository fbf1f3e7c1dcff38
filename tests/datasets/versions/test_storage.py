"""Bytes in and out: on this machine's disk, and on an S3-compatible store."""

import errno
import hashlib
import io
import os
from pathlib import Path

import pytest
from botocore.config import Config
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import RequestFactory

from datasets.versions import storage
from portal.common.exceptions import Away, Invalid, NoRoom

BUCKET = "cohortium"


@pytest.fixture(params=["disk", "s3"])
def store(request, settings, tmp_path):
    """Where files are kept in this test; each test that asks runs on both kinds."""
    settings.COHORTIUM_HOME = tmp_path
    if request.param == "disk":
        kept = tmp_path / "files"
        options = {"location": kept, "file_permissions_mode": 0o600}
        backend = "django.core.files.storage.FileSystemStorage"
        default = {"BACKEND": backend, "OPTIONS": options}
    else:
        s3 = request.getfixturevalue("s3")
        kept = s3.folder / BUCKET
        kept.mkdir(exist_ok=True)
        default = s3.storage(BUCKET)
    settings.STORAGES = {**settings.STORAGES, "default": default}
    assert type(storages["default"]).__name__ in ("FileSystemStorage", "S3Storage")
    return kept


def files_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_bytes_come_out_as_they_went_in(store):
    content = os.urandom(3_000_000)
    received = storage.quarantine(ContentFile(content, name="a.csv"))
    assert received.sha256 == hashlib.sha256(content).hexdigest()
    assert received.size == len(content)
    key = storage.keep_original(received)
    assert storage.exists(key)
    with storage.local(key) as path:
        assert path.read_bytes() == content
        assert path.stat().st_mode & 0o077 == 0
    assert files_below(store).count(key) == 1
    storage.delete(key)
    assert not storage.exists(key)


def test_nothing_is_left_in_quarantine_when_the_request_ends(store, settings):
    received = storage.quarantine(ContentFile(b"a,b\n1,2\n", name="a.csv"))
    assert received.path.read_bytes() == b"a,b\n1,2\n"
    received.close()
    assert not list(settings.COHORTIUM_HOME.rglob("quarantine/*"))


def test_a_key_made_by_somebody_else_is_refused(store):
    for key in ("originals/../../etc/passwd", "/etc/passwd", "originals/a b", "tables/"):
        with pytest.raises(ValueError, match="not a storage key"):
            storage.delete(key)


def test_old_keys_and_leftovers_are_found(store, settings):
    key = storage.keep_original(storage.quarantine(ContentFile(b"x", name="a.csv")))
    assert key in list(storage.old_keys("originals", -60))
    assert list(storage.old_keys("originals", 3600)) == []
    left = storage.quarantine(ContentFile(b"y", name="b.csv"))
    storage.clear_leftovers(3600)
    assert left.path.exists()
    storage.clear_leftovers(-60)
    assert not left.path.exists()
    assert storage.exists(key)


def upload(content, announced=None):
    """Django's request with one file, of which `announced` bytes were promised."""
    request = RequestFactory().post("/", {"file": ContentFile(content, name="p.csv")})
    body = request.environ["wsgi.input"].read()
    request.environ["wsgi.input"] = io.BytesIO(body if announced is None else body[:announced])
    return type(request)(request.environ)


@pytest.mark.parametrize("store", ["disk"], indirect=True)
def test_an_upload_is_hashed_while_it_comes_in(store, settings):
    content = b"age,chol\n" + b"63,233\n" * 100_000
    file = upload(content).FILES["file"]
    assert file.sha256 == hashlib.sha256(content).hexdigest()
    assert file.path.read_bytes() == content
    assert file.path.parent.name == "quarantine"


@pytest.mark.parametrize("store", ["disk"], indirect=True)
@pytest.mark.parametrize("cut", [300, 5_000, 700_100])
def test_an_upload_that_was_cut_off_is_none(store, settings, cut):
    assert "file" not in upload(b"age,chol\n" + b"63,233\n" * 100_000, announced=cut).FILES
    assert files_below(settings.COHORTIUM_HOME) == []


@pytest.mark.parametrize("store", ["disk"], indirect=True)
@pytest.mark.parametrize("size", [1_001, 3_000_000])
def test_a_file_beyond_the_limit_is_refused_and_not_kept(store, settings, size):
    settings.MAX_UPLOAD_BYTES = 1_000
    with pytest.raises(Invalid) as caught:
        storage.quarantine(upload(b"x" * size).FILES["file"])
    assert caught.value.code == "too_large"
    assert files_below(settings.COHORTIUM_HOME) == []


@pytest.mark.parametrize("store", ["disk"], indirect=True)
def test_a_full_disk_is_said_in_words_and_leaves_nothing(store, settings, monkeypatch):
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def no_room(*args):
        raise full

    received = storage.Quarantined("a.csv")
    received._spool.close()
    with Path("/dev/full").open("wb") as received._spool:
        received.add(b"age\n")
        received.finish()
    with pytest.raises(NoRoom):
        storage.quarantine(received)
    kept = storage.quarantine(ContentFile(b"age\n", name="a.csv"))
    monkeypatch.setattr(Path, "replace", no_room)
    with pytest.raises(NoRoom):
        storage.keep_original(kept)
    kept.close()
    assert files_below(settings.COHORTIUM_HOME) == []


@pytest.mark.parametrize("store", ["s3"], indirect=True)
@pytest.mark.parametrize("bucket", ["gone", "another"])
def test_a_store_that_does_not_answer_is_away(store, settings, bucket):
    received = storage.quarantine(ContentFile(b"age\n", name="a.csv"))
    options = settings.STORAGES["default"]["OPTIONS"]
    if bucket == "gone":
        options = {**options, "endpoint_url": "http://127.0.0.1:9"}
    else:
        options = {**options, "secret_key": "of somebody else"}
    options["client_config"] = Config(retries={"total_max_attempts": 1})
    default = {**settings.STORAGES["default"], "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": default}
    key = storage.new_key("tables")
    for ask in (
        lambda: storage.keep_original(received),
        lambda: storage.exists(key),
        lambda: storage.local(key).__enter__(),
        lambda: storage.delete(key),
        lambda: list(storage.old_keys("tables", 0)),
    ):
        with pytest.raises(Away):
            ask()
    received.close()
