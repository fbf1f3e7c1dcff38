"""Make and change datasets."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from datasets.choices import (
    GUARDED_ACCESS,
    USUAL_RELEASE,
    DisclosureRules,
    Overlap,
    ReleasePolicy,
)
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, lacks_scope, require
from members.audit_events import actions as audit_events
from members.models import User
from portal.common.exceptions import Invalid
from portal.common.models import validated_save
from projects.models import Project, StudySite
from projects.projects.actions import mark_active
from projects.projects.permissions import require as require_in_project
from projects.roles import Permission

CHANGEABLE = (
    *("site", "title", "description"),
    *("access", "threshold", "disclosure_rules", "release_policy"),
    *("overlap", "overlap_note"),
)

CHANGED: list[Callable[[Dataset, Mapping[str, Any]], None]] = []
"""What follows a change, told the dataset and as what it was `described` before; nouns above this
one add theirs on start."""


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
    release_policy: str = "",
) -> Dataset:
    """A dataset of one of the project's sites, still without a file.

    Who releases is what is usual for its rules, where nobody says it.
    """
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
        # What are no rules is refused when it is saved.
        release_policy=release_policy or USUAL_RELEASE.get(disclosure_rules, ReleasePolicy.PERSON),
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


@audit_events.written_last()
def change(*, dataset: Dataset, by: User, reads_data: bool = True, **values: Any) -> Dataset:
    """Change what is said of a dataset and who may read it; only what is named changes.

    With `reads_data=False` nothing does that tells of rows.
    """
    require(by, DatasetPermission.CHANGE, dataset)
    dataset = Dataset.objects.select_for_update(no_key=True).get(pk=dataset.pk)
    if unknown := set(values) - set(CHANGEABLE):
        raise ValueError(f"not changeable: {unknown}")
    if "site" in values:
        require_site_of(dataset.project, values["site"])
    before = described(dataset)
    if tells_of_rows(dataset, values):
        require(by, DatasetPermission.READ_ROWS, dataset)
        if not reads_data:
            raise lacks_scope()
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
        for follow in CHANGED:
            follow(dataset, before)
    return dataset


def require_site_of(project: Project, site: StudySite) -> None:
    """A dataset comes from a site of its own project."""
    if site.project_id != project.pk:
        raise Invalid(errors={"site": gettext("Choose one of this project’s sites.")})


def tells_of_rows(dataset: Dataset, values: dict[str, Any]) -> bool:
    """Whether a change shows anybody more, or what guarded data tell by another rule: nobody may,
    who does not read the rows already.

    A level that is told of ten people and of none once eleven are asked for has ten.
    """
    if dataset.access in GUARDED_ACCESS and any(
        name in values and values[name] != getattr(dataset, name)
        for name in ("site", "access", "threshold", "disclosure_rules")
    ):
        return True
    access, threshold = values.get("access"), values.get("threshold")
    if access not in (None, dataset.access):
        return True
    if threshold is not None and threshold < dataset.threshold:
        return True
    return is_looser(
        DisclosureRules.values, values.get("disclosure_rules"), dataset.disclosure_rules
    ) or is_looser(ReleasePolicy.values, values.get("release_policy"), dataset.release_policy)


def is_looser(order: list[str], chosen: Any, now: str) -> bool:
    """Whether a choice stands before what is; what is none of them is refused when it is saved."""
    return chosen in order and order.index(chosen) < order.index(now)


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
        "release_policy": dataset.release_policy,
    }
