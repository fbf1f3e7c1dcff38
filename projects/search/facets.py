"""What a project can be narrowed to by, each as one number: many of them fit into an index."""

from collections import Counter
from collections.abc import Collection, Mapping
from hashlib import md5

from members.choices import Discipline
from portal.common.countries import COUNTRIES, SUB_REGIONS
from projects.choices import OpeningKind, Stage

VALUES: Mapping[str, Collection[str]] = {
    "field": Discipline.values,
    "need": OpeningKind.values,
    "stage": Stage.values,
    "region": SUB_REGIONS,
    "country": COUNTRIES,
}

COUNTRIES_OF = {
    region: tuple(code for code, country in COUNTRIES.items() if country.sub_region == region)
    for region in SUB_REGIONS
}

Facets = tuple[frozenset[int], ...]
"""What a project must have of which any will do, once for each group of filters."""


def facet(group: str, value: str) -> int:
    """The number of one option, as the database's `facet_codes` makes it."""
    digest = md5(f"{group}:{value}".encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[:4], signed=True)


OPTION_OF = {facet(group, value): (group, value) for group in VALUES for value in VALUES[group]}
"""Group and value of each number."""

REGION_OF = {facet("region", name): name for name in SUB_REGIONS} | {
    facet("country", code): name for name, codes in COUNTRIES_OF.items() for code in codes
}
"""The region that a facet speaks of."""


def within(group: str, facets: Counter[int]) -> Counter[str]:
    """The counts of one group, by its options."""
    return Counter(
        {
            value: facets[number]
            for number, (of, value) in OPTION_OF.items()
            if of == group and facets[number]
        }
    )
