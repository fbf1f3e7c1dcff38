"""What every app's models share: abstract ones, constraints, conditions."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, Value

from portal.common.exceptions import Invalid

SHORTEST = 3
"""A trigram index knows no shorter piece, except at the beginning of a word."""


def to_the_minute(moment: datetime) -> datetime:
    """The next full minute: what is told of work whose length tells of the rows in it (ADR 33)."""
    begun = moment.replace(second=0, microsecond=0)
    return begun if begun == moment else begun + timedelta(minutes=1)


class FullMinute(models.DateTimeField):
    """When a row that work makes was made or changed: kept to the next full minute, since lists are
    ordered and asked by it (ADR 33)."""

    def pre_save(self, model_instance: models.Model, add: bool) -> datetime:
        """What is kept, and what the instance has from now on."""
        moment = to_the_minute(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, moment)
        return moment


class TimeStamped(models.Model):
    """When a row was made and last changed."""

    created_at = models.DateTimeField(auto_now_add=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True, editable=False, db_index=True)

    class Meta:
        abstract = True


class Decision(models.Model):
    """When and by whom something was decided: both or neither."""

    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        abstract = True


def paired(prefix: str, first: str, second: str) -> models.CheckConstraint:
    """A constraint that two nullable fields are filled together or not at all."""
    return models.CheckConstraint(
        condition=Q(**{f"{first}__isnull": True, f"{second}__isnull": True})
        | Q(**{f"{first}__isnull": False, f"{second}__isnull": False}),
        name=f"{prefix}_{first}_paired",
    )


def one_of(prefix: str, field: str, choices: type[models.TextChoices]) -> models.CheckConstraint:
    """A constraint that a choices field holds one of its choices."""
    return models.CheckConstraint(
        condition=Q(**{f"{field}__in": choices.values}), name=f"{prefix}_{field}_valid"
    )


def validated_save(instance: models.Model, **kwargs: Any) -> None:
    """Save after `full_clean`, turning Django's complaint into the domain's `Invalid`."""
    try:
        if not _is_clean(instance):
            instance.full_clean()
    except ValidationError as error:
        raise invalid_from(error) from error
    instance.save(**kwargs)


def _is_clean(instance: models.Model) -> bool:
    """Whether `full_clean` has nothing to say. It asks for each check of the table in a savepoint
    of its own, which takes three statements; here all are asked in one."""
    checks = Q()
    try:
        instance.full_clean(validate_constraints=False)
        for constraint in instance._meta.constraints:
            if isinstance(constraint, models.CheckConstraint):
                checks &= Q(constraint.condition)
            else:
                constraint.validate(type(instance), instance)
    except ValidationError:
        return False
    fields = instance._meta.local_concrete_fields
    return not checks or checks.check(
        {field.name: Value(getattr(instance, field.attname), field) for field in fields}
    )


def validated_fields(instance: models.Model, *names: str) -> None:
    """Raise the domain's `Invalid` for what does not fit into these fields; it asks no database."""
    others = {field.name for field in instance._meta.fields} - set(names)
    try:
        instance.clean_fields(exclude=others)
    except ValidationError as error:
        raise invalid_from(error) from error


def storable(value: Any, longest: int = 100_000) -> bool:
    """Whether a jsonb column can hold a stranger's JSON value: no NUL, no lone surrogate, no NaN,
    not huge."""
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
        return len(text.encode()) <= longest and "\\u0000" not in text
    except (ValueError, TypeError, RecursionError):
        return False


def invalid_from(error: ValidationError) -> Invalid:
    """The domain's `Invalid` with the messages of a Django validation error."""
    if hasattr(error, "error_dict"):
        return Invalid(errors={field: list(m) for field, m in error.message_dict.items()})
    return Invalid(errors={"__all__": list(error.messages)})


def holds(text: str, field: str) -> Q:
    """The field holds the text, in any case; one or two letters begin a word there.

    Scripts that write no spaces between words are left alone: every sign may begin one.
    """
    if len(text) < SHORTEST and text.isascii():
        return Q(**{f"{field}__istartswith": text}) | Q(**{f"{field}__icontains": f" {text}"})
    return Q(**{f"{field}__icontains": text})
