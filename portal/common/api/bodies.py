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


class BodySerializer(serializers.Serializer):
    """A body that says what is no field of it: what is misspelt would else be left out in silence.

    What the thing itself shows (`shown`, its serializer's fields, and `OURS`) is taken and left
    alone, so that a script may send back what it read; a part of a body names what shows it
    (`shown_as`). By other names for a field `meant` says it.
    """

    meant: ClassVar[dict[str, str]] = {}
    shown_as: ClassVar[type[serializers.Serializer] | None] = None

    def to_internal_value(self, data: Any) -> Any:
        """The fields' values, or what is wrong with each, unknown ones included."""
        unknown = self.unknown_in(data) if isinstance(data, Mapping) else {}
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if isinstance(error.detail, dict):
                raise serializers.ValidationError({**error.detail, **unknown}) from error
            raise
        if unknown:
            raise serializers.ValidationError(unknown)
        return values

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
