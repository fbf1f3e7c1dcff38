"""Start a project and change it."""

import secrets
import unicodedata
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext

from members.audit_events import actions as audit_events
from members.models import User
from portal.common.exceptions import Conflict, Invalid
from portal.common.models import validated_save
from projects.choices import Role, Visibility
from projects.projects.models import Project
from projects.projects.permissions import require
from projects.roles import Permission


def mark_active(project: Project) -> None:
    """Something happened in the project: those who look for live ones find it first."""
    now = timezone.now()
    Project.objects.filter(pk=project.pk).update(active_at=now, updated_at=now)


@dataclass(frozen=True)
class _Active:
    project: Project

    def __call__(self) -> None:
        mark_active(self.project)


def mark_active_at_end(project: Project) -> None:
    """The same once all is kept, and once however much is: the project's row is everybody's, and
    whoever writes it first holds all others up until the end."""
    marked = _Active(project)
    if marked not in (one[1] for one in transaction.get_connection().run_on_commit):
        transaction.on_commit(marked)


FIELDS = (
    "title",
    "question",
    "summary",
    "disciplines",
    "conditions",
    "regions",
    "stage",
    "visibility",
    "join_policy",
    "join_questions",
    "second_person",
)
"""What people write of a project; everything else is the portal's."""


RESERVED_SLUGS = frozenset({"new"})


LETTERS = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ß": "ss", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)


SLUG_LENGTH = 64


@transaction.atomic
def create(*, by: User, **values: Any) -> Project:
    """Start a project; whoever starts it leads it."""
    project = Project(created_by=by, active_at=timezone.now())
    _write(project, values)
    _save_with_slug(project)
    project.memberships.create(user=by, role=Role.LEAD)
    audit_events.record(
        "project.created", project, by=by, scopes={"project": project.pk}, after=values
    )
    return project


@transaction.atomic
def change(*, project: Project, by: User, **values: Any) -> Project:
    """Change what the project says of itself, its stage, or who sees and joins it."""
    project = locked(project)
    require(by, Permission.EDIT_PROJECT, project)
    before = {name: getattr(project, name) for name in FIELDS}
    _write(project, values)
    changed = [name for name in FIELDS if getattr(project, name) != before[name]]
    if not changed:
        return project
    validated_save(project, update_fields=[*changed, "updated_at"])
    mark_active(project)
    audit_events.record(
        "project.changed",
        project,
        by=by,
        scopes={"project": project.pk},
        before={name: before[name] for name in changed},
        after={name: getattr(project, name) for name in changed},
    )
    project.refresh_from_db()
    return project


def _write(project: Project, values: dict[str, Any]) -> None:
    """Set the given fields, text without stray space and lists without repeats."""
    unknown = values.keys() - set(FIELDS)
    if unknown:
        raise Invalid(errors=dict.fromkeys(sorted(unknown), gettext("This cannot be set.")))
    for name, value in values.items():
        if name in ("title", "question"):
            value = " ".join(value.split())
        elif name == "summary":
            value = value.strip()
        elif isinstance(value, list | tuple):
            texts = (" ".join(text.split()) for text in value)
            value = list(dict.fromkeys(text for text in texts if text))
        setattr(project, name, value)


def slug_of(title: str) -> str:
    """The title in plain letters for an address; titles in other scripts become “project”."""
    plain = unicodedata.normalize("NFKD", title.lower().translate(LETTERS))
    slug = slugify(plain)[:SLUG_LENGTH].strip("-_")
    return slug or "project"


def _save_with_slug(project: Project) -> None:
    """Save under the first free address made from the title.

    A private project gets a random ending: an address that is taken must not tell that it exists.
    """
    base = slug_of(project.title)
    taken = (
        set(Project.objects.filter(slug__startswith=base).values_list("slug", flat=True))
        | RESERVED_SLUGS
    )
    for attempt in range(5):
        if project.visibility == Visibility.PRIVATE or attempt:
            project.slug = f"{base}-{secrets.token_hex(4)}"
        else:
            numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
            project.slug = next(slug for slug in (base, *numbered) if slug not in taken)
        try:
            with transaction.atomic():
                validated_save(project)
            return
        except IntegrityError:
            # Somebody took the address between the look and the save.
            continue
        except Invalid as error:
            if set(error.errors) != {"slug"}:
                raise
    raise Conflict(gettext("No address was free for this title. Please try again."))


def locked(project: Project) -> Project:
    """The project's row, ours until the transaction ends; other tables may still point to it."""
    return Project.objects.select_for_update(no_key=True).get(pk=project.pk)
