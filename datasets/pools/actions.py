"""Build a pooled table, hand it out, and remove it."""

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext

from datasets.choices import JobKind
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import lacks_scope
from datasets.engine.rows.pooled import source_column
from datasets.pools.inputs import versions_named
from datasets.pools.models import PooledInput, PooledTable
from datasets.pools.permissions import require_removal
from datasets.pools.pool import Pool, pool
from datasets.rows.actions import Opened, opened_table
from datasets.variables.kept import variables_json
from datasets.versions import storage
from datasets.versions.models import Version
from members.accounts.sessions import Entry
from members.audit_events import actions as audit_events
from members.models import User
from portal.common.canonical import sha256_of, with_digits
from portal.common.exceptions import Conflict, Invalid, NotAllowed
from portal.common.models import validated_save
from portal.jobs.queue import enqueue
from projects.models import Project
from projects.projects.actions import mark_active
from projects.projects.permissions import require as require_in_project
from projects.roles import Permission

FORMATS = ("parquet", "csv")

FORMAT = 1
"""Raised when the same recipe would give other bytes."""


@transaction.atomic
def build(
    *,
    project: Project,
    inputs: Any,
    by: User,
    variables: Sequence[str] | None = None,
    reads_data: bool = True,
) -> PooledTable:
    """Write down what shall be pooled, with all it rests on, and queue it.

    Without `variables` all that the versions offer together are taken. With `reads_data=False`
    nothing is: the recipe has exact counts, and rules that name values.
    """
    require_in_project(by, Permission.ANALYSE, project)
    if not reads_data:
        raise lacks_scope()
    errors: dict[str, str] = {}
    versions = versions_named(project, inputs, by, errors)
    errors |= _unreadable(versions, by)
    if errors:
        raise Invalid(errors=errors)
    offered = pool(project, versions)
    names = _chosen(variables, offered)
    recipe = _recipe(project, versions, offered, names)
    table = PooledTable(
        project=project, recipe=recipe, recipe_sha256=sha256_of(with_digits(recipe)), created_by=by
    )
    validated_save(table)
    PooledInput.objects.bulk_create(
        PooledInput(table=table, index=index, version=version)
        for index, version in enumerate(versions)
    )
    mark_active(project)
    enqueue(kind=JobKind.POOL, target_id=table.pk, project_id=project.pk, by=by)
    _write_down("pooled_table.started", table, by, recipe=table.recipe_sha256)
    return table


@transaction.atomic
def remove(*, table: PooledTable, by: User) -> None:
    """Forget a table and its bytes; its maker may, and whoever manages the project's data."""
    require_removal(by, table)
    latest = table.latest_job()
    if latest is not None and latest.is_active:
        raise Conflict(gettext("This table is being made. Cancel that first."), code="being_made")
    _write_down("pooled_table.removed", table, by, recipe=table.recipe_sha256)
    key = table.table_key
    table.delete()
    if key:
        transaction.on_commit(lambda: storage.delete(key))


def open_file(*, table: PooledTable, format: str, by: User) -> Opened:
    """The table's bytes, for whoever may read every row in it; each request is written down."""
    require_rows(table, by)
    if format not in FORMATS:
        raise Invalid(
            errors={
                "format": gettext("Choose one of: %(values)s.") % {"values": ", ".join(FORMATS)}
            }
        )
    if not table.is_ready:
        raise Conflict(gettext("This table has not been made yet."), code="table_not_ready")
    stem = f"{table.project.slug}-pooled-{table.pk}"
    opened = opened_table(table.table_key, table.table_sha256, stem, format)
    try:
        # A CSV was made just now, which takes its time.
        require_rows(table, by)
        _write_down("pooled_table.downloaded", table, by, format=format)
    except BaseException:
        opened.file.close()
        raise
    return opened


def may_go_on(*, table: PooledTable, entry: Entry) -> bool:
    """Whether whoever was let in by `entry` may have the table now; for long downloads."""
    try:
        person = entry.person()
        return (
            person is not None
            and PooledTable.objects.visible_to(person).filter(pk=table.pk).exists()
        )
    finally:
        if not connection.in_atomic_block:
            connection.close()


def require_rows(table: PooledTable, by: User) -> None:
    if not PooledTable.objects.visible_to(by).filter(pk=table.pk).exists():
        raise NotAllowed(
            gettext("You may not read the rows of every dataset in this table."),
            code="rows_not_readable",
        )


def _unreadable(versions: Sequence[Version], by: User) -> dict[str, str]:
    """By place: the versions whose rows the person may not read."""
    datasets = [version.dataset_id for version in versions]
    readable = set(
        Dataset.objects.rows_readable_by(by).filter(pk__in=datasets).values_list("pk", flat=True)
    )
    return {
        f"inputs.{place}": gettext(
            "You may not read the rows of “%(title)s”. Leave it out here; in an analysis it "
            "answers with what its rules let go."
        )
        % {"title": version.dataset.title}
        for place, version in enumerate(versions)
        if version.dataset_id not in readable
    }


def _chosen(variables: Sequence[str] | None, offered: Pool) -> list[str]:
    names = list(offered.variables) if variables is None else list(dict.fromkeys(variables))
    unknown = [name for name in names if name not in offered.variables]
    if unknown:
        raise Invalid(
            errors={
                "variables": offered.left_out.get(unknown[0])
                or gettext("These versions have no variable %(name)s.") % {"name": unknown[0]}
            }
        )
    for name in names:
        if name in offered.left_out:
            raise Invalid(errors={"variables": offered.left_out[name]})
    if not names:
        raise Invalid(
            errors={"variables": gettext("These versions have no variable in common to pool.")}
        )
    return names


def _recipe(
    project: Project, versions: Sequence[Version], offered: Pool, names: Sequence[str]
) -> dict[str, Any]:
    """All that the bytes follow from, and where the rows came from."""
    return {
        "format": FORMAT,
        "project": project.slug,
        "source_column": source_column(names),
        "variables": variables_json(offered.named(names)),
        "inputs": [
            _input(version, {name: rules[name] for name in names if name in rules})
            for version, rules in zip(versions, offered.rules, strict=True)
        ],
    }


def _input(version: Version, rules: dict[str, Any]) -> dict[str, Any]:
    dataset = version.dataset
    return {
        "source": f"{version.dataset_id}/{version.number}",
        "dataset": version.dataset_id,
        "version": version.number,
        "title": dataset.title,
        "site": dataset.site.name,
        "country": dataset.site.country,
        "region": dataset.site.region,
        "rows": version.rows,
        "sha256": version.sha256,
        "table_sha256": version.table_sha256,
        "overlap": dataset.overlap,
        "overlap_note": dataset.overlap_note,
        "rules": rules,
    }


@transaction.atomic
def _write_down(action: str, table: PooledTable, by: User, **after: Any) -> None:
    datasets = list(table.inputs.values_list("version__dataset_id", flat=True))
    audit_events.record(
        action,
        table,
        by=by,
        scopes={"project": table.project_id},
        after={**after, "datasets": datasets},
    )
