"""What a version holds and what was wrong with it, as one person may see it."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.crypto import salted_hmac
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
    profile: dict[str, Any] = {
        "rows": version.rows,
        "columns": [
            {**column.profile, "label": column.label, "unit": column.unit}
            for column in (version.columns.all() if columns is None else columns)
        ],
        "version": version.number,
    }
    if reads:
        for column in profile["columns"]:
            column.pop("grid", None)
        return {**profile, "exact": True}
    # The domains' noun stands above this one, their rows belong to the dataset.
    declared = {
        name: [code for code, _ in levels]
        for name, levels in version.dataset.domains.exclude(levels=[]).values_list(
            "column", "levels"
        )
    }
    threshold = version.dataset.threshold
    return {**disclosure.gate_profile(profile, threshold, declared), "exact": False}


def file_for(version: Version, *, reads_rows: bool) -> dict[str, Any]:
    """Hashes and sizes of the version's file and table, as who reads its rows is told or others.

    By these whoever may not read the rows would try out what they do not know of a file: to them
    hashes are others that tell versions apart, and sizes are told to one digit.
    """
    found = {
        "sha256": version.sha256,
        "table_sha256": version.table_sha256,
        "bytes": version.bytes,
        "table_bytes": version.table_bytes,
    }
    if reads_rows:
        return found
    return {
        name: keyed(value, version.dataset_id)
        if isinstance(value, str)
        else value and int(float(f"{value:.0e}"))
        for name, value in found.items()
    }


def rows_read_by(user: Any, *, exact: bool) -> Callable[[Version], bool]:
    """Whether the person may read a version's rows; asked once for all versions of a dataset."""
    known: dict[int, bool] = {}

    def reads(version: Version) -> bool:
        if version.dataset_id not in known:
            known[version.dataset_id] = exact and can(
                user, DatasetPermission.READ_ROWS, version.dataset
            )
        return known[version.dataset_id]

    return reads


def keyed(sha256: str, *datasets: int) -> str:
    """Another hash in its place, of these datasets: nobody makes it of a guess, not with data of
    their own on this instance either."""
    salt = "-".join(["version", *map(str, datasets)])
    return sha256 and salted_hmac(salt, sha256, algorithm="sha256").hexdigest()


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
