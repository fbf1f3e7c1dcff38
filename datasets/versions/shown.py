"""What a version holds and what was wrong with it, as one person may see it."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext

from datasets.datasets.permissions import DatasetPermission, can
from datasets.engine.guard import disclosure
from datasets.versions.models import Version
from datasets.versions.words import problem_told


def profile_for(
    user: Any, version: Version, *, exact: bool = True, columns: Sequence[Any] | None = None
) -> dict[str, Any]:
    """What the version's columns hold: exact for whoever may read its rows, else guarded.

    With `exact=False` it is guarded for everybody. `columns` saves asking for them twice. Whoever
    reads no rows sees an earlier version's where too few rows came and went since: `version` says
    whose it is.
    """
    reads = exact and can(user, DatasetPermission.READ_ROWS, version.dataset)
    if not reads and version.profile_of is not None:
        version, columns = version.profile_of, None
    profile = {
        "rows": version.rows,
        "columns": [
            {**column.profile, "label": column.label, "unit": column.unit}
            for column in (version.columns.all() if columns is None else columns)
        ],
        "version": version.number,
    }
    if reads:
        return {**profile, "exact": True}
    return {**disclosure.gate_profile(profile, version.dataset.threshold), "exact": False}


def problems_for(user: Any, version: Version, *, exact: bool = True) -> list[dict[str, Any]]:
    """What was wrong with the file; for whoever may not read the rows only its kind and cure.

    What is offered stands with what was fixed, for reading again replaces all options.
    """
    problems = [
        problem | {"offer": version.options | problem["offer"]} if problem.get("offer") else problem
        for problem in version.problems
    ]
    if not problems or (exact and can(user, DatasetPermission.READ_ROWS, version.dataset)):
        return [problem_told(problem) for problem in problems]
    return [
        {
            **withheld(problem),
            "cure": problem_told(problem)["cure"],
            "offer": problem.get("offer"),
        }
        for problem in {problem["code"]: problem for problem in problems}.values()
    ]


def withheld(error: dict[str, Any]) -> dict[str, Any]:
    """An error by its code alone: its text and place may give a value away."""
    detail = gettext("You may not read this dataset’s rows, so details are withheld.")
    return {"code": error["code"], "detail": detail, "row": None, "column": None, "value": None}
