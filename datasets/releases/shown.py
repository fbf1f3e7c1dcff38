"""An output as its queue shows it: what would leave, what held it, what stays with its keeper."""

from typing import Any

from datasets.analyses.methods import PAGES
from datasets.analyses.models import AnalysisPart
from datasets.analyses.result import said_of
from datasets.analyses.shown import as_released
from datasets.choices import ReleaseDecision, ReleaseOutcome
from datasets.datasets.models import Dataset
from datasets.datasets.shown import limits_of
from datasets.engine.results import tables
from datasets.releases.actions import no_part_of
from datasets.releases.models import Release
from datasets.releases.permissions import may_decide, people_to_ask
from portal.common.text import told
from portal.web.templatetags.text import sig

MOST_ROWS = 40
"""Rows of a table shown; the analysis' own page and its CSV have all."""


def output_of(release: Release) -> dict[str, Any]:
    """The answer as whoever asked would read it: its sentence, its tables, what was kept back."""
    analysis = release.analysis
    answer = as_released(analysis.created_by, analysis)
    if answer is None:
        return {}
    answer = answer.in_words()
    refused = answer.result.get("refused", "")
    return {
        "answer": answer,
        "refused": refused,
        "said": None if refused else said_of(analysis, answer.result),
        "tables": [table(name, rows) for name, rows in tables.tables_of(answer.result).items()],
    }


def table(name: str, rows: tables.Table) -> dict[str, Any]:
    """One table in cells, its first rows."""
    columns = [
        column
        for column in dict.fromkeys(column for row in rows for column in row)
        if any(row.get(column) not in (None, "") for row in rows)
    ]
    return {
        "name": name,
        "columns": columns,
        "rows": [[cell(row.get(column)) for column in columns] for row in rows[:MOST_ROWS]],
        "left_out": max(0, len(rows) - MOST_ROWS),
    }


def cell(value: Any) -> str:
    """A value of a table as people read it."""
    if value is None:
        return ""
    if isinstance(value, float):
        return sig(value, 4)
    return str(value)


def kept_back(user: Any, release: Release) -> list[str] | None:
    """What the dataset's own rules held back of this output and by how much; None for whoever does
    not read its rows."""
    if not Dataset.objects.rows_readable_by(user).filter(pk=release.dataset_id).exists():
        return None
    parts = AnalysisPart.objects.filter(
        input__analysis=release.analysis_id,
        input__version__dataset=release.dataset_id,
        round=release.analysis.spec["round"],
    )
    said = []
    for kept in (part.statistics or {} for part in parts):
        words = kept.get("words", {})
        for one in kept.get("withheld", []):
            where, reason = (
                told(words[text]) if text in words else text
                for text in (one["where"], one["reason"])
            )
            said.append(f"{where}: {reason}")
    return said


def decisions_for(user: Any, release: Release) -> list[str]:
    """What the person may decide on it now."""
    if release.outcome == ReleaseOutcome.REFUSED or not may_decide(user, release):
        return []
    withhold = ReleaseDecision.WITHHOLD.value
    if release.outcome == ReleaseOutcome.RELEASED:
        return [withhold]
    if release.waits_for_second:
        return [release.decision, withhold]
    release_all, in_part = ReleaseDecision.RELEASE.value, ReleaseDecision.IN_PART.value
    return [release_all, withhold] if no_part_of(release) else [release_all, in_part, withhold]


def item_of(user: Any, release: Release) -> dict[str, Any]:
    """Everything the page of one output shows."""
    offered = decisions_for(user, release)
    whole = release.outcome == ReleaseOutcome.HELD and offered and not release.waits_for_second
    return {
        **output_of(release),
        "method": PAGES[release.analysis.method].label,
        "limits": limits_of([release.dataset]),
        "kept_back": kept_back(user, release),
        "offered": offered,
        "no_part": no_part_of(release) if whole else "",
        "others": [one.name for one in people_to_ask(release)] if not offered else [],
    }
