"""Bodies sent to one's own addresses that name things of a private project."""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from tests.matrix.world import World

Things = SimpleNamespace


@dataclass(frozen=True)
class Body:
    """A call by somebody who may make it, with a body made from own and from hidden things.

    `names` is the hidden thing whose number stands in the body, `status` what is answered, `keeps`
    where what was typed stays, to be mended.
    """

    key: str
    role: str
    method: str
    status: int
    names: str
    url: Callable[[Things], str]
    sent: Callable[[Things, Things], dict[str, Any]]
    keeps: frozenset[str] = frozenset()

    def of(self, world: World, hidden: Things) -> tuple[str, dict[str, Any]]:
        """The address and the body."""
        return self.url(world.own), self.sent(world.own, hidden)


def dataset_form(own: Things, hidden: Things) -> dict[str, Any]:
    return {"site": hidden.site.pk, "title": "Ward", "access": "project", "threshold": 5}


def question(own: Things, hidden: Things) -> dict[str, Any]:
    return {
        "title": "How old?",
        "method": "describe",
        "inputs": [{"dataset": hidden.dataset.pk, "version": 1}],
        "parameters": {"variables": ["years"], "by": None},
    }


def question_form(own: Things, hidden: Things) -> dict[str, Any]:
    return {
        "title": "How old?",
        "method": "describe",
        "step": "run",
        "inputs": [f"{hidden.dataset.pk}:1"],
        "variables": ["years"],
    }


BODIES = [
    Body(
        "API: a dataset of a foreign project",
        role="contributor",
        method="POST",
        status=400,
        names="site",
        url=lambda own: "/api/v1/datasets/",
        sent=lambda own, hidden: dataset_form(own, hidden) | {"project": hidden.project.slug},
    ),
    Body(
        "API: an own dataset at a foreign site",
        role="contributor",
        method="POST",
        status=400,
        names="site",
        url=lambda own: "/api/v1/datasets/",
        sent=lambda own, hidden: dataset_form(own, hidden) | {"project": own.project.slug},
    ),
    Body(
        "API: an outsider trying out which sites a project has",
        role="verified",
        method="POST",
        status=403,
        names="site",
        url=lambda own: "/api/v1/datasets/",
        sent=lambda own, hidden: dataset_form(own, hidden) | {"project": own.project.slug},
    ),
    Body(
        "API: a dataset moved to a foreign site",
        role="lead",
        method="PATCH",
        status=400,
        names="site",
        url=lambda own: f"/api/v1/datasets/{own.dataset.pk}/",
        sent=lambda own, hidden: {"site": hidden.site.pk},
    ),
    Body(
        "page: an own dataset at a foreign site",
        role="lead",
        method="POST",
        status=422,
        names="site",
        url=lambda own: f"/datasets/{own.dataset.pk}/edit/",
        sent=dataset_form,
    ),
    Body(
        "API: a member at a foreign site",
        role="lead",
        method="PATCH",
        status=400,
        names="site",
        url=lambda own: f"/api/v1/memberships/{own.bystander.pk}/",
        sent=lambda own, hidden: {"site": hidden.site.pk},
    ),
    Body(
        "page: a member at a foreign site",
        role="lead",
        method="POST",
        status=422,
        names="site",
        url=lambda own: f"/projects/own/members/{own.bystander.pk}/",
        sent=lambda own, hidden: {"role": "reader", "site": hidden.site.pk},
    ),
    Body(
        "API: a question of foreign data",
        role="contributor",
        method="POST",
        status=400,
        names="dataset",
        url=lambda own: "/api/v1/projects/own/analyses/",
        sent=question,
    ),
    Body(
        "page: a question of foreign data",
        role="contributor",
        method="POST",
        status=422,
        names="dataset",
        url=lambda own: "/projects/own/analyses/new/",
        sent=question_form,
        keeps=frozenset({"datasets_draft"}),
    ),
    Body(
        "page: a rule applied to foreign data",
        role="lead",
        method="POST",
        status=302,
        names="dataset",
        url=lambda own: f"/projects/own/variables/years/mappings/{own.dataset.pk}/apply/",
        sent=lambda own, hidden: {"dataset": [hidden.dataset.pk]},
    ),
]
