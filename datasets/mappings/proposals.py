"""What one dataset's rule would do to others, with as many queries for many as for one."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch

from datasets.columns.models import Column
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, granted_on, refusal_of
from datasets.mappings import previews
from datasets.mappings.actions import Rule, check_target, depends_on_values
from datasets.mappings.caution import RuleCaution, of_account
from datasets.mappings.cautions import cautions
from datasets.mappings.levels import SeenLevels
from datasets.mappings.models import Mapping
from datasets.variables.models import SharedVariable
from datasets.versions.models import Version
from members.models import User
from portal.common.exceptions import Invalid, NotAllowed
from projects.projects.permissions import permissions_of


@dataclass(frozen=True)
class Proposal:
    """What applying a rule to one more dataset would do; `error` where it does not fit, `cautions`
    where it should be looked at first."""

    dataset: Dataset
    version: Version
    current: Mapping | None
    preview: dict[str, Any] | None
    error: str = ""
    cautions: list[RuleCaution] = field(default_factory=list)


def propose(
    *, variable: SharedVariable, rule: Rule, datasets: Iterable[Dataset], by: User
) -> list[Proposal]:
    """What the rule would do to the newest ready version of each dataset the person may map."""
    granted = permissions_of(by, variable.project)
    mapped = [one for one in datasets if DatasetPermission.MAP in granted_on(by, one, granted)]
    readable = set(
        Dataset.objects.rows_readable_by(by)
        .filter(pk__in=[one.pk for one in mapped])
        .values_list("pk", flat=True)
    )
    newest = _newest(mapped)
    current = {one.dataset_id: one for one in variable.mappings.defer("preview")}
    read = _columns_read(rule, newest.values())
    levels = SeenLevels(by, [variable])
    proposals = []
    for dataset in mapped:
        version, mapping = newest.get(dataset.pk), current.get(dataset.pk)
        if version is None:
            continue
        if mapping and mapping.rule == rule and mapping.version_id == version.pk:
            continue
        try:
            check_target(variable, dataset, version)
            if dataset.pk not in readable and depends_on_values(rule, variable, version):
                raise refusal_of(DatasetPermission.RECODE, dataset)
            preview = previews.tried(variable, version, None, rule)
            warned = cautions(
                variable, read.get(version.pk, []), rule, reads_rows=dataset.pk in readable
            )
            if dataset.pk in readable:
                warned += of_account((preview or {}).get("account"))
                warned += levels.drafted(None, variable, dataset, rule, preview)[1]
            proposals.append(Proposal(dataset, version, mapping, preview, cautions=warned))
        except (Invalid, NotAllowed) as error:
            proposals.append(Proposal(dataset, version, mapping, None, error.detail))
    return proposals


def _columns_read(rule: Rule, versions: Iterable[Version]) -> dict[int, list[Column]]:
    """Of each version the column that the rule takes, with its profile."""
    found: dict[int, list[Column]] = {}
    for column in Column.objects.filter(version__in=versions, name=rule.get("column", "")):
        found.setdefault(column.version_id, []).append(column)
    return found


def _newest(datasets: list[Dataset]) -> dict[int, Version]:
    """The newest ready version of each dataset, with its columns."""
    ready = Version.objects.ready().filter(dataset__in=datasets)
    newest = ready.order_by("dataset", "-number").distinct("dataset")
    columns = Prefetch("columns", Column.objects.defer("profile"))
    return {one.dataset_id: one for one in newest.prefetch_related(columns)}
