"""Which column is probably a variable at a dataset, by which rule, and why: in words, never applied
by themselves."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext, ngettext

from datasets.choices import ColumnType
from datasets.columns.models import Column
from datasets.columns.units import unit_told
from datasets.engine.mapping import units
from datasets.engine.mapping.rules import loses_nothing
from datasets.mappings import previews
from datasets.mappings.abbreviations import CODE_WORDS, CONCEPTS, MISSING_WORDS
from datasets.mappings.caution import RuleCaution, codes_kept, codes_told, with_missing
from datasets.mappings.cautions import cautions, median, unit_known
from datasets.mappings.levels import disagreements, is_open, levels_in
from datasets.mappings.models import Mapping
from datasets.mappings.told import is_told_whole
from datasets.variables.models import SharedVariable
from portal.common.text import listed
from portal.web.templatetags.text import number

Rule = dict[str, Any]

FAR = 1.5
"""Medians that differ by this factor are not of the same thing in the same unit."""


@dataclass(frozen=True)
class Elsewhere:
    """The mapping of another dataset to the same variable: its rule as far as one is told it, and
    its preview where one sees it."""

    mapping: Mapping
    site: str
    rule: Rule | None
    preview: dict[str, Any] | None = None


@dataclass
class Suggestion:
    """A column that is probably the variable, by which rule, and what speaks for and against it."""

    column: str
    rule: Rule
    reasons: list[str]
    against: list[RuleCaution] = field(default_factory=list)
    score: int = 0
    rests_on_unit: bool = True
    """Whether it is the column only if its name's ending, that may be anything, is a unit."""

    @property
    def reason(self) -> str:
        """The first thing that speaks for it."""
        return self.reasons[0]

    @property
    def codes_told(self) -> str:
        """The values it takes as measured that may mean missing, for people."""
        return codes_told(self.against)

    @property
    def rule_without_codes(self) -> Rule:
        """The rule with these set missing."""
        return with_missing(self.rule, codes_kept(self.against))


class Columns:
    """A dataset's columns, found by what they are called."""

    def __init__(self, columns: Iterable[Column]) -> None:
        self.all = list(columns)
        self.types = {column.name: column.type for column in self.all}
        self.words = {column.name: (column.label, column.unit) for column in self.all}
        self.named = {column.name: column for column in self.all}
        self.by_name: dict[str, list[Column]] = {}
        self.by_label: dict[str, list[Column]] = {}
        self.by_stem: dict[str, list[Column]] = {}
        self.by_concept: dict[str, list[Column]] = {}
        self.doubtful: dict[str, str] = {}
        for column in self.all:
            self.by_name.setdefault(folded(column.name), []).append(column)
            if column.label:
                self.by_label.setdefault(folded(column.label), []).append(column)
            stem, unit = units.without_unit(column.name)
            if not unit and not column.unit:
                stem, unit = units.without_doubtful_unit(column.name)
                if unit:
                    self.doubtful[column.name] = unit
            if unit:
                self.by_stem.setdefault(folded(stem), []).append(column)
            for concept in _concepts(column.name, column.label, stem):
                self.by_concept.setdefault(concept, []).append(column)


def suggest(
    variable: SharedVariable,
    columns: Columns,
    elsewhere: Sequence[Elsewhere] = (),
    *,
    reads_rows: bool = False,
) -> Suggestion | None:
    """The best one, if any is good enough. Values speak only where the person reads the rows."""
    found = sorted(
        _named_alike(variable, columns, elsewhere).items(), key=lambda one: -one[1].score
    )
    for name, suggestion in found:
        column = columns.named[name]
        borne_out = _unit_borne_out(variable, column, columns) if reads_rows else ""
        if suggestion.rests_on_unit and not borne_out:
            continue
        known = unit_known(column) or borne_out
        _with_rule(suggestion, variable, column, known, columns, elsewhere, reads_rows)
        tells_nothing = loses_nothing(suggestion.rule, columns.types, variable.info, columns.words)
        if not (reads_rows or tells_nothing):
            continue
        if not previews.rule_fits(suggestion.rule, columns.types, variable):
            continue
        if borne_out:
            text = gettext("Its median, %(median)s, is of the size it would have in %(unit)s.")
            told = {"median": number(median(column.profile)), "unit": unit_told(borne_out)}
            suggestion.reasons.append(text % told)
        suggestion.against += cautions(variable, [column], suggestion.rule, reads_rows=reads_rows)
        if reads_rows:
            _compared(suggestion, variable, column, elsewhere)
        return suggestion
    return None


def candidates(
    variable: SharedVariable, columns: Columns, elsewhere: Sequence[Elsewhere]
) -> list[Column]:
    """The columns that `suggest` looks at, by what they are called alone."""
    return [columns.named[name] for name in _named_alike(variable, columns, elsewhere)]


def folded(text: str) -> str:
    """A name without case and punctuation."""
    return re.sub(r"[\W_]+", "", text.casefold())


def _named_alike(
    variable: SharedVariable, columns: Columns, elsewhere: Sequence[Elsewhere]
) -> dict[str, Suggestion]:
    found: dict[str, Suggestion] = {}

    def say(column: Column, score: int, reason: str, *, but_for_unit: bool = False) -> None:
        rule = {"kind": "copy", "column": column.name}
        one = found.setdefault(column.name, Suggestion(column.name, rule, []))
        one.rests_on_unit &= but_for_unit and column.name in columns.doubtful
        one.score += score
        one.reasons.append(reason)

    def is_in_unit_of(column: Column) -> bool:
        return _is_in_unit_of(variable, column, columns.doubtful.get(column.name, ""))

    name, label = folded(variable.name), folded(variable.label)
    for column in columns.by_name.get(name, ()):
        if column.name == variable.name:
            say(column, 6, gettext("It has the same name."))
        else:
            say(column, 5, gettext("Its name differs only in case and punctuation."))
    for wanted in {name, folded(units.without_unit(variable.name)[0]), label} - {""}:
        alike = [*columns.by_stem.get(wanted, ()), *columns.by_name.get(wanted, ())]
        for column in alike:
            if folded(column.name) not in (name, label) and is_in_unit_of(column):
                text = gettext("But for a unit its name is the same.")
                say(column, 4, text, but_for_unit=True)
    for column in columns.by_label.get(label, ()) if label else ():
        say(column, 4, gettext("It has the same label."))
    for column in columns.by_name.get(label, ()) if label and label != name else ():
        say(column, 4, gettext("Its name is the variable’s label."))
    for concept in _concepts(variable.name, variable.label):
        for column in columns.by_concept.get(concept, ()):
            if folded(column.name) != name and is_in_unit_of(column):
                text = gettext("The table of abbreviations has both for the same thing.")
                doubtful = concept not in _concepts(column.name, column.label)
                say(column, 3, text, but_for_unit=doubtful)
    sites: dict[str, list[str]] = {}
    for one in elsewhere:
        source = (one.rule or {}).get("column")
        if source:
            sites.setdefault(folded(str(source)), []).append(one.site)
    for source, where in sites.items():
        for column in columns.by_name.get(source, ()):
            text = ngettext(
                "%(sites)s has it from a column of this name.",
                "%(sites)s have it from columns of this name.",
                len(where),
            )
            say(column, 4, text % {"sites": listed(where[:3])})
    return found


def _concepts(*texts: str) -> set[str]:
    """What is meant, by a name or label whole or without the unit that it ends in."""
    found = {folded(one) for text in texts for one in (text, units.without_unit(text)[0])}
    return {_CONCEPT_OF[text] for text in found if text in _CONCEPT_OF}


def _is_in_unit_of(variable: SharedVariable, column: Column, doubtful: str) -> bool:
    """Whether the unit that the column's name ends in, if any, may become the variable's."""
    unit = units.unit_named(column.name, column.label) or doubtful
    if doubtful and not units.ucum(variable.unit):
        return False
    if not (unit and units.ucum(variable.unit)) or units.is_same(unit, variable.unit):
        return True
    analyte = units.analyte_in(column.name, column.label, variable.name, variable.label)
    return units.ucum(variable.unit) in units.convertible(unit, analyte)


def _unit_borne_out(variable: SharedVariable, column: Column, columns: Columns) -> str:
    """The unit that the column's name may end in, where its values are as large as in that unit."""
    unit, middle = columns.doubtful.get(column.name, ""), median(column.profile)
    if not unit or middle is None or not _is_in_unit_of(variable, column, unit):
        return ""
    stem, _ = units.without_doubtful_unit(column.name)
    texts = (stem, column.label, variable.name, variable.label)
    return unit if units.is_usual_of_body(middle, unit, *texts) else ""


_CONCEPT_OF = {
    folded(text): concept for concept, texts in CONCEPTS.items() for text in (concept, *texts)
}


def _with_rule(
    suggestion: Suggestion,
    variable: SharedVariable,
    column: Column,
    known: str,
    columns: Columns,
    elsewhere: Sequence[Elsewhere],
    reads_rows: bool,
) -> None:
    """The rule itself: converted from the unit that is known, recoded, as at another site, or as it
    is."""
    if known and variable.unit:
        if units.is_same(known, variable.unit):
            text = (
                gettext("Both are in %(unit)s.")
                if column.unit
                else gettext("Its name says %(unit)s, which the variable is in.")
            )
            suggestion.reasons.append(text % {"unit": variable.unit_told})
        else:
            _converted(suggestion, variable, column, known)
            return
    if not reads_rows:
        return
    for one in elsewhere:
        rule = one.rule if one.rule and is_told_whole(one.rule) else {}
        same = folded(str(rule.get("column", ""))) == folded(column.name)
        if rule.get("kind") == "recode" and same:
            like = rule | {"column": column.name}
        elif rule.get("kind") == "expression":
            like = rule
        else:
            continue
        if previews.rule_fits(like, columns.types, variable):
            suggestion.rule = like
            suggestion.reasons.append(
                gettext("The same rule is in use at %(site)s.") % {"site": one.site}
            )
            return
    if variable.codes or variable.type == ColumnType.BOOLEAN:
        _recoded(suggestion, variable, column)


def _converted(
    suggestion: Suggestion, variable: SharedVariable, column: Column, known: str
) -> None:
    analyte = units.analyte_in(column.name, column.label, variable.name, variable.label)
    rule = {"kind": "unit", "column": column.name, "from": known, "to": variable.unit}
    if units.needs_analyte(known, variable.unit) and analyte:
        rule["analyte"] = analyte
    try:
        into = units.conversion(known, variable.unit, rule.get("analyte"))
    except ValueError:
        return
    suggestion.rule = rule
    if not into.offset:
        text = (
            gettext("Its dictionary says %(old)s: times %(factor)s that is %(new)s.")
            if column.unit
            else gettext("Its name says %(old)s: times %(factor)s that is %(new)s.")
        )
    elif column.unit:
        text = gettext("Its dictionary says %(old)s, which can be converted to %(new)s.")
    else:
        text = gettext("Its name says %(old)s, which can be converted to %(new)s.")
    values = {"old": unit_told(known) or known, "new": variable.unit_told}
    values |= {"factor": number(into.factor)}
    suggestion.reasons.append(text % values)


def _recoded(suggestion: Suggestion, variable: SharedVariable, column: Column) -> None:
    """The values as codes, where each can be told; those that say “not known” become missing."""
    top = column.profile.get("top") or []
    if not top or len(top) < (column.profile.get("distinct") or 0):
        return
    wanted = code_words(variable)
    values = [str(one["value"]) for one in top]
    if variable.codes and set(values) <= set(variable.codes):
        suggestion.reasons.append(gettext("Every value is one of the codes."))
        return
    told = {value: wanted.get(value.strip().casefold()) for value in values}
    unknown = [value for value, code in told.items() if code is None]
    if variable.type == ColumnType.BOOLEAN and column.type != ColumnType.CATEGORY:
        return
    missing = [value for value in unknown if value.strip().casefold() in MISSING_WORDS]
    left = [value for value in unknown if value not in missing]
    if any(code is not None for code in told.values()):
        known = {value: code for value, code in told.items() if code is not None}
        suggestion.rule = {
            "kind": "recode",
            "column": column.name,
            "map": {**known, **dict.fromkeys(missing)},
            "otherwise": None,
        }
        pairs = listed([f"{value} → {code}" for value, code in known.items()])
        text = gettext("Its values read like the codes: %(pairs)s.")
        suggestion.reasons.append(text % {"pairs": pairs})
    if left:
        text = gettext("Nothing is known of %(values)s.") % {"values": listed(left[:5])}
        brief = gettext("nothing known of %(value)s") % {"value": left[0]}
        suggestion.against.append(RuleCaution(text, brief))


def code_words(variable: SharedVariable) -> dict[str, str]:
    """By what people write, the variable's code for it; what could be two codes is none."""
    codes = dict(variable.codes)
    if variable.type == ColumnType.BOOLEAN:
        codes = {"1": codes.get("1") or "yes", "0": codes.get("0") or "no"}
    found: dict[str, str | None] = {}
    for code, meaning in codes.items():
        texts = {code.casefold(), meaning.casefold()} - {""}
        for meant, words in CODE_WORDS.items():
            if texts & {meant, words[0]}:
                texts |= set(words)
        for text in texts:
            found[text] = code if found.get(text, code) == code else None
    return {text: code for text, code in found.items() if code is not None}


def _compared(
    suggestion: Suggestion,
    variable: SharedVariable,
    column: Column,
    elsewhere: Sequence[Elsewhere],
) -> None:
    """The levels beside other sites', or the median."""
    if is_open(variable) and suggestion.rule["kind"] == "copy":
        others = [levels_in((one.preview or {}).get("after"), one.site) for one in elsewhere]
        known = [one for one in others if one]
        suggestion.against += disagreements(levels_in(column.profile), known)
        return
    own = median(column.profile)
    if own is None or suggestion.rule["kind"] not in ("copy", "unit"):
        return
    if suggestion.rule["kind"] == "unit":
        rule = suggestion.rule
        into = units.conversion(rule["from"], rule["to"], rule.get("analyte"))
        own = own * into.factor + into.offset
    for one in elsewhere:
        other = median((one.preview or {}).get("after") or {})
        if not other or not own or own * other < 0:
            continue
        values = {"own": number(own), "other": number(other), "site": one.site}
        if 1 / FAR < own / other < FAR:
            text = gettext("Its median would be %(own)s, at %(site)s it is %(other)s.")
            suggestion.reasons.append(text % values)
        else:
            text = gettext("Its median would be %(own)s, but at %(site)s it is %(other)s.")
            brief = gettext("another median than %(site)s") % {"site": one.site}
            suggestion.against.append(RuleCaution(text % values, brief))
        return
