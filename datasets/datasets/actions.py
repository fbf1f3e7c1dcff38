"""Make and change datasets."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from datasets.choices import DisclosureRules, Overlap
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, require
from members.audit_events import actions as audit_events
from members.models import User
from portal.common.exceptions import Invalid
from portal.common.models import validated_save
from projects.models import Project, StudySite
from projects.projects.actions import mark_active
from projects.projects.permissions import require as require_in_project
from projects.roles import Permission

CHANGEABLE = (
    *("site", "title", "description", "access", "threshold", "disclosure_rules"),
    *("overlap", "overlap_note"),
)


@transaction.atomic
def create(
    *,
    project: Project,
    site: StudySite,
    title: str,
    by: User,
    description: str = "",
    access: str = "project",
    threshold: int = 5,
    disclosure_rules: str = DisclosureRules.STANDARD,
    overlap: str = Overlap.NOT_STATED,
    overlap_note: str = "",
) -> Dataset:
    """A dataset of one of the project's sites, still without a file."""
    require_in_project(by, Permission.ADD_DATA, project)
    require_site_of(project, site)
    dataset = Dataset(
        project=project,
        site=site,
        title=title.strip(),
        description=description.strip(),
        access=access,
        threshold=threshold,
        disclosure_rules=disclosure_rules,
        overlap=overlap,
        overlap_note=overlap_note.strip(),
        created_by=by,
    )
    validated_save(dataset)
    mark_active(project)
    audit_events.record(
        "dataset.created",
        dataset,
        by=by,
        scopes={"project": project.pk, "dataset": dataset.pk},
        after={"site": site.name, **described(dataset)},
    )
    return dataset


@transaction.atomic
def change(*, dataset: Dataset, by: User, **values: Any) -> Dataset:
    """Change what is said of a dataset and who may read it; only what is named changes."""
    require(by, DatasetPermission.CHANGE, dataset)
    dataset = Dataset.objects.select_for_update().get(pk=dataset.pk)
    if unknown := set(values) - set(CHANGEABLE):
        raise ValueError(f"not changeable: {unknown}")
    if "site" in values:
        require_site_of(dataset.project, values["site"])
    before = described(dataset)
    if opens_rows(dataset, values):
        require(by, DatasetPermission.READ_ROWS, dataset)
    for name, value in values.items():
        setattr(dataset, name, value.strip() if isinstance(value, str) else value)
    validated_save(dataset)
    after = described(dataset)
    changed = [name for name in after if after[name] != before[name]]
    if changed:
        audit_events.record(
            "dataset.changed",
            dataset,
            by=by,
            scopes={"project": dataset.project_id, "dataset": dataset.pk},
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        )
    return dataset


def require_site_of(project: Project, site: StudySite) -> None:
    """A dataset comes from a site of its own project."""
    if site.project_id != project.pk:
        raise Invalid(errors={"site": gettext("Choose one of this project’s sites.")})


def opens_rows(dataset: Dataset, values: dict[str, Any]) -> bool:
    """Whether a change shows anybody more: nobody may, who does not read the rows already."""
    access, threshold = values.get("access"), values.get("threshold")
    rules = values.get("disclosure_rules")
    if access not in (None, dataset.access):
        return True
    if threshold is not None and threshold < dataset.threshold:
        return True
    order = DisclosureRules.values
    # What is none of them is refused when it is saved.
    return rules in order and order.index(rules) < order.index(dataset.disclosure_rules)


def described(dataset: Dataset) -> dict[str, Any]:
    """What the audit trail keeps of a dataset."""
    return {
        "title": dataset.title,
        "description": dataset.description,
        "site_id": dataset.site_id,
        "access": dataset.access,
        "threshold": dataset.threshold,
        "disclosure_rules": dataset.disclosure_rules,
        "overlap": dataset.overlap,
        "overlap_note": dataset.overlap_note,
    }
