"""Rules that wait for a second person: what each does, and several approved together."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from datasets.datasets.models import Dataset
from datasets.harmonisation.matrix import Matrix, look
from datasets.harmonisation.sources import rule_in_words
from datasets.mappings import actions as mappings
from datasets.mappings.caution import RuleCaution, codes_told
from datasets.mappings.models import Mapping
from datasets.mappings.shown import all_gated
from datasets.mappings.told import Rule, is_told_whole, rule_told
from datasets.variables.models import SharedVariable
from members.models import User
from portal.common.exceptions import Conflict, DomainError

MOST = 60
"""So many stand on one page, each with its drawings; those approved make room for the next."""

NUMBER = re.compile("[1-9][0-9]{0,8}")


@dataclass(frozen=True)
class WaitingRule:
    """A rule that the person may approve, as far as they are told it, and what it does."""

    variable: SharedVariable
    dataset: Dataset
    mapping: Mapping
    rule_told: Rule
    words: str
    look: dict[str, str]
    cautions: list[RuleCaution]
    preview: dict[str, Any] | None
    suppressed: list[dict[str, str]]

    @property
    def codes(self) -> str:
        """The values that may mean missing and that the rule takes as measured, for people."""
        return codes_told(self.cautions)

    @property
    def key(self) -> str:
        """The cell as it was looked at: another revision was not."""
        return f"{self.variable.pk}.{self.dataset.pk}.{self.mapping.revision}"

    @property
    def is_told(self) -> bool:
        """Whether the person sees all of the rule."""
        return is_told_whole(self.rule_told)


@dataclass(frozen=True)
class ApprovedRule:
    """What became of a rule that was to be approved; nothing is known of a cell that is none."""

    key: str
    variable: SharedVariable | None = None
    dataset: Dataset | None = None
    error: DomainError | None = None

    @property
    def outcome(self) -> str:
        """In one word, for scripts."""
        if self.variable is None or isinstance(self.error, Conflict):
            return "changed"
        return "refused" if self.error else "approved"


def waiting_cells(
    matrix: Matrix, variables: list[SharedVariable], datasets: list[Dataset]
) -> tuple[list[WaitingRule], bool]:
    """The first of these cells that wait for this person; and whether there are more."""
    found = [
        (variable, dataset, mapping)
        for variable in variables
        for dataset in datasets
        if (mapping := matrix.mappings.get((variable.pk, dataset.pk)))
        and mapping.waits(matrix.project)
        and matrix.may_approve(mapping)
    ]
    numbers = [mapping.pk for _, _, mapping in found[:MOST]]
    whole = Mapping.objects.select_related("changed_by").in_bulk(numbers)
    # What changed since the matrix was read is looked at another time, as it is then.
    few = [
        (variable, dataset, mapping)
        for variable, dataset, mapping in found[:MOST]
        if mapping.pk in whole and whole[mapping.pk].revision == mapping.revision
    ]
    matrix.looked_at = [dataset for _, dataset, _ in few]
    drawn = {mapping.pk: (dataset, whole[mapping.pk].preview) for _, dataset, mapping in few}
    shown = all_gated(matrix.user, drawn, exact=matrix.exact)
    told = [matrix.cautions(variable, dataset) for variable, dataset, _ in few]
    return [
        WaitingRule(
            variable,
            dataset,
            whole[mapping.pk],
            rule_told=rule_told(mapping.rule, dataset.pk, reads_rows=dataset.pk in matrix.readable)
            or {},
            words=rule_in_words(mapping, reads_rows=dataset.pk in matrix.readable),
            look=look(matrix.status(variable, dataset), cautions),
            cautions=cautions,
            preview=shown[mapping.pk][0],
            suppressed=shown[mapping.pk][1],
        )
        for (variable, dataset, mapping), cautions in zip(few, told, strict=True)
    ], len(found) > MOST


def approve_all(
    matrix: Matrix,
    keys: Collection[str],
    *,
    without_values: Collection[str] = (),
    by: User,
    reads_data: bool = True,
) -> list[ApprovedRule]:
    """Approve each of the cells as it was looked at, those of `without_values` without their
    values; what changed meanwhile, or is refused, is left out and named."""
    places = {
        f"{variable.pk}.{dataset.pk}": (variable, dataset)
        for variable in matrix.variables
        for dataset in matrix.datasets
    }
    made = []
    for key in dict.fromkeys([*keys, *without_values]):
        place, _, revision = key.rpartition(".")
        if place not in places or not NUMBER.fullmatch(revision):
            made.append(ApprovedRule(key))
            continue
        variable, dataset = places[place]
        mapping = matrix.mappings.get((variable.pk, dataset.pk))
        error: DomainError | None = None
        if mapping is None:
            error = Conflict(gettext("This mapping is removed."))
        else:
            mapping.dataset = dataset
            try:
                mappings.approve(
                    mapping=mapping,
                    revision=int(revision),
                    without_values=key in without_values,
                    by=by,
                    reads_data=reads_data,
                )
            except DomainError as refused:
                error = refused
        made.append(ApprovedRule(key, variable, dataset, error))
    return made
