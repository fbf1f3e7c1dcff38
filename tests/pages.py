"""Pages as they are read, however their templates break lines."""

import re
from typing import Any

from django.http import HttpResponse
from django.test import Client


def text_of(answer: HttpResponse) -> str:
    """The HTML with one space for each run of white space, and none for a line's end at a tag."""
    html = re.sub(r"(?<=>)\s*\n\s*|\s*\n\s*(?=</?\w|/?>)", "", answer.text)
    return re.sub(r"\s+", " ", html)


def text_at(client: Client, path: str, **params: Any) -> str:
    """The same of the page at this address."""
    answer = client.get(path, params)
    assert answer.status_code == 200, path
    return text_of(answer)
