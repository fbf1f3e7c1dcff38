"""Attacks on what comes from the data although a keeper could have declared it: names and edges."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from datasets.engine.guard.disclosure import gate_column
from datasets.engine.profiling.profile import profile_table
from datasets.engine.rows.connection import connect
from datasets.engine.rows.frame import Domain
from datasets.engine.rows.table import Table
from tests.attacks.world import THRESHOLD, WARDS, Found, Site, Told, World, texts

RARE = "asylum"
DECLARED = {"ward": Domain(levels=(*WARDS, RARE))}
QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("describe", {"variables": ["ward", "age"]}),
    ("describe", {"variables": ["sick"], "by": "ward"}),
    ("regression", {"outcome": "sick", "terms": ["ward", "age"], "family": "binomial"}),
    ("regression", {"outcome": "age", "terms": ["ward"], "family": "gaussian"}),
]


def with_last_in(world: World, ward: str | None, rows: int) -> Site:
    """The site whose last patients lay in this ward; in none, for None."""
    found = world.columns["ward"].copy()
    found[-rows:] = ward
    return world.guarded(ward=texts(found))


def some(world: World) -> int:
    """So few patients that nobody may learn of them."""
    return int(world.rng.integers(1, THRESHOLD))


def alike(world: World, *sites: Site) -> list[list[Told]]:
    """Each question's answers about these sites, each as if it were the first one asked."""
    return [
        [replace(world, released=[], versions=[]).ask(method, [one], **asked) for one in sites]
        for method, asked in QUESTIONS
    ]


def shape(told: Told) -> Any:
    """What an answer has, whatever its numbers: names, counts of 0, what is withheld, and words."""
    return _shape(told.result), told.texts


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        # An estimate of 0 after rounding has no test: that follows from its number.
        if value.get("reason") in (None, "rounded away"):
            value = {k: v for k, v in value.items() if k not in ("statistic", "p_value", "reason")}
        return {name: _shape(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_shape(one) for one in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return "none" if value == 0 else "some"
    if isinstance(value, float):
        return "an estimate"
    return value


def levels_of_two_versions(world: World) -> list[set[str]]:
    """All words about a version, and about the next one, in which a ward came up."""
    ward = world.columns["ward"].copy()
    ward[-3 * THRESHOLD :] = RARE
    found = []
    for site in (world.guarded(), world.guarded(ward=ward)):
        asked = replace(world, released=[], versions=[])
        told = [asked.ask(method, [site], **question) for method, question in QUESTIONS]
        found.append({word for one in told for word in (*WARDS, RARE) if word in one.everything})
    return found


def extrapolated_edges(world: World) -> Found:
    """The largest income, from the inner edges of its profile's histogram."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.parquet"
        income = world.columns["income"]
        pq.write_table(pa.table({"income": income}), path)
        with connect([path]) as connection:
            table = Table.open(path)
            (profile,) = profile_table(connection, table, [("income", "number")], world.n)
    shown = profile if world.rules.is_open else gate_column(profile, world.n, THRESHOLD)
    secret = float(income.max())
    if shown["histogram"] is None:
        return secret, []
    _, first, second, *_ = shown["histogram"]["edges"]
    # How many bins there are follows from the number of different values.
    bins = min(30, max(5, int(np.ceil(np.log2(shown["distinct"]) + 1)) * 2))
    width = second - first
    return secret, [first - width + bins * width]


def is_held_for_a_rare_level(world: World, somebody: bool) -> bool:
    """Whether a question is held that differs from one before by a variable with a declared level
    which the victim alone has, or nobody."""
    world.domains = {"ward": Domain(levels=(*WARDS, "asylum"))}
    ward = world.columns["ward"].copy()
    if somebody:
        ward[-1] = "asylum"
    site = world.guarded(ward=ward)
    for terms in (["age"], ["age", "ward"]):
        world.ask(
            "regression",
            [site],
            outcome="income",
            terms=terms,
            site_effects=False,
            family="gaussian",
        )
    return world.held > 0
