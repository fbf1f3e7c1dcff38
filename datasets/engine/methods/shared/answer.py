"""What the answers of several methods are made of."""

from dataclasses import dataclass, field
from typing import Literal

from datasets.engine.results.records import OMIT, Record

OpenEnds = tuple[float | None, float | None]
"""An interval of which an end may be missing."""


@dataclass(frozen=True)
class EffectAt(Record):
    """The effect at one `site`, or at one `level` by `k` sites; null where it can't be estimated.
    Of a `level` that is the exposure's own `at` has that of another variable.
    Where sites are pooled `ci` is by t with `df` degrees of freedom, or by the normal without.

    One that is `approximate` was rounded at its site's gate, or before it was told. One whose
    `method` is `firth` would be infinite by maximum likelihood, at one of its sites at least.
    """

    estimate: float | None
    ci: OpenEnds | None
    site: str | None = field(default=None, metadata=OMIT)
    level: str | None = field(default=None, metadata=OMIT)
    at: str | None = field(default=None, metadata=OMIT)
    k: int | None = field(default=None, metadata=OMIT)
    df: int | None = field(default=None, metadata=OMIT)
    approximate: bool = field(default=False, metadata=OMIT)
    method: Literal["", "firth"] = field(default="", metadata=OMIT)


@dataclass(frozen=True)
class AnotherWay(Record):
    """The same question by another estimator, and whether both say the same of no effect."""

    estimator: str
    estimate: float | None
    ci: OpenEnds | None
    p_value: float | None
    agrees: bool | None


@dataclass(frozen=True, kw_only=True)
class OneAnswer(Record):
    """What a question's exposure has to do with its outcome, by one estimator, as every method
    that answers one says it; each says beside it on which scale.

    `k` sites' own estimates are pooled, `ci` by t with `df` degrees of freedom, or by the normal
    without; of `n` rows, `n_excluded` more were left out, where it is `approximate` some of them
    rounded. Where there is no estimate, `reason` says why. `contrast`, `unit` and `text` are for
    people.
    """

    exposure: str
    estimate: float | None = None
    ci: OpenEnds | None = None
    prediction_interval: OpenEnds | None = None
    p_value: float | None = None
    estimator: str = ""
    k: int = 0
    df: int | None = field(default=None, metadata=OMIT)
    n: int | None = None
    n_excluded: int | None = None
    approximate: bool = field(default=False, metadata=OMIT)
    by: tuple[EffectAt, ...] = ()
    checked_another_way: AnotherWay | None = None
    reason: str | None = None
    contrast: str = ""
    unit: str = ""
    text: str = ""
