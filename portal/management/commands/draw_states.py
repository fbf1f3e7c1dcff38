"""`manage.py draw_states`: docs/states.md from the transition tables in the code."""

from typing import Any

from django.conf import settings
from django.core.management import BaseCommand
from django.db.models import TextChoices

from datasets.choices import (
    ANALYSIS_TRANSITIONS,
    RELEASE_TRANSITIONS,
    VERSION_TRANSITIONS,
    AnalysisState,
    ReleaseOutcome,
    VersionState,
)
from portal.common.transitions import Table
from projects.choices import JOIN_REQUEST_TRANSITIONS, JoinRequestState

TARGET = settings.BASE_DIR / "docs" / "states.md"
DRAWN: tuple[tuple[str, type[TextChoices], Table], ...] = (
    ("Join request", JoinRequestState, JOIN_REQUEST_TRANSITIONS),
    ("Version of a dataset", VersionState, VERSION_TRANSITIONS),
    ("Analysis", AnalysisState, ANALYSIS_TRANSITIONS),
    ("Release of an output", ReleaseOutcome, RELEASE_TRANSITIONS),
)


class Command(BaseCommand):
    help = "Write docs/states.md; a test fails while it is behind."

    def handle(self, *args: Any, **options: Any) -> None:
        TARGET.write_text(page())


def page() -> str:
    """The page with a diagram for every table."""
    parts = [
        "# States\n\nDrawn by `bin/manage draw_states` from the transition tables beside the "
        "states; nothing else changes a state.\n"
    ]
    for title, states, table in DRAWN:
        arrows = [
            f"    {state} --> {after}"
            for state in states.values
            for after in states.values
            if after != state and after in table.get(state, frozenset())
        ]
        ends = [f"    {state} --> [*]" for state in states.values if not table.get(state)]
        lines = ["stateDiagram-v2", f"    [*] --> {states.values[0]}", *arrows, *ends]
        parts.append(f"\n## {title}\n\n```mermaid\n" + "\n".join(lines) + "\n```\n")
    return "".join(parts)
