"""A question as it is asked: what it speaks of, and why it cannot be."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext

from datasets.analyses.models import AnalysisInput
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, people_who
from datasets.domains.questions import domains_for, known_of, undeclared
from datasets.engine.methods import ParameterError
from datasets.engine.methods.shared.fields import shown
from datasets.engine.methods.shared.labels import labelled
from datasets.engine.rows.frame import VariableInfo
from datasets.pools.pool import Pool
from datasets.versions.models import Version
from members.models import User
from portal.common.exceptions import Invalid
from portal.common.text import listed, told


@dataclass(frozen=True)
class Checked:
    """A question that can be asked: the versions, what they offer together, filled parameters."""

    versions: list[Version]
    pool: Pool
    parameters: Any

    @property
    def variables(self) -> list[VariableInfo]:
        """Those it speaks of."""
        return self.pool.named(self.parameters.names)

    @cached_property
    def inputs(self) -> list[AnalysisInput]:
        """The inputs as they are pinned when it is registered, of no analysis yet."""
        variables, known = self.variables, known_of(self.versions)
        names = [variable.name for variable in variables]
        return [
            AnalysisInput(
                index=index,
                version=version,
                site=version.dataset.site.name,
                country=version.dataset.site.country,
                region=version.dataset.site.region,
                rules=used,
                domains=domains_for(known.get(version.pk), used, variables),
            )
            for index, (version, rules) in enumerate(
                zip(self.versions, self.pool.rules, strict=True)
            )
            for used in [{name: rules[name] for name in names if name in rules}]
        ]


class Blocked(Invalid):
    """Rules of some inputs can't be used as they stand; `versions` are those to go on without."""

    def __init__(
        self, offered: Pool, names: Iterable[str], asked: Sequence[Version], *, numbers: bool
    ) -> None:
        texts, blocked = [], set()
        for name in dict.fromkeys(names):
            if name in offered.variables and name in offered.left_out:
                texts.append(offered.left_out[name])
                blocked |= {one.pk for one in offered.blocked.get(name, ())}
        self.versions = [one for one in asked if one.pk in blocked]
        if len(self.versions) == len(asked):
            self.versions = []
        # A page has a button for it; a script is told the numbers to leave out.
        for one in self.versions if numbers else ():
            text = gettext("Leave dataset %(dataset)s (%(site)s) out of the inputs, or wait.")
            texts.append(text % {"dataset": one.dataset_id, "site": one.dataset.site.name})
        super().__init__(errors={"inputs": texts})


def require_declared(
    inputs: Sequence[AnalysisInput], variables: Sequence[VariableInfo], by: User
) -> None:
    """Without row rights nobody takes levels from the data where the dataset's rules are strict."""
    found = [(one.version, undeclared(one.version, one.domains, variables)) for one in inputs]
    lacking = {version.dataset: names for version, names in found if names}
    if not lacking:
        return
    read = set(Dataset.objects.rows_readable_by(by).filter(pk__in=[one.pk for one in lacking]))
    for dataset, names in lacking.items():
        if dataset not in read:
            who = listed([user.name for user in people_who(DatasetPermission.DECLARE, dataset)])
            raise Invalid(errors={"inputs": _undeclared(names, dataset, who)})


def _undeclared(names: Sequence[str], dataset: Dataset, who: str) -> str:
    text = (
        gettext(
            "The levels of %(variables)s are not declared in “%(title)s”, whose rules ask for it. "
            "%(who)s may declare them."
        )
        if who
        else gettext(
            "The levels of %(variables)s are not declared in “%(title)s”, whose rules ask for it."
        )
    )
    return text % {"variables": listed(names), "title": dataset.title, "who": who}


def in_parameters(
    error: ParameterError,
    offered: Pool | None = None,
    words: Mapping[str, VariableInfo] | None = None,
) -> dict[str, str]:
    """The engine's messages by the API's field names, with why a variable is not on offer."""
    errors = {}
    for name, text in error.errors.items():
        said = told((labelled(text, words) if words else text).kept)
        for left_out, why in offered.left_out.items() if offered else ():
            if text.values.get("unknown") == shown(left_out):
                said = why
        errors[name if name == "parameters" else f"parameters.{name}"] = said
    return errors
