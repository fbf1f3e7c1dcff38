"""What a call may send."""

from typing import Any

from django.utils.translation import gettext
from rest_framework import exceptions, parsers

from portal.common.api.problems import BAD_TEXT, texts_in


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
