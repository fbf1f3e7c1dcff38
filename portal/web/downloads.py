"""Files that leave through the browser: tables, and downloads to be resumed."""

import os
import re
import time
from collections.abc import Callable, Iterator
from typing import IO

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header


def csv_file(filename: str, text: str) -> HttpResponse:
    """A table as a file to keep."""
    return HttpResponse(
        text,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": content_disposition_header(True, filename) or ""},
    )


# No file has more bytes than eighteen digits count, and Python reads no number of thousands.
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
PIECE = 256 * 1024


# A download whose right has ended is cut within ten seconds, a slow answer included.
ASK_AGAIN_SECONDS = 3.0
TRUST_SECONDS = 8.0


class RightEnded(Exception):
    """Whoever downloads may not go on; raised within the body, it cuts the connection."""


def attachment(
    request: HttpRequest,
    file: IO[bytes],
    *,
    filename: str,
    content_type: str,
    may_go_on: Callable[[], bool],
    sha256: str = "",
) -> HttpResponseBase:
    """The file as a download that no browser renders, or the one range of it that was asked for.

    `may_go_on` is asked every few seconds while it runs. With its `sha256` known, the answer has
    an ETag, and If-Range is honoured.
    """
    size = file.seek(0, os.SEEK_END)
    etag = f'"{sha256}"' if sha256 else ""
    start, end = 0, size
    asked = RANGE.fullmatch(request.headers.get("Range", ""))
    if asked and any(asked.groups()) and request.headers.get("If-Range", etag) == etag:
        first, last = asked.groups()
        if first:
            start, end = int(first), min(int(last) + 1, size) if last else size
        else:
            start = max(size - int(last), 0)
        if start >= end:
            file.close()
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    response = StreamingHttpResponse(Slice(file, start, end, may_go_on), content_type=content_type)
    if (start, end) != (0, size):
        response.status_code = 206
        response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    if etag:
        response["ETag"] = etag
    response["Content-Length"] = end - start
    response["Accept-Ranges"] = "bytes"
    response["Content-Disposition"] = content_disposition_header(True, filename)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-cache"
    return response


class Slice:
    """The bytes of a file from `start` to `end`, piece by piece; the file is closed with it.

    It ends in `RightEnded` once `may_go_on` says no, or cannot be asked for too long.
    """

    def __init__(
        self, file: IO[bytes], start: int, end: int, may_go_on: Callable[[], bool]
    ) -> None:
        self.file, self.start, self.end = file, start, end
        self.may_go_on = may_go_on
        self.asked_at = self.sure_at = time.monotonic()

    def __iter__(self) -> Iterator[bytes]:
        self.file.seek(self.start)
        left = self.end - self.start
        while left and (piece := self.file.read(min(PIECE, left))):
            if time.monotonic() - self.asked_at >= ASK_AGAIN_SECONDS:
                self._ask_again()
            left -= len(piece)
            yield piece

    def _ask_again(self) -> None:
        self.asked_at = time.monotonic()
        try:
            if not self.may_go_on():
                raise RightEnded
            self.sure_at = self.asked_at
        except DatabaseError:
            # A server that restarts is back before the right is in doubt.
            if time.monotonic() - self.sure_at > TRUST_SECONDS:
                raise RightEnded from None

    def close(self) -> None:
        self.file.close()
