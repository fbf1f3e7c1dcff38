"""Rows read through a serializer, with what is the same for every row found once.

A serializer asks each row anew which of its fields are read, and walks to each value attribute by
attribute. For 25 rows of a list that is most of what a call costs.
"""

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from rest_framework.fields import Field, SkipField
from rest_framework.serializers import Serializer


def reader(shape: Serializer) -> Callable[[Any], dict[str, Any]]:
    """The serializer's `to_representation`, to be called for many rows."""
    if type(shape).to_representation is not Serializer.to_representation:
        return shape.to_representation
    fields = [
        (str(field.field_name), value_of(field), shown(field)) for field in shape._readable_fields
    ]

    def read(row: Any) -> dict[str, Any]:
        answer = {}
        for name, value_in, show in fields:
            try:
                value = value_in(row)
            except SkipField:
                continue
            answer[name] = None if value is None else show(value)
        return answer

    return read


def value_of(field: Field) -> Callable[[Any], Any]:
    """How the field finds its value in a row: straight, or by DRF's own way where that fails."""
    if type(field).get_attribute is not Field.get_attribute:
        return field.get_attribute
    if not field.source_attrs:
        return lambda row: row
    straight = attrgetter(".".join(field.source_attrs))

    def value_in(row: Any) -> Any:
        if not isinstance(row, Mapping):
            try:
                value = straight(row)
            except (AttributeError, ObjectDoesNotExist):
                return field.get_attribute(row)
            if not callable(value):
                return value
        return field.get_attribute(row)

    return value_in


def shown(field: Field) -> Callable[[Any], Any]:
    """How the field shows its value."""
    return reader(field) if isinstance(field, Serializer) else field.to_representation
