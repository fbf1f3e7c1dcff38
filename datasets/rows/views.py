"""Download a version."""

from functools import partial

from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from datasets.rows import actions as files
from datasets.versions.views import find
from members.accounts.sessions import Entry
from portal.common.pages import Request
from portal.web.downloads import attachment


@require_safe
def download(request: Request, pk: int, number: int, format: str) -> HttpResponseBase:
    """The version's bytes."""
    version = find(request, pk, number)
    opened = files.open_file(
        version=version,
        format=format,
        by=request.user,
        part=request.headers.get("Range", ""),
    )
    return attachment(
        request,
        opened.file,
        filename=opened.filename,
        content_type=opened.content_type,
        sha256=opened.sha256,
        may_go_on=partial(files.may_go_on, version=version, entry=Entry.of(request)),
    )
