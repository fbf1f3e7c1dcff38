"""Who decides on what leaves a dataset: whoever keeps it and reads its rows; a second one where
the dataset asks for two."""

from enum import StrEnum
from typing import Any

from django.utils.translation import gettext

from datasets.datasets.permissions import DatasetPermission, can, people_who, require
from datasets.releases.models import Release
from members.models import User
from portal.common.exceptions import NotAllowed


class ReleasePermission(StrEnum):
    """What somebody may do with an output that waits."""

    DECIDE = "decide on it"
    ANSWER = "answer what its keepers ask"


def needed_for(release: Release) -> DatasetPermission:
    """What the next decision on it takes."""
    if release.waits_for_second:
        return DatasetPermission.CONFIRM
    return DatasetPermission.RELEASE


def require_decision(user: Any, release: Release) -> None:
    """Raise `NotAllowed` unless the person may take the next decision on it."""
    require(user, needed_for(release), release.dataset)
    if user.pk in release.kept_out:
        raise NotAllowed(
            gettext(
                "A second person decides: neither who decided first nor who asked the question."
            ),
            code="second_person",
        )


def require_asker(user: Any, release: Release) -> None:
    """Raise `NotAllowed` unless the person put the question."""
    if release.analysis.created_by_id != user.pk:
        raise NotAllowed(gettext("Whoever put the question answers."), code="not_the_asker")


def may_decide(user: Any, release: Release) -> bool:
    """Whether the next decision is the person's to take."""
    return user.pk not in release.kept_out and can(user, needed_for(release), release.dataset)


def people_to_ask(release: Release) -> list[User]:
    """Who may take the next decision."""
    found = people_who(needed_for(release), release.dataset)
    return [user for user in found if user.pk not in release.kept_out]
