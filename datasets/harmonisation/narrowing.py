"""Which part of the matrix a page shows: a state, a topic, some sites, all of it in the address."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy

from datasets.choices import MappingStatus
from datasets.datasets.models import Dataset
from datasets.harmonisation.matrix import NO_TOPIC, WAITING, Matrix
from datasets.harmonisation.places import SITES
from datasets.variables.models import SharedVariable
from portal.common.pages import Chip, Request, address, chip, numbered
from portal.common.text import Text, counted

LAST = 1000
FEW_SITES = 8
"""So many are seen at a glance: nobody looks for one of them."""

MOST_IN_SIGHT = 20
"""So many variables stand on the page whole; more scroll under the names of the sites."""

STATES: dict[str, Text] = {
    **{status.value: status.label for status in MappingStatus},
    WAITING: gettext_lazy("Waits for a second person"),
}
"""What the matrix can be narrowed to."""


def narrowed(
    matrix: Matrix, asked: QueryDict
) -> tuple[list[SharedVariable], list[Dataset], list[SharedVariable], list[Dataset]]:
    """Variables and datasets of the topic and the sites asked for; and those with the state."""
    variables, datasets = matrix.variables, matrix.datasets
    if "topic" in asked:
        variables = [one for one in variables if one.topic == asked["topic"]]
    words = asked.get("site", "").casefold().split()
    if words:
        datasets = [one for one in datasets if all(word in called(one) for word in words)]
    state = asked.get("state", "")
    if state not in STATES:
        return variables, datasets, variables, datasets
    found = [(v, d) for v in variables for d in datasets if state in matrix.states(v, d)]
    with_state = {v.pk for v, _ in found}, {d.pk for _, d in found}
    return (
        variables,
        datasets,
        [one for one in variables if one.pk in with_state[0]],
        [one for one in datasets if one.pk in with_state[1]],
    )


def called(dataset: Dataset) -> str:
    """What one may look for a dataset by."""
    return f"{dataset.site.name} {dataset.site.institution} {dataset.title}".casefold()


def matrix_context(request: Request, matrix: Matrix) -> dict[str, Any]:
    """The part of the matrix the address asks for, and the ways to the other parts."""
    of_all, of_sites, variables, datasets = narrowed(matrix, request.GET)
    page = numbered(request, datasets, size=SITES, last=LAST)
    matrix.looked_at = page.rows
    counts = matrix.counts(of_all, of_sites)
    start = (page.number - 1) * SITES
    return {
        "topics": matrix.topics(variables, page.rows),
        "datasets": page.rows,
        "long": len(variables) > MOST_IN_SIGHT,
        "of_datasets": len(datasets),
        "first": start + 1,
        "last": start + len(page.rows),
        "previous": page.previous,
        "following": page.following,
        "finds_sites": len(matrix.datasets) > FEW_SITES or "site" in request.GET,
        "is_empty": not matrix.variables,
        "has_datasets": bool(matrix.datasets),
        "suggests": matrix.suggests,
        "stats": [
            {
                "label": label,
                "value": counted(counts[state]),
                "url": address(request, state=state) if counts[state] else "",
            }
            for state, label in STATES.items()
            if state != WAITING or matrix.project.second_person
        ],
        "chips": chips_of(request),
        "topic_choices": topic_choices(request, matrix),
        "asked": request.GET,
    }


def chips_of(request: Request) -> list[Chip]:
    """What the matrix is narrowed by, each to be clicked away."""
    chips = []
    state = request.GET.get("state", "")
    if state in STATES:
        chips.append(chip(request, "", STATES[state], "state"))
    if "topic" in request.GET:
        chips.append(chip(request, "", request.GET["topic"] or NO_TOPIC, "topic"))
    if request.GET.get("site"):
        chips.append(chip(request, "", f"“{request.GET['site']}”", "site"))
    return chips


def topic_choices(request: Request, matrix: Matrix) -> list[dict[str, Any]]:
    """The topics there are to choose from, where there are several and none is chosen yet."""
    topics = dict.fromkeys(one.topic for one in matrix.variables)
    if len(topics) < 2 or "topic" in request.GET:
        return []
    return [{"label": topic or NO_TOPIC, "url": address(request, topic=topic)} for topic in topics]
