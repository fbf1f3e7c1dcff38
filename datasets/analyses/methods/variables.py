"""Variables of an analysis as its pages call them: by label and unit, codes by their meaning."""

from dataclasses import dataclass

from datasets.analyses.inputs import variable_infos
from datasets.analyses.models import Analysis
from datasets.choices import ColumnType
from datasets.engine.methods.shared.words import meaning_of, unit_text
from datasets.engine.rows.frame import VariableInfo
from datasets.engine.sentences import Sentence
from portal.common.text import told


@dataclass(frozen=True)
class Shown:
    """One variable; as text it is its label, or its name where nobody wrote one."""

    info: VariableInfo

    def __str__(self) -> str:
        return self.info.label or self.info.name

    @property
    def unit(self) -> str:
        """Its unit as people write it, empty for a pure number."""
        return _said(unit_text(self.info.unit))

    @property
    def is_yes_no(self) -> bool:
        """Whether it is a question with two answers."""
        return self.info.type == ColumnType.BOOLEAN

    def level(self, value: str | float) -> str:
        """What a value stands for."""
        code = value if isinstance(value, str) else f"{value:g}"
        return _said(meaning_of(self.info.name, code, {self.info.name: self.info}))


def variables_of(analysis: Analysis) -> dict[str, Shown]:
    """The analysis' variables as they were when it began."""
    return {info.name: Shown(info) for info in variable_infos(analysis)}


def _said(text: str) -> str:
    return told(text.kept) if isinstance(text, Sentence) else text
