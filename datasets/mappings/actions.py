"""Say how a dataset's columns become a shared variable, and take it back."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from datasets.choices import MappingStatus
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, can, lacks_scope, require
from datasets.engine.mapping.rules import loses_nothing
from datasets.mappings import previews, statuses
from datasets.mappings.models import Mapping, MappingRevision
from datasets.mappings.told import is_told_whole, rule_told
from datasets.variables.models import SharedVariable
from datasets.versions.models import Version
from members.audit_events import actions as audit_events
from members.models import User
from portal.common.exceptions import Conflict, Invalid, NotAllowed
from portal.common.transitions import locked
from projects.projects.actions import mark_active_at_end

Rule = dict[str, Any]


def save(
    *,
    variable: SharedVariable,
    dataset: Dataset,
    version: Version,
    rule: Rule | None,
    status: str | None = None,
    note: str = "",
    by: User,
    names_values: bool = True,
    reads_data: bool = True,
    batch: UUID | None = None,
) -> Mapping:
    """Map a dataset to a variable; the rule is tried on the version's rows first.

    Of a rule the status is computed. Without one `status` says whether the dataset cannot provide
    the variable, or nobody knows yet. With `names_values=False` a refusal names no value, with
    `reads_data=False` no rule is tried that depends on values. `batch` is the step it is part of,
    where several mappings are changed at once.
    """
    preview = draft(
        variable=variable,
        dataset=dataset,
        version=version,
        rule=rule,
        status=status,
        by=by,
        reads_data=reads_data,
    )
    found = _decided(status, preview)
    if preview and rule and statuses.keeps_nothing(preview["account"]):
        missed = statuses.what_was_missed(preview["account"], rule, variable)
        text = missed if names_values else statuses.nothing_kept()
        raise Invalid(errors={"rule": text}, code="keeps_nothing")
    return _write(variable, dataset, version, found, rule, note, preview, by, batch)


def draft(
    *,
    variable: SharedVariable,
    dataset: Dataset,
    version: Version,
    rule: Rule | None,
    status: str | None = None,
    by: User,
    reads_data: bool = True,
) -> dict[str, Any] | None:
    """What a rule would do, with nothing kept of it; None for no rule."""
    require(by, DatasetPermission.MAP, dataset)
    check_target(variable, dataset, version)
    _require_rule(by, variable, version, rule, reads_data=reads_data)
    return previews.tried(variable, version, status, rule)


@audit_events.written_last()
def remove(*, mapping: Mapping, by: User, reads_data: bool = True) -> None:
    """Forget how a dataset is mapped; what it was stays in the audit trail, of guarded data
    without values."""
    require_removable(mapping=mapping, by=by, reads_data=reads_data)
    # Before the mapping, as where it is saved.
    locked(SharedVariable.objects.all(), mapping.variable_id)
    mapping = locked(Mapping.objects.select_related("dataset"), mapping.pk)
    require_removable(mapping=mapping, by=by, reads_data=reads_data)
    audit_events.record(
        "mapping.removed",
        mapping,
        by=by,
        scopes={"project": mapping.dataset.project_id, "dataset": mapping.dataset_id},
        before=_state(mapping),
    )
    mapping.delete()


def is_removable(mapping: Mapping, *, reads_rows: bool) -> bool:
    """Whether all that would be lost with it, its revisions included, is told to the person."""
    rules = [mapping.rule, *(one.rule for one in mapping.revisions.all())]
    return all(
        is_told_whole(rule_told(rule, mapping.dataset_id, reads_rows=reads_rows)) for rule in rules
    )


def require_removable(*, mapping: Mapping, by: User, reads_data: bool = True) -> None:
    """Raise `NotAllowed` unless the person maps the dataset and is told what would be lost."""
    require(by, DatasetPermission.MAP, mapping.dataset)
    if is_removable(mapping, reads_rows=False):
        return
    if not can(by, DatasetPermission.READ_ROWS, mapping.dataset):
        text = gettext(
            "A rule of this mapping speaks of values that you are not shown. Only people who may "
            "read this dataset’s rows remove it; you may say instead that nobody knows yet where "
            "the variable comes from, which keeps its revisions."
        )
        raise NotAllowed(text, code="rule_not_shown")
    if not reads_data:
        raise lacks_scope()


def restore(
    *, mapping: Mapping, revision: MappingRevision, by: User, reads_data: bool = True
) -> Mapping:
    """Make the mapping what it was at an earlier revision; that is a new revision.

    Its rule is tried again, on codes that may be others by now.
    """
    if revision.mapping_id != mapping.pk:
        raise Invalid(errors={"revision": gettext("This revision belongs to another mapping.")})
    return save(
        variable=mapping.variable,
        dataset=mapping.dataset,
        version=revision.version,
        status=revision.status,
        rule=revision.rule,
        note=revision.note,
        by=by,
        names_values=False,
        reads_data=reads_data,
    )


def undo(*, mapping: Mapping, by: User, reads_data: bool = True) -> Mapping:
    """Take the last change of a mapping back; that is a new revision, too."""
    last = mapping.revisions.filter(number__lt=mapping.revision).order_by("-number").first()
    if last is None:
        raise Conflict(gettext("There is no earlier revision to go back to."))
    return restore(mapping=mapping, revision=last, by=by, reads_data=reads_data)


def require_another(*, mapping: Mapping, by: User) -> None:
    """Raise `NotAllowed` unless the person may map the dataset and did not set the rule."""
    require(by, DatasetPermission.MAP, mapping.dataset)
    if mapping.changed_by_id == by.pk:
        text = gettext("You set this rule: somebody else has to approve it.")
        raise NotAllowed(text, code="second_person")


def require_told(*, mapping: Mapping, by: User) -> None:
    """Raise `NotAllowed` where the person is not told the rule whole: for a dataset whose rows they
    read it would stand there with the values of this one."""
    if not is_told_whole(rule_told(mapping.rule, mapping.dataset_id, reads_rows=False)):
        require(by, DatasetPermission.READ_ROWS, mapping.dataset)


@transaction.atomic
def approve(
    *,
    mapping: Mapping,
    revision: int,
    by: User,
    without_values: bool = False,
    reads_data: bool = True,
) -> Mapping:
    """Say as a second person that the rule is right; of the revision that was looked at.

    Who is not shown the values it speaks of says that they approve it `without_values`, which
    stays with their name: of data that one person alone reads nobody else could.
    """
    require_another(mapping=mapping, by=by)
    mapping = locked(Mapping.objects.select_related("variable", "version"), mapping.pk)
    require_another(mapping=mapping, by=by)
    if mapping.revision != revision:
        raise Conflict(gettext("The mapping changed meanwhile. Look again, then repeat."))
    if mapping.rule is None:
        raise Conflict(gettext("There is no rule to approve."))
    if mapping.approved_at is not None:
        raise Conflict(gettext("This rule is approved already."))
    reads_rows = reads_data and can(by, DatasetPermission.READ_ROWS, mapping.dataset)
    is_told = is_told_whole(rule_told(mapping.rule, mapping.dataset_id, reads_rows=reads_rows))
    if not is_told and not without_values:
        text = gettext(
            "You are not shown the values of this rule: say that you approve it without them, or "
            "leave it to somebody who may read this dataset’s rows."
        )
        raise NotAllowed(text, code="values_not_shown")
    before = _state(mapping)
    mapping.approved_by, mapping.approved_at = by, timezone.now()
    mapping.approved_without_values = not is_told
    mapping.save()
    audit_events.record(
        "mapping.approved",
        mapping,
        by=by,
        scopes={"project": mapping.variable.project_id, "dataset": mapping.dataset_id},
        before=before,
        after=_state(mapping),
    )
    return mapping


@audit_events.written_last()
def save_all(
    *,
    variable: SharedVariable,
    versions: Sequence[Version],
    rule: Rule,
    by: User,
) -> list[Mapping]:
    """Apply one rule to several datasets at once: all of them, or none."""
    return [
        save(
            variable=variable,
            dataset=version.dataset,
            version=version,
            rule=rule,
            by=by,
        )
        for version in versions
    ]


def check_again(*, variable: SharedVariable, by: User, reads_data: bool = True) -> None:
    """Try every rule of a changed variable; one that no longer fits becomes undetermined.

    Called by the action that changed the variable, inside its transaction. Where the person may
    not read the rows, and the values decide what fits, nothing is tried: codes that somebody makes
    up and what becomes of them would tell which values there are.
    """
    mappings = variable.mappings.filter(rule__isnull=False).select_related("version", "dataset")
    for mapping in mappings:
        status, rule, note = mapping.status, mapping.rule, mapping.note
        preview = None
        try:
            _require_rule(by, variable, mapping.version, rule, reads_data=reads_data)
            preview = previews.tried(variable, mapping.version, None, rule)
            if statuses.keeps_nothing(preview["account"]):
                raise Invalid(statuses.nothing_kept())
            status = statuses.of_rule(preview["account"])
        except Invalid as error:
            status, rule = MappingStatus.UNDETERMINED, None
            sentence = gettext("The variable changed and the rule no longer fits: %(error)s")
            note = (sentence % {"error": error.detail})[:300]
        except NotAllowed:
            status, rule = MappingStatus.UNDETERMINED, None
            note = gettext(
                "The variable changed: whoever may read this dataset’s rows has to look at its "
                "rule again, which is among the earlier revisions."
            )
        _write(variable, mapping.dataset, mapping.version, status, rule, note, preview, by)


def _require_rule(
    by: User,
    variable: SharedVariable,
    version: Version,
    rule: Rule | None,
    *,
    reads_data: bool,
) -> None:
    """Raise `NotAllowed` for a rule that can single out rows the person or the token may not read.

    That is one whose effect depends on the values, be it what it makes of them or whether it fits.
    """
    if depends_on_values(rule, variable, version):
        require(by, DatasetPermission.RECODE, version.dataset)
        if not reads_data:
            raise lacks_scope()


def depends_on_values(rule: Any, variable: SharedVariable, version: Version) -> bool:
    """Whether what becomes of a rule tells something of the values it is tried on."""
    if not isinstance(rule, dict):
        return False
    found = list(version.columns.all())
    columns = {one.name: str(one.type) for one in found}
    words = {one.name: (one.label, one.unit) for one in found}
    unknown = rule.get("kind") in ("copy", "unit") and str(rule.get("column")) not in columns
    return not unknown and not loses_nothing(rule, columns, variable.info, words)


def check_target(variable: SharedVariable, dataset: Dataset, version: Version) -> None:
    """Raise what is wrong with mapping this version of the dataset to the variable."""
    if dataset.project_id != variable.project_id:
        raise NotAllowed(gettext("This dataset belongs to another project than the variable."))
    if version.dataset_id != dataset.pk or not version.is_ready:
        raise Invalid(
            errors={"version": gettext("Choose a version of this dataset that is ready.")}
        )


def _decided(status: str | None, preview: dict[str, Any] | None) -> str:
    """The status: computed from what a rule does, else what somebody says."""
    if preview is not None:
        return statuses.of_rule(preview["account"])
    return status or MappingStatus.UNDETERMINED


@transaction.atomic
def _write(
    variable: SharedVariable,
    dataset: Dataset,
    version: Version,
    status: str,
    rule: Rule | None,
    note: str,
    preview: dict[str, Any] | None,
    by: User,
    batch: UUID | None = None,
) -> Mapping:
    """Store a tried mapping as its next revision."""
    # The rule was tried without a lock; a variable that changed meanwhile makes that void.
    now = locked(SharedVariable.objects.all(), variable.pk)
    if (now.type, now.codes) != (variable.type, variable.codes):
        raise Conflict(
            gettext("The variable changed while the rule was tried. Look again, then repeat.")
        )
    mapping = Mapping.objects.filter(variable=variable, dataset=dataset).first()
    before = _state(mapping) if mapping else None
    if mapping is None:
        mapping = Mapping(variable=variable, dataset=dataset, revision=0)
    mapping.version = version
    mapping.status = status
    mapping.rule = rule
    mapping.note = note
    mapping.preview = preview
    mapping.revision += 1
    mapping.changed_by = by
    mapping.approved_by = mapping.approved_at = None
    mapping.approved_without_values = False
    mapping.save()
    MappingRevision.objects.create(
        mapping=mapping,
        number=mapping.revision,
        version=version,
        status=status,
        rule=rule,
        note=note,
        changed_at=timezone.now(),
        changed_by=by,
        batch=batch,
    )
    mark_active_at_end(dataset.project)
    audit_events.record(
        "mapping.saved",
        mapping,
        by=by,
        scopes={"project": dataset.project_id, "dataset": dataset.pk},
        before=before,
        after=_state(mapping),
    )
    return mapping


def _state(mapping: Mapping) -> dict[str, Any]:
    return {
        "variable": mapping.variable.name,
        "version": mapping.version.number,
        "status": mapping.status,
        # Others read the trail than the rows, if not now, then once the data are closed.
        "rule": rule_told(mapping.rule, mapping.dataset_id, reads_rows=False),
        "note": mapping.note,
        "revision": mapping.revision,
        "approved": mapping.approved_at is not None,
        "approved_without_values": mapping.approved_without_values,
    }
