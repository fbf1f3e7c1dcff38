"""What a question can use and needs, told before it is asked."""

from dataclasses import dataclass

from datasets.engine.sentences import Sentence

LEAST_EVENTS = 5.0
"""Rows of the rarer outcome for each coefficient but the intercept, wherever a model is fitted.

Vittinghoff and McCulloch 2007, Am J Epidemiol 165:710: from five on, intervals that miss and biased
estimates are uncommon.
"""


@dataclass(frozen=True)
class Ready:
    """One site's complete rows, and what they hold of outcome and exposure; rounded by rules.

    `rarer` counts the rarer of two outcomes, None for a number; `exposed` the rarer of two values
    of the exposure, None for a number and for a category of more levels. `absent` are variables
    without any value.
    """

    site: str
    complete: int
    rarer: int | None = None
    exposed: int | None = None
    absent: tuple[str, ...] = ()


@dataclass(frozen=True)
class Detectable:
    """The smallest effect that would be seen: an odds ratio, or SDs of the outcome."""

    value: float
    is_ratio: bool
    between_two: bool


@dataclass(frozen=True)
class Doubt:
    """What the rows of a question cannot carry: a part of it, or, where they are `unanswered`, any
    answer at all."""

    why: Sentence
    unanswered: bool


@dataclass(frozen=True)
class Needs:
    """How many parameters a site's model has beside its intercept, and what it could find."""

    parameters: int
    detectable: Detectable | None
