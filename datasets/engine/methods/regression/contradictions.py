"""Where an effect points the other way than over all sites, told in three steps.

A note where chance may well do it, the test of Gail and Simon where it hardly would, and that
other data have to show it before it is replicated.
"""

from collections.abc import Sequence

from datasets.engine.methods.contract import Caution
from datasets.engine.methods.regression.reservations import LEAST_WEIGHT
from datasets.engine.methods.regression.result import TwoStage
from datasets.engine.methods.shared import meta
from datasets.engine.methods.shared.words import p_text
from datasets.engine.sentences import Called, Number, Place, Sentence, listed

ALPHA = 0.05


def contradictions(
    name: Called | Sentence,
    entry: TwoStage,
    groups: Sequence[meta.Pooled],
    pooled: meta.Pooled,
) -> list[Caution]:
    """Which regions contradict all sites together; of a single region, or where sites contradict
    each other beyond chance and no region surely does, which sites.

    Nothing is said of one that hardly counts, and nothing noted of one whose interval holds what
    all sites say: it contradicts nobody. Nor of a region of two sites, which has no estimate.
    `groups` are the pools of the regions.
    """
    if entry.gail_simon is None:
        return []
    beyond_chance = entry.gail_simon.p_value < ALPHA
    has_regions = len(entry.regions) > 1
    there: list[str] = []
    if has_regions:
        told = [
            (one, group)
            for one, group in zip(entry.regions, groups, strict=True)
            if one.overall is not None
        ]
        regions = [(Place(one.region), one.weight) for one, _ in told]
        there = _against(regions, [group for _, group in told], pooled, beyond_chance=False)
    among_sites = not there and (beyond_chance or not has_regions)
    if among_sites:
        sites = [(one.site, one.weight) for one in entry.studies]
        alone = [meta.pool([one.estimate], [one.se]) for one in entry.studies]
        there = _against(sites, alone, pooled, beyond_chance=beyond_chance)
    if not there:
        return []
    said = {
        "places": listed(there),
        "term": name,
        "p": Number(p_text(entry.gail_simon.p_value)),
    }
    if beyond_chance:
        return [Caution("sign_reversal", _reversed(said, among_sites=among_sites))]
    return [Caution("sign_difference", _noted(said, among_sites=among_sites))]


def _reversed(said: dict[str, str], *, among_sites: bool) -> Sentence:
    if among_sites:
        return Sentence(
            "At %(places)s the effect of %(term)s points the other way than over all sites, and "
            "chance alone would hardly make sites contradict each other so (Gail–Simon test, "
            "p %(p)s). Until other data show it too, it is not replicated.",
            **said,
        )
    return Sentence(
        "In %(places)s the effect of %(term)s points the other way than over all sites, and "
        "chance alone would hardly make sites contradict each other so (Gail–Simon test, "
        "p %(p)s). Until other data show it too, it is not replicated.",
        **said,
    )


def _noted(said: dict[str, str], *, among_sites: bool) -> Sentence:
    if among_sites:
        return Sentence(
            "At %(places)s the estimate for %(term)s points the other way than over all sites, "
            "which chance alone may well do (Gail–Simon test, p %(p)s): a note, not a reversal.",
            **said,
        )
    return Sentence(
        "In %(places)s the estimate for %(term)s points the other way than over all sites, which "
        "chance alone may well do (Gail–Simon test, p %(p)s): a note, not a reversal.",
        **said,
    )


def _against(
    places: Sequence[tuple[str, float]],
    groups: Sequence[meta.Pooled],
    pooled: meta.Pooled,
    *,
    beyond_chance: bool,
) -> list[str]:
    """The places, each with its weight, whose estimate points the other way than that of all.

    Beyond chance some do, also where none alone excludes what all sites say.
    """
    opposite = [
        (place, group)
        for (place, weight), group in zip(places, groups, strict=True)
        if weight >= LEAST_WEIGHT and group.estimate * pooled.estimate < 0
    ]
    surely = [place for place, group in opposite if not _holds(group, pooled.estimate)]
    return surely or [place for place, _ in opposite if beyond_chance]


def _holds(pooled: meta.Pooled, value: float) -> bool:
    """Whether its plain interval holds a value."""
    low, high = pooled.overall.ci_normal
    return low <= value <= high
