"""Variables to choose from, as the builder shows them: spread over all sites, missing at each.

A shared variable is drawn as its mapping made it, a column as it was read; whoever does not read
the rows sees what the dataset's own page would show.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext

from datasets.analyses.forms import AnalysisForm
from datasets.choices import ColumnType
from datasets.columns.models import Column
from datasets.datasets.models import Dataset
from datasets.domains.questions import declared_levels
from datasets.engine.guard import disclosure
from datasets.mappings.levels import difference_between, levels_in
from datasets.mappings.models import Mapping as VariableMapping
from datasets.mappings.shown import previews_for
from datasets.versions.models import Version, newest_of_each
from portal.common.text import RowCount
from portal.web.templatetags.text import percent
from projects.models import Project

MOST_DRAWN = 100
"""Variables that are drawn: of more, those that are chosen and the first ones."""

MOST_SITES = 6
"""Sites that have a column each."""

BINS = 14
MUCH, ALL = 0.2, 0.995
STEP = 0.05
"""Shares of rows that a person may not read are told in steps of 5 %."""


@dataclass
class Missing:
    """How much of a variable is missing at one site."""

    site: str
    text: str
    is_much: bool = False
    is_all: bool = False


@dataclass
class Picture:
    """A variable over all sites, what is missing at each, whether their levels `differ`, and how
    many rows have each value that is told."""

    profile: dict[str, Any] = field(default_factory=dict)
    missing: list[Missing] = field(default_factory=list)
    differ: str = ""
    counts: dict[str, RowCount] = field(default_factory=dict)


@dataclass(frozen=True)
class _Part:
    """One dataset's profile of a variable, as the person may see it."""

    profile: dict[str, Any] | None
    rows: int
    exact: bool


def sites_of(versions: Sequence[Version]) -> list[str]:
    """The sites that have a column each; none where they are too many."""
    return list(_by_site(newest_of_each(versions)))


def _by_site(newest: Sequence[Version]) -> dict[str, list[Version]]:
    """Of each site its datasets, which are one study; none where the sites are too many."""
    found: dict[str, list[Version]] = {}
    for one in newest:
        found.setdefault(one.dataset.site.name, []).append(one)
    return found if len(found) <= MOST_SITES else {}


def pictures_of(
    user: Any, project: Project, form: AnalysisForm, versions: Sequence[Version]
) -> dict[str, Picture]:
    """A picture by the name of each variable on offer; none where there are very many."""
    newest = newest_of_each(versions)
    wanted = [one.info.name for one in form.offers][:MOST_DRAWN]
    ids = [one.dataset_id for one in newest]
    readable = {
        *Dataset.objects.rows_readable_by(user).filter(pk__in=ids).values_list("pk", flat=True)
    }
    parts = _of_mappings(user, project, newest, wanted, readable)
    mapped = {dataset for dataset, _ in parts}
    parts |= _of_columns([one for one in newest if one.dataset_id not in mapped], wanted, readable)
    open_categories = {
        one.info.name
        for one in form.offers
        if one.info.type == ColumnType.CATEGORY and not one.info.levels
    }
    return {
        name: Picture(
            combined([one.profile for k, one in parts.items() if k[1] == name and one.profile]),
            [
                _missing(site, [parts.get((one.dataset_id, name)) for one in theirs])
                for site, theirs in _by_site(newest).items()
            ],
            _difference(name, newest, parts) if name in open_categories else "",
            _counts([one for k, one in parts.items() if k[1] == name]),
        )
        for name in wanted
    }


def _counts(parts: Iterable[_Part]) -> dict[str, RowCount]:
    """How many rows have each value, as far as it is told: at least so many."""
    found: dict[str, RowCount] = {}
    for part in parts:
        for one in (part.profile or {}).get("top") or ():
            if one["value"] is not None and one["n"] is not None:
                value, count = str(one["value"]), RowCount(one["n"], not part.exact)
                found[value] = found.get(value, RowCount(0)) + count
    return found


def _difference(
    name: str, versions: Sequence[Version], parts: Mapping[tuple[int, str], _Part]
) -> str:
    """A sentence on sites whose levels of a category differ."""
    found = [
        levels_in(parts[one.dataset_id, name].profile, one.dataset.site.name)
        for one in versions
        if (one.dataset_id, name) in parts
    ]
    return difference_between([one for one in found if one])


def _of_mappings(
    user: Any,
    project: Project,
    versions: Sequence[Version],
    names: Iterable[str],
    readable: set[int],
) -> dict[tuple[int, str], _Part]:
    found = list(
        VariableMapping.objects.filter(
            dataset__in=[one.dataset_id for one in versions],
            variable__project=project,
            variable__name__in=names,
            rule__isnull=False,
        ).select_related("variable", "dataset")
    )
    shown = previews_for(user, found)
    parts = {}
    for one in found:
        preview = shown[one.pk][0] or {}
        key = (one.dataset_id, one.variable.name)
        exact = one.dataset_id in readable
        parts[key] = _Part(preview.get("after"), preview.get("rows") or 0, exact)
    return parts


def _of_columns(
    versions: Sequence[Version], names: Iterable[str], readable: set[int]
) -> dict[tuple[int, str], _Part]:
    by_id = {one.pk: one for one in (_shown(each, readable) for each in versions)}
    parts = {}
    found = Column.objects.filter(version__in=by_id, name__in=names)
    guarded = {one.dataset_id for one in versions} - readable
    declared = declared_levels(guarded) if guarded else {}
    for number, name, profile in found.values_list("version_id", "name", "profile"):
        version = by_id[number]
        exact, rows = version.dataset_id in readable, version.rows or 0
        if profile and not exact:
            levels = declared.get(version.dataset_id)
            profile = disclosure.gate_column(profile, rows, version.dataset.threshold, levels)
        parts[version.dataset_id, name] = _Part(profile or None, rows, exact)
    return parts


def _shown(version: Version, readable: set[int]) -> Version:
    """Whose profile is shown: to whoever reads no rows an earlier version's, where too few rows
    came and went since."""
    return version if version.dataset_id in readable else version.profile_of or version


def _missing(site: str, found: Sequence[_Part | None]) -> Missing:
    """What is missing of a variable in all datasets of a site together."""
    parts = [one for one in found if one is not None]
    if not parts:
        return Missing(site, gettext("not there"), is_all=True)
    if len(parts) < len(found):
        return Missing(site, gettext("not there in part"), is_much=True)
    exact = all(one.exact for one in parts)
    counts = [n for one in parts if (n := (one.profile or {}).get("missing")) is not None]
    if len(counts) < len(parts) or not all(one.rows for one in parts):
        withheld = not exact and any(one.profile for one in parts)
        return Missing(site, gettext("withheld") if withheld else "–")
    share = sum(counts) / sum(one.rows for one in parts)
    if exact:
        text = percent(share, 0)
    elif not sum(counts):
        # None, or fewer than are told; of few rows these are more than a step.
        text = str(RowCount(0, about=True))
    elif share < STEP:
        text = gettext("under %(share)s") % {"share": percent(STEP, 0)}
    elif share > 1 - STEP:
        text = gettext("over %(share)s") % {"share": percent(1 - STEP, 0)}
    else:
        text = gettext("about %(share)s") % {"share": percent(round(share / STEP) * STEP, 0)}
    return Missing(site, text, share >= MUCH, exact and share >= ALL)


def combined(profiles: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One picture of several datasets' profiles: shares added up, numbers in common bins."""
    if not profiles:
        return {}
    first = profiles[0]
    n = sum(one.get("n") or 0 for one in profiles)
    shares: dict[Any, int] = {}
    for one in profiles:
        for part in one.get("top") or ():
            shares[part["value"]] = shares.get(part["value"], 0) + (part["n"] or 0)
    top = [{"value": value, "n": count} for value, count in shares.items()]
    return {
        "type": first.get("type"),
        "n": n,
        "distinct": max((one.get("distinct") or 0 for one in profiles), default=0),
        # Equal shares by their values, whichever dataset was looked at first.
        "top": sorted(top, key=lambda one: (-one["n"], str(one["value"]))),
        "histogram": _together([one["histogram"] for one in profiles if one.get("histogram")]),
    }


def _together(histograms: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Histograms of numbers as one: what a bin holds is spread evenly over it."""
    edges = [edge for one in histograms for edge in one["edges"]]
    if not edges or any(isinstance(edge, str) for edge in edges):
        return None
    low, high = min(edges), max(edges)
    width = (high - low) / BINS
    if width <= 0:
        return None
    counts = [0.0] * BINS
    for one in histograms:
        for (start, end), count in zip(pairwise(one["edges"]), one["counts"], strict=True):
            for place in range(BINS):
                left, right = low + place * width, low + (place + 1) * width
                shared = min(end, right) - max(start, left)
                if shared > 0 and end > start:
                    counts[place] += (count or 0) * shared / (end - start)
    return {"edges": [low, high], "counts": counts}
