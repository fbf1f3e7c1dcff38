"""Where an exposure's effect is told along another variable, and the sums that it is there."""

from datasets.engine.guard.tables import coarse
from datasets.engine.methods.regression.basis import Contrast
from datasets.engine.methods.regression.design import SITE, Design, Part
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.statistics import Counts
from datasets.engine.sentences import Called, Sentence


def contrasts_of(design: Design, parameters: Parameters, counts: Counts) -> tuple[Contrast, ...]:
    """The exposure's effect at each place along what it interacts with, as a sum of coefficients:
    of a category those of its first level, then of the next.

    None where its effect is one, or is asked by site.
    """
    other = parameters.modifier
    columns = [i for i, one in enumerate(design.columns) if one.term == (parameters.exposure,)]
    if other is None or other == SITE:
        return ()
    place = {frozenset(one.parts): i for i, one in enumerate(design.columns)}
    found = []
    for column in columns:
        exposure = design.columns[column].parts
        for _level, part, size in places(design, other, counts):
            beside = ((place[frozenset((*exposure, part))], size),) if part and size else ()
            found.append(((column, 1.0), *beside))
    return tuple(found)


def places(design: Design, other: str, counts: Counts) -> list[tuple[str, Part | None, float]]:
    """Where an effect is told along another variable: at each level of a category, each value of
    a yes/no, and about one standard deviation either side of a number's mean.

    By level: the part whose coefficient moves the effect, and how often.
    """
    levels = dict(design.levels).get(other)
    if levels is not None:
        return [(level, (other, level) if k else None, 1.0) for k, level in enumerate(levels)]
    values = two_values(other, counts)
    if values is not None:
        return [(value, (other, None), float(value)) for value in values]
    mean, sd = design.scale[other]
    if any(one.rounded for one in counts.sites):
        # Its exact mean and spread are nobody's business.
        mean, sd = coarse(mean, sd / 2), coarse(sd, sd / 2)
    return [(f"{value:.3g}", (other, None), value) for value in (mean - sd, mean, mean + sd)]


def called(design: Design, index: int, parameters: Parameters, counts: Counts) -> Called | Sentence:
    """A coefficient in sentences: beside an interaction the exposure's own is told with the level
    that it is told at."""
    name, other = design.called(index), parameters.modifier
    if other is None or other == SITE or design.columns[index].term != (parameters.exposure,):
        return name
    level = next(iter(dict(design.levels).get(other) or two_values(other, counts) or ()), "0")
    return called_at(name, other, level)


def called_at(term: Called, other: str, level: str) -> Sentence:
    """A term at a level of another variable."""
    return Sentence(
        "%(term)s where %(name)s is %(level)s",
        term=term,
        name=Called.variable(other),
        level=Called.level(other, level),
    )


def two_values(name: str, counts: Counts) -> list[str] | None:
    """The values of a number that has at most two of them."""
    tallies = [one.tally_of(name) for one in counts.sites if one.complete]
    values: set[str] = set()
    for tally in tallies:
        if tally is None or tally.levels is None:
            return None
        values |= set(tally.levels)
    return sorted(values, key=float) if len(values) <= 2 else None
