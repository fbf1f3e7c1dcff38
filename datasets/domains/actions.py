"""Declare what the columns of a dataset may hold."""

import itertools
import math
from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from datasets.choices import ColumnType
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, require
from datasets.domains.models import Domain
from datasets.domains.proposals import newest_columns
from members.audit_events import actions as audit_events
from members.models import User
from portal.common.exceptions import Invalid
from portal.common.models import storable, validated_fields

MOST_LEVELS = 1000
LONGEST_LEVEL = 200
MOST_EDGES = 200


@transaction.atomic
def declare(
    *,
    dataset: Dataset,
    domains: Sequence[dict[str, Any]],
    among: Collection[str] | None = None,
    by: User,
) -> list[Domain]:
    """Fix the domains of all named columns; of all others nothing is declared any more. With
    `among` that goes for these columns, and what is declared of the rest stays.

    Each has `column` and what is declared of it: `low`, `high`, `levels` (pairs of a code and its
    meaning), `edges`. A column of which nothing is, is left out. Raises Invalid by place.
    """
    require(by, DatasetPermission.DECLARE, dataset)
    dataset = Dataset.objects.select_for_update(no_key=True).get(pk=dataset.pk)
    before = {one.column: one for one in dataset.domains.all()}
    types = {one.column: one.type for one in before.values()}
    types |= {column.name: column.type for column in newest_columns(dataset)}
    errors: dict[str, str] = {}
    wanted: dict[str, Domain] = {}
    for place, one in enumerate(domains):
        name = one["column"]
        if name not in types:
            why = gettext("There is nothing to declare of a column of this name.")
        elif name in wanted:
            why = gettext("This column is named twice.")
        else:
            wanted[name] = _domain(dataset, one, types[name], by)
            why = _why_not(wanted[name])
        if why:
            errors[f"columns.{place}"] = why
    if errors:
        raise Invalid(errors=errors)
    rest = {} if among is None else {n: one for n, one in before.items() if n not in among}
    stated = rest | {name: one for name, one in wanted.items() if _says_something(one)}
    # In the order they had: a question names them in it.
    kept = {name: stated[name] for name in before if name in stated} | stated
    old = {name: one.described for name, one in before.items()}
    new = {name: one.described for name, one in kept.items()}
    if old == new:
        return list(before.values())
    for domain in kept.values():
        domain.pk = None
        validated_fields(domain, "column", "type", "low", "high")
    dataset.domains.all().delete()
    made = Domain.objects.bulk_create(kept.values())
    audit_events.record(
        "dataset.domains_declared",
        dataset,
        by=by,
        scopes={"project": dataset.project_id, "dataset": dataset.pk},
        before={"domains": [*old.values()]},
        after={"domains": [*new.values()]},
    )
    return made


def _domain(dataset: Dataset, one: dict[str, Any], type_: str, by: User) -> Domain:
    return Domain(
        dataset=dataset,
        column=one["column"],
        type=type_,
        low=one.get("low"),
        high=one.get("high"),
        levels=[[code, meaning] for code, meaning in one.get("levels") or ()],
        edges=list(one.get("edges") or ()),
        changed_by=by,
    )


def _says_something(domain: Domain) -> bool:
    return bool(domain.levels or domain.edges) or (domain.low, domain.high) != (None, None)


def _why_not(domain: Domain) -> str:
    """What is wrong with a domain; nothing if it is good."""
    numbers = [one for one in (domain.low, domain.high, *domain.edges) if one is not None]
    if domain.type == ColumnType.CATEGORY and numbers:
        return gettext("A category has levels, no range and no bins.")
    if not all(math.isfinite(one) for one in numbers):
        return gettext("Ranges and edges are finite numbers.")
    if domain.low is not None and domain.high is not None and domain.low > domain.high:
        return gettext("The lowest value is above the highest.")
    edges = domain.edges
    if edges and (len(edges) < 3 or any(a >= b for a, b in itertools.pairwise(edges))):
        return gettext("Edges are at least three numbers, each above the one before.")
    if len(edges) > MOST_EDGES or len(domain.levels) > MOST_LEVELS:
        return gettext("At most %(levels)s levels and %(edges)s edges are possible.") % {
            "levels": MOST_LEVELS,
            "edges": MOST_EDGES,
        }
    if len(set(domain.codes)) < len(domain.codes):
        return gettext("A level is named twice.")
    texts = [text for pair in domain.levels for text in pair]
    if not all(domain.codes) or any(len(text) > LONGEST_LEVEL for text in texts):
        return gettext("A level has 1 to %(most)s characters, its meaning up to as many.") % {
            "most": LONGEST_LEVEL
        }
    if not storable(texts):
        return gettext("A level has characters that cannot be kept.")
    if domain.type != ColumnType.CATEGORY and not all(_is_number(code) for code in domain.codes):
        return gettext("The codes of a column of numbers are numbers.")
    return ""


def _is_number(code: str) -> bool:
    try:
        return math.isfinite(float(code))
    except ValueError:
        return False
