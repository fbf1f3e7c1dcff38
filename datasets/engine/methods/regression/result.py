"""A regression in the API's words.

Coefficients are on the model's scale (log odds for binomial outcomes), `exp_estimate` the odds
ratio. What could not be estimated is null with a `reason`. Names of terms are for readers: two
may be alike, so nothing looks a coefficient up by its name.

`term_tests` are of type II: a term is tested in the model without the interactions it is part of,
against that without it as well, so no main effect is tested at a reference level. An interaction
is tested beside all others in `term_tests`, and alone, added to the main effects, in
`interaction_tests`; for one interaction they are equal. With robust errors all of them are Wald's
tests with the robust covariance of the whole model, given that what is left out is 0.
Under separation `deviance` and all that follows from it are the likelihood's limit. `counts` are
of complete rows.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from datasets.engine.methods.regression.design import Part
from datasets.engine.methods.regression.parameters import Family, StandardErrors, Strategy
from datasets.engine.methods.shared.answer import EffectAt, OneAnswer, OpenEnds
from datasets.engine.methods.shared.diagnostics import Diagnostic
from datasets.engine.methods.shared.meta import (
    BetweenGroups,
    Egger,
    Heterogeneity,
    Overall,
    WithoutOne,
)
from datasets.engine.methods.shared.signs import GailSimon
from datasets.engine.results.records import OMIT, Record, read
from datasets.engine.sentences import Called

Estimation = Literal["ml", "firth", "ols"]
Test = Literal["LR", "F", "Wald", "Wald F"]


@dataclass(frozen=True)
class Coefficient(Record):
    """One row of a coefficient table; `method` tells Firth's estimates from the model's own.

    One that is `approximate` left its site rounded: its `p_value` has one digit, its `statistic`
    one decimal, and its interval is no surer than the step of the estimate.
    """

    term: str
    estimate: float | None = None
    se: float | None = None
    statistic: float | None = None
    p_value: float | None = None
    ci: OpenEnds | None = None
    exp_estimate: float | None = None
    exp_ci: OpenEnds | None = None
    reason: str | None = None
    approximate: bool = field(default=False, metadata=OMIT)
    method: Literal["", "firth"] = field(default="", metadata=OMIT)


@dataclass(frozen=True)
class Separation(Record):
    """A term whose ordinary estimate is infinite, where it runs to, and why."""

    term: str
    direction: str
    why: str


@dataclass(frozen=True)
class PenalisedTest(Record):
    """A term tested by Firth's penalised likelihood ratio, on the same degrees of freedom."""

    chisq: float
    p_value: float


@dataclass(frozen=True)
class TermTest(Record):
    """A term tested: by likelihood ratio or F, with robust errors by Wald's test or its F.

    Of a term with an infinite coefficient the likelihood ratio is that of the likelihood's limit,
    and what may be read of it is `penalised`.
    """

    term: str
    test: Test
    chisq: float | None
    f: float | None
    df: int
    df_residual: int | None
    p_value: float | None
    penalised: PenalisedTest | None = field(default=None, metadata=OMIT, kw_only=True)


@dataclass(frozen=True)
class InteractionTest(TermTest):
    """The same with the deviance of the model that has the interaction."""

    deviance: float | None


@dataclass(frozen=True)
class SiteModel(Record):
    """One site's own model; `standard_errors` are what it gives, of those that were asked for."""

    site: str
    country: str
    region: str
    n: int | None
    n_excluded: int | None
    deviance: float | None
    df_residual: int | None
    separation: tuple[Separation, ...]
    method: Estimation
    reason: str | None
    coefficients: tuple[Coefficient, ...]
    approximate: bool = False
    standard_errors: StandardErrors = field(default="model", metadata=OMIT)


@dataclass(frozen=True)
class StudyEstimate(Record):
    """One site's estimate of a term in the meta-analysis; weight in percent.

    An end of `ci` is null where the profile of Firth's estimate did not settle it; `se`, by which
    it is pooled, is there.
    """

    label: str
    site: str
    country: str
    region: str
    n: int
    estimate: float
    se: float
    ci: OpenEnds
    weight: float
    method: Estimation
    approximate: bool = False


@dataclass(frozen=True)
class RegionEstimate(Record):
    """The sites of one region; two are not pooled, since t(1) would say nothing."""

    region: str
    k: int
    n: int
    weight: float
    overall: Overall | None
    heterogeneity: Heterogeneity
    approximate: bool = False


@dataclass(frozen=True)
class TwoStage(Record):
    """One term's site estimates, pooled."""

    term: str
    k: int
    overall: Overall | None = None
    heterogeneity: Heterogeneity | None = None
    studies: tuple[StudyEstimate, ...] = ()
    regions: tuple[RegionEstimate, ...] = ()
    between_regions: BetweenGroups | None = None
    leave_one_out: tuple[WithoutOne, ...] = ()
    egger: Egger | None = None
    gail_simon: GailSimon | None = None


@dataclass(frozen=True)
class Difference(EffectAt):
    """How far the effect at a `level` of another variable is from that at its `reference` level,
    pooled over what `k` sites say within themselves; of a ratio `exp_estimate` is the ratio of the
    two. Of a category `level` is one of its own, and `at` that of the other variable."""

    reference: str = ""
    exp_estimate: float | None = field(default=None, metadata=OMIT)
    exp_ci: OpenEnds | None = field(default=None, metadata=OMIT)


@dataclass(frozen=True)
class OverallTest(Record):
    """A test that belongs to an answer: Cochran's Q between sites, one of `term_tests`, or with `k`
    Wald's of what so many sites' own models say, pooled; F has its `df_residual`. Its `method` is
    `firth` where all that is pooled for it is. `differences` has what such a test is of: each level
    beyond the reference."""

    test: Literal["Q", "penalised LR"] | Test
    statistic: float
    df: int
    p_value: float
    df_residual: int | None = field(default=None, metadata=OMIT)
    k: int | None = field(default=None, metadata=OMIT)
    method: Literal["", "firth"] = field(default="", metadata=OMIT)
    differences: tuple[Difference, ...] = field(default=(), metadata=OMIT)


@dataclass(frozen=True, kw_only=True)
class Answered(OneAnswer):
    """What the question's exposure has to do with its outcome, by one estimator.

    `estimate` and all intervals are on the analysis scale (log for a ratio) and of `step` units
    of the exposure, or of its `level` against its `reference`. `estimator` is REML where the `k`
    sites' own estimates are pooled; its interval is Knapp and Hartung's, or the plain one where
    that is wider. Elsewhere it is the model's own (ML, Firth, OLS). With an interaction the answer
    is `by`, of a category by its levels at each site or `at` each level of another variable, and
    its `estimate` the mean over sites, or null; `interaction_test` is of sites' own estimates too,
    and without a `k` by the model over all rows where no site compares the levels within itself. A
    category of several levels is `by` level, with `overall_test` of all of them: of sites' own
    estimates too, with a `k`, and else of the model that the effects are of. `terms` are the names
    of its coefficients. Nothing here depends on the order of inputs.
    """

    scale: Literal["ratio", "difference"]
    step: float = 1.0
    level: str | None = None
    reference: str | None = None
    terms: tuple[str, ...] = ()
    interaction_test: OverallTest | None = None
    overall_test: OverallTest | None = None

    @property
    def is_against_reference(self) -> bool:
        """Whether the exposure is a category of several levels, each told against one."""
        return self.reference is not None and self.level is None

    @property
    def is_of_levels(self) -> bool:
        """Whether it is one effect for each level of such an exposure."""
        return self.is_against_reference and any(
            one.level is not None and one.site is None and one.at is None for one in self.by
        )

    @property
    def is_of_rounded(self) -> bool:
        """Whether its test is of one site's estimates that left it rounded."""
        if self.interaction_test is not None:
            return any(one.approximate for one in self.interaction_test.differences)
        return self.k == 1 and any(one.approximate for one in self.by)


@dataclass(frozen=True)
class ExcludedSite(Record):
    """A site without a complete row, and what it lacks."""

    site: str
    reason: str


@dataclass(frozen=True)
class LevelCount(Record):
    """Complete rows of a site at a level: of one variable, or of each variable of an interaction.

    The API has their names joined by a colon; `parts` tells an interaction's apart again.
    """

    site: str
    parts: tuple[Part, ...]
    n: int

    @property
    def variables(self) -> tuple[str, ...]:
        """One name, or those of an interaction in its order."""
        return tuple(variable for variable, _ in self.parts)

    @property
    def variable(self) -> str:
        """For readers alone, as the API has it."""
        return ":".join(self.variables)

    @property
    def called(self) -> Called:
        """The same for a sentence."""
        return Called(self.variable, [(name, None) for name in self.variables])

    def to_json(self) -> dict[str, Any]:
        """As the API has it; an interaction's parts are written beside their joined names."""
        saved: dict[str, Any] = {
            "site": self.site,
            "variable": self.variable,
            "level": ":".join(str(level) for _, level in self.parts),
            "n": self.n,
        }
        if len(self.parts) > 1:
            saved["parts"] = [list(part) for part in self.parts]
        return saved

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> "LevelCount":
        """What `to_json` gave."""
        parts = saved.get("parts") or [[saved["variable"], saved["level"]]]
        return cls(saved["site"], read(tuple[Part, ...], parts), saved["n"])


@dataclass(frozen=True)
class Regression(Record):
    """The whole answer; `refused` says why there is none, where there is none.

    `n_by_site` has sites as keys, and nothing of ours among them. With `approximate` numbers of
    people are rounded, or are sums in which some are. `shown` is false where a check
    fails without which the estimate is not about those it was asked of: a page then has it folded.
    """

    outcome: str
    family: Family
    strategy: Strategy
    standard_errors: StandardErrors
    site_effects: bool
    rounds: int
    n: int | None
    n_excluded: int | None
    sites: tuple[str, ...]
    excluded_sites: tuple[ExcludedSite, ...]
    n_by_site: dict[str, int | None]
    method: Estimation
    coefficients: tuple[Coefficient, ...]
    separation: tuple[Separation, ...]
    deviance: float | None
    null_deviance: float | None
    df_residual: int | None
    df_null: int | None
    r_squared: float | None
    adjusted_r_squared: float | None
    sigma: float | None
    log_likelihood: float | None
    aic: float | None
    term_tests: tuple[TermTest, ...]
    interaction_tests: tuple[InteractionTest, ...]
    by_site: tuple[SiteModel, ...]
    two_stage: tuple[TwoStage, ...]
    counts: tuple[LevelCount, ...]
    answer: Answered | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    shown: bool = True
    approximate: bool = False
    refused: str = field(default="", metadata=OMIT)
