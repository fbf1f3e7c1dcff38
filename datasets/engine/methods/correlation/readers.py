"""Correlations of open data as whoever reads none of their rows is told them: rounded like a
guarded site's, after they were made."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from datasets.engine.guard.rules import Rules
from datasets.engine.guard.tables import ONE_ROW
from datasets.engine.methods.contract import Caution
from datasets.engine.methods.correlation.answer import answered
from datasets.engine.methods.correlation.estimate import cells_of, order_of, pair_of
from datasets.engine.methods.correlation.false_discovery import benjamini_hochberg
from datasets.engine.methods.correlation.parameters import Parameters
from datasets.engine.methods.correlation.result import AcrossSites, Correlations, Pair, Study
from datasets.engine.methods.correlation.rounded import in_steps_of_z, step_of_z
from datasets.engine.methods.correlation.within import (
    LEAST_ROWS,
    adjusted,
    matrix_of,
    of_two_sites,
    pooled,
    reversals,
    study_of,
)

AGAIN = frozenset({"sign_reversal", "two_sites"})
"""Cautions that are said again of the rounded numbers."""


def for_readers(
    result: Correlations, cautions: Sequence[Caution], parameters: Parameters, rules: Rules
) -> tuple[Correlations, tuple[Caution, ...]]:
    """The correlations and their cautions without an exact number of the rows."""
    names, ranked = result.variables, result.coefficient == "spearman"
    pairs = [_pair(one, rules, ranked=ranked, names=names) for one in result.pairs]
    q_values = benjamini_hochberg([one.p_value for one in pairs])
    pairs = [replace(one, q_value=q) for one, q in zip(pairs, q_values, strict=True)]
    beside = {(one.x, one.y): one for one in pairs}
    within = adjusted(
        [_across(one, beside[one.x, one.y], parameters, rules) for one in result.across_sites]
    )
    r = _matrix(result, pairs)
    sizes = tuple(
        tuple(n if n is None else rules.rounded(n) for n in row) for row in result.n_matrix
    )
    hidden = any(one.n is None for one in pairs)
    largest = max((n or 0 for row in sizes for n in row), default=0)
    told = replace(
        result,
        rows=max(rules.rounded(result.rows), largest, *(one.n for one in within), 0),
        pairs=tuple(pairs),
        matrix=cells_of(r),
        n_matrix=sizes,
        order=result.order if hidden else order_of(names, r),
        min_eigenvalue=None if result.min_eigenvalue is None else float(np.linalg.eigvalsh(r)[0]),
        across_sites=within,
        approximate=True,
    )
    if within:
        cells = matrix_of(names, within)
        order = order_of(names, np.array(cells, dtype=float))
        told = replace(told, within_matrix=cells, within_order=order)
    reversed_pairs = any(one.code == "sign_reversal" for one in cautions)
    kept = [one for one in cautions if one.code not in AGAIN]
    again = reversals(within, pairs) if reversed_pairs else []
    return answered(told), (*again, *of_two_sites(within), *kept)


def _pair(one: Pair, rules: Rules, *, ranked: bool, names: Sequence[str]) -> Pair:
    """A pair in steps of its z; one that a guarded site is in was rounded at that site's gate."""
    if not one.n or one.df is None:
        return one if one.n is None else replace(one, n=rules.rounded(one.n), approximate=True)
    n, groups = rules.rounded(one.n), one.n - 1 - one.df
    r, added = np.nan if one.r is None else one.r, 0.0
    step = step_of_z(n, 0.0 if ranked else ONE_ROW)
    if one.r is not None and not one.approximate:
        r, added = in_steps_of_z(one.r, step)
    elif one.r is not None:
        added = step**2 / 12
    i, j = names.index(one.x), names.index(one.y)
    return replace(pair_of(names, i, j, n, groups, r, ranked, added), approximate=True)


def _across(one: AcrossSites, beside: Pair, parameters: Parameters, rules: Rules) -> AcrossSites:
    ranked = parameters.coefficient == "spearman"
    studies = [_study(study, rules, ranked=ranked) for study in one.studies]
    return pooled(beside, studies, may_reverse=not parameters.within_site)


def _study(one: Study, rules: Rules, *, ranked: bool) -> Study:
    if one.approximate:
        return one
    n = max(rules.rounded(one.n), LEAST_ROWS + 1)
    r, added = in_steps_of_z(one.r, step_of_z(n, 0.0 if ranked else ONE_ROW))
    return study_of(one, n, r, added, ranked=ranked)


def _matrix(result: Correlations, pairs: Sequence[Pair]) -> np.ndarray:
    """The pairs as a matrix, with the diagonal that there was."""
    known = {frozenset((one.x, one.y)): one.r for one in pairs}
    cells = [
        [
            result.matrix[i][j] if i == j else known.get(frozenset((x, y)))
            for j, y in enumerate(result.variables)
        ]
        for i, x in enumerate(result.variables)
    ]
    return np.array(cells, dtype=float)
