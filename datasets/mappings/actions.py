"""Say how a dataset's columns become a shared variable, and take it back."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from datasets.choices import WITH_RULE, MappingStatus
from datasets.columns.models import Column
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import (
    DatasetPermission,
    can,
    require,
)
from datasets.engine.mapping.problems import RuleError
from datasets.mappings import previews
from datasets.mappings.models import Mapping, MappingRevision
from datasets.variables.models import SharedVariable
from datasets.versions.models import Version
from members.audit_events import actions as audit_events
from members.models import User
from portal.common.exceptions import Conflict, Invalid, NotAllowed
from portal.common.models import storable
from portal.common.text import told
from portal.common.transitions import locked

OFFERED_KINDS = ("copy", "recode", "expression")


Rule = dict[str, Any]


@dataclass(frozen=True)
class Suggestion:
    """A column that is probably the variable, and why we think so."""

    column: str
    reason: str

    @property
    def rule(self) -> Rule:
        return {"kind": "copy", "column": self.column}


@dataclass(frozen=True)
class Proposal:
    """What applying a rule to one more dataset would do; `error` where it does not fit."""

    dataset: Dataset
    version: Version
    current: Mapping | None
    preview: dict[str, Any] | None
    error: str = ""


def save(
    *,
    variable: SharedVariable,
    dataset: Dataset,
    version: Version,
    status: str,
    rule: Rule | None,
    note: str = "",
    by: User,
) -> Mapping:
    """Map a dataset to a variable; the rule is tried on the version's rows first."""
    require(by, DatasetPermission.MAP, dataset)
    _require_rule(by, dataset, rule)
    _check_target(variable, dataset, version)
    preview = _tried(variable, version, status, rule)
    return _write(variable, dataset, version, status, rule, note, preview, by)


@transaction.atomic
def remove(*, mapping: Mapping, by: User) -> None:
    """Forget how a dataset is mapped; what it was stays in the audit trail."""
    require(by, DatasetPermission.MAP, mapping.dataset)
    mapping = locked(Mapping.objects.select_related("dataset"), mapping.pk)
    audit_events.record(
        "mapping.removed",
        mapping,
        by=by,
        scopes={"project": mapping.dataset.project_id, "dataset": mapping.dataset_id},
        before=_state(mapping),
    )
    mapping.delete()


def restore(*, mapping: Mapping, revision: MappingRevision, by: User) -> Mapping:
    """Make the mapping what it was at an earlier revision; that is a new revision."""
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
    )


def propose(
    *, variable: SharedVariable, rule: Rule, datasets: Iterable[Dataset], by: User
) -> list[Proposal]:
    """What the rule would do to the newest ready version of each dataset the person may map."""
    proposals = []
    current = {mapping.dataset_id: mapping for mapping in variable.mappings.all()}
    for dataset in datasets:
        version = dataset.versions.ready().order_by("-number").first()
        if version is None or not can(by, DatasetPermission.MAP, dataset):
            continue
        mapping = current.get(dataset.pk)
        if mapping and mapping.rule == rule and mapping.version_id == version.pk:
            continue
        try:
            _require_rule(by, dataset, rule)
            preview = _tried(variable, version, MappingStatus.COMPLETE, rule)
            proposals.append(Proposal(dataset, version, mapping, preview))
        except (Invalid, NotAllowed) as error:
            proposals.append(Proposal(dataset, version, mapping, None, error.detail))
    return proposals


@transaction.atomic
def save_all(
    *,
    variable: SharedVariable,
    versions: Sequence[Version],
    status: str,
    rule: Rule,
    by: User,
) -> list[Mapping]:
    """Apply one rule to several datasets at once: all of them, or none."""
    return [
        save(
            variable=variable,
            dataset=version.dataset,
            version=version,
            status=status,
            rule=rule,
            by=by,
        )
        for version in versions
    ]


def check_again(*, variable: SharedVariable, by: User) -> None:
    """Try every rule of a changed variable; one that no longer fits becomes undetermined.

    Called by the action that changed the variable, inside its transaction.
    """
    mappings = variable.mappings.filter(rule__isnull=False).select_related("version", "dataset")
    for mapping in mappings:
        status, rule, note = mapping.status, mapping.rule, mapping.note
        preview = None
        try:
            preview = _tried(variable, mapping.version, status, rule)
        except Invalid as error:
            status, rule = MappingStatus.UNDETERMINED, None
            sentence = gettext("The variable changed and the rule no longer fits: %(error)s")
            note = (sentence % {"error": error.detail})[:300]
        _write(variable, mapping.dataset, mapping.version, status, rule, note, preview, by)


def suggest(variable: SharedVariable, columns: Iterable[Column]) -> Suggestion | None:
    """A column of the same name, or the same but for case and punctuation, or the same label."""
    columns = list(columns)
    types = {column.name: column.type for column in columns}
    label = _normal(variable.label)
    tests = (
        (lambda c: c.name == variable.name, gettext("It has the same name.")),
        (
            lambda c: _normal(c.name) == _normal(variable.name),
            gettext("Its name differs only in case and punctuation."),
        ),
        (lambda c: label and _normal(c.label) == label, gettext("It has the same label.")),
        (
            lambda c: label and _normal(c.name) == label,
            gettext("Its name is the variable’s label."),
        ),
    )
    for fits, reason in tests:
        for column in columns:
            if fits(column):
                suggestion = Suggestion(column.name, reason)
                if previews.rule_fits(suggestion.rule, types, variable):
                    return suggestion
    return None


def _normal(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


def _require_rule(by: User, dataset: Dataset, rule: Rule | None) -> None:
    """Raise `NotAllowed` for a rule that can single out one row of rows the person may not read."""
    if isinstance(rule, dict) and rule.get("kind") != "copy":
        require(by, DatasetPermission.RECODE, dataset)


def _check_target(variable: SharedVariable, dataset: Dataset, version: Version) -> None:
    if dataset.project_id != variable.project_id:
        raise NotAllowed(gettext("This dataset belongs to another project than the variable."))
    if version.dataset_id != dataset.pk or not version.is_ready:
        raise Invalid(
            errors={"version": gettext("Choose a version of this dataset that is ready.")}
        )


def _tried(
    variable: SharedVariable, version: Version, status: str, rule: Rule | None
) -> dict[str, Any] | None:
    """The preview of a rule that fits its status and the version, or `Invalid`."""
    if status not in MappingStatus.values:
        raise Invalid(
            errors={
                "status": gettext("Choose one of: %(values)s.")
                % {"values": ", ".join(MappingStatus.values)}
            }
        )
    if status not in WITH_RULE:
        if rule is not None:
            raise Invalid(
                errors={
                    "rule": gettext(
                        "A mapping of the status “%(status)s” has no rule: send null for it."
                    )
                    % {"status": status}
                }
            )
        return None
    if rule is None:
        raise Invalid(
            errors={
                "rule": gettext("A mapping of the status “%(status)s” needs a rule.")
                % {"status": status}
            }
        )
    if not isinstance(rule, dict) or not storable(rule):
        raise Invalid(
            errors={"rule": gettext("Give the rule as an object with a kind, of plain text.")}
        )
    if rule.get("kind") == "unit":
        raise Invalid(
            errors={
                "rule": gettext("Unit conversion is not offered yet: use an expression instead.")
            },
            code="rule_not_offered",
        )
    if rule.get("kind") not in OFFERED_KINDS:
        raise Invalid(
            errors={
                "rule": gettext("Kinds of rules are: %(kinds)s.")
                % {"kinds": ", ".join(OFFERED_KINDS)}
            }
        )
    try:
        return previews.preview(version, rule, variable)
    except RuleError as error:
        raise Invalid(errors={"rule": told(error.detail.kept)}, code=error.code) from error


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
    )
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
        "rule": mapping.rule,
        "note": mapping.note,
        "revision": mapping.revision,
    }
