"""A world map with a dot per country, drawn from outlines computed once (Equal Earth)."""

import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from django.utils.translation import ngettext

from portal.common.countries import COUNTRIES, name_of
from portal.common.text import counted
from portal.web.figures.svg import num

DATA = Path(__file__).parent / "data" / "world.json"
# The projection's empty corners are left out.
LEFT, RIGHT = 60, 60
SMALLEST_HIT = 24


@cache
def _world() -> Mapping[str, Any]:
    return json.loads(DATA.read_text())


def label_of(name: str, count: int, noun: str, seeking: bool) -> str:
    """What a dot says."""
    if noun == "project":
        words = ngettext("%(name)s: %(count)s project", "%(name)s: %(count)s projects", count)
    elif seeking:
        words = ngettext(
            "%(name)s: %(count)s site, seeking new sites",
            "%(name)s: %(count)s sites, seeking new sites",
            count,
        )
    else:
        words = ngettext("%(name)s: %(count)s site", "%(name)s: %(count)s sites", count)
    return words % {"name": name, "count": counted(count)}


def places_by_size(places: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Completes {country, count, url?, seeking?} with a name, largest first."""
    rows = [
        {
            "country": place["country"],
            "name": name_of(place["country"]),
            "count": place.get("count") or 0,
            "url": place.get("url") or "",
            "seeking": bool(place.get("seeking")),
        }
        for place in places
    ]
    return sorted(rows, key=lambda row: (-row["count"], row["name"]))


def site_map(places: Sequence[Mapping[str, Any]], name: str, noun: str = "site") -> str:
    """Draws the world with the places' countries tinted and a dot each, sized by its count.

    Dots with a `url` are links. Codes that ISO 3166 does not list stay in the table only.
    """
    world = _world()
    rows = places_by_size(places)
    numeric = {
        row["country"]: COUNTRIES[row["country"]].numeric
        for row in rows
        if row["country"] in COUNTRIES
    }
    tinted = set(numeric.values())
    land = "".join(path for key, path in world["land"].items() if key not in tinted)
    on = "".join(path for key, path in world["land"].items() if key in tinted)
    role = "group" if any(row["url"] for row in rows) else "img"
    drawn = [
        f'<svg class="map" viewBox="{LEFT} 0 {world["width"] - LEFT - RIGHT} {world["height"]}"'
        f' role="{role}" aria-label="{escape(name)}">'
        f'<path class="map-land" d="{land}"/><path class="map-active" d="{on}"/>'
    ]
    drawn += [
        _dot(row, noun, *world["dots"][numeric[row["country"]]])
        for row in rows
        if numeric.get(row["country"]) in world["dots"]
    ]
    return "".join(drawn) + "</svg>"


def _inside(x: float, y: float, reach: float) -> tuple[float, float]:
    """Where a dot stands so that all of it is on the map: islands at its edge move inwards."""
    world = _world()
    right, bottom = world["width"] - RIGHT, world["height"]
    return (
        min(max(x, LEFT + reach), right - reach),
        min(max(y, reach), bottom - reach),
    )


def _dot(row: Mapping[str, Any], noun: str, x: float, y: float) -> str:
    label = escape(label_of(row["name"], row["count"], noun, row["seeking"]))
    radius = min(6.4 + math.sqrt(max(row["count"], 0)) * 4.2, 60.0)
    x, y = _inside(x, y, max(radius, SMALLEST_HIT) + 2)
    kind = "site seeking" if row["seeking"] else "site"
    at = f'cx="{num(x)}" cy="{num(y)}"'
    count = (
        f'<text x="{num(x)}" y="{num(y + 7.2)}">{row["count"]}</text>' if row["count"] > 2 else ""
    )
    shape = (
        f'<circle class="hit-area" {at} r="{num(max(radius, SMALLEST_HIT))}"/>'
        f'<circle class="dot" {at} r="{num(radius)}"/>{count}'
        f"<title>{label}</title>"
    )
    if not row["url"]:
        return f'<g class="{kind}">{shape}</g>'
    return f'<a class="{kind}" href="{escape(row["url"])}" aria-label="{label}">{shape}</a>'
