"""Which part of the matrix a page shows: a state, a topic, one site or some, all of it in the
address."""

from collections import Counter
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext, gettext_lazy

from datasets.choices import MappingStatus
from datasets.datasets.models import Dataset
from datasets.harmonisation.matrix import NO_TOPIC, STATUS_LOOK, WAITING, WAITING_FOR_ME, Matrix
from datasets.harmonisation.places import SITES
from datasets.variables.models import SharedVariable
from portal.common.pages import Chip, Request, address, chip, numbered, without
from portal.common.text import Text, counted

LAST = 1000
FEW_SITES = 8
"""So many are seen at a glance: nobody looks for one of them."""

STATES: dict[str, Text] = {
    **{status.value: status.label for status in MappingStatus},
    WAITING: gettext_lazy("Waits for a second person"),
    WAITING_FOR_ME: gettext_lazy("Waits for you"),
}
"""What the matrix can be narrowed to."""

ICONS = {
    **{status.value: icon for status, (icon, _) in STATUS_LOOK.items()},
    WAITING: "hourglass",
    WAITING_FOR_ME: "user",
}


def narrowed(
    matrix: Matrix, asked: QueryDict
) -> tuple[list[SharedVariable], list[Dataset], list[SharedVariable], list[Dataset]]:
    """Variables and datasets of the topic and the sites asked for; and those with the state."""
    variables, datasets = matrix.variables, matrix.datasets
    if "topic" in asked:
        variables = [one for one in variables if one.topic == asked["topic"]]
    if "study_site" in asked:
        datasets = [one for one in datasets if str(one.site_id) == asked["study_site"]]
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
        "of_datasets": len(datasets),
        "first": start + 1,
        "last": start + len(page.rows),
        "previous": page.previous,
        "following": page.following,
        "finds_sites": finds_sites(request, matrix),
        "is_empty": not matrix.variables,
        "has_datasets": bool(matrix.datasets),
        "suggests": matrix.suggests,
        "waiting_for_me": counts[WAITING_FOR_ME],
        "narrowed_to": without(request, "state"),
        "states": states_of(request, counts, len(of_all) * len(of_sites)),
        "chips": chips_of(request, matrix),
        "topic_choices": topic_choices(request, matrix),
        "site_choices": site_choices(request, page.rows),
        "asked": request.GET,
    }


def states_of(request: Request, counts: Counter[str], of_all: int) -> list[dict[str, Any]]:
    """The states there are, each with its count and the way to it or, where it is asked for, from
    it; before them the way to all."""
    asked = request.GET.get("state", "")
    all_mine = counts[WAITING] == counts[WAITING_FOR_ME]
    every = {
        "label": gettext("All"),
        "count": counted(of_all),
        "url": without(request, "state"),
        "current": asked not in STATES,
    }
    return [
        every,
        *(
            {
                "label": label,
                "count": counted(counts[state]),
                "url": without(request, "state")
                if asked == state
                else address(request, state=state),
                "current": asked == state,
                "icon": ICONS[state],
            }
            for state, label in STATES.items()
            if asked == state or (counts[state] and not (state == WAITING and all_mine))
        ),
    ]


def chips_of(request: Request, matrix: Matrix) -> list[Chip]:
    """What the matrix is narrowed by beside its state, each to be clicked away."""
    chips = []
    if "topic" in request.GET:
        chips.append(chip(request, "", request.GET["topic"] or NO_TOPIC, "topic"))
    if "study_site" in request.GET:
        asked = request.GET["study_site"]
        names = [one.site.name for one in matrix.datasets if str(one.site_id) == asked]
        chips.append(chip(request, "", names[0] if names else asked, "study_site"))
    if request.GET.get("site"):
        chips.append(chip(request, "", f"“{request.GET['site']}”", "site"))
    return chips


def topic_choices(request: Request, matrix: Matrix) -> list[dict[str, Any]]:
    """The topics there are to choose from, where there are several and none is chosen yet."""
    topics = dict.fromkeys(one.topic for one in matrix.variables)
    if len(topics) < 2 or "topic" in request.GET:
        return []
    return [{"label": topic or NO_TOPIC, "url": address(request, topic=topic)} for topic in topics]


def finds_sites(request: Request, matrix: Matrix) -> bool:
    """Whether there are so many sites that somebody looks for one by its name."""
    return len(matrix.datasets) > FEW_SITES or "site" in request.GET


def site_choices(request: Request, datasets: list[Dataset]) -> list[dict[str, Any]]:
    """The sites of a page to choose from, where there are several and none is chosen yet."""
    sites = {one.site_id: one.site.name for one in datasets[:SITES]}
    if len(sites) < 2 or "study_site" in request.GET:
        return []
    return [
        {"label": name, "url": address(request, study_site=number)}
        for number, name in sites.items()
    ]
