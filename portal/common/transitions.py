"""The one way a status changes: lock the row, look the step up in its table, move."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils.translation import gettext

from portal.common.exceptions import Conflict, InvalidTransition

Table = Mapping[str, frozenset[str]]
"""From each state the states that may follow."""

M = TypeVar("M", bound=models.Model)


def locked(things: models.QuerySet[M], pk: int) -> M:
    """One of the rows, which nobody else changes until the caller's transaction ends.

    Raises `Conflict` where somebody removed it since the caller looked.
    """
    found = things.select_for_update(of=("self",)).filter(pk=pk).first()
    if found is None:
        raise Conflict(gettext("Somebody has removed it meanwhile."), code="removed")
    return found


def move(instance: M, to: str, *, table: Table, field: str = "state", **values: Any) -> M:
    """Move the row to state `to` and set `values`, or raise `InvalidTransition`.

    Runs inside the caller's transaction; the row stays locked until its end, so two people who
    decide at once are served one after the other and the second learns what the first did.
    The instance passed in is given the new values too, and returned.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("move() needs a transaction around it")
    model = type(instance)
    row = model._default_manager.select_for_update(of=("self",)).get(pk=instance.pk)
    current = getattr(row, field)
    if to not in table.get(current, frozenset()):
        label = getattr(row, f"get_{field}_display")()
        raise InvalidTransition(
            gettext("By now this is “%(state)s”, so this step is not possible.") % {"state": label}
        )
    changed = {field: to, **values}
    for name, value in changed.items():
        setattr(row, name, value)
    if any(one.name == "updated_at" for one in model._meta.fields):
        changed["updated_at"] = None
    row.save(update_fields=changed)
    for name in changed:
        setattr(instance, name, getattr(row, name))
    return instance
