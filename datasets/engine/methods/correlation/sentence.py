"""Correlations in sentences: the clearest pair, and how many stand out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from datasets.engine.methods.contract import Figure, Said, Variables
from datasets.engine.methods.correlation.answer import found_at
from datasets.engine.methods.correlation.parameters import Parameters
from datasets.engine.methods.correlation.result import AcrossSites, Correlations, Pair, Study
from datasets.engine.methods.correlation.words import coefficient, decimals, span
from datasets.engine.methods.shared.agreement import differing
from datasets.engine.methods.shared.words import label_of, people_text, sites_text
from datasets.engine.sentences import Number, Sentence, grouped, listed

MOST_NAMED = 6
"""Sites that a sentence names with their correlations; of more it gives the number."""


def say(parameters: Parameters, result: Correlations, variables: Variables) -> Said:
    """The clearest pair, within sites where there are several, and what stands beside it."""
    if result.answers == "across_sites":
        within = result.across_sites
        if not within:
            return Said(
                Sentence(
                    "No pair of these variables has a correlation within sites that may be shown."
                )
            )
        return _within_sites(result, within, variables)
    pairs = [pair for pair in result.pairs if pair.r is not None]
    if not pairs:
        return Said(Sentence("No pair of these variables has a correlation that may be shown."))
    return _over_all_rows(result, pairs, variables)


def word(parameters: Parameters, result: Correlations, variables: Variables) -> Correlations:
    """The result with what its answer says to people: the sentence and what is set against what."""
    if result.answer is None:
        return result
    contrast = Sentence(
        "%(y)s with %(x)s",
        x=label_of(result.answer.exposure, variables),
        y=label_of(result.answer.outcome, variables),
    )
    text = say(parameters, result, variables).sentence
    return replace(result, answer=replace(result.answer, text=text, contrast=contrast))


def is_settled(one: Pair | AcrossSites) -> bool:
    """Whether the interval is on one side of zero."""
    return one.ci is not None and one.ci[0] * one.ci[1] > 0


def clearest(result: Correlations) -> Pair | AcrossSites | None:
    """The pair that the answer is about: within sites where there are several."""
    pairs: list[Pair | AcrossSites] = [
        *(result.across_sites if result.answers == "across_sites" else result.pairs)
    ]
    return max((one for one in pairs if one.r is not None), key=_clearness, default=None)


def _within_sites(
    result: Correlations, pairs: tuple[AcrossSites, ...], variables: Variables
) -> Said:
    top = max(pairs, key=_clearness)
    finding = _finding(top, top.r, variables, tests=result.tests)
    k = len(top.studies)
    sites = max(k, len(result.sites))
    said: list[Sentence] = []
    over_all = {(one.x, one.y): one for one in result.pairs if one.r is not None}
    pooled = over_all.get((top.x, top.y))
    beside = pooled.r if pooled else None
    if pooled is not None:
        said.append(_beside(pooled, top, result.within_site))
    elsewhere = sum(one.reversed for one in pairs) - top.reversed
    if elsewhere:
        said.append(
            Sentence.counting(
                "For %(count)s other pair, r over all rows has the opposite sign.",
                "For %(count)s other pairs, r over all rows has the opposite sign.",
                elsewhere,
            )
        )
    between = [one for one in pairs if one != top and _is_between(one, over_all)]
    if between and not result.within_site:
        said.append(
            Sentence.counting(
                "For %(count)s other pair, the interval over all rows leaves 0 out, and the one "
                "within sites does not: sites may differ, or be too few to tell.",
                "For %(count)s other pairs, the interval over all rows leaves 0 out, and the one "
                "within sites does not: sites may differ, or be too few to tell.",
                len(between),
            )
        )
    said.append(_standing_out(_found(pairs), result.tests))
    about = None if result.tests == 1 else _pair(top, variables)
    said.extend(_agreement(top, k, about))
    said.extend(_of_ranks(result))
    said.append(Sentence("None of this says what causes what."))
    numbers = [Figure(Sentence("r within sites"), _r(top.r, top.ci)), _confidence(top.r, top.ci)]
    if beside is not None:
        label = (
            Sentence("r without sites’ means")
            if result.within_site
            else Sentence("r over all rows")
        )
        numbers.append(Figure(label, coefficient(beside)))
    told = Sentence("%(n)s of %(all)s", n=grouped(k), all=grouped(sites))
    numbers.append(Figure(Sentence("Sites"), told if k < sites else grouped(k)))
    return Said(
        _opening(top, sites, finding, pairs=result.tests),
        finding,
        (*numbers, *_counted(_found(pairs), result.tests)),
        further=tuple(said),
    )


def _over_all_rows(result: Correlations, pairs: list[Pair], variables: Variables) -> Said:
    top = max(pairs, key=_clearness)
    r = top.r or 0.0
    finding = _finding(top, r, variables, tests=result.tests)
    size = _size(r, top.ci, people_text(top.n or 0, top.approximate))
    told = _among(finding, result.tests) if _is_found(top, result.tests) else finding
    if len(result.sites) == 1:
        opening = _at_one_site(result.sites[0], told, size)
    else:
        opening = Sentence("Over all rows, %(finding)s (%(size)s).", finding=told, size=size)
    further = (
        _standing_out(_found(pairs), result.tests),
        *_of_ranks(result),
        Sentence("None of this says what causes what."),
    )
    numbers = [Figure(Sentence("r"), _r(r, top.ci))]
    if top.ci:
        numbers.append(_confidence(r, top.ci))
    told_beside = (*numbers, *_counted(_found(pairs), result.tests))
    return Said(opening, finding, told_beside, further=further)


def _is_found(top: Pair | AcrossSites, tests: int) -> bool:
    """Whether a pair is claimed to be correlated: of several, which were searched for it, where it
    stands out after allowing for all of them."""
    return is_settled(top) and (tests == 1 or top.q_value is None or _stands_out(top))


def _finding(top: Pair | AcrossSites, r: float, variables: Variables, *, tests: int) -> Sentence:
    names = {"x": label_of(top.x, variables), "y": label_of(top.y, variables)}
    claim = (
        Sentence("%(x)s and %(y)s go together", **names)
        if r > 0
        else Sentence("%(x)s and %(y)s go in opposite directions", **names)
    )
    return claim if _is_found(top, tests) else Sentence("it is open whether %(claim)s", claim=claim)


def _among(finding: Sentence, pairs: int) -> Sentence:
    """What is found of the clearest pair, where there are others."""
    if pairs == 1:
        return finding
    return Sentence(
        "%(finding)s, the clearest of %(pairs)s pairs", finding=finding, pairs=grouped(pairs)
    )


def _opening(top: AcrossSites, sites: int, finding: Sentence, *, pairs: int) -> Sentence:
    size = _size(top.r, top.ci, people_text(top.n, top.approximate))
    told = _among(finding, pairs) if _is_found(top, pairs) else finding
    k = len(top.studies)
    if k == 1:
        return _at_one_site(top.studies[0].site, told, size)
    return Sentence(
        "Within %(sites)s, %(finding)s (%(size)s).",
        sites=sites_text(k, sites),
        finding=told,
        size=size,
    )


def _at_one_site(site: str, finding: Sentence, size: Sentence) -> Sentence:
    return Sentence("At %(site)s, %(finding)s (%(size)s).", site=site, finding=finding, size=size)


def _size(r: float, interval: tuple[float, float] | None, people: Number | Sentence) -> Sentence:
    if not interval:
        return Sentence("r = %(r)s, n = %(n)s", r=coefficient(r), n=people)
    return Sentence(
        "r = %(r)s, 95%% CI %(interval)s, n = %(n)s",
        r=_r(r, interval),
        interval=span(r, interval),
        n=people,
    )


def _is_between(one: AcrossSites, over_all: Mapping[tuple[str, str], Pair]) -> bool:
    """Whether a pair's interval leaves 0 out over all rows, and not within sites.

    It says nothing of the size within them, which may be larger, or of both signs.
    """
    pair = over_all.get((one.x, one.y))
    return pair is not None and is_settled(pair) and not is_settled(one)


def _beside(pair: Pair, top: AcrossSites, within_site: bool) -> Sentence:
    pooled = coefficient(pair.r or 0.0)
    if within_site:
        return Sentence(
            "Over all rows, with each site’s means taken off, r is %(pooled)s.", pooled=pooled
        )
    if top.reversed:
        return Sentence(
            "Over all rows r is %(pooled)s, of the opposite sign: that is Simpson’s paradox, and "
            "shows how sites differ, not how people do.",
            pooled=pooled,
        )
    if is_settled(pair) and not is_settled(top):
        return Sentence(
            "Over all rows r is %(pooled)s: the correlation is seen over all rows and not within "
            "sites, whose interval holds 0, so it may be of how sites differ alone.",
            pooled=pooled,
        )
    return Sentence(
        "Over all rows, differences between sites included, r is %(pooled)s.",
        pooled=pooled,
    )


def _pair(one: AcrossSites, variables: Variables) -> Sentence:
    return Sentence("%(x)s and %(y)s", x=label_of(one.x, variables), y=label_of(one.y, variables))


def _agreement(top: AcrossSites, k: int, about: Sentence | None) -> list[Sentence]:
    """Whether the sites agree, which few of them cannot tell; that they differ they can: of
    several pairs it is said `about` this one."""
    found = found_at(top)
    if found == "too_few" and about is not None:
        return [
            Sentence.counting(
                "%(count)s site alone says nothing about agreement on %(about)s.",
                "%(count)s sites are too few to tell whether they agree on %(about)s.",
                k,
                about=about,
            )
        ]
    if found == "too_few":
        return [
            Sentence.counting(
                "%(count)s site alone says nothing about agreement.",
                "%(count)s sites are too few to tell whether they agree.",
                k,
            )
        ]
    said = differing(found, k, top.heterogeneity, about=about)
    return [*said, *_of_both_signs(top.studies)] if said else []


def _of_both_signs(studies: Sequence[Study]) -> list[Sentence]:
    """Where the two run against each other, and where with; nothing where all have one sign."""
    below = sorted((one for one in studies if one.r < 0), key=lambda one: (one.r, one.site))
    above = sorted((one for one in studies if one.r > 0), key=lambda one: (-one.r, one.site))
    if not below or not above:
        return []
    if len(studies) > MOST_NAMED:
        return [
            Sentence(
                "They point in opposite directions: r is negative at %(below)s of %(all)s sites "
                "and positive at %(above)s.",
                below=len(below),
                above=len(above),
                all=len(studies),
            )
        ]
    return [
        Sentence(
            "They point in opposite directions: r is %(below)s, but %(above)s.",
            below=listed([_at(one) for one in below]),
            above=listed([_at(one) for one in above]),
        )
    ]


def _at(one: Study) -> Sentence:
    return Sentence("%(r)s at %(site)s", r=coefficient(one.r), site=one.site)


def _of_ranks(result: Correlations) -> list[Sentence]:
    if result.coefficient == "pearson":
        return []
    return [
        Sentence(
            "Spearman’s r is of ranks within each site: it asks whether the two go together, in a "
            "straight line or not."
        )
    ]


def _clearness(one: Pair | AcrossSites) -> tuple[bool, bool, float]:
    """A pair that stands out goes before one that does not, however strong that may be."""
    return _stands_out(one), is_settled(one), abs(one.r or 0.0)


def _stands_out(one: Pair | AcrossSites) -> bool:
    return one.q_value is not None and one.q_value <= 0.05


def _found(pairs: tuple[AcrossSites, ...] | list[Pair]) -> int:
    return sum(map(_stands_out, pairs))


def _standing_out(found: int, tests: int) -> Sentence:
    if tests == 1:
        return (
            Sentence("This one pair stands out.")
            if found
            else Sentence("This one pair does not stand out.")
        )
    return Sentence.counting(
        "%(count)s of %(tests)s pairs stands out after allowing for %(tests)s tests.",
        "%(count)s of %(tests)s pairs stand out after allowing for %(tests)s tests.",
        found,
        tests=tests,
    )


def _r(r: float, interval: tuple[float, float] | None) -> Number:
    return coefficient(r, decimals(r, interval))


def _confidence(r: float, interval: tuple[float, float]) -> Figure:
    return Figure(Sentence("95%% confidence"), span(r, interval))


def _counted(found: int, tests: int) -> tuple[Figure, Figure]:
    return (
        Figure(Sentence("Pairs tested"), grouped(tests)),
        Figure(Sentence("Adjusted p ≤ 0.05"), grouped(found)),
    )
