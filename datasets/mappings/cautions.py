"""What to look at before a rule is trusted: another unit, or values of an unusual size."""

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import F
from django.db.models.fields.json import KeyTransform
from django.utils.translation import gettext, ngettext

from datasets.choices import ColumnType
from datasets.columns.models import Column
from datasets.columns.units import unit_told
from datasets.datasets.permissions import DatasetPermission, can
from datasets.engine.mapping import units
from datasets.engine.mapping.problems import RuleError
from datasets.engine.mapping.rules import KEEP
from datasets.mappings.caution import RuleCaution
from datasets.variables.models import SharedVariable
from datasets.versions.models import Version
from portal.common.text import either, told
from portal.web.templatetags.text import number

Rule = dict[str, Any]

MEASURED = (ColumnType.INTEGER, ColumnType.NUMBER)


def cautions(
    variable: SharedVariable, columns: Iterable[Column], rule: Rule | None, *, reads_rows: bool
) -> list[RuleCaution]:
    """Sentences on a rule that takes one of the columns as it is, or converts it.

    Nothing is refused for them: dictionaries err, and so do we. The size of the values speaks only
    to whoever reads the rows.
    """
    rule, columns = rule or {}, list(columns)
    of_unit = _of_unit(variable, columns, rule, reads_rows=reads_rows)
    return [*of_unit, *(_codes_kept(columns, rule) if reads_rows else [])]


def _of_unit(
    variable: SharedVariable, columns: Iterable[Column], rule: Rule, *, reads_rows: bool
) -> list[RuleCaution]:
    """On the unit that the rule takes its column to be in."""
    unit = _unit_read(rule, variable)
    column = next((one for one in columns if unit and one.name == rule["column"]), None)
    if column is None or column.type not in MEASURED:
        return []
    own, wanted = units.analyte_in(*_words(column)), units.analyte_in(*_words(variable))
    if own and wanted and not units.analyte_in(*_words(column), *_words(variable)):
        text = gettext(
            "Its name or label is of another substance than the variable’s: look whether it is the "
            "right column."
        )
        return [RuleCaution(text, gettext("perhaps another substance"))]
    known = unit_known(column)
    if known and not units.is_same(known, unit):
        return [_another_unit(variable, column, rule)]
    analyte = units.analyte_in(*_words(column), *_words(variable))
    middle = median(column.profile) if reads_rows else None
    usual = None if middle is None else units.is_usual(middle, unit, analyte)
    if middle is not None and usual is False:
        return [_unusual(middle, unit, analyte)]
    if usual is None and not known and units.is_of_laboratories(unit):
        text = gettext(
            "Its dictionary names no unit, and not every laboratory reports in %(unit)s: find out "
            "which unit it is in."
        )
        return [RuleCaution(text % {"unit": unit_told(unit)}, gettext("unit not known"))]
    return []


def cautions_for(
    user: Any, version: Version, variable: SharedVariable, rule: Rule | None, *, exact: bool = True
) -> list[RuleCaution]:
    """The same for one person; with `exact=False` as if they read no rows."""
    reads_rows = exact and can(user, DatasetPermission.READ_ROWS, version.dataset)
    columns = version.columns.filter(name=(rule or {}).get("column", ""))
    return cautions(variable, columns, rule, reads_rows=reads_rows)


PARTS = ("top", "distinct", "suspicious")
"""Beside its median, what of a column's profile speaks for or against a rule."""


def newest_columns(datasets: Iterable[int], names: Iterable[str]) -> dict[tuple[int, str], Column]:
    """By dataset and name the columns of these names in the newest versions, with no more of their
    profiles than cautions look at."""
    ready = Version.objects.ready().filter(dataset__in=datasets)
    newest = ready.order_by("dataset", "-number").distinct("dataset")
    found = Column.objects.filter(version__in=newest.values("pk"), name__in=names)
    columns = list(found.defer("profile").annotate(dataset=F("version__dataset")))
    read_parts(columns)
    return {(one.dataset, one.name): one for one in columns}


def read_parts(columns: Collection[Column]) -> None:
    """Give the columns what cautions and suggestions look at in their profiles, in one query:
    histograms are large."""
    if not columns:
        return
    parts = {f"its_{name}": KeyTransform(name, "profile") for name in PARTS}
    parts["its_median"] = KeyTransform("0.5", KeyTransform("quantiles", "profile"))
    found = Column.objects.filter(pk__in=[one.pk for one in columns])
    read: dict[int, Any] = {row["pk"]: row for row in found.values("pk", **parts)}
    for one in columns:
        row = read[one.pk]
        one.profile = {name: row[f"its_{name}"] for name in PARTS}
        one.profile["quantiles"] = {"0.5": row["its_median"]}


def unit_known(column: Column) -> str:
    """The unit that a column's dictionary says, or else the one that its name or label ends in."""
    return column.unit or units.unit_named(column.name, column.label)


def median(profile: dict[str, Any]) -> float | None:
    """The middle of a column's values, where it has one."""
    value = (profile.get("quantiles") or {}).get("0.5")
    return float(value) if isinstance(value, int | float) else None


def _words(one: Column | SharedVariable) -> tuple[str, str]:
    return one.name, one.label


def _unit_read(rule: Rule, variable: SharedVariable) -> str:
    """The unit a rule takes the column to be in; empty where it says nothing of one."""
    if rule.get("kind") == "unit":
        return str(rule["from"])
    return variable.unit if _keeps_values(rule) else ""


def _keeps_values(rule: Rule) -> bool:
    """Whether values stay as they are, but for those it names."""
    kind = rule.get("kind")
    return kind == "copy" or (kind == "recode" and rule.get("otherwise") == KEEP)


def _codes_kept(columns: Iterable[Column], rule: Rule) -> list[RuleCaution]:
    """On values that look like codes for missing (−9), where the rule takes them as measured."""
    if not (rule.get("kind") == "unit" or _keeps_values(rule)):
        return []
    column = next((one for one in columns if one.name == rule["column"]), None)
    if column is None or column.type not in MEASURED:
        return []
    named = {_written(one) for one in [*(rule.get("missing") or ()), *(rule.get("map") or ())]}
    return [
        _code_kept(one)
        for one in column.profile.get("suspicious") or ()
        if _written(one["value"]) not in named
    ]


def _written(value: object) -> str:
    """A value as rules name it; scripts name numbers as numbers, too."""
    return f"{value:.15g}" if isinstance(value, int | float) else str(value)


def _code_kept(found: dict[str, Any]) -> RuleCaution:
    text = ngettext(
        "%(value)s occurs %(n)s time, %(why)s: if it means missing, the rule has to say so.",
        "%(value)s occurs %(n)s times, %(why)s: if it means missing, the rule has to say so.",
        found["n"],
    )
    value = number(found["value"])
    return RuleCaution(
        text % {"value": value, "n": found["n"], "why": told(found["said"])},
        gettext("%(value)s may mean missing") % {"value": value},
        code=_written(found["value"]),
    )


def _another_unit(variable: SharedVariable, column: Column, rule: Rule) -> RuleCaution:
    known = unit_known(column)
    old = unit_told(known) or known
    brief = gettext("it says %(unit)s") % {"unit": old}
    return RuleCaution(_on_another_unit(variable, column, rule, old), brief)


def _on_another_unit(variable: SharedVariable, column: Column, rule: Rule, old: str) -> str:
    known = unit_known(column)
    told = {"old": old, "new": variable.unit_told}
    if rule["kind"] == "unit":
        text = (
            gettext("Its dictionary says %(old)s, but this rule converts from %(read)s.")
            if column.unit
            else gettext("Its name says %(old)s, but this rule converts from %(read)s.")
        )
        return text % (told | {"read": unit_told(rule["from"]) or rule["from"]})
    analyte = units.analyte_in(*_words(column), *_words(variable))
    if not _is_convertible(known, variable.unit, analyte):
        text = (
            gettext(
                "Its dictionary says %(old)s, the variable is in %(new)s, and no conversion "
                "between the two is known: write an expression, or choose another column."
            )
            if column.unit
            else gettext(
                "Its name says %(old)s, the variable is in %(new)s, and no conversion between the "
                "two is known: write an expression, or choose another column."
            )
        )
        return text % told
    text = (
        gettext(
            "Its dictionary says %(old)s and the variable is in %(new)s, but this rule takes the "
            "values as they are: choose “Convert a column’s unit”, from %(old)s."
        )
        if column.unit
        else gettext(
            "Its name says %(old)s and the variable is in %(new)s, but this rule takes the values "
            "as they are: choose “Convert a column’s unit”, from %(old)s."
        )
    )
    return text % told


def _is_convertible(old: str, new: str, analyte: str) -> bool:
    """Whether one becomes the other, if only for a substance that is still to be named."""
    try:
        units.conversion(old, new, analyte)
    except RuleError as error:
        return error.code == "needs_analyte"
    return True


def _unusual(middle: float, unit: str, analyte: str) -> RuleCaution:
    brief = gettext("unusual: median %(median)s") % {"median": number(middle)}
    return RuleCaution(_on_the_median(middle, unit, analyte), brief)


def _on_the_median(middle: float, unit: str, analyte: str) -> str:
    others = [
        other
        for other in units.convertible(unit, analyte)
        if units.is_usual(middle, other, analyte)
    ]
    told = {"median": number(middle), "unit": unit_told(unit) or unit}
    if not others:
        text = gettext(
            "Its median is %(median)s, which would be unusual in %(unit)s: look whether it is the "
            "same measurement, and in which unit."
        )
        return text % told
    text = gettext(
        "Its median is %(median)s, which would be unusual in %(unit)s and usual in %(other)s: find "
        "out its unit, and choose it under “Convert a column’s unit”."
    )
    return text % (told | {"other": either([unit_told(one) or one for one in others])})
