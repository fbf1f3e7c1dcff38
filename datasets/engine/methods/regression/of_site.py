"""Which estimates stand for a site: the same in every pool, in the answer and in its own table.

Maximum likelihood, but Firth's where the site's outcome is separated, by whichever term: a model
of which one coefficient is infinite has no maximum. Where the exposure's effect itself is infinite
at a site they are Firth's at every site, so that what the answer pools is all of one kind. A
covariate's moves nobody else's: other sites keep their own models for a question about the
exposure.
"""

from collections.abc import Sequence

from datasets.engine.methods.regression.design import Design
from datasets.engine.methods.regression.statistics import Estimates, Study
from datasets.engine.methods.shared.answer import OpenEnds
from datasets.engine.methods.shared.meta import Ends
from datasets.engine.methods.shared.tails import NORMAL_975, t_quantile


def is_infinite(design: Design, exposure: str, studies: Sequence[Study]) -> bool:
    """Whether the exposure's ordinary effect is infinite at a site."""
    return any(
        exposure in design.columns[one.column].term for study in studies for one in study.separation
    )


def own(study: Study, *, penalised: bool) -> Estimates | None:
    """The estimates of a site: Firth's where its outcome is separated, or where all are to be."""
    return study.firth if penalised or study.separation else study.ml


def interval_of(found: Estimates, column: int, pair: Ends, df: int | None) -> OpenEnds:
    """One coefficient's interval: that of its profile where there is one, else Wald's.

    An end that no profile settled stays open: Wald's there would belong to another interval.
    """
    profile = found.ci[found.columns.index(column)] if found.ci is not None else None
    return wald(*pair, df) if profile is None else profile


def wald(estimate: float, se: float, df: int | None) -> Ends:
    """A site's own interval: t with the residual df of a linear model, else the normal's."""
    half = se * (t_quantile(0.975, df) if df else NORMAL_975)
    return estimate - half, estimate + half
