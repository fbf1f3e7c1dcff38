"""Where bytes lie: the only module that knows a path.

Names are random and below no address. A file is written beside the others, forced to disk and
then renamed, so that whoever looks finds it whole or not at all. On an S3-compatible store the
local folder holds what is being received or made, and copies of what was read lately.
"""

import contextlib
import errno
import hashlib
import os
import re
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, default_storage, storages
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext

from portal.common.exceptions import Away, DomainError, Invalid, NoRoom

ORIGINALS, TABLES, HARMONISED, POOLED = "originals", "tables", "harmonised", "pooled"


KEY = re.compile(r"(originals|tables|harmonised|pooled)/[0-9a-f]{32,64}")


FULL = {errno.ENOSPC, errno.EDQUOT}


FRAME_BYTES = 1024**2  # what a form's other fields and boundaries may add to a file


class Quarantined(UploadedFile):
    """Bytes as they come in: hashed, counted, and gone when the request ends unless kept.

    What goes wrong meanwhile waits in `refusal`, so that the rest of the request can be read and
    the sender gets an answer.
    """

    def __init__(self, name: str, content_type: str = "") -> None:
        self.path = _folder("quarantine") / uuid.uuid4().hex
        self.refusal: Exception | None = None
        self.length = 0
        self._digest = hashlib.sha256()
        self._spool: IO[bytes] | None = None
        super().__init__(None, name, content_type, 0)
        try:
            self._spool = self.path.open("xb")
            self.path.chmod(0o600)
        except OSError as error:
            self.refuse(_readable(error))

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def add(self, chunk: bytes) -> None:
        """Add bytes, unless the file was refused already."""
        if self._spool is None:
            return
        self.length += len(chunk)
        self.size = self.length
        if self.length > settings.MAX_UPLOAD_BYTES:
            self.refuse(too_large())
            return
        self._digest.update(chunk)
        try:
            self._spool.write(chunk)
        except OSError as error:
            self.refuse(_readable(error))

    def finish(self) -> None:
        """Hand the last bytes to the disk."""
        if self._spool is None:
            return
        try:
            self._spool.flush()
            os.fsync(self._spool.fileno())
        except OSError as error:
            self.refuse(_readable(error))

    def close(self) -> None:
        """Forget the bytes; Django calls this when the request ends."""
        if self._spool is not None:
            spool, self._spool = self._spool, None
            with contextlib.suppress(OSError):  # what a full disk did not take
                spool.close()
        self.path.unlink(missing_ok=True)

    def refuse(self, error: Exception) -> None:
        """Do not take it, and say why when somebody asks for it."""
        self.refusal = error
        self.close()


class QuarantineHandler(FileUploadHandler):
    """Writes every uploaded file straight into quarantine; see FILE_UPLOAD_HANDLERS."""

    chunk_size = 256 * 1024

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        self._announced = content_length
        self._files: list[Quarantined] = []

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._files.append(Quarantined(self.file_name or "", self.content_type or ""))
        if self._announced > settings.MAX_UPLOAD_BYTES + FRAME_BYTES:
            self._files[-1].refuse(too_large())

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._files[-1].add(raw_data)

    def file_complete(self, file_size: int) -> Quarantined:
        self._files[-1].finish()
        return self._files[-1]

    def upload_interrupted(self) -> None:
        """The body ended within a file, which Django then leaves out of `request.FILES`."""
        for file in self._files:
            file.close()


def quarantine(file: File) -> Quarantined:
    """The file's bytes in quarantine; those of an upload are there already.

    Raises what is wrong with them: too large, or no room for them.
    """
    if not isinstance(file, Quarantined):
        source, file = file, Quarantined(Path(file.name or "").name)
        for chunk in source.chunks():
            file.add(chunk)
        file.finish()
    if file.refusal:
        raise file.refusal
    return file


def keep_original(file: Quarantined) -> str:
    """Move a file out of quarantine; the key under which it is kept from now on."""
    key = new_key(ORIGINALS)
    keep(key, file.path)
    file.close()
    return key


def new_key(folder: str) -> str:
    """A name nobody can guess."""
    return f"{folder}/{uuid.uuid4().hex}"


def keep(key: str, path: Path) -> None:
    """Publish a finished local file under the key, whole or not at all; `path` is gone then."""
    _check(key)
    try:
        with path.open("rb") as file:
            os.fsync(file.fileno())
            if not _is_local():
                with _store() as store:
                    store.save(key, File(file, name=key))
                path.unlink()
                return
        target = _path(key)
        path.chmod(0o600)
        path.replace(target)
        _sync_folder(target.parent)
    except OSError as error:
        raise _readable(error) from error


def exists(key: str) -> bool:
    """Whether something is kept under the key."""
    if _is_local():
        return _path(key).exists()
    _check(key)
    with _store() as store:
        return store.exists(key)


@contextmanager
def local(key: str) -> Iterator[Path]:
    """A path at which this machine can read what is kept under the key."""
    path = _path(key)
    if not _is_local():
        _fetch(key)
    elif path.exists():
        # What is read is not old: what can be made again stays as long as somebody reads it.
        os.utime(path)
    yield path


def delete(key: str) -> None:
    """Remove what is kept under the key, if anything is."""
    path = _path(key)
    if not _is_local():
        with _store() as store:
            store.delete(key)
    path.unlink(missing_ok=True)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder of one's own, from which a file can be kept without copying it."""
    with tempfile.TemporaryDirectory(dir=_folder("scratch"), ignore_cleanup_errors=True) as name:
        yield Path(name)


def old_keys(folder: str, seconds: float) -> Iterator[str]:
    """Keys in `folder` that were kept longer ago than `seconds`."""
    limit = time.time() - seconds
    with _store() as store:
        keys = [f"{folder}/{name}" for name in store.listdir(folder)[1]] if _has(folder) else []
    for key in keys:
        with _store() as store:
            kept_at = store.get_modified_time(key)
        if kept_at.timestamp() < limit:
            yield key


def clear_leftovers(seconds: float) -> None:
    """Remove what broken requests and killed workers left, and copies nobody read lately."""
    limit = time.time() - seconds
    kept = [] if _is_local() else [ORIGINALS, TABLES, HARMONISED, POOLED]
    for folder in ["quarantine", "scratch", *kept]:
        for path in _folder(folder).iterdir():
            if path.stat().st_mtime < limit:
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def too_large() -> Invalid:
    """The refusal of a file beyond MAX_UPLOAD_BYTES."""
    limit = settings.MAX_UPLOAD_BYTES
    shown = filesizeformat(limit)
    return Invalid(
        errors={
            "file": gettext("A file may have at most %(shown)s. Split it by rows.")
            % {"shown": shown}
        },
        code="too_large",
    )


def _fetch(key: str) -> None:
    """Copy from the store to this machine, unless the copy is there."""
    target = _path(key)
    if target.exists():
        os.utime(target)
        return
    with scratch() as folder:
        copy = folder / "copy"
        try:
            with _store() as store, store.open(key) as source, copy.open("wb") as file:
                shutil.copyfileobj(source, file, 1024**2)
        except OSError as error:
            if error.errno in FULL:
                raise _readable(error) from error
            raise
        copy.chmod(0o600)
        copy.replace(target)


@contextmanager
def _store() -> Iterator[Storage]:
    """The store, to be asked one thing; what its client raises is a part that is away."""
    try:
        yield default_storage
    except OSError:
        raise
    except Exception as error:
        raise Away from error


def _is_local() -> bool:
    return isinstance(storages["default"], FileSystemStorage)


def _has(folder: str) -> bool:
    return not _is_local() or _folder(folder).exists()


def _root() -> Path:
    kept = storages["default"]
    if isinstance(kept, FileSystemStorage):
        return Path(kept.location)
    return settings.COHORTIUM_HOME / "cache"


def _folder(name: str) -> Path:
    folder = _root() / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _check(key: str) -> str:
    if not KEY.fullmatch(key):
        raise ValueError(f"not a storage key: {key!r}")
    return key


def _path(key: str) -> Path:
    folder, name = _check(key).split("/")
    return _folder(folder) / name


def _sync_folder(folder: Path) -> None:
    """A rename is on disk when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _readable(error: OSError) -> DomainError | OSError:
    """A full disk in words; any other fault as it is."""
    if error.errno in FULL:
        return NoRoom(
            gettext(
                "The portal has no room for this file just now. Nothing was stored; its operators "
                "have to make room first."
            )
        )
    return error
