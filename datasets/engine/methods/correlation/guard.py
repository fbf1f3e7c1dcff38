"""What of correlations leaves for whoever may not read the rows: no pair of few rows."""

from dataclasses import replace

from datasets.engine.guard.claims import CLOSEST
from datasets.engine.guard.withheld import Notes, Suppressed
from datasets.engine.methods.correlation.answer import answered
from datasets.engine.methods.correlation.parameters import Parameters
from datasets.engine.methods.correlation.result import AcrossSites, Correlations, Pair
from datasets.engine.methods.correlation.within import matrix_of
from datasets.engine.sentences import Called, Sentence

TELLS_OF_ROWS = Sentence("it would tell too much of single rows")
"""Of two variables of which one gives the other."""


def guard(
    result: Correlations, parameters: Parameters, threshold: int
) -> tuple[Correlations, Suppressed]:
    """The correlations without pairs, and sites of pairs, of fewer than `threshold` rows."""
    t, notes = threshold, Notes()
    place = {name: k for k, name in enumerate(result.variables)}
    matrix = [list(row) for row in result.matrix]
    sizes = [list(row) for row in result.n_matrix]
    pairs, hidden = [], False
    for pair in result.pairs:
        why = _refusal(pair, t)
        if why is None:
            pairs.append(pair)
            continue
        hidden = True
        notes.of_pair(pair.x, pair.y, why)
        pairs.append(Pair(pair.x, pair.y, None, None, None, None, None, None))
        i, j = place[pair.x], place[pair.y]
        matrix[i][j] = matrix[j][i] = None
        sizes[i][j] = sizes[j][i] = None
    for k in range(len(sizes)):
        if 0 < (sizes[k][k] or 0) < t:
            hidden = True
            sizes[k][k] = matrix[k][k] = None
    within = _across_sites(result, t, notes)
    shown = replace(
        result,
        pairs=tuple(pairs),
        matrix=tuple(tuple(row) for row in matrix),
        n_matrix=tuple(tuple(row) for row in sizes),
        across_sites=within,
    )
    if len(within) < len(result.across_sites):
        cells = matrix_of(result.variables, within)
        shown = replace(shown, within_matrix=cells, within_order=result.variables)
    if hidden:
        shown = replace(shown, order=result.variables, min_eigenvalue=None)
    shown = answered(shown)
    if notes.suppressed and shown.answer is not None:
        # Rows left out of a pair would give back how many a withheld site has.
        shown = replace(shown, answer=replace(shown.answer, n_excluded=None))
    return shown, notes.suppressed


def _refusal(pair: Pair, t: int) -> Sentence | None:
    """Why a pair must not be shown; None if it may."""
    if 0 < (pair.n or 0) < t:
        return Sentence("fewer than %(threshold)s rows have both", threshold=t)
    return TELLS_OF_ROWS if abs(pair.r or 0.0) > CLOSEST else None


def _across_sites(result: Correlations, t: int, notes: Notes) -> tuple[AcrossSites, ...]:
    """Those without a site of few rows, be it among the studies or left out of them for that."""
    whole = {(pair.x, pair.y): pair.n or 0 for pair in result.pairs}
    kept = []
    for one in result.across_sites:
        n = whole[one.x, one.y]
        if 0 < n < t:  # withheld as a pair already
            continue
        if any(abs(study.r) > CLOSEST for study in one.studies):
            notes.of_pair(one.x, one.y, TELLS_OF_ROWS)
            continue
        if 0 < n - one.n < t or any(study.n < t for study in one.studies):
            notes.of_place(
                Sentence(
                    "%(x)s, %(y)s across sites",
                    x=Called.variable(one.x),
                    y=Called.variable(one.y),
                ),
                Sentence("a site has under %(threshold)s rows", threshold=t),
            )
        else:
            kept.append(one)
    return tuple(kept)
