"""What a call's body may hold: fields, and nothing beside them."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, ClassVar

from django.utils.translation import gettext
from rest_framework import serializers

LONGEST = 60
"""So much of a key is said again."""

MOST = 20
"""So many unknown keys are named one by one."""


OURS = frozenset(("id", "url", "project", "created_by", "created_at", "updated_at"))
"""What the portal alone says of a thing, and many a script sends along."""


def is_number_for(field: serializers.Field, value: Any) -> bool:
    """Whether a number was sent where a field is text."""
    return (
        isinstance(field, serializers.CharField)
        and not field.read_only
        and isinstance(value, int | float)
        and not isinstance(value, bool)
    )


class BodySerializer(serializers.Serializer):
    """A body that says what is no field of it: what is misspelt would else be left out in silence.
    A number is no text.

    What the thing itself shows (`shown`, its serializer's fields, and `OURS`) is taken and left
    alone, so that a script may send back what it read; a part of a body names what shows it
    (`shown_as`). By other names for a field `meant` says it.
    """

    meant: ClassVar[dict[str, str]] = {}
    shown_as: ClassVar[type[serializers.Serializer] | None] = None

    def to_internal_value(self, data: Any) -> Any:
        """The fields' values, or what is wrong with each, unknown ones included."""
        wrong: dict[str, Any] = {}
        if isinstance(data, Mapping):
            wrong = self.unknown_in(data) | self.numbers_in(data)
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if isinstance(error.detail, dict):
                raise serializers.ValidationError({**error.detail, **wrong}) from error
            raise
        if wrong:
            raise serializers.ValidationError(wrong)
        return values

    def numbers_in(self, data: Mapping[Any, Any]) -> dict[str, Any]:
        """By each field that is text, what to do where a number came: which text is meant, 1 or
        1.0 or 01, is for whoever sends it to say."""
        found: dict[str, Any] = {}
        for name, field in self.fields.items():
            value = data.get(name)
            if is_number_for(field, value):
                found[name] = gettext("This is text: put it in quotes.")
            elif isinstance(field, serializers.ListField) and isinstance(value, list):
                wrong = [k for k, one in enumerate(value) if is_number_for(field.child, one)]
                if wrong:
                    text = gettext("This is text: put it in quotes.")
                    found[name] = {str(place): [text] for place in wrong}
        return found

    def unknown_in(self, data: Mapping[Any, Any]) -> dict[str, str]:
        """By each key that is no field, what to do."""
        shown = self.shown_as().fields if self.shown_as else ()
        if self.parent is None:
            shown = self.context.get("shown", shown)
        known = {*self.fields, *OURS, *shown}
        names = [str(key) for key in data if key not in known]
        return {name[:LONGEST]: self.instead_of(name) for name in names[:MOST]}

    def instead_of(self, name: str) -> str:
        """What to write instead of a name."""
        fields = [one for one, field in self.fields.items() if not field.read_only]
        near = get_close_matches(name.lower(), fields, n=1)
        likely = self.meant.get(name.lower()) or (near[0] if near else "")
        if likely:
            return gettext("Unknown field. Did you mean %(field)s?") % {"field": likely}
        return gettext("Unknown field. Leave it out, or use one of: %(fields)s.") % {
            "fields": ", ".join(fields)
        }
