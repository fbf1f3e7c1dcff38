"""Variables of an analysis as its pages call them: by label and unit, codes by their meaning."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext

from datasets.analyses.models import Analysis
from datasets.choices import ColumnType
from datasets.engine.methods.shared.words import unit_text
from datasets.engine.sentences import Sentence
from portal.common.text import told


@dataclass(frozen=True)
class Shown:
    """One variable: `label` is empty where nobody wrote one."""

    name: str
    type: str = ""
    label: str = ""
    unit: str = ""
    meanings: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.label or self.name

    @property
    def is_yes_no(self) -> bool:
        """Whether it is a question with two answers."""
        return self.type == ColumnType.BOOLEAN

    def level(self, value: str | float) -> str:
        """What a value stands for."""
        code = f"{value:g}" if isinstance(value, float | int) else value
        if self.is_yes_no and code in ("0", "1"):
            return self.meanings.get(code) or (gettext("yes") if code == "1" else gettext("no"))
        return self.meanings.get(code) or code


def variables_of(analysis: Analysis) -> dict[str, Shown]:
    """The analysis' variables as they were when it began."""
    return {one["name"]: _shown(one) for one in analysis.variables}


def _shown(saved: dict[str, Any]) -> Shown:
    unit = unit_text(saved["unit"])
    return Shown(
        name=saved["name"],
        type=saved["type"],
        label=saved["label"],
        unit=told(unit.kept) if isinstance(unit, Sentence) else unit,
        meanings=dict(saved["meanings"]),
    )
