"""The pooled effect alone."""

from dataclasses import replace

from datasets.engine.methods.regression.result import Regression, TwoStage


def pooled(result: Regression) -> Regression | None:
    """The answer and each term's pooled estimate; None where the answer is one effect per site.

    Coefficients of the model over all rows stand beside sites' own, so they go as well.
    """
    answer = result.answer
    of_sites = answer is not None and any(one.site is not None for one in answer.by)
    if answer is None or (of_sites and answer.interaction_test is not None):
        return None
    return replace(
        result,
        answer=replace(answer, by=tuple(one for one in answer.by if one.site is None)),
        excluded_sites=(),
        n_by_site={},
        coefficients=(),
        separation=(),
        term_tests=(),
        interaction_tests=(),
        by_site=(),
        counts=(),
        two_stage=tuple(
            TwoStage(one.term, one.k, one.overall, one.heterogeneity) for one in result.two_stage
        ),
    )
