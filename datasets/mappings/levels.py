"""Levels of a category without codes: what each site's rule makes, and where sites do not agree.

Nothing says of such a category which levels it has, so that one site's m and w and another's 1 and
2 are four of them. What is said of it is said to one person, from levels they may see: to whoever
reads no rows a status would else tell which levels somebody has.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from django.utils.translation import gettext

from datasets.choices import ColumnType, MappingStatus
from datasets.datasets.models import Dataset
from datasets.mappings.caution import RuleCaution
from datasets.mappings.models import Mapping
from datasets.mappings.shown import all_gated
from datasets.variables.models import SharedVariable
from portal.common.text import listed

NAMED = 5
"""So many levels of a site are named."""

MOST_TOLD = 2
"""So many different sets of others' levels are told."""


@dataclass(frozen=True)
class Levels:
    """What one site's rule makes, as far as it is seen: with `whole` all of it. `by_rule` a rule
    in force names them; else they are values copied as they are."""

    site: str
    seen: frozenset[str]
    whole: bool
    by_rule: bool

    @property
    def told(self) -> str:
        """In words."""
        names = sorted(self.seen)
        if len(names) > NAMED:
            return listed([*names[:NAMED], gettext("others")])
        return listed(names)

    def differ_from(self, other: "Levels") -> bool:
        """Whether each has some that the other has not."""
        if not self.seen or not other.seen:
            return False
        if not self.seen & other.seen:
            return True
        is_surely = self.whole and other.whole
        return is_surely and bool(self.seen - other.seen) and bool(other.seen - self.seen)


def is_open(variable: SharedVariable) -> bool:
    """Whether the variable is a category whose levels nothing names."""
    return variable.type == ColumnType.CATEGORY and not variable.codes


def levels_in(
    profile: dict[str, Any] | None, site: str = "", *, by_rule: bool = False
) -> Levels | None:
    """Those in a profile of what a rule makes, or of a column that is copied."""
    if not profile:
        return None
    values = [one["value"] for one in profile.get("top") or []]
    seen = frozenset(str(value) for value in values if value is not None)
    whole = None not in values and len(seen) >= (profile.get("distinct") or 0)
    return Levels(site, seen, whole, by_rule)


def disagreements(own: Levels | None, others: Iterable[Levels]) -> list[RuleCaution]:
    """Sentences on sites whose levels differ from these."""
    if own is None:
        return []
    unlike: dict[frozenset[str], list[Levels]] = {}
    for one in others:
        if own.differ_from(one):
            unlike.setdefault(one.seen, []).append(one)
    text = gettext(
        "Its levels are %(own)s, those at %(sites)s %(levels)s, and analyses take each for another "
        "one: recode the values, or give the variable codes."
    )
    return [
        RuleCaution(
            text
            % {
                "own": own.told,
                "sites": listed([one.site for one in found[:3]]),
                "levels": found[0].told,
            },
            gettext("other levels than %(site)s") % {"site": found[0].site},
        )
        for found in list(unlike.values())[:MOST_TOLD]
    ]


def difference_between(all_levels: Iterable[Levels]) -> str:
    """A sentence on the first two sites whose levels differ; empty where none do."""
    for one, other in combinations(all_levels, 2):
        if one.differ_from(other):
            text = gettext(
                "Levels differ: they are %(levels)s at %(site)s and %(others)s at %(other)s."
            )
            return text % {
                "levels": one.told,
                "site": one.site,
                "others": other.told,
                "other": other.site,
            }
    return ""


def is_foreign(own: Levels | None, others: Iterable[Levels]) -> bool:
    """Whether none of the values copied is a level that another site's rule names."""
    if own is None or own.by_rule or not own.whole or not own.seen:
        return False
    named = frozenset().union(*(one.seen for one in others if one.by_rule))
    return bool(named) and not own.seen & named


class SeenLevels:
    """The levels of the open categories among some variables, as one person may see them; a fixed
    number of queries, and none where there are no such variables."""

    def __init__(
        self, user: Any, variables: Iterable[SharedVariable], *, exact: bool = True
    ) -> None:
        """With `exact=False` they are guarded for everybody."""
        self._user, self._exact = user, exact
        self._by_place: dict[int, dict[int, Levels]] = {}
        wanted = [one.pk for one in variables if is_open(one)]
        if not wanted:
            return
        seen = Mapping.objects.visible_to(user).filter(variable__in=wanted, rule__isnull=False)
        mappings = list(seen.select_related("dataset__project", "dataset__site"))
        shown = all_gated(user, {m.pk: (m.dataset, m.preview) for m in mappings}, exact=exact)
        for one in mappings:
            by_rule = _names_levels(one.rule) and not one.waits(one.dataset.project)
            after = (shown[one.pk][0] or {}).get("after")
            levels = levels_in(after, one.dataset.site.name, by_rule=by_rule)
            if levels:
                self._by_place.setdefault(one.variable_id, {})[one.dataset_id] = levels

    def of(self, variable: SharedVariable, dataset: int) -> Levels | None:
        """What the dataset's rule makes."""
        return self._by_place.get(variable.pk, {}).get(dataset)

    def elsewhere(self, variable: SharedVariable, dataset: int) -> list[Levels]:
        """What other datasets' rules make."""
        found = self._by_place.get(variable.pk, {})
        return [levels for place, levels in found.items() if place != dataset]

    def cautions(self, variable: SharedVariable, dataset: int) -> list[RuleCaution]:
        """Sentences on a mapping."""
        return disagreements(self.of(variable, dataset), self.elsewhere(variable, dataset))

    def status(self, mapping: Mapping, variable: SharedVariable) -> str:
        """A mapping's status: of levels that no other site's rule knows none is complete."""
        own = self.of(variable, mapping.dataset_id)
        return self._computed(mapping.status, own, variable, mapping.dataset_id)

    def drafted(
        self,
        status: str | None,
        variable: SharedVariable,
        dataset: Dataset,
        rule: dict[str, Any] | None,
        preview: dict[str, Any] | None,
    ) -> tuple[str | None, list[RuleCaution]]:
        """The status of a rule that is tried, and the sentences on it; `preview` as it is shown."""
        if not is_open(variable) or not preview:
            return status, []
        own = levels_in(preview["after"], dataset.site.name, by_rule=_names_levels(rule))
        others = self.elsewhere(variable, dataset.pk)
        status = status and self._computed(status, own, variable, dataset.pk)
        return status, disagreements(own, others)

    def _computed(
        self, status: str, own: Levels | None, variable: SharedVariable, dataset: int
    ) -> str:
        others: Sequence[Levels] = self.elsewhere(variable, dataset)
        if status == MappingStatus.COMPLETE and is_foreign(own, others):
            return MappingStatus.PARTIAL
        return status


def with_status_seen(user: Any, mappings: Iterable[Mapping], *, exact: bool = True) -> None:
    """Give each mapping its `status_seen`, the status it has for this person."""
    mappings = list(mappings)
    variables = {one.variable_id: one.variable for one in mappings}
    seen = SeenLevels(user, variables.values(), exact=exact)
    for one in mappings:
        one.status_seen = seen.status(one, one.variable)


def _names_levels(rule: dict[str, Any] | None) -> bool:
    return (rule or {}).get("kind") in ("recode", "expression")
