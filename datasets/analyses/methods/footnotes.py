"""Which cells of a table are withheld, wholly or in part, each with its reason below the table."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext


class Footnotes:
    """The reasons why cells are withheld, each said once and numbered as they are met.

    `notes` are what an answer tells this reader of what is not in it, with the `variable` and, if
    they may know it, the `site`. Of a cell that no note is about it is said what every site's rules
    are for.
    """

    def __init__(self, notes: Sequence[Mapping[str, Any]]) -> None:
        self._notes = notes
        self.said: list[str] = []

    def mark(self, variable: str, site: str | None, *, is_withheld: bool) -> int | None:
        """The number of the note of a variable's cell, at a site or over all rows; None without."""
        for note in self._notes:
            about = note.get("variable") == variable and (is_withheld or note.get("site") == site)
            if about and note.get("site") in (None, site):
                text = gettext("%(where)s: %(reason)s.")
                return self._number(text % {"where": note["where"], "reason": note["reason"]})
        if not is_withheld:
            return None
        return self._number(
            gettext(
                "Withheld by rules of its site: it would be about too few people, or would tell "
                "too much of one."
            )
        )

    def _number(self, text: str) -> int:
        if text not in self.said:
            self.said.append(text)
        return self.said.index(text) + 1
