"""What a sheet would change: tried line by line, applied in one go, taken back in one go."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext, ngettext

from datasets.datasets.models import Dataset
from datasets.harmonisation import sheet
from datasets.harmonisation.matrix import Matrix, columns_of, newest_versions
from datasets.harmonisation.places import IN_ORDER
from datasets.harmonisation.sheet import Line
from datasets.mappings import actions as mappings
from datasets.mappings import statuses
from datasets.mappings.caution import RuleCaution, of_account
from datasets.mappings.cautions import cautions_for
from datasets.mappings.levels import SeenLevels, with_status_seen
from datasets.mappings.models import Mapping
from datasets.mappings.shown import gated_profiles
from datasets.mappings.told import is_told_whole, rows_read_among, rule_told
from datasets.versions.models import Version
from members.audit_events import actions as audit_events
from members.models import User
from portal.common.exceptions import Conflict, DomainError, Invalid, NotAllowed
from projects.models import Project
from projects.projects.permissions import permissions_of, require
from projects.roles import Permission

MOST_CHANGES = 400
"""Each is tried on all rows while somebody waits."""


@dataclass
class Change:
    """What one line changes, or why it cannot."""

    line: int
    variable: Any
    dataset: Any
    version: Version | None = None
    rule: dict[str, Any] | None = None
    said: str | None = None
    note: str = ""
    before: Mapping | None = None
    status: str | None = None
    account: dict[str, Any] | None = None
    cautions: list[RuleCaution] = field(default_factory=list)
    error: DomainError | None = None

    @property
    def asked(self) -> dict[str, Any]:
        """What is asked of the mapping's actions."""
        return {
            "variable": self.variable,
            "dataset": self.dataset,
            "version": self.version,
            "rule": self.rule,
            "status": self.said,
        }

    @property
    def outcome(self) -> str:
        """In one word, for scripts."""
        if self.error:
            return "refused"
        return "changed" if self.before else "new"


@dataclass(frozen=True)
class Plan:
    """All lines that change something, those refused among them; and how many change nothing."""

    changes: list[Change]
    unchanged: int

    @property
    def fitting(self) -> list[Change]:
        """Those that can be applied."""
        return [one for one in self.changes if not one.error]

    @property
    def refused(self) -> list[Change]:
        """Those that cannot."""
        return [one for one in self.changes if one.error]


def write_sheet(
    *, project: Project, user: Any, dataset: int | None, separator: str, exact: bool = True
) -> str:
    """The mappings of the datasets one may see, or of one of them; with `exact=False` as if the
    person read no rows."""
    datasets = seen_datasets(project, user, dataset)
    matrix = Matrix(user, project, datasets, permissions_of(user, project), exact=exact)
    newest = newest_versions(datasets)
    shown = Version.objects.visible_to(user).filter(pk__in=[one.pk for one in newest.values()])
    versions = {one.dataset_id: one for one in shown}
    return sheet.written(
        matrix,
        columns_of(versions, profiles=False),
        separator=sheet.SEPARATORS[separator],
    )


def seen_datasets(project: Project, user: Any, dataset: int | None = None) -> list[Dataset]:
    seen = Dataset.objects.visible_to(user).filter(project=project)
    if dataset is not None:
        seen = seen.filter(pk=dataset)
    return list(seen.select_related("site", "project").order_by(*IN_ORDER))


def plan(*, project: Project, content: bytes, by: User, reads_data: bool = True) -> Plan:
    """What a sheet would change, with nothing kept of it. Raises `Invalid` for no sheet."""
    require(by, Permission.ADD_DATA, project)
    lines = sheet.read(content)
    datasets = {str(one.pk): one for one in seen_datasets(project, by)}
    variables = {one.name: one for one in project.variables.select_related("project")}
    versions = newest_versions(list(datasets.values()))
    seen = Mapping.objects.visible_to(by).filter(variable__project=project).defer("preview")
    current = {(one.variable_id, one.dataset_id): one for one in seen.select_related("variable")}
    with_status_seen(by, current.values(), exact=reads_data)
    levels = SeenLevels(by, variables.values(), exact=reads_data)
    readable = rows_read_among(by, current.values()) if reads_data else set()
    changes: list[Change] = []
    unchanged = 0
    named: set[tuple[str, str]] = set()
    for line in lines:
        change = Change(
            line.number,
            variables.get(line["variable"].strip()),
            datasets.get(line["dataset"].strip()),
        )
        try:
            place = line["dataset"].strip(), line["variable"].strip()
            if place in named:
                raise Invalid(
                    gettext("This variable stands twice for this dataset: keep one line.")
                )
            named.add(place)
            if not _read(change, line, versions, current, readable):
                unchanged += 1
                continue
            if len(changes) >= MOST_CHANGES:
                text = gettext("The file changes more than %(most)s mappings: send it in parts.")
                raise Invalid(errors={"file": text % {"most": MOST_CHANGES}}, code="too_many")
            _try(change, levels, by, reads_data)
        except (Invalid, NotAllowed, Conflict) as error:
            if "file" in getattr(error, "errors", {}):
                raise
            change.error = error
        changes.append(change)
    return Plan(changes, unchanged)


def _read(
    change: Change,
    line: Line,
    versions: dict[int, Version],
    current: dict[tuple[int, int], Mapping],
    readable: set[int],
) -> bool:
    """Fill in what the line says; False where that is what is in force."""
    if change.dataset is None:
        text = gettext("There is no dataset “%(name)s” in this project: take its number.")
        raise Invalid(text % {"name": line["dataset"][:40]}, code="unknown_dataset")
    if change.variable is None:
        text = gettext("There is no shared variable “%(name)s”: define it first.")
        raise Invalid(text % {"name": line["variable"][:63]}, code="unknown_variable")
    change.rule = sheet.rule_in(line, change.variable)
    change.note = line["note"].strip().replace("\r\n", "\n")
    if len(change.note) > 300:
        raise Invalid(gettext("The note is longer than 300 characters: shorten it."))
    if change.rule is None:
        change.said = line["rule"].strip().lower()
    mapping = current.get((change.variable.pk, change.dataset.pk))
    change.before = mapping
    if mapping:
        reads_rows = mapping.dataset_id in readable
        now = Line(0, sheet.of_mapping(mapping, reads_rows=reads_rows))
        # What one is not told of a rule, a guess does not tell either.
        told = is_told_whole(rule_told(mapping.rule, mapping.dataset_id, reads_rows=reads_rows))
        same_rule = told and sheet.rule_in(now, change.variable) == change.rule
        same_word = change.rule is not None or mapping.status == change.said
        if same_rule and same_word and mapping.note == change.note:
            return False
        sent = line["revision"].strip()
        if sent and sent != str(mapping.revision):
            text = gettext(
                "It was changed since the file was made (revision %(now)s, the file has "
                "%(sent)s): get the file again."
            )
            values = {"now": mapping.revision, "sent": sent[:10]}
            raise Conflict(text % values, code="changed_meanwhile")
    change.version = versions.get(change.dataset.pk)
    if change.version is None:
        raise Invalid(gettext("This dataset has no version that is ready."), code="no_version")
    return True


def _try(change: Change, levels: SeenLevels, by: User, reads_data: bool) -> None:
    """The status the line would have, as the person will see it, and what to look at first; raises
    what is wrong with it."""
    found = mappings.draft(**change.asked, by=by, reads_data=reads_data)
    if found is None or change.rule is None or change.version is None:
        change.status = change.said
        return
    account = found["account"]
    if statuses.keeps_nothing(account):
        text = statuses.what_was_missed(account, change.rule, change.variable)
        raise Invalid(text, code="keeps_nothing")
    shown, _ = gated_profiles(by, change.dataset, found, exact=reads_data)
    change.status, differing = levels.drafted(
        statuses.of_rule(account), change.variable, change.dataset, change.rule, shown
    )
    change.account = (shown or {}).get("account")
    change.cautions = [
        *cautions_for(by, change.version, change.variable, change.rule, exact=reads_data),
        *of_account(change.account),
        *differing,
    ]


@audit_events.written_last()
def apply(*, plan: Plan, by: User) -> tuple[uuid.UUID, int]:
    """Save all that fits, as one step that can be taken back; its name, and how many it is."""
    batch = uuid.uuid4()
    # Variables are locked in one order, whatever that of the lines: two sheets never wait for each
    # other.
    for one in sorted(plan.fitting, key=lambda one: (one.variable.pk, one.dataset.pk)):
        mappings.save(**one.asked, note=one.note, by=by, batch=batch)
    return batch, len(plan.fitting)


def changed_by(*, project: Project, batch: uuid.UUID, user: Any) -> list[Mapping]:
    """The mappings that a step changed, as they are now; what the person may see of them."""
    seen = Mapping.objects.visible_to(user).filter(variable__project=project)
    found = seen.filter(revisions__batch=batch).defer("preview").distinct()
    return list(found.select_related("variable__project", "dataset__project", "dataset__site"))


@audit_events.written_last()
def take_back(
    *, found: Sequence[Mapping], batch: uuid.UUID, by: User, reads_data: bool = True
) -> str:
    """Make each mapping what it was before the step; in words, what was left alone and why."""
    undone = later = 0
    for mapping in sorted(found, key=lambda one: (one.variable_id, one.dataset_id)):
        if not mapping.revisions.filter(number=mapping.revision, batch=batch).exists():
            later += 1
            continue
        if mapping.revision == 1:
            mappings.remove(mapping=mapping, by=by, reads_data=reads_data)
        else:
            mappings.undo(mapping=mapping, by=by, reads_data=reads_data)
        undone += 1
    if not undone:
        return gettext(
            "Nothing of this step is left to take back: that is done already, or all of it was "
            "changed again since."
        )
    said = ngettext(
        "%(count)s mapping is as it was.", "%(count)s mappings are as they were.", undone
    )
    said %= {"count": undone}
    if not later:
        return said
    left = ngettext(
        "%(count)s was changed again meanwhile and is left alone.",
        "%(count)s were changed again meanwhile and are left alone.",
        later,
    )
    return f"{said} {left % {'count': later}}"
