"""Make a pooled table as its recipe says."""

from contextlib import ExitStack
from pathlib import Path

from django.utils.translation import gettext, gettext_lazy

from datasets.datasets.permissions import steers
from datasets.engine.rows.frame import InputInfo
from datasets.engine.rows.pooled import Source, row_count, write_pooled
from datasets.engine.rows.table import file_sha256
from datasets.mappings import work as harmonisation
from datasets.pools.models import PooledTable
from datasets.variables.kept import variables_from
from datasets.versions import storage
from members.notifications import actions as notifications
from portal.common.pages import Crumb
from portal.common.text import filled
from portal.jobs.handlers import Effects, Handler
from portal.jobs.models import Job
from portal.jobs.running import Context
from projects.projects.words import project_crumbs

STRAY_SECONDS = 24 * 3600.0


def work(job: Job, context: Context) -> Effects:
    """Harmonise every version and write its rows behind those of the one before."""
    table = PooledTable.objects.select_related("project", "created_by").get(pk=job.target_id)
    key = storage.new_key(storage.POOLED)
    with storage.scratch() as folder:
        path = folder / "pooled.parquet"
        _make(table, path, context)
        rows, sha256, size = row_count(path), file_sha256(path), path.stat().st_size
        storage.keep(key, path)

    def effects() -> None:
        PooledTable.objects.filter(pk=table.pk).update(
            rows=rows, table_key=key, table_sha256=sha256, table_bytes=size
        )
        notifications.notify(
            [table.created_by],
            event=f"pooled_table.{table.pk}.{job.attempt}",
            kind="pooled_table.made",
            text=filled(gettext_lazy("The pooled table %(number)s is made."), number=table.pk),
            because=gettext_lazy("You asked for it."),
            group=table.project.title,
            project_id=table.project_id,
            url=table.get_absolute_url(),
        )

    return effects


def _make(table: PooledTable, target: Path, context: Context) -> None:
    variables = variables_from(table.recipe["variables"])
    inputs = list(table.inputs.select_related("version__dataset"))
    with ExitStack() as opened:
        sources = []
        for one, said in zip(inputs, table.recipe["inputs"], strict=True):
            context.stop_if_asked()
            made = harmonisation.harmonised(one.version, said["rules"], variables)
            info = InputInfo(one.index, said["site"], said["country"], said["region"])
            sources.append(Source(opened.enter_context(made), info, said["source"]))
            context.report(0.5 * len(sources) / len(inputs))
        names = [variable.name for variable in variables]
        write_pooled(sources, names, target, context.stop_if_asked)


def remove_strays() -> None:
    """Remove files that no pooled table names."""
    for key in storage.old_keys(storage.POOLED, STRAY_SECONDS):
        if not PooledTable.objects.filter(table_key=key).exists():
            storage.delete(key)


def crumbs(job: Job) -> list[Crumb]:
    """The project and the table the job makes."""
    table = PooledTable.objects.select_related("project").get(pk=job.target_id)
    here = gettext("Pooled table")
    return [*project_crumbs(table.project), Crumb(here, table.get_absolute_url())]


HANDLER = Handler(
    title=gettext_lazy("Make a pooled table"), work=work, steered_by=steers, crumbs=crumbs
)
