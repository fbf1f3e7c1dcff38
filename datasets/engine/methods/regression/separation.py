"""Whether terms settle a yes-no outcome, which ones, and that in words.

The linear program is Konis' (2007), in the form that finds every separable row at once: maximise
the number of rows a direction moves towards their own outcome while it moves none away from it.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np

from datasets.engine.methods.regression.along import called
from datasets.engine.methods.regression.design import SITE, Block, Design, Part
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.result import Separation
from datasets.engine.methods.regression.statistics import Counts, Separated, Study
from datasets.engine.sentences import Called, Sentence, listed

Direction = Literal["+Inf", "-Inf", "undetermined"]

MOST_PATTERNS = 50_000
"""Distinct rows up to which the linear program is worth its time."""


def patterns(blocks: Iterable[Block], columns: list[int]) -> np.ndarray:
    """Distinct rows of (outcome, columns), stopping once there are too many."""
    found = np.empty((0, len(columns) + 1))
    for x, y in blocks:
        found = np.unique(np.vstack([found, np.column_stack([y, x[:, columns]])]), axis=0)
        if len(found) > MOST_PATTERNS:
            break
    return found


def direction(distinct: np.ndarray) -> np.ndarray | None:
    """The direction that separates all that can be separated; None if nothing can.

    `distinct` holds rows of (outcome 0 or 1, columns). Entries of columns that play no part are 0
    up to the solver's tolerance. Exact, unlike watching coefficients grow.
    """
    from scipy.optimize import linprog  # slow to import, and seldom needed
    from scipy.sparse import csr_matrix, hstack, identity

    signed = (2 * distinct[:, :1] - 1) * distinct[:, 1:]
    scale = np.abs(signed).max(axis=0)
    scale[scale == 0] = 1.0
    m, p = signed.shape
    answer = linprog(
        c=np.concatenate([np.zeros(p), -np.ones(m)]),
        A_ub=hstack([csr_matrix(-signed / scale), identity(m, format="csr")], format="csr"),
        b_ub=np.zeros(m),
        bounds=[(None, None)] * p + [(0.0, 1.0)] * m,
        method="highs",
    )
    if answer.x is None or -answer.fun < 0.5:
        return None
    return answer.x[:p] / scale


def directions(
    design: Design, columns: Sequence[int], raw: np.ndarray, raw_null_space: np.ndarray
) -> dict[int, Direction]:
    """Columns without a finite estimate, by design index, with where they run to."""
    reach = np.abs(raw_null_space).max(axis=1) if raw_null_space.size else np.zeros(len(columns))
    size = np.array([_spread(design, i) for i in columns])
    moves = raw * size
    largest = np.abs(moves).max(initial=0.0)
    found: dict[int, Direction] = {}
    for k, i in enumerate(columns):
        if reach[k] * size[k] <= 1e-6:
            continue
        if abs(moves[k]) <= 1e-6 * largest:
            found[i] = "undetermined"
        else:
            found[i] = "+Inf" if moves[k] > 0 else "-Inf"
    return found


def at_site(
    design: Design, infinite: dict[int, Direction], blocks: Iterable[Block]
) -> tuple[Separated, ...]:
    """What is separated at a site; the intercept only where nothing else is."""
    columns = _besides_intercept(design, infinite)
    tables = _tables(blocks, columns)
    return tuple(Separated(i, infinite[i], *_settled(design, i, tables[i])) for i in columns)


def in_pool(
    design: Design, parameters: Parameters, infinite: dict[int, Direction], counts: Counts
) -> tuple[Separation, ...]:
    """What is separated in the pooled model; `counts` has each site's complete rows."""
    found = []
    for i in _besides_intercept(design, infinite):
        column = design.columns[i]
        why = Sentence(
            "In the pooled rows %(term)s (alone or with other terms) splits rows with "
            "%(outcome)s = %(one)s from rows with %(outcome)s = %(none)s without overlap.",
            term=called(design, i, parameters, counts),
            **_outcomes(design, "1"),
        )
        if column.term == (SITE,):
            site = str(column.parts[0][1])
            only = _only_outcome(design, counts, site)
            if only is not None:
                why = Sentence(
                    "At %(site)s every row has %(outcome)s = %(only)s.",
                    site=site,
                    outcome=Called.variable(design.outcome),
                    only=Called.level(design.outcome, only),
                )
        found.append(Separation(design.names[i], infinite[i], why))
    return tuple(found)


def in_words(
    design: Design, parameters: Parameters, counts: Counts, study: Study
) -> tuple[Separation, ...]:
    """What is separated at one site, and why."""
    return tuple(
        Separation(
            design.names[one.column],
            one.direction,
            _why(design, study.site, one, called(design, one.column, parameters, counts)),
        )
        for one in study.separation
    )


def by_term(
    design: Design, found: Sequence[Separation]
) -> list[tuple[list[int], Sequence[Separation]]]:
    """What is separated, the levels of one category together, each with its design column; sites'
    own levels apart, since each has its own reason."""
    groups: dict[tuple[str, ...], list[Separation]] = {}
    for one in found:
        term = design.columns[design.names.index(one.term)].term
        groups.setdefault((one.term,) if term == (SITE,) else term, []).append(one)
    return [([design.names.index(one.term) for one in each], each) for each in groups.values()]


def splits_at(design: Design, site: str, terms: Sequence[str]) -> Sentence:
    """Why a site's data say of none of these levels how large its effect is."""
    return Sentence(
        "At %(site)s %(terms)s (each alone or with other terms) split rows with %(outcome)s = "
        "%(one)s from rows with %(outcome)s = %(none)s without overlap, so the data cannot say how "
        "large these effects are.",
        site=site,
        terms=listed(terms),
        **_outcomes(design, "1"),
    )


def splits_in_pool(design: Design, terms: Sequence[str]) -> Sentence:
    """That each of these levels separates the pooled rows."""
    return Sentence(
        "In the pooled rows %(terms)s (each alone or with other terms) split rows with "
        "%(outcome)s = %(one)s from rows with %(outcome)s = %(none)s without overlap.",
        terms=listed(terms),
        **_outcomes(design, "1"),
    )


def is_of_sites(design: Design, infinite: Iterable[int]) -> bool:
    """Whether nothing is infinite but sites' own levels, of sites where all have one outcome.

    Their rows tell nothing of any other coefficient, and all others have their maximum.
    """
    columns = [design.columns[i] for i in infinite]
    return bool(columns) and all(one.is_intercept or one.term == (SITE,) for one in columns)


def of_one_outcome(design: Design, counts: Counts) -> list[str]:
    """Sites where every complete row has the same outcome."""
    return [one.site for one in counts.sites if _only_outcome(design, counts, one.site) is not None]


def _besides_intercept(design: Design, infinite: dict[int, Direction]) -> list[int]:
    return [i for i in infinite if not design.columns[i].is_intercept] or list(infinite)


def _only_outcome(design: Design, counts: Counts, site: str) -> str | None:
    """The outcome that all of a site's complete rows have, if it is one."""
    one = counts.of(site)
    tally = None if one is None else one.tally_of(design.outcome)
    levels = [] if tally is None else [level for level in ("0", "1") if tally.count(level)]
    return levels[0] if len(levels) == 1 else None


def _spread(design: Design, index: int) -> float:
    """A typical change of a column, to compare coefficients of different units."""
    size = 1.0
    for name, level in design.columns[index].parts:
        size *= design.scale[name][1] if level is None else 1.0
    return size


def _tables(blocks: Iterable[Block], columns: list[int]) -> dict[int, dict[float, set[float]]]:
    """Per column the outcomes seen at each of its values; given up beyond two values."""
    seen: dict[int, dict[float, set[float]]] = {i: {} for i in columns}
    for x, y in blocks:
        for i in columns:
            if len(seen[i]) > 2:
                continue
            for value in np.unique(x[:, i])[:3]:
                outcomes = np.unique(y[x[:, i] == value])
                seen[i].setdefault(float(value), set()).update(outcomes.tolist())
    return seen


def _settled(
    design: Design, index: int, table: dict[float, set[float]]
) -> tuple[float | None, Literal["", "0", "1"]]:
    """The value of a two-valued column at which all outcomes are one, and that outcome."""
    if len(table) == 2 and len(design.columns[index].parts) == 1:
        for value, outcomes in sorted(table.items()):
            if len(outcomes) == 1:
                return value, "1" if 1.0 in outcomes else "0"
    return None, ""


def _why(design: Design, site: str, one: Separated, term: Called | Sentence) -> Sentence:
    said = {"site": site, "term": term, **_outcomes(design, one.only)}
    if one.value is None:
        return Sentence(
            "At %(site)s %(term)s (alone or with other terms) splits rows with %(outcome)s = "
            "%(one)s from rows with %(outcome)s = %(none)s without overlap, so the data cannot say "
            "how large the effect of %(term)s is.",
            **said,
        )
    return Sentence(
        "At %(site)s every row with %(where)s has %(outcome)s = %(one)s and none has "
        "%(outcome)s = %(none)s, so the data cannot say how large the effect of %(term)s is.",
        **said,
        where=_where(design, design.columns[one.column].parts[0], one.value),
    )


def _outcomes(design: Design, only: str) -> dict[str, str]:
    """The outcome, one of its values, and the other."""
    first, second = ("0", "1") if only == "0" else ("1", "0")
    return {
        "outcome": Called.variable(design.outcome),
        "one": Called.level(design.outcome, first),
        "none": Called.level(design.outcome, second),
    }


def _where(design: Design, part: Part, value: float) -> Sentence:
    """The rows in which a part's column has this value."""
    name, level = part
    if level is None:
        level, value = design.value_of(name, value), 1.0
    said = {"name": Called.variable(name), "level": Called.level(name, level)}
    if value:
        return Sentence("%(name)s = %(level)s", **said)
    return Sentence("%(name)s other than %(level)s", **said)
