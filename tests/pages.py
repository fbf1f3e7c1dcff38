"""Pages as they are read, however their templates break lines."""

import re

from django.http import HttpResponse


def text_of(answer: HttpResponse) -> str:
    """The HTML with one space for each run of white space, and none for a line's end at a tag."""
    html = re.sub(r"(?<=>)\s*\n\s*|\s*\n\s*(?=</?\w|/?>)", "", answer.text)
    return re.sub(r"\s+", " ", html)
