"""What a mapping does to values, as one person may see it."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext

from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, can
from datasets.domains.questions import declared_levels
from datasets.engine.guard import disclosure
from datasets.mappings.models import Mapping
from datasets.versions.models import Version

ShownPreview = tuple[dict[str, Any] | None, list[dict[str, str]]]
"""A rule's before and after, and what of them was withheld."""


def gated_profiles(
    user: Any, dataset: Dataset, preview: dict[str, Any] | None, *, exact: bool = True
) -> ShownPreview:
    """A rule's before and after as the person may see them, and what was withheld.

    With `exact=False` they are guarded for everybody.
    """
    if preview is None or (exact and can(user, DatasetPermission.READ_ROWS, dataset)):
        return preview, []
    if _withholds_profiles([dataset.pk]):
        return None, [_too_few_new()]
    declared = declared_levels([dataset.pk]).get(dataset.pk, {})
    return _gated(preview, dataset.threshold, declared)


def previews_for(user: Any, mappings: Iterable[Mapping]) -> dict[int, ShownPreview]:
    """For each mapping by id what `gated_profiles` answers; as many queries as for one."""
    return all_gated(user, {one.pk: (one.dataset, one.preview) for one in mappings})


def all_gated(
    user: Any,
    previews: dict[int, tuple[Dataset, dict[str, Any] | None]],
    *,
    exact: bool = True,
) -> dict[int, ShownPreview]:
    """By its number what `gated_profiles` answers for each preview of a dataset."""
    datasets = {dataset.pk for dataset, _ in previews.values()}
    found_readable = Dataset.objects.rows_readable_by(user).filter(pk__in=datasets)
    readable = set(found_readable.values_list("pk", flat=True)) if exact else set()
    others = {dataset.pk for dataset, preview in previews.values() if preview} - readable
    withheld = _withholds_profiles(others) if others else set()
    declared = declared_levels(others) if others else {}
    found: dict[int, ShownPreview] = {}
    for number, (dataset, preview) in previews.items():
        if preview is None or dataset.pk in readable:
            found[number] = preview, []
        elif dataset.pk in withheld:
            found[number] = None, [_too_few_new()]
        else:
            found[number] = _gated(preview, dataset.threshold, declared.get(dataset.pk, {}))
    return found


def _withholds_profiles(datasets: Iterable[int]) -> set[int]:
    """Those of the datasets of which some version's profile is another's for most people."""
    versions = Version.objects.filter(dataset__in=datasets, profile_of__isnull=False)
    return set(versions.values_list("dataset", flat=True))


def _too_few_new() -> dict[str, str]:
    return {
        "where": gettext("the distributions"),
        "reason": gettext("too few rows came and went between two versions"),
    }


def _gated(
    preview: dict[str, Any], threshold: int, declared: disclosure.Declared
) -> tuple[dict[str, Any], list[dict[str, str]]]:
    rows = preview["rows"]
    shown = preview | {
        "before": [
            disclosure.gate_column(one, rows, threshold, declared) for one in preview["before"]
        ],
        "after": disclosure.gate_column(
            preview["after"], rows, threshold, _declared_after(preview, declared)
        ),
        "rows": disclosure.in_fives(rows, threshold),
        # A few read as none.
        "turned_missing": disclosure.in_fives(preview["turned_missing"], threshold),
        "approximate": True,
        "outside_levels": [],
        "account": None,
    }
    reason = gettext("exact extremes, rare values, and counts under %(threshold)s") % {
        "threshold": threshold
    }
    return shown, [{"where": gettext("the distributions"), "reason": reason}]


def _declared_after(preview: dict[str, Any], declared: disclosure.Declared) -> disclosure.Declared:
    """The levels of what the rule makes, without those of a column read that are not declared."""
    read = [one for one in preview["before"] if one["name"] in declared]
    if not read:
        return {}
    known = {level for one in read for level in declared[one["name"]]}
    gone = {part["value"] for one in read for part in one["top"]} - known
    after = preview["after"]
    return {after["name"]: [p["value"] for p in after["top"] if p["value"] not in gone]}
