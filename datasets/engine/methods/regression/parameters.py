"""What a regression may be asked, checked field by field."""

from dataclasses import dataclass
from typing import Any, Literal

from datasets.engine.methods.contract import Variables
from datasets.engine.methods.shared.fields import Fields, shown
from datasets.engine.results.records import Record
from datasets.engine.rows.frame import RESERVED_COLUMNS
from datasets.engine.sentences import Sentence

KNOWN = (
    "outcome",
    "family",
    "terms",
    "interactions",
    "site_effects",
    "offset",
    "standard_errors",
    "strategy",
)
MOST_INTERACTIONS = 50

Family = Literal["gaussian", "binomial"]
StandardErrors = Literal["model", "hc1", "hc3"]
Strategy = Literal["one_stage", "two_stage"]


@dataclass(frozen=True)
class Parameters(Record):
    """An outcome, what may explain it, and how sites are treated.

    Interactions are pairs in the order of `terms`, `site` last. `family` follows the outcome's
    type when left out. `offset` belongs to Poisson regression, which is not offered yet.
    """

    outcome: str
    family: Family
    terms: tuple[str, ...]
    interactions: tuple[tuple[str, str], ...] = ()
    site_effects: bool = True
    offset: None = None
    standard_errors: StandardErrors = "model"
    strategy: Strategy = "one_stage"

    @property
    def names(self) -> tuple[str, ...]:
        """Every variable the question speaks of."""
        return (self.outcome, *self.terms)


def usual_family(outcome_type: str) -> Family:
    """The family that follows from an outcome's type."""
    return "binomial" if outcome_type == "boolean" else "gaussian"


def fill(parameters: Any, variables: Variables) -> Parameters:
    """Every parameter with its default. Raises ParameterError with a message per field."""
    fields = Fields(parameters, variables, KNOWN)
    outcome = fields.name(
        "outcome",
        lambda info: info.is_numeric,
        Sentence("The outcome must be a number, or 0 and 1 for a yes-no outcome."),
    )
    info = variables.get(outcome) if outcome else None
    by_type = usual_family(info.type if info else "")
    if fields.parameters.get("family") == "poisson":
        fields.errors["family"] = Sentence(
            "Choose gaussian or binomial: poisson is not offered yet."
        )
    else:
        fields.choice("family", ("gaussian", "binomial"), by_type)
    terms = fields.names(
        "terms",
        lambda one: one.is_numeric or one.type == "category",
        Sentence("Terms are numbers, booleans and categories."),
    )
    if outcome and outcome in terms:
        fields.errors["terms"] = Sentence(
            "Take %(name)s out of the terms: it is the outcome.", name=shown(outcome)
        )
    site_effects = fields.flag("site_effects", Parameters.site_effects)
    for name in set(terms) & set(RESERVED_COLUMNS):
        if name == "site":
            fields.errors["terms"] = Sentence(
                "Take site out of the terms and set site_effects instead."
            )
        elif site_effects:
            fields.errors["terms"] = Sentence(
                "Set site_effects to false: %(name)s is settled by the site.", name=name
            )
    _interactions(fields, terms, site_effects)
    if fields.given("offset"):
        fields.errors["offset"] = Sentence(
            "Leave offset out: it belongs to Poisson regression, which is not offered yet."
        )
    fields.choice("standard_errors", ("model", "hc1", "hc3"), Parameters.standard_errors)
    fields.choice("strategy", ("one_stage", "two_stage"), Parameters.strategy)
    return Parameters.from_json(fields.done())


def _interactions(fields: Fields, terms: list[str], site_effects: bool) -> None:
    value = fields.parameters.get("interactions")
    order = [*terms, "site"]
    fields.filled["interactions"] = []
    if value is None:
        return
    if not isinstance(value, list | tuple):
        fields.errors["interactions"] = Sentence(
            "Give interactions as a list of pairs, not %(value)s.", value=shown(value)
        )
        return
    if len(value) > MOST_INTERACTIONS:
        fields.errors["interactions"] = Sentence(
            "Name at most %(most)s interactions, not %(count)s.",
            count=len(value),
            most=MOST_INTERACTIONS,
        )
        return
    pairs: list[list[str]] = []
    for pair in value:
        if (
            not isinstance(pair, list | tuple)
            or len(pair) != 2
            or not all(isinstance(name, str) for name in pair)
        ):
            fields.errors["interactions"] = Sentence(
                "Give each interaction as a pair of names, not %(value)s.", value=shown(pair)
            )
            return
        missing = [name for name in pair if name not in order]
        if missing:
            fields.errors["interactions"] = Sentence(
                "Make %(name)s a term before it stands in an interaction.", name=shown(missing[0])
            )
            return
        if pair[0] == pair[1]:
            fields.errors["interactions"] = Sentence(
                "Pair %(name)s with another variable than itself.", name=shown(pair[0])
            )
            return
        if "site" in pair and not site_effects:
            fields.errors["interactions"] = Sentence(
                "Set site_effects to true: an interaction with site needs it."
            )
            return
        pairs.append(sorted(pair, key=order.index))
    if len({tuple(pair) for pair in pairs}) != len(pairs):
        fields.errors["interactions"] = Sentence("Name each interaction once.")
        return
    fields.filled["interactions"] = pairs
