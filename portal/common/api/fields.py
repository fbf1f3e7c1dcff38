"""Fields that several serializers share."""

from functools import cached_property
from typing import Any

from django.utils.translation import gettext
from rest_framework import serializers
from rest_framework.reverse import reverse

from portal.common.models import to_the_minute


class AddressField(serializers.URLField):
    """Where the API serves a thing: the address' name, and the numbers of it that go into it."""

    def __init__(self, name: str, *attributes: str, **kwargs: Any) -> None:
        super().__init__(read_only=True, source="*", **kwargs)
        self.name, self.attributes = name, attributes

    def to_representation(self, value: Any) -> str:
        return self.address.format(*(getattr(value, attribute) for attribute in self.attributes))

    @cached_property
    def address(self) -> str:
        """The address with a place for each number, looked up once for all rows of an answer."""
        # Numbers, for routes take nothing else there; longer than any that the rest of an address,
        # a path of ours below a host and a port, could hold. Nobody's words are in it.
        places = range(10**17, 10**17 + len(self.attributes))
        address = reverse(self.name, args=places, request=self.context["request"])
        for place in places:
            address = address.replace(str(place), "{}")
        return address


class EmptyAsNull:
    """Mixed into a field: what is stored as an empty text is null outside."""

    def to_representation(self, value: Any) -> Any:
        return super().to_representation(value) if value else None  # type: ignore[misc]


class TextOrNull(EmptyAsNull, serializers.CharField):
    """A text, or null where there is none."""


class ChoiceOrNull(EmptyAsNull, serializers.ChoiceField):
    """A choice, or null where none was made."""


class OneOf(serializers.ChoiceField):
    """A choice in an address; whoever names none of them is told what there is to choose from."""

    def to_internal_value(self, data: Any) -> Any:
        if data not in self.choices:
            named = ", ".join(str(value) for value in self.choices)
            raise serializers.ValidationError(
                gettext("Choose one of: %(values)s.") % {"values": named}
            )
        return data


class Moment(serializers.DateTimeField):
    """A moment in an address, where the plus of its offset often comes as a space."""

    def to_internal_value(self, value: Any) -> Any:
        return super().to_internal_value(
            value.replace(" ", "+") if isinstance(value, str) else value
        )


class ToTheMinute(serializers.DateTimeField):
    """When work began or ended: how long it took would tell of the rows in it."""

    def to_representation(self, value: Any) -> Any:
        return super().to_representation(value and to_the_minute(value))


class PersonSerializer(serializers.Serializer):
    """A person, by name."""

    id = serializers.IntegerField()
    name = serializers.CharField()
