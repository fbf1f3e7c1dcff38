"""Which versions of a project's datasets a person or a script names."""

from typing import Any

from django.utils.translation import gettext

from datasets.versions.models import Version
from members.models import User
from projects.models import Project

MOST_INPUTS = 200


def versions_named(
    project: Project, inputs: Any, by: User, errors: dict[str, str]
) -> list[Version]:
    """The named versions in their order; what is wrong goes into `errors`, by place."""
    if not isinstance(inputs, list) or not inputs:
        errors["inputs"] = gettext("Name at least one dataset version, as a list.")
        return []
    if len(inputs) > MOST_INPUTS:
        errors["inputs"] = gettext("At most %(most)s inputs are possible.") % {"most": MOST_INPUTS}
        return []
    wanted: list[tuple[Any, Any]] = []
    for place, one in enumerate(inputs):
        pair = (one.get("dataset"), one.get("version")) if isinstance(one, dict) else None
        if pair is None or not all(_is_id(number) for number in pair):
            errors[f"inputs.{place}"] = gettext(
                "Give a dataset and a version, both as whole numbers."
            )
        elif pair[0] in [dataset for dataset, _ in wanted]:
            errors[f"inputs.{place}"] = gettext("This dataset is named twice.")
        else:
            wanted.append(pair)
    if errors.keys() - {"method"}:
        return []
    found = {
        (version.dataset_id, version.number): version
        for version in Version.objects.visible_to(by)
        .ready()
        .filter(dataset__project=project, dataset__in=[dataset for dataset, _ in wanted])
        .select_related("dataset__site", "dataset__project")
    }
    for place, pair in enumerate(wanted):
        if pair not in found:
            errors[f"inputs.{place}"] = gettext(
                "Dataset %(dataset)s of this project has no version %(version)s that is ready."
            ) % {"dataset": pair[0], "version": pair[1]}
    return [found[pair] for pair in wanted if pair in found]


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31
