"""What a project lacks, in words."""

from typing import Any

from projects.openings.models import Opening


def needs_of(openings: list[Opening], mine: tuple[str, ...]) -> list[dict[str, Any]]:
    """What a project looks for, with an icon, and whether the person has it."""
    return [
        {
            "opening": opening,
            "icon": ICONS[opening.kind],
            "mine": bool(opening.discipline) and opening.discipline in mine,
        }
        for opening in openings
    ]


ICONS = {
    "discipline": "users",
    "method": "sigma",
    "region": "map-pin",
    "data": "database",
    "resource": "microscope",
    "review": "message-square",
}
