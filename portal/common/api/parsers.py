"""What a call may send."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext
from rest_framework import exceptions, parsers

from portal.common.api.problems import BAD_TEXT


class JSONParser(parsers.JSONParser):
    """JSON whose text PostgreSQL can hold: no NUL and no half of a surrogate pair."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            data = super().parse(*args, **kwargs)
            bad = any(BAD_TEXT.search(text) for text in texts_in(data))
        except RecursionError as error:
            raise exceptions.ParseError(gettext("The JSON is nested too deep.")) from error
        if bad:
            raise exceptions.ParseError(
                gettext("The JSON holds a character that text cannot have.")
            )
        return data


def texts_in(data: Any) -> Iterator[str]:
    """Every key and every text value, however deep."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        yield from data
        for value in data.values():
            yield from texts_in(value)
    elif isinstance(data, list):
        for value in data:
            yield from texts_in(value)
