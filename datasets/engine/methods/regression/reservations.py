"""What is said before a claim over sites: who hardly counts in it, and who lost many rows."""

from math import floor

from datasets.engine.methods.contract import Caution
from datasets.engine.methods.regression.result import Regression
from datasets.engine.methods.shared import two_sites
from datasets.engine.sentences import Number, Place, Sentence, in_turn, listed

LEAST_WEIGHT = 5.0
"""Percent of the weight under which an answer says little of a site or region."""

MOST_LOST = 1 / 3
"""Share of its rows that a site may lose for want of a value."""


POOLED = 2
"""Sites from which on there is a pool."""


def asked_of(result: Regression) -> int:
    """How many sites were asked, those among them whose rows cannot tell."""
    return len(result.sites) + len(result.excluded_sites)


def weights_of(result: Regression) -> dict[str, float]:
    """Each site's weight in the answer, in percent: its largest, where several effects are told."""
    found: dict[str, float] = {}
    if result.answer is None or _is_by_level(result):
        return found
    for entry in result.two_stage:
        if entry.term in result.answer.terms and entry.k > 1:
            for study in entry.studies:
                found[study.site] = max(study.weight, found.get(study.site, 0.0))
    return found


def shares_lost(result: Regression) -> dict[str, float]:
    """The share of its rows that each site of the answer lost, where that is known."""
    sizes = {one.site: (one.n, one.n_excluded) for one in result.by_site}
    if not sizes and len(result.sites) == 1:
        sizes = {result.sites[0]: (result.n, result.n_excluded)}
    return {
        site: lost / (n + lost)
        for site, (n, lost) in sizes.items()
        if n is not None and lost is not None and n + lost
    }


def share_used(result: Regression) -> float | None:
    """The share of all rows that stand behind the answer."""
    if result.n is None or result.n_excluded is None or not result.n + result.n_excluded:
        return None
    return result.n / (result.n + result.n_excluded)


def light_sites(result: Regression) -> list[str]:
    """Sites that bring less than the least weight."""
    return [site for site, weight in weights_of(result).items() if weight < LEAST_WEIGHT]


def light_regions(result: Regression) -> dict[str, float]:
    """Regions of several sites that bring less together, with what they bring."""
    return {
        region: sum(weights)
        for region, weights in _by_region(result).items()
        if len(weights) > 1 and sum(weights) < LEAST_WEIGHT
    }


def _by_region(result: Regression) -> dict[str, list[float]]:
    """By region what each of its sites brings."""
    found: dict[str, list[float]] = {}
    regions = {one.site: one.region for one in result.by_site}
    for site, weight in weights_of(result).items():
        found.setdefault(regions[site], []).append(weight)
    return found


def said_first(result: Regression) -> list[Sentence]:
    """The sentences that come before the answer's own."""
    return [one.message for one in reservations(result) if isinstance(one.message, Sentence)]


def reservations(result: Regression) -> list[Caution]:
    """The same as cautions, each with its code."""
    return [
        *_too_few_people(result),
        *_too_few_sites(result),
        *_of_one_model(result),
        *_lost_rows(result),
        *_not_in_pool(result),
        *_little_weight(result),
    ]


def of_two_sites(result: Regression) -> list[Caution]:
    """Why intervals of the answer are wider, where they are over two sites."""
    answer = result.answer
    if answer is None:
        return []
    several = [one.df for one in answer.by if one.level is not None]
    return two_sites.cautions(several or [answer.df])


def is_of_one_model(result: Regression) -> bool:
    """Whether the model over all rows of several sites answers, since no site does by itself."""
    answer = result.answer
    if answer is None or len(result.sites) < POOLED or answer.k < POOLED:
        return False
    return answer.estimator not in ("", "REML", "one_stage")


def is_between_sites(result: Regression) -> bool:
    """Whether that model has no levels of sites, so that it compares them with each other."""
    return is_of_one_model(result) and not result.site_effects


def is_overfitted(result: Regression) -> bool:
    """Whether there are far too few people for the terms wherever a model was fitted."""
    return bool(_too_few_people(result))


def _too_few_people(result: Regression) -> list[Caution]:
    """No number is told: how many have the rarer outcome at a site may be withheld."""
    failing = {one.name: one for one in result.diagnostics if one.outcome == "fail"}
    if people := failing.get("residual_df"):
        message = Sentence(
            "There are too few people for so many terms: fewer than %(least)s more than "
            "coefficients.",
            least=round(people.threshold or 0),
        )
        return [Caution("few_people", message)]
    if events := failing.get("events_per_parameter"):
        message = Sentence(
            "Too few people have the rarer outcome for so many terms: fewer than %(least)s for "
            "each coefficient.",
            least=round(events.threshold or 0),
        )
        return [Caution("few_events", message)]
    return []


def _too_few_sites(result: Regression) -> list[Caution]:
    answer, asked = result.answer, asked_of(result)
    if answer is None or answer.k != 1 or asked < 2:
        return []
    site = alone(result)
    if site is None:
        return []
    message = Sentence(
        "Of %(asked)s sites that were asked only %(site)s can answer.", asked=asked, site=site
    )
    return [Caution("one_site", message)]


def _of_one_model(result: Regression) -> list[Caution]:
    if is_between_sites(result):
        message = Sentence(
            "No site tells of this by itself: it compares sites with each other, and what else "
            "they differ by is in it. It takes all rows for independent, which makes its interval "
            "too narrow."
        )
        return [Caution("between_sites", message)]
    if is_of_one_model(result):
        message = Sentence(
            "No site tells of this by itself: it is of one model over all rows, which takes the "
            "effect to be the same everywhere."
        )
        return [Caution("one_model", message)]
    return []


def alone(result: Regression) -> str | None:
    """The site that the answer is of, if it is of one: each level may be another site's."""
    answer = result.answer
    if answer is None or len(result.sites) == 1:
        return result.sites[0] if result.sites else None
    telling = {one.site for one in answer.by if one.site is not None}
    if answer.is_of_levels:
        studies = [entry.studies for entry in result.two_stage if entry.term in answer.terms]
        telling = {study.site for several in studies for study in several}
    return telling.pop() if len(telling) == 1 else None


def without_estimate(result: Regression) -> list[str]:
    """Sites of the question whose own model has no estimate of it, where others' are pooled."""
    answer = result.answer
    if answer is None or _is_by_level(result):
        return []
    telling = {one.site for one in answer.by if one.site is not None} or {
        study.site
        for entry in result.two_stage
        if entry.term in answer.terms and entry.k > 1
        for study in entry.studies
    }
    return [site for site in result.sites if site not in telling] if telling else []


def _not_in_pool(result: Regression) -> list[Caution]:
    sites = without_estimate(result)
    if not sites or result.answer is None or result.answer.k < POOLED:
        return []
    message = Sentence.counting(
        "%(sites)s has no estimate of its own and is not in this pool.",
        "%(sites)s have no estimates of their own and are not in this pool.",
        len(sites),
        sites=listed(sites),
    )
    return [Caution("not_in_pool", message)]


def _lost_rows(result: Regression) -> list[Caution]:
    used, lost = share_used(result), shares_lost(result)
    if used is not None and 1 - used > MOST_LOST:
        message = Sentence(
            "%(share)s%% of all rows lack a value and are left out.", share=round(100 * (1 - used))
        )
        return [Caution("rows_lost", message)]
    places = [
        Sentence("%(share)s%% at %(site)s", share=round(100 * share), site=site)
        for site, share in lost.items()
        if share > MOST_LOST
    ]
    if not places:
        return []
    message = Sentence(
        "Many rows lack a value and are left out: %(places)s.", places=listed(places)
    )
    return [Caution("rows_lost", message)]


def _little_weight(result: Regression) -> list[Caution]:
    sites = light_sites(result)
    if not sites:
        return []
    by_region, regions = _by_region(result), {one.site: one.region for one in result.by_site}
    message = Sentence.counting(
        "This says little of %(sites)s, which brings under 5%% of the weight.",
        "This says little of %(sites)s, which bring under 5%% of the weight each.",
        len(sites),
        sites=listed(
            [
                # All that a region brings is what its only site does.
                Sentence("%(site)s (%(region)s)", site=site, region=Place(regions[site]))
                if len(by_region) > 1 and len(by_region[regions[site]]) == 1
                else site
                for site in sites
            ]
        ),
    )
    if len(by_region) > 1:
        message = in_turn(message, *(carried(*one) for one in light_regions(result).items()))
    return [Caution("little_weight", message)]


def carried(region: str, weight: float) -> Sentence:
    """How much of the answer's weight, in percent, a region has: one that hardly counts."""
    if weight < 1:
        return Sentence("%(region)s carries under 1%% of this answer.", region=Place(region))
    # Cut, not rounded: what is here for being under 5% never reads as 5%.
    share = Number(f"{floor(10 * weight) / 10:.1f}")
    return Sentence(
        "%(region)s carries %(share)s%% of this answer.", region=Place(region), share=share
    )


def _is_by_level(result: Regression) -> bool:
    """Whether the answer is an effect at each level of another variable, of several terms each."""
    answer = result.answer
    if answer is None or answer.is_of_levels:
        return False
    return any(one.level is not None and one.site is None for one in answer.by)
