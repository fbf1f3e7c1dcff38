"""What each rule says where it is not met: what was found, what is asked for, what would pass.

Only whoever may read the rows is told. Each rule has one function here, which names the risk that
the rule is for.
"""

import math
from collections.abc import Sequence

from datasets.engine.guard.rules import Rules
from datasets.engine.guard.vocabulary import Risk
from datasets.engine.guard.withheld import Reason
from datasets.engine.sentences import Number, Sentence


def few_rows(rows: int, rules: Rules) -> Reason:
    """Fewer rows have a value than the threshold."""
    said = Sentence.counting(
        "%(count)s row; at least %(threshold)s are asked for",
        "%(count)s rows; at least %(threshold)s are asked for",
        rows,
        threshold=rules.threshold,
    )
    return Reason(said, Risk.LOW_COUNT)


def few_complete(rows: int, rules: Rules) -> Reason:
    """Fewer rows have all variables than the threshold."""
    said = Sentence.counting(
        "%(count)s complete row, %(threshold)s are asked for: ask for fewer variables",
        "%(count)s complete rows, %(threshold)s are asked for: ask for fewer variables",
        rows,
        threshold=rules.threshold,
    )
    return Reason(said, Risk.LOW_COUNT)


def group_hidden(rows: int, rules: Rules) -> Reason:
    """A group is too small, or what hides one that is."""
    if rows >= rules.threshold:
        said = Sentence(
            "its %(rows)s rows would give a group of fewer than %(threshold)s back: merge that one "
            "with another",
            rows=rows,
            threshold=rules.threshold,
        )
        return Reason(said, Risk.DIFFERENCING)
    said = Sentence.counting(
        "%(count)s row; at least %(threshold)s are asked for: merge it with another group",
        "%(count)s rows; at least %(threshold)s are asked for: merge it with another group",
        rows,
        threshold=rules.threshold,
    )
    return Reason(said, Risk.LOW_COUNT)


def groups_hidden(sizes: Sequence[int], rules: Rules) -> Reason:
    """A small group that no other hides."""
    if len(sizes) == 1:
        return few_rows(sizes[0], rules)
    said = Sentence(
        "of %(rows)s rows the smallest group has %(fewest)s; at least %(threshold)s are asked for: "
        "merge groups, or ask without them",
        rows=sum(sizes),
        fewest=min(sizes),
        threshold=rules.threshold,
    )
    return Reason(said, Risk.LOW_COUNT)


def off_mode(rows: int, rules: Rules) -> Reason:
    """Few rows have another value than the most frequent one, or none has."""
    said = Sentence.counting(
        "%(count)s row off the most frequent value; at least %(threshold)s are asked for",
        "%(count)s rows off the most frequent value; at least %(threshold)s are asked for",
        rows,
        threshold=rules.threshold,
    )
    return Reason(said, _of_few(rows))


def off_mode_of(name: str, rows: int, rules: Rules) -> Reason:
    """The same of a variable, an interaction, or an outcome by a term."""
    said = Sentence.counting(
        "%(name)s has %(count)s row off its most frequent value, or of one of its levels; "
        "%(threshold)s are asked for: merge levels, or leave it out",
        "%(name)s has %(count)s rows off its most frequent value, or of one of its levels; "
        "%(threshold)s are asked for: merge levels, or leave it out",
        rows,
        name=name,
        threshold=rules.threshold,
    )
    return Reason(said, _of_few(rows))


def rare_levels(sizes: Sequence[int], rules: Rules) -> Reason:
    """Levels of fewer rows than the threshold."""
    said = Sentence.counting(
        "%(count)s level is rare (rows: %(rows)s); at least %(threshold)s are asked for: "
        "merge levels",
        "%(count)s levels are rare (fewest rows: %(rows)s); at least %(threshold)s "
        "are asked for: merge levels",
        len(sizes),
        rows=min(sizes),
        threshold=rules.threshold,
    )
    return Reason(said, Risk.LOW_COUNT)


def rare_values(sizes: Sequence[int], rules: Rules) -> Reason:
    """Values of a number of few values that fewer rows have."""
    said = Sentence.counting(
        "%(count)s value is rare (rows: %(rows)s); at least %(threshold)s are asked for: "
        "put values together",
        "%(count)s values are rare (fewest rows: %(rows)s); at least %(threshold)s "
        "are asked for: put values together",
        len(sizes),
        rows=min(sizes),
        threshold=rules.threshold,
    )
    return Reason(said, Risk.LOW_COUNT)


def thin_group(rules: Rules) -> Reason:
    """A group of which counts are too small to add up to what is told of all groups."""
    said = Sentence(
        "too many counts of a group are under %(threshold)s: merge groups or levels",
        threshold=rules.threshold,
    )
    return Reason(said, Risk.DIFFERENCING)


def few_in_cell(rows: int, rules: Rules) -> Reason:
    """Two numbers of few values, whose moments give their table."""
    said = Sentence.counting(
        "their few values meet in %(count)s row at fewest; at least %(threshold)s are asked for: "
        "put values together",
        "their few values meet in %(count)s rows at fewest; at least %(threshold)s are asked for: "
        "put values together",
        rows,
        threshold=rules.threshold,
    )
    return Reason(said, Risk.IMPLICIT_TABLES)


def dominance(share: float, rules: Rules) -> Reason | None:
    """Few rows make up more than the share of a sum, or of a sum of squares."""
    if not share > rules.dominance_share:
        return None
    said = Sentence(
        "%(rows)s rows make up %(share)s%% of its sum or spread, at most %(most)s%% is asked for: "
        "declare a range without them",
        rows=rules.dominance_rows,
        share=_percent(share),
        most=_percent(rules.dominance_share),
    )
    return Reason(said, Risk.DOMINANCE)


def dominance_of(name: str, share: float, rules: Rules) -> Reason | None:
    """The same of a variable."""
    if not share > rules.dominance_share:
        return None
    said = Sentence(
        "%(rows)s rows make up %(share)s%% of the sum or spread of %(name)s, at most %(most)s%% is "
        "asked for: declare a range without them",
        rows=rules.dominance_rows,
        share=_percent(share),
        name=name,
        most=_percent(rules.dominance_share),
    )
    return Reason(said, Risk.DOMINANCE)


def too_large() -> Reason:
    """Numbers of which no rule can tell what single rows are of them."""
    said = Sentence("its numbers are too large to compute with: declare a range without them")
    return Reason(said, Risk.DOMINANCE)


def many_coefficients(coefficients: int, rows: int, rules: Rules) -> Reason | None:
    """A model with too many coefficients for its rows, or too few rows more than those."""
    freedom = min(rows, rules.rounded(rows)) - rules.threshold
    most = min(math.floor(rules.columns_per_row * rows), freedom)
    if coefficients <= most:
        return None
    said = Sentence(
        "%(coefficients)s coefficients for %(rows)s rows, at most %(most)s are asked for: ask for "
        "fewer terms",
        coefficients=coefficients,
        rows=rows,
        most=max(most, 0),
    )
    return Reason(said, Risk.LOW_DOF)


def no_own_model() -> Reason:
    """A site whose own model has no estimates that could stand for its rows."""
    said = Sentence("its own model did not converge: ask for fewer terms")
    return Reason(said, Risk.LOW_DOF)


def follows() -> Reason:
    """A term that the others give."""
    said = Sentence("a term follows from the others: leave one of them out")
    return Reason(said, Risk.LOW_DOF)


def leverage(found: float, rules: Rules) -> Reason:
    """A row that settles what is predicted of it."""
    said = Sentence(
        "a row has a leverage of %(leverage)s, less than %(most)s is asked for: leave a term out, "
        "or declare a range without that row",
        leverage=Number(f"{found:.2f}"),
        most=Number(f"{rules.leverage:g}"),
    )
    return Reason(said, Risk.DOMINANCE)


def few_tell_apart(rows: int, share: float, most: float) -> Reason:
    """A term that only few rows tell from the others."""
    said = Sentence(
        "%(rows)s rows are %(share)s%% of what tells a term from the others, at most %(most)s%% is "
        "asked for: merge levels, or leave a term out",
        rows=rows,
        share=_percent(share),
        most=_percent(most),
    )
    return Reason(said, Risk.LOW_COUNT)


def few_make_estimate(rows: int, share: float, most: float) -> Reason:
    """An estimate that is mostly few rows' own."""
    said = Sentence.counting(
        "%(count)s row makes up %(share)s%% of an estimate, at most %(most)s%% is asked for: "
        "declare a range without it",
        "%(count)s rows make up %(share)s%% of an estimate, at most %(most)s%% is asked for: "
        "declare a range without them",
        rows,
        share=_percent(share),
        most=_percent(most),
    )
    return Reason(said, Risk.DOMINANCE)


def gives_other(r: float, most: float) -> Reason:
    """Of two variables one gives the other."""
    said = Sentence(
        "one gives the other almost without error: a correlation of %(size)s in size, at most "
        "%(most)s is asked for",
        size=_up(r),
        most=Number(f"{most:g}"),
    )
    return Reason(said, Risk.AUXILIARY_INFORMATION)


def gives_outcome(explained: float, most: float) -> Reason:
    """Terms that give the outcome."""
    said = Sentence(
        "the terms give the outcome almost without error: an R² of %(share)s, at most %(most)s is "
        "asked for; leave a term out",
        share=_up(explained),
        most=Number(f"{most:.2f}"),
    )
    return Reason(said, Risk.AUXILIARY_INFORMATION)


def settles_outcome() -> Reason:
    """Terms beyond some value of which all rows have one outcome."""
    said = Sentence("the terms settle the outcome of some rows: merge levels, or leave a term out")
    return Reason(said, Risk.CLASS_DISCLOSURE)


def _of_few(rows: int) -> Risk:
    """Of no row at all: everybody else has the same value."""
    return Risk.LOW_COUNT if rows else Risk.CLASS_DISCLOSURE


def _percent(share: float) -> Number:
    """Rounded up: what is over a limit is not told as the limit."""
    whole = math.ceil(round(1000 * share, 6)) / 10 if math.isfinite(share) else 100.0
    return Number(f"{whole:g}")


def _up(size: float) -> Number:
    whole = math.ceil(round(10_000 * size, 6)) / 10_000 if math.isfinite(size) else 1.0
    return Number(f"{whole:g}")
