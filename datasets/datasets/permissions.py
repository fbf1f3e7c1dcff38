"""What a person may do with a dataset: the project's roles, and the keeper's own rights."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from django.db.models import Q, Value
from django.utils.translation import gettext, gettext_lazy

from datasets.datasets.models import Dataset
from datasets.datasets.visibility import CONTROL_ROLES
from members.choices import Scope
from members.models import User
from portal.common.exceptions import NotAllowed
from portal.jobs.models import Job
from projects.models import Membership, Project
from projects.projects.permissions import permissions_as, permissions_of
from projects.roles import Permission

Roles = dict[int, dict[int, tuple[User, str]]]
"""By project and person, who they are and their role."""


class DatasetPermission(StrEnum):
    """What somebody may do with a dataset."""

    CHANGE = "change it"
    BRING = "bring its versions"
    READ_AUDIT = "read who did what to it"
    MAP = "map it to shared variables"
    READ_ROWS = "read its rows"
    RECODE = "map it by rules that can single out a row"
    DECLARE = "declare what its columns may hold"
    RELEASE = "release outputs that rest on its rows"
    CONFIRM = "confirm another person's release"


@dataclass(frozen=True)
class Right:
    """Who has one permission, and what everybody else is told.

    `all` is what the project must grant for every dataset in it, `own` for those one keeps. Where
    neither is named, whoever may read the rows has it; `rows` asks for both. `refusal` may name
    the `access` level.
    """

    refusal: Any
    all: Permission | None = None
    own: Permission | None = None
    code: str | None = None
    rows: bool = False


RIGHTS: dict[DatasetPermission, Right] = {
    DatasetPermission.CHANGE: Right(
        gettext_lazy("Only the person who keeps this dataset, a steward or a lead may do this."),
        all=Permission.MANAGE_DATA,
        own=Permission.ADD_DATA,
    ),
    # Which of the files that somebody makes up come close to the rows, its ledger and profile tell.
    DatasetPermission.BRING: Right(
        gettext_lazy("Only people who keep or manage it and may read its rows bring its versions."),
        all=Permission.MANAGE_DATA,
        own=Permission.ADD_DATA,
        code="rows_not_readable",
        rows=True,
    ),
    DatasetPermission.READ_AUDIT: Right(
        gettext_lazy("Only the person who keeps this dataset, a steward or a lead may do this."),
        all=Permission.MANAGE_DATA,
        own=Permission.ADD_DATA,
    ),
    DatasetPermission.MAP: Right(
        gettext_lazy("Only the person who keeps this dataset, a steward or a lead may map it."),
        all=Permission.HARMONISE,
        own=Permission.ADD_DATA,
    ),
    DatasetPermission.READ_ROWS: Right(
        gettext_lazy(
            "You see this dataset’s summaries, not its rows. Its access level is “%(access)s”."
        ),
        code="rows_not_readable",
    ),
    # A rule that multiplies one person's value by a million writes that value into the mean.
    DatasetPermission.RECODE: Right(
        gettext_lazy(
            "Only people who may read this dataset’s rows write rules that may lose or pick out "
            "values. You may copy a column of the variable’s own type, or convert its unit."
        ),
        code="rows_not_readable",
    ),
    DatasetPermission.DECLARE: Right(
        gettext_lazy(
            "Only people who keep or manage it and may read its rows declare what its columns may "
            "hold."
        ),
        all=Permission.MANAGE_DATA,
        own=Permission.ADD_DATA,
        rows=True,
    ),
    DatasetPermission.RELEASE: Right(
        gettext_lazy(
            "Only people who keep or manage it and may read its rows decide what leaves a dataset."
        ),
        all=Permission.MANAGE_DATA,
        own=Permission.ADD_DATA,
        rows=True,
    ),
    DatasetPermission.CONFIRM: Right(
        gettext_lazy("Only the person who keeps this dataset, a steward or a lead may do this."),
        all=Permission.MANAGE_DATA,
        own=Permission.ADD_DATA,
    ),
}


def can(user: Any, permission: DatasetPermission, dataset: Dataset) -> bool:
    """Whether the person may do this with the dataset; asked again at each request."""
    right = RIGHTS[permission]
    if right.all is not None and not _holds(
        user, right, permissions_of(user, dataset.project), dataset
    ):
        return False
    if right.all is not None and not right.rows:
        return True
    return Dataset.objects.rows_readable_by(user).filter(pk=dataset.pk).exists()


def require(user: Any, permission: DatasetPermission, dataset: Dataset) -> None:
    """Raise `NotAllowed` unless the person may do this with the dataset."""
    if not can(user, permission, dataset):
        raise refusal_of(permission, dataset)


def refusal_of(permission: DatasetPermission, dataset: Dataset) -> NotAllowed:
    """What is told to whoever may not do this with the dataset."""
    right = RIGHTS[permission]
    text = str(right.refusal) % {"access": dataset.get_access_display()}
    return NotAllowed(text, code=right.code)


def lacks_scope() -> NotAllowed:
    """What is told to a token that reads no rows, whatever its person reads."""
    text = gettext("This token lacks the scope “%(needed)s”.") % {"needed": Scope.READ_DATA}
    return NotAllowed(text, code="insufficient_scope")


def granted_on(
    user: Any, dataset: Dataset, in_project: frozenset[Permission]
) -> frozenset[DatasetPermission]:
    """What the person may do with the dataset but for its rows, from what the project grants.

    For showing many datasets of one project, with one look-up of the role.
    """
    return frozenset(
        permission
        for permission, right in RIGHTS.items()
        if right.all is not None and not right.rows and _holds(user, right, in_project, dataset)
    )


def people_who(permission: DatasetPermission, dataset: Dataset) -> list[User]:
    """Who may do this with the dataset now, for telling them that something waits."""
    return people_who_each(permission, [dataset])[dataset.pk]


def people_who_each(
    permission: DatasetPermission, datasets: Collection[Dataset]
) -> dict[int, list[User]]:
    """Who may do this with each of the datasets now, at the same cost for many.

    Asked of the few who come into question: their keepers, stewards and leads.
    """
    right = RIGHTS[permission]
    roles = _roles_in(datasets)
    found = {one.pk: _in_question(one, roles) for one in datasets}
    if right.all is not None:
        for one in datasets:
            found[one.pk] = [
                user
                for user in found[one.pk]
                if _holds(user, right, _granted(user, one.project, roles), one)
            ]
    return _reading(found) if right.rows or right.all is None else found


def _in_question(dataset: Dataset, roles: Roles) -> list[User]:
    members = roles[dataset.project_id].values()
    asked = {user.pk: user for user, role in members if role in CONTROL_ROLES}
    asked.setdefault(dataset.created_by_id, dataset.created_by)
    return list(asked.values())


def _roles_in(datasets: Collection[Dataset]) -> Roles:
    """Of the datasets' projects the active stewards and leads, and members who keep one."""
    found: Roles = {one.project_id: {} for one in datasets}
    memberships = Membership.objects.active().filter(
        Q(role__in=CONTROL_ROLES) | Q(user__in=[one.created_by_id for one in datasets]),
        project__in=found,
        user__is_active=True,
    )
    for one in memberships.select_related("user").order_by("pk"):
        found[one.project_id][one.user_id] = (one.user, one.role)
    return found


def _granted(user: User, project: Project, roles: Roles) -> frozenset[Permission]:
    _, role = roles[project.pk].get(user.pk, (user, None))
    return permissions_as(role, project)


def _reading(people: Mapping[int, list[User]]) -> dict[int, list[User]]:
    """By dataset those of these people who may read its rows."""
    asked: dict[int, tuple[User, list[int]]] = {}
    for dataset, users in people.items():
        for user in users:
            asked.setdefault(user.pk, (user, []))[1].append(dataset)
    each = [
        Dataset.objects.rows_readable_by(user)
        .filter(pk__in=numbers)
        .order_by()
        .annotate(user=Value(user.pk))
        .values_list("pk", "user")
        for user, numbers in asked.values()
    ]
    read = set(each[0].union(*each[1:], all=True)) if each else set()
    return {
        dataset: [user for user in users if (dataset, user.pk) in read]
        for dataset, users in people.items()
    }


def project_of(job: Job) -> Project:
    """The project a dataset's or an analysis' job belongs to; only other kinds have none."""
    return Project.objects.get(pk=cast(int, job.project_id))


def steers(user: Any, job: Job) -> bool:
    """Whoever began a job may cancel and repeat it as they may change a dataset they keep."""
    project = project_of(job)
    right = RIGHTS[DatasetPermission.CHANGE]
    return _holds(user, right, permissions_of(user, project), job)


def _holds(
    user: Any, right: Right, in_project: frozenset[Permission], thing: Dataset | Job
) -> bool:
    """Whether the project grants it for everything, or for what is the person's own."""
    return right.all in in_project or (right.own in in_project and thing.created_by_id == user.pk)
