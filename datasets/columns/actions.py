"""Describe the columns of a version."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext

from datasets.columns.models import Column
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, lacks_scope, require
from datasets.datasets.rules import rules_for
from datasets.versions.models import Version
from members.audit_events import actions as audit_events
from members.models import User
from portal.common.exceptions import Invalid
from portal.common.models import validated_fields


def require_describing(user: User, dataset: Dataset, *, reads_data: bool = True) -> None:
    """Raise `NotAllowed` unless the person may; of guarded data only if they, and the token, read
    the rows.

    A number is converted from the unit, and the substance, that stand here, and a mean that is
    rounded in very many units is an exact one.
    """
    require(user, DatasetPermission.CHANGE, dataset)
    if not rules_for(dataset).is_open:
        require(user, DatasetPermission.READ_ROWS, dataset)
        if not reads_data:
            raise lacks_scope()


@transaction.atomic
def describe(*, version: Version, changes: Sequence[dict[str, str]], by: User) -> None:
    """Change labels and units, of all named columns or of none; the data itself never changes.

    Each change has a column's `name`, and `label`, `unit` or both.
    """
    dataset = version.dataset
    require_describing(by, dataset)
    wanted = {change["name"]: change for change in changes}
    columns = version.columns.select_for_update().filter(name__in=wanted)
    before: list[dict[str, str]] = []
    after: list[dict[str, str]] = []
    changed: list[Column] = []
    for column in columns:
        change = wanted.pop(column.name)
        old = {"label": column.label, "unit": column.unit}
        new = {name: change.get(name, old[name]).strip() for name in old}
        if old != new:
            column.label, column.unit = new["label"], new["unit"]
            validated_fields(column, *new)
            changed.append(column)
            before.append({"name": column.name, **old})
            after.append({"name": column.name, **new})
    if wanted:
        named = ", ".join(name[:40] for name in list(wanted)[:5])
        raise Invalid(
            errors={"columns": gettext("This version has no column %(named)s.") % {"named": named}}
        )
    if changed:
        Column.objects.bulk_update(changed, ["label", "unit"])
        audit_events.record(
            "version.described",
            version,
            by=by,
            scopes={"project": dataset.project_id, "dataset": dataset.pk},
            before={"columns": before},
            after={"columns": after},
        )
