"""What a mapping does to values, as one person may see it."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext

from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, can
from datasets.engine.guard import disclosure
from datasets.mappings.models import Mapping


def gated_profiles(
    user: Any, dataset: Dataset, preview: dict[str, Any] | None, *, exact: bool = True
) -> tuple[dict[str, Any] | None, list[dict[str, str]]]:
    """A rule's before and after as the person may see them, and what was withheld.

    With `exact=False` they are guarded for everybody.
    """
    if preview is None or (exact and can(user, DatasetPermission.READ_ROWS, dataset)):
        return preview, []
    return _gated(preview, dataset.threshold)


def previews_for(
    user: Any, mappings: Sequence[Mapping]
) -> dict[int, tuple[dict[str, Any] | None, list[dict[str, str]]]]:
    """For each mapping by id what `gated_profiles` answers; one query for all of them."""
    readable = set(
        Dataset.objects.rows_readable_by(user)
        .filter(pk__in=[mapping.dataset_id for mapping in mappings])
        .values_list("pk", flat=True)
    )
    return {
        mapping.pk: (mapping.preview, [])
        if mapping.preview is None or mapping.dataset_id in readable
        else _gated(mapping.preview, mapping.dataset.threshold)
        for mapping in mappings
    }


def _gated(preview: dict[str, Any], threshold: int) -> tuple[dict[str, Any], list[dict[str, str]]]:
    rows = preview["rows"]
    counts = [preview["turned_missing"], *(one["n"] for one in preview["outside_levels"])]
    small = any(0 < n < threshold for n in counts)
    shown = preview | {
        "before": [disclosure.gate_column(one, rows, threshold) for one in preview["before"]],
        "after": disclosure.gate_column(preview["after"], rows, threshold),
        "turned_missing": None if small else preview["turned_missing"],
        "outside_levels": [],
        "account": None,
    }
    reason = gettext("exact extremes, rare values, and counts under %(threshold)s") % {
        "threshold": threshold
    }
    return shown, [{"where": gettext("the distributions"), "reason": reason}]
