"""What a description may be asked, checked field by field."""

from dataclasses import dataclass
from typing import Any

from datasets.engine.guard.row_sets import RowGroup
from datasets.engine.methods.contract import Variables
from datasets.engine.methods.shared.fields import Fields
from datasets.engine.results.records import Record
from datasets.engine.rows.frame import VariableInfo
from datasets.engine.sentences import Sentence


@dataclass(frozen=True)
class Parameters(Record):
    """Which variables, and side by side for which groups."""

    variables: tuple[str, ...]
    by: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Every variable the question speaks of."""
        return (*self.variables, *(() if self.by is None else (self.by,)))

    @property
    def row_groups(self) -> tuple[RowGroup, ...]:
        """Each variable, in the groups' rows, and the groups themselves."""
        groups = () if self.by is None else (self.by,)
        figures = [(name, *groups) for name in self.variables]
        return tuple((names, names) for names in (*figures, *([groups] if groups else [])))

    @property
    def tests(self) -> int:
        """How many tests it makes: none."""
        return 0


def fill(parameters: Any, variables: Variables) -> Parameters:
    """`variables` (default: every number and category) and `by` (default: none).

    Raises ParameterError with a message per field.
    """
    fields = Fields(parameters, variables, ("variables", "by"))
    fields.names(
        "variables",
        _describable,
        Sentence("A description takes numbers, booleans and categories."),
        default=[name for name, info in variables.items() if _describable(info)],
    )
    if fields.given("by"):
        fields.name(
            "by",
            lambda info: info.type in ("category", "boolean"),
            Sentence("Groups come from site, region, country, a category or a boolean."),
        )
    return Parameters.from_json(fields.done())


def _describable(info: VariableInfo) -> bool:
    return info.is_numeric or info.type == "category"
