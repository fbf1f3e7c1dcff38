"""A mapping's rule, as people enter it: copy, convert or recode a column, or an expression."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext, gettext_lazy

from datasets.choices import ColumnType, MappingStatus
from datasets.columns.models import Column
from datasets.columns.units import unit_told
from datasets.engine.mapping import units
from datasets.engine.mapping.rules import KEEP
from datasets.engine.mapping.units_table import ANALYTES
from datasets.mappings.models import Mapping
from datasets.variables.models import SharedVariable
from datasets.variables.pairs import read_pairs, read_text, write_pair, write_text
from datasets.versions.models import Version
from portal.common.forms import NameField, as_sent

NO_RULE = "none"
MISSING = "?"
CODE = "="
"""A chosen code stands behind this sign, so that it is not taken for what means missing."""

KINDS = [
    ("copy", gettext_lazy("Copy a column as it is")),
    ("unit", gettext_lazy("Convert a column’s unit")),
    ("recode", gettext_lazy("Recode a column’s values")),
    ("expression", gettext_lazy("Compute it with an expression")),
    (NO_RULE, gettext_lazy("No rule: this dataset cannot provide it, or nobody knows yet")),
]
BY_TYPES = ("copy", "unit", NO_RULE)
"""For whoever may not read the rows: what needs no look at the values."""

OTHERWISE = [
    ("missing", gettext_lazy("are not accounted for")),
    ("keep", gettext_lazy("stay as they are")),
    ("value", gettext_lazy("become the value below")),
]
SUBSTANCES = [
    ("glucose", gettext_lazy("glucose")),
    ("cholesterol", gettext_lazy("cholesterol")),
    ("triglycerides", gettext_lazy("triglycerides")),
    ("creatinine", gettext_lazy("creatinine")),
    ("urea", gettext_lazy("urea")),
    ("urea nitrogen", gettext_lazy("urea nitrogen")),
    ("uric acid", gettext_lazy("uric acid")),
    ("bilirubin", gettext_lazy("bilirubin")),
    ("calcium", gettext_lazy("calcium")),
    ("magnesium", gettext_lazy("magnesium")),
    ("phosphate", gettext_lazy("phosphate")),
    ("sodium", gettext_lazy("sodium")),
    ("potassium", gettext_lazy("potassium")),
    ("iron", gettext_lazy("iron")),
    ("haemoglobin", gettext_lazy("haemoglobin, as monomer")),
    ("lactate", gettext_lazy("lactate")),
    ("vitamin D", gettext_lazy("vitamin D")),
    ("vitamin B12", gettext_lazy("vitamin B12")),
    ("folate", gettext_lazy("folate")),
    ("cortisol", gettext_lazy("cortisol")),
    ("testosterone", gettext_lazy("testosterone")),
    ("HbA1c", gettext_lazy("HbA1c")),
]
DECIDED = [
    (MappingStatus.UNDETERMINED.value, gettext_lazy("Nobody knows yet")),
    (MappingStatus.IMPOSSIBLE.value, gettext_lazy("The dataset cannot provide it")),
]


class MappingForm(forms.Form):
    """Where the variable comes from in one dataset."""

    version = forms.ChoiceField(
        label=gettext_lazy("Version"),
        help_text=gettext_lazy("The rule is tried on this version’s rows."),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Rule"), choices=KINDS, initial="copy", widget=forms.RadioSelect
    )
    column = NameField(label=gettext_lazy("Column"), required=False)
    from_unit = forms.ChoiceField(label=gettext_lazy("Unit in the file"), required=False)
    analyte = forms.ChoiceField(
        label=gettext_lazy("Substance"),
        required=False,
        help_text=gettext_lazy(
            "Between mmol/L and mg/dL the factor is another one for each substance."
        ),
    )
    recoding = forms.CharField(
        label=gettext_lazy("Further values"),
        required=False,
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 2, "class": "mono"}),
        help_text=gettext_lazy(
            "One per line, value = new value. Nothing after = means missing. A value with = or "
            "spaces at its ends stands in double quotes."
        ),
    )
    otherwise = forms.ChoiceField(
        label=gettext_lazy("All other values"), choices=OTHERWISE, required=False
    )
    other_value = forms.CharField(label=gettext_lazy("That value"), required=False, max_length=200)
    if_missing = forms.CharField(
        label=gettext_lazy("Empty cells become"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Left blank, what is missing stays missing."),
    )
    sql = forms.CharField(
        label=gettext_lazy("Expression"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "class": "mono", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "For example: num > 0, age / 10, CASE WHEN chol = 0 THEN NULL ELSE chol END."
        ),
    )
    status = forms.ChoiceField(
        label=gettext_lazy("Why there is no rule"), choices=DECIDED, required=False
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("What others should know about this rule."),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        variable: SharedVariable,
        versions: Sequence[Version],
        columns: Sequence[Column],
        values: Sequence[dict[str, Any]] = (),
        reads_rows: bool = True,
        start: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, initial=start, **kwargs)
        self.variable, self.values = variable, list(values)
        self.columns = {column.name: column for column in columns}
        self._choose(
            "version",
            [
                (str(v.number), gettext("Version %(version)s") % {"version": v.number})
                for v in versions
            ],
        )
        if len(versions) == 1:
            # Nobody chooses among one.
            self.fields["version"].widget = forms.HiddenInput()
            self.initial["version"] = str(versions[0].number)
        self._choose(
            "column",
            [("", gettext("Choose a column")), *((c.name, column_in_words(c)) for c in columns)],
        )
        unit = units.ucum(variable.unit)
        old = {code for one in ("", *ANALYTES) for code in units.convertible(unit, one)}
        self._choose(
            "from_unit",
            [
                ("", gettext("Choose a unit")),
                *((code, unit_told(code) or code) for code in sorted(old)),
            ],
        )
        self._choose("analyte", [("", gettext("None")), *SUBSTANCES])
        self._fill_in_substance()
        kinds = [kind for kind in KINDS if reads_rows or kind[0] in BY_TYPES]
        self._choose("kind", [kind for kind in kinds if old or kind[0] != "unit"])

    def _choose(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices

    def _fill_in_substance(self) -> None:
        """The one that names and labels speak of, where the variable's unit needs any."""
        column = self.columns.get(self.initial.get("column", ""))
        words = [column.name, column.label] if column else []
        known = units.analyte_in(*words, self.variable.name, self.variable.label)
        if not known or not units.is_of_laboratories(self.variable.unit):
            return
        if not self.initial.get("analyte"):
            self.initial["analyte"] = known
        if self.initial["analyte"] == known:
            text = gettext(
                "Names and labels speak of %(substance)s. Between mmol/L and mg/dL the factor is "
                "another one for each substance."
            )
            told = {"substance": dict(SUBSTANCES)[known]}
            self.fields["analyte"].help_text = text % told

    def clean(self) -> dict[str, Any]:
        """The parts as a rule; what the chosen kind needs must be there."""
        cleaned = super().clean() or {}
        kind = cleaned.get("kind")
        if kind in ("copy", "recode", "unit") and not cleaned.get("column"):
            self.add_error("column", gettext("Choose the column."))
        if kind == "expression" and not cleaned.get("sql"):
            self.add_error("sql", gettext("Write the expression."))
        if kind == "unit" and not cleaned.get("from_unit"):
            self.add_error("from_unit", gettext("Choose the unit the file has it in."))
        if kind == "recode" and "recoding" in cleaned and not self._map:
            self.add_error("recoding", gettext("Say of at least one value what it becomes."))
        if kind == "recode" and cleaned.get("otherwise") == "value" and not cleaned["other_value"]:
            self.add_error("other_value", gettext("Write the value, or leave them out."))
        return cleaned

    @property
    def rule(self) -> dict[str, Any] | None:
        """The rule as the API takes it."""
        cleaned = self.cleaned_data
        column = cleaned["column"]
        if cleaned["kind"] == "copy":
            return {"kind": "copy", "column": column}
        if cleaned["kind"] == "expression":
            return {"kind": "expression", "sql": cleaned["sql"].replace("\r\n", "\n")}
        if cleaned["kind"] == "unit":
            rule = {"kind": "unit", "column": column, "from": cleaned["from_unit"]}
            rule["to"] = units.ucum(self.variable.unit)
            if cleaned["analyte"] and units.needs_analyte(rule["from"], rule["to"]):
                rule["analyte"] = cleaned["analyte"]
            missing = [value for value, new in self._chosen().items() if new is None]
            return rule | ({"missing": missing} if missing else {})
        if cleaned["kind"] == "recode":
            other = {"keep": KEEP, "value": read_text(cleaned["other_value"])}
            empty = cleaned["if_missing"]
            return {
                "kind": "recode",
                "column": column,
                "map": self._map,
                "otherwise": other.get(cleaned["otherwise"]),
                **({"if_missing": read_text(empty)} if empty else {}),
            }
        return None

    @property
    def decided(self) -> str | None:
        """What somebody says of a dataset without a rule."""
        if self.cleaned_data["kind"] != NO_RULE:
            return None
        return self.cleaned_data["status"] or MappingStatus.UNDETERMINED

    @property
    def is_coded(self) -> bool:
        """Whether what values become is chosen from a list."""
        return bool(self.variable.codes) or self.variable.type == ColumnType.BOOLEAN

    @property
    def targets(self) -> list[tuple[str, str]]:
        """What a value may become where the variable has codes."""
        codes = dict(self.variable.codes)
        if self.variable.type == ColumnType.BOOLEAN:
            codes = {"1": codes.get("1") or gettext("yes"), "0": codes.get("0") or gettext("no")}
        return [
            ("", gettext("not accounted for")),
            (MISSING, gettext("missing")),
            *(
                (CODE + code, f"{code}, {meaning}" if meaning not in ("", code) else code)
                for code, meaning in codes.items()
            ),
        ]

    @property
    def value_rows(self) -> list[dict[str, Any]]:
        """The column's values with their counts, and what each becomes so far."""
        said = self._chosen() if self.is_bound else (self.initial or {}).get("map", {})
        rows = []
        for index, one in enumerate(self.values):
            known = one["value"] in said
            new = said.get(one["value"])
            target = "" if not known or new is None else self._code(typed(new))
            if self.is_coded:
                target = (MISSING if new is None else CODE + target) if known else ""
            missing = known and new is None
            rows.append({"index": index, **one, "target": target, "missing": missing})
        return rows

    def _code(self, target: str) -> str:
        """A rule may say true of what the list calls 1."""
        if self.variable.type != ColumnType.BOOLEAN:
            return target
        return {"true": "1", "false": "0"}.get(target, target)

    @property
    def _map(self) -> dict[str, Any]:
        return {**self._chosen(), **dict(read_pairs(self.cleaned_data.get("recoding", "")))}

    def _chosen(self) -> dict[str, Any]:
        """What was chosen beside the values; those left alone are not in it."""
        if not hasattr(self.data, "getlist"):
            return {}
        spelled = {as_sent(one["value"]): one["value"] for one in self.values}
        codes = {as_sent(code): code for code in self.variable.codes}
        values = self.data.getlist(f"{self.prefix}-value")
        missing = set(self.data.getlist(f"{self.prefix}-missing"))
        chosen: dict[str, Any] = {}
        for index, value in enumerate(values):
            value = spelled.get(as_sent(value), value)
            target = self.data.get(f"{self.prefix}-target-{index}", "")
            if str(index) in missing or (self.is_coded and target == MISSING):
                chosen[value] = None
            elif target:
                code = target.removeprefix(CODE)
                chosen[value] = codes.get(as_sent(code), code) if self.is_coded else target
        return chosen


def start_of(
    rule: dict[str, Any] | None, mapping: Mapping | None, values: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """The form's values for a rule, be it in force or suggested, and the mapping there is."""
    said = {
        "version": str(mapping.version.number) if mapping else "",
        "note": mapping.note if mapping else "",
        "status": mapping.status if mapping else "",
    }
    if mapping is None and rule is None:
        return {"kind": "copy"}
    if rule is None:
        return said | {"kind": NO_RULE}
    listed = {one["value"] for one in values}
    pairs = rule.get("map", {})
    other, empty = rule.get("otherwise"), rule.get("if_missing")
    return said | {
        "kind": rule["kind"],
        "column": rule.get("column", ""),
        "from_unit": units.ucum(rule.get("from")),
        "analyte": rule.get("analyte") or "",
        "map": {**pairs, **dict.fromkeys(map(str, rule.get("missing") or []))},
        "recoding": "\n".join(
            write_pair(value, None if new is None else typed(new))
            for value, new in pairs.items()
            if value not in listed
        ),
        "otherwise": "keep" if other == KEEP else "missing" if other is None else "value",
        "other_value": "" if other in (None, KEEP) else write_text(typed(other)),
        "if_missing": "" if empty is None else write_text(typed(empty)),
        "sql": rule.get("sql", ""),
    }


def column_in_words(column: Column) -> str:
    """A column in a list to choose from: its name, type or unit, and label."""
    kind = column.unit_told or column.get_type_display()
    return f"{column.name}, {kind}, {column.label}" if column.label else f"{column.name}, {kind}"


def typed(value: Any) -> str:
    """A value of a rule as one would type it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
