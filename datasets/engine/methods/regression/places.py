"""Where an effect is from, in words: its sites and their regions."""

from datasets.engine.methods.regression.reservations import alone, asked_of, is_of_one_model
from datasets.engine.methods.regression.result import Answered, Regression
from datasets.engine.methods.shared.words import sites_text
from datasets.engine.sentences import Sentence


def places_of(result: Regression, answer: Answered) -> Sentence:
    """The sites an answer is over, and in how many regions they are."""
    sites, by = result.sites, answer.by
    k = min(answer.k or len(sites), len(sites))
    if k == 1:
        if (site := alone(result)) is not None:
            return Sentence("Found at %(site)s alone.", site=site)
        k = len(sites)
    several = sites_text(k, asked_of(result))
    regions = regions_of(result, answer)
    if regions > 1:
        several = Sentence(
            "%(sites)s in %(regions)s",
            sites=several,
            regions=Sentence.counting("%(count)s region", "%(count)s regions", regions),
        )
    if is_of_one_model(result):
        return Sentence("Found by one model over all rows of %(sites)s.", sites=several)
    of_sites = answer.interaction_test is not None and by and by[0].site is not None
    if of_sites or answer.k == 1:  # each effect is one site's own
        return Sentence("Found across %(sites)s.", sites=several)
    return Sentence("Pooled over %(sites)s.", sites=several)


def regions_of(result: Regression, answer: Answered) -> int:
    """In how many regions the sites are that tell of it."""
    telling = {one.site for one in answer.by if one.site is not None}
    return len({one.region for one in result.by_site if not telling or one.site in telling})
