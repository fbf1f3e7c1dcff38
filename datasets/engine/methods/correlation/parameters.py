"""What correlations may be asked for, checked field by field."""

from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

from datasets.engine.guard.row_sets import RowGroup
from datasets.engine.methods.contract import Variables
from datasets.engine.methods.correlation.ranks import MOST_RANKED
from datasets.engine.methods.shared.fields import Fields
from datasets.engine.results.records import Record
from datasets.engine.sentences import Sentence

KNOWN = ("variables", "coefficient", "missing", "within_site")

Coefficient = Literal["pearson", "spearman"]


@dataclass(frozen=True)
class Parameters(Record):
    """Two or more numbers, what to do where one is missing, and whether sites' means count.

    Spearman's coefficient is of ranks within each site; there is none over rows of several.
    """

    variables: tuple[str, ...]
    coefficient: Coefficient = "pearson"
    missing: Literal["pairwise", "listwise"] = "pairwise"
    within_site: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Every variable the question speaks of."""
        return self.variables

    @property
    def row_groups(self) -> tuple[RowGroup, ...]:
        """Each pair, over the rows that have both, or listwise all variables. Without that each
        variable, too: where it has few values but one, no pair with it is told."""
        pairs = tuple(combinations(self.variables, 2))
        if self.missing == "listwise":
            return tuple((pair, self.variables) for pair in pairs)
        return tuple((names, names) for names in (*pairs, *((one,) for one in self.variables)))

    @property
    def tests(self) -> int:
        """How many tests it makes: one for each pair."""
        return len(self.variables) * (len(self.variables) - 1) // 2


def fill(parameters: Any, variables: Variables) -> Parameters:
    """`variables` (default: all numbers), `coefficient`, `missing`, `within_site`.

    Raises ParameterError with a message per field.
    """
    fields = Fields(parameters, variables, KNOWN)
    fields.names(
        "variables",
        lambda info: info.is_numeric,
        Sentence("A correlation takes numbers and booleans."),
        default=[name for name, info in variables.items() if info.is_numeric],
        least=2,
    )
    default = Parameters.coefficient
    chosen = fields.choice("coefficient", ("pearson", "spearman"), default)
    if chosen == "spearman" and len(fields.filled["variables"]) > MOST_RANKED:
        fields.errors["variables"] = Sentence(
            "Name at most %(most)s variables for spearman: their ranks take all rows at once.",
            most=MOST_RANKED,
        )
    fields.choice("missing", ("pairwise", "listwise"), Parameters.missing)
    fields.flag("within_site", Parameters.within_site)
    return Parameters.from_json(fields.done())
