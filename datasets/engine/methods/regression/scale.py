"""The scale that people read an effect on: ratios, units of the outcome, or percentage points."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from datasets.engine.methods.contract import Variables
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.shared.words import bound_of, measured, number, ratio, span
from datasets.engine.sentences import Number, Sentence

LARGEST_LOG = 200
"""Beyond this a ratio is no longer a number anybody could read."""

PERCENT = 100.0

BEYOND = Sentence(
    "A linear model of a yes or no adds up percentage points, and can leave 0 to 100%%; a logistic "
    "model cannot."
)
"""What is said of such a model, whatever it found."""


def in_points(parameters: Parameters, variables: Variables) -> bool:
    """Whether effects are told in percentage points: a linear model's of a yes or no."""
    info = variables.get(parameters.outcome)
    return parameters.family == "gaussian" and info is not None and info.type == "boolean"


@dataclass(frozen=True)
class Scale:
    """How numbers of the analysis scale are told; the API has them as they are."""

    is_ratio: bool
    in_points: bool
    unit: str

    @classmethod
    def of(cls, parameters: Parameters, variables: Variables) -> "Scale":
        """That of a question."""
        info = variables.get(parameters.outcome)
        return cls(
            parameters.family != "gaussian",
            in_points(parameters, variables),
            info.unit if info else "",
        )

    def shown(self, value: float | None) -> float | None:
        """A number as it is read."""
        if value is None:
            return None
        if self.is_ratio:
            return math.exp(min(value, LARGEST_LOG))
        return PERCENT * value if self.in_points else value

    def told(self, value: float | None) -> Sentence | Number:
        """The same with its unit."""
        return self.with_unit(self.shown(value))

    def with_unit(self, shown: float | None) -> Sentence | Number:
        """What is shown, with its unit: 0.5 % lower would be read as a share of what was there."""
        if self.is_ratio:
            return ratio(shown)
        if shown is None:
            return number(shown)
        if self.in_points or self.unit == "%":
            return Sentence("%(number)s percentage points", number=number(shown))
        return measured(shown, self.unit)

    def span(self, ends: Sequence[float | None]) -> Sentence:
        """Both ends of an interval."""
        low, high = (self.shown(end) for end in ends)
        if not self.is_ratio:
            return span([low, high])
        bound = bound_of(low)
        if bound and bound == bound_of(high):
            return Sentence("%(number)s", number=bound)
        return Sentence("%(low)s to %(high)s", low=ratio(low), high=ratio(high))

    def span_of_both(self, ends: Sequence[float | None]) -> Sentence:
        """An interval on both sides of no difference, beside a finding that is lower or higher."""
        low, high = (self.shown(end) for end in ends)
        if self.is_ratio or low is None or high is None:
            return self.span(ends)
        return Sentence(
            "%(low)s lower to %(high)s higher", low=number(abs(low)), high=number(abs(high))
        )
