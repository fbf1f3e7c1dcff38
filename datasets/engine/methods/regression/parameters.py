"""What a regression may be asked, checked field by field."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from datasets.engine.guard.row_sets import RowGroup
from datasets.engine.methods.contract import ParameterError, Variables
from datasets.engine.methods.shared.fields import Fields, named, shown
from datasets.engine.results.records import Record
from datasets.engine.rows.frame import RESERVED_COLUMNS, InputInfo, VariableInfo
from datasets.engine.sentences import Called, Sentence

KNOWN = (
    "outcome",
    "family",
    "terms",
    "exposure",
    "reference",
    "interactions",
    "interaction_with",
    "site_effects",
    "offset",
    "standard_errors",
    "strategy",
)
MOST_INTERACTIONS = 50

Family = Literal["gaussian", "binomial"]
StandardErrors = Literal["model", "hc1", "hc3"]
Strategy = Literal["one_stage", "two_stage"]

P = TypeVar("P", bound=Sequence[str])


@dataclass(frozen=True)
class Parameters(Record):
    """An outcome, what may explain it, which of that is asked about, and how sites are treated.

    The answer is about the `exposure`, the first term where none is named; the other terms are
    what it is adjusted for. `reference` has the level that a category's others are compared with,
    the first in order where none is named. Interactions are pairs in the order of `terms`, `site`
    last; `interaction_with` asks whether the exposure's effect differs by a term or by site, and
    its pair is the first of them; it is filled in where one pair alone has the exposure. `family`
    follows the outcome's type when left out. `strategy` is kept for scripts: every answer pools the
    sites' own models and has the one over all rows beside it.
    `offset` belongs to Poisson regression, which is not offered yet.
    """

    outcome: str
    family: Family
    terms: tuple[str, ...]
    exposure: str = ""
    reference: dict[str, str] = field(default_factory=dict)
    interactions: tuple[tuple[str, str], ...] = ()
    interaction_with: str | None = None
    site_effects: bool = True
    offset: None = None
    standard_errors: StandardErrors = "model"
    strategy: Strategy = "one_stage"

    def __post_init__(self) -> None:
        if not self.exposure and self.terms:
            object.__setattr__(self, "exposure", self.terms[0])

    @property
    def names(self) -> tuple[str, ...]:
        """Every variable the question speaks of."""
        return (self.outcome, *self.terms)

    @property
    def row_groups(self) -> tuple[RowGroup, ...]:
        """One: all variables over the rows that have them."""
        return ((self.names, self.names),)

    @property
    def tests(self) -> int:
        """How many tests it makes: the exposure's; covariates are not asked about."""
        return 1

    @property
    def interaction(self) -> tuple[str, str] | None:
        """The interaction of the exposure that is asked about."""
        return asked_pair(self.exposure, self.interactions, self.interaction_with)

    @property
    def modifier(self) -> str | None:
        """What the exposure's effect is asked to differ by, the other of that pair."""
        pair = self.interaction
        return None if pair is None else pair[pair[0] == self.exposure]


def asked_pair(exposure: str, interactions: Sequence[P], interaction_with: str | None) -> P | None:
    """Of these interactions the exposure's that is asked about, if any is."""
    pairs = [pair for pair in interactions if exposure in pair]
    asked = [pair for pair in pairs if interaction_with in pair]
    return next(iter([*asked, *pairs]), None)


def usual_family(outcome_type: str) -> Family:
    """The family that follows from an outcome's type."""
    return "binomial" if outcome_type == "boolean" else "gaussian"


def may_be_yes_no(info: VariableInfo) -> bool:
    """Whether a logistic model can explain it: numbers may be 0 and 1, with a unit none is.

    That each of them is 0 or 1 is seen in the rows.
    """
    return info.type == "boolean" or info.unit in ("", "1")


def require_sites(parameters: Parameters, inputs: Sequence[InputInfo]) -> None:
    """An effect cannot differ by site where there is one. Raises ParameterError."""
    if len({one.site for one in inputs}) != 1 or not any(
        "site" in pair for pair in parameters.interactions
    ):
        return
    said = Sentence(
        "All these data are of one site, %(site)s: add data of another site, or do not ask whether "
        "the effect differs by site.",
        site=inputs[0].site,
    )
    asked = ["interactions"]
    if parameters.interaction_with == "site":
        asked.append("interaction_with")
    raise ParameterError(dict.fromkeys(asked, said))


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
        family = fields.choice("family", ("gaussian", "binomial"), by_type)
        if outcome and info and family == "binomial" and not may_be_yes_no(info):
            fields.errors["family"] = Sentence(
                "The outcome %(name)s is measured, not yes or no: choose the linear model for it, "
                "or another outcome for the logistic one.",
                name=named(outcome),
            )
    terms = fields.names(
        "terms",
        lambda one: one.is_numeric or one.type == "category",
        Sentence("Terms are numbers, booleans and categories."),
    )
    if outcome and outcome in terms:
        fields.errors["terms"] = Sentence(
            "Take %(name)s out of the terms: it is the outcome.", name=named(outcome)
        )
    site_effects = fields.flag("site_effects", Parameters.site_effects)
    for name in set(terms) & set(RESERVED_COLUMNS):
        if name == "site":
            fields.errors["terms"] = Sentence(
                "Take site out of the terms and set site_effects instead."
            )
        elif site_effects:
            fields.errors["terms"] = Sentence(
                "Set site_effects to false: %(name)s is settled by the site.",
                name=Called.variable(name),
            )
    exposure = _exposure(fields, terms)
    _reference(fields, terms)
    _interactions(fields, outcome, terms, site_effects)
    _interaction_with(fields, terms, exposure, site_effects)
    _asked_first(fields, exposure)
    if fields.given("offset"):
        fields.errors["offset"] = Sentence(
            "Leave offset out: it belongs to Poisson regression, which is not offered yet."
        )
    fields.choice("standard_errors", ("model", "hc1", "hc3"), Parameters.standard_errors)
    fields.choice("strategy", ("one_stage", "two_stage"), Parameters.strategy)
    return Parameters.from_json(fields.done())


def _exposure(fields: Fields, terms: list[str]) -> str:
    value = fields.parameters["exposure"] if fields.given("exposure") else next(iter(terms), "")
    if terms and value not in terms:
        fields.errors["exposure"] = Sentence(
            "Name one of the terms as exposure, not %(value)s.", value=named(value)
        )
    fields.filled["exposure"] = value
    return value if isinstance(value, str) else ""


def _reference(fields: Fields, terms: list[str]) -> None:
    value = fields.parameters["reference"] if fields.given("reference") else {}
    fields.filled["reference"] = value
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        fields.errors["reference"] = Sentence(
            "Give reference as an object of variables and levels, not %(value)s.",
            value=shown(value),
        )
        return
    for name, level in value.items():
        info = fields.variable(name)
        if name not in terms or info is None or info.type != "category":
            fields.errors["reference"] = Sentence(
                "Choose reference levels for categories among the terms: %(name)s is none.",
                name=named(name),
            )
        elif info.levels is not None and level not in info.levels:
            fields.errors["reference"] = Sentence(
                "%(name)s has no level %(level)s: choose another reference.",
                name=named(name),
                level=shown(level),
            )


def _interaction_with(fields: Fields, terms: list[str], exposure: str, site_effects: bool) -> None:
    other = fields.parameters["interaction_with"] if fields.given("interaction_with") else None
    if other is None:
        pairs = [pair for pair in fields.filled["interactions"] if exposure in pair]
        # Either spelling is the same question.
        if len(pairs) == 1:
            other = next(name for name in pairs[0] if name != exposure)
        fields.filled["interaction_with"] = other
        return
    fields.filled["interaction_with"] = other
    if other == exposure or other not in [*terms, "site"]:
        fields.errors["interaction_with"] = Sentence(
            "Choose another term than the exposure, or site, as interaction_with, not %(value)s.",
            value=named(other),
        )
    elif other == "site" and not site_effects:
        fields.errors["interaction_with"] = Sentence(
            "Set site_effects to true: an interaction with site needs it."
        )
    # Of an exposure that is none of the terms it was said already.
    elif exposure in terms:
        pair = sorted([exposure, other], key=[*terms, "site"].index)
        if pair not in fields.filled["interactions"]:
            fields.filled["interactions"].append(pair)


def _asked_first(fields: Fields, exposure: str) -> None:
    """The pair that is asked about before the others: named or listed, it is one question."""
    asked = {exposure, fields.filled["interaction_with"]}
    fields.filled["interactions"].sort(key=lambda pair: set(pair) != asked)


def _interactions(
    fields: Fields, outcome: str | None, terms: list[str], site_effects: bool
) -> None:
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
        if outcome in pair:
            fields.errors["interactions"] = Sentence(
                "Take %(name)s out of the interactions: it is the outcome.", name=named(outcome)
            )
            return
        missing = [name for name in pair if name not in order]
        if missing:
            fields.errors["interactions"] = Sentence(
                "Make %(name)s a term before it stands in an interaction.", name=named(missing[0])
            )
            return
        if pair[0] == pair[1]:
            fields.errors["interactions"] = Sentence(
                "Pair %(name)s with another variable than itself.", name=named(pair[0])
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
