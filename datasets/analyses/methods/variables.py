"""Variables of an analysis as its pages call them: by label and unit, codes by their meaning."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext

from datasets.analyses.inputs import variable_infos
from datasets.analyses.models import Analysis
from datasets.analyses.words import called, called_first
from datasets.choices import ColumnType
from datasets.engine.methods.shared import labels
from datasets.engine.methods.shared.words import amount, label_of, meaning_of, measure_of, unit_text
from datasets.engine.rows.frame import VariableInfo
from datasets.engine.sentences import Sentence
from portal.common.countries import place_name
from portal.common.text import told


@dataclass(frozen=True)
class ShownVariable:
    """One variable; as text it is its label, or its name where nobody wrote one."""

    info: VariableInfo

    def __str__(self) -> str:
        return self.info.label or self.info.name

    @property
    def within(self) -> str:
        """The same as it stands within a sentence."""
        return _said(label_of(self.info.name, {self.info.name: self.info}))

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

    def at(self, value: str) -> str:
        """The same along a number, with its unit."""
        variables = {self.info.name: self.info}
        unit = measure_of(self.info.name, variables)[1]
        return _said(labels.level_told(self.info.name, value, variables, unit))


def term_of(name: str, variables: Mapping[str, ShownVariable]) -> str:
    """A coefficient or a term of a model, its variables by their labels and its levels in words."""
    return _said(labels.term_of(name, {key: one.info for key, one in variables.items()}))


def step_of(name: str, variables: Mapping[str, ShownVariable]) -> str:
    """What a coefficient of one number is per, or which answer of a yes or no it is of."""
    if name not in variables or not variables[name].info.is_numeric:
        return ""
    if variables[name].is_yes_no:
        said = {"level": variables[name].level("1"), "reference": variables[name].level("0")}
        return gettext("%(level)s against %(reference)s") % said
    info = variables[name].info
    unit = measure_of(name, {name: info})[1]
    if not unit_text(unit):
        return ""
    return gettext("per %(amount)s") % {"amount": _said(amount(1, unit))}


def variables_of(analysis: Analysis) -> dict[str, ShownVariable]:
    """The analysis' variables as they were when it began."""
    return {info.name: ShownVariable(info) for info in variable_infos(analysis)}


def within(name: str, variables: dict[str, ShownVariable]) -> str:
    """What people call a variable within a sentence, or one of the engine's own columns."""
    return variables[name].within if name in variables else called(name)


def called_as(name: str, variables: dict[str, ShownVariable]) -> str:
    """The same where it begins a line."""
    return str(variables[name]) if name in variables else called_first(name)


def level_of(variables: Mapping[str, ShownVariable], by: str, level: str | None) -> str:
    """A group as people call it."""
    if level is None:
        return gettext("No group")
    if by in variables:
        return variables[by].level(level)
    return place_name(level) if by in ("region", "country") else level


def _said(text: str) -> str:
    return told(text.kept) if isinstance(text, Sentence) else text
