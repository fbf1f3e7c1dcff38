"""What the answers of several methods are made of."""

from dataclasses import dataclass, field

from datasets.engine.results.records import OMIT, Record

OpenEnds = tuple[float | None, float | None]
"""An interval of which an end may be missing."""


@dataclass(frozen=True)
class EffectAt(Record):
    """The effect at one `site`, or at one `level`; null where it can't be estimated there.

    One that is `approximate` was rounded at its site's gate, or before it was told.
    """

    estimate: float | None
    ci: OpenEnds | None
    site: str | None = field(default=None, metadata=OMIT)
    level: str | None = field(default=None, metadata=OMIT)
    approximate: bool = field(default=False, metadata=OMIT)


@dataclass(frozen=True)
class AnotherWay(Record):
    """The same question by another estimator, and whether both say the same of no effect."""

    estimator: str
    estimate: float | None
    ci: OpenEnds | None
    p_value: float | None
    agrees: bool | None
