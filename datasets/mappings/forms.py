"""A mapping's rule, as people enter it: copy a column, recode its values, or an expression."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext, gettext_lazy

from datasets.choices import MappingStatus
from datasets.columns.models import Column
from datasets.engine.mapping.rules import KEEP
from datasets.mappings.models import Mapping
from datasets.variables.pairs import read_pairs, read_text, write_pair, write_text
from datasets.versions.models import Version
from portal.common.forms import NameField

NO_RULE = "none"


KINDS = [
    ("copy", gettext_lazy("Copy a column as it is")),
    ("recode", gettext_lazy("Recode a column’s values")),
    ("expression", gettext_lazy("Compute it with an expression")),
    (NO_RULE, gettext_lazy("No rule: this dataset cannot provide it, or nobody knows yet")),
]


OTHERWISE = [
    ("missing", gettext_lazy("become missing")),
    ("keep", gettext_lazy("stay as they are")),
    ("value", gettext_lazy("become the value below")),
]


class MappingForm(forms.Form):
    """Where the variable comes from in one dataset, and how well."""

    version = forms.ChoiceField(
        label=gettext_lazy("Version"),
        help_text=gettext_lazy("The rule is tried on this version’s rows."),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Rule"), choices=KINDS, initial="copy", widget=forms.RadioSelect
    )
    column = NameField(
        label=gettext_lazy("Column"),
        required=False,
        help_text=gettext_lazy("The dataset’s own column, for copy and recode."),
    )
    recoding = forms.CharField(
        label=gettext_lazy("Values"),
        required=False,
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 4, "class": "mono"}),
        help_text=gettext_lazy(
            "For recode: one per line, value = new value. Nothing after = means missing. A value "
            "with = or spaces at its ends stands in double quotes."
        ),
    )
    otherwise = forms.ChoiceField(
        label=gettext_lazy("All other values"), choices=OTHERWISE, required=False
    )
    other_value = forms.CharField(label=gettext_lazy("That value"), required=False, max_length=200)
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
        label=gettext_lazy("Status"), choices=MappingStatus.choices, initial=MappingStatus.COMPLETE
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
        versions: Sequence[Version],
        columns: Sequence[Column],
        mapping: Mapping | None = None,
        suggested: str = "",
        **kwargs: Any,
    ) -> None:
        initial = initial_of(mapping, suggested)
        super().__init__(data, initial=initial, **kwargs)
        cast(forms.ChoiceField, self.fields["version"]).choices = [
            (str(version.number), gettext("Version %(version)s") % {"version": version.number})
            for version in versions
        ]
        cast(forms.ChoiceField, self.fields["column"]).choices = [
            ("", gettext("Choose a column")),
            *((c.name, f"{c.name} ({c.get_type_display()})") for c in columns),
        ]

    def clean(self) -> dict[str, Any]:
        """The parts as a rule; what the chosen kind needs must be there."""
        cleaned = super().clean() or {}
        kind = cleaned.get("kind")
        if kind in ("copy", "recode") and not cleaned.get("column"):
            self.add_error("column", gettext("Choose the column."))
        if kind == "expression" and not cleaned.get("sql"):
            self.add_error("sql", gettext("Write the expression."))
        if kind == "recode" and not cleaned.get("recoding", "").strip():
            self.add_error("recoding", gettext("Write at least one line: value = new value."))
        if kind == "recode" and cleaned.get("otherwise") == "value" and not cleaned["other_value"]:
            self.add_error("other_value", gettext("Write the value, or let them become missing."))
        if kind == NO_RULE and cleaned.get("status") in ("complete", "partial"):
            self.add_error("status", gettext("Without a rule it is impossible or undetermined."))
        if kind != NO_RULE and cleaned.get("status") in ("impossible", "undetermined"):
            self.add_error("status", gettext("With a rule it is complete or partial."))
        return cleaned

    @property
    def rule(self) -> dict[str, Any] | None:
        """The rule as the API takes it."""
        cleaned = self.cleaned_data
        if cleaned["kind"] == "copy":
            return {"kind": "copy", "column": cleaned["column"]}
        if cleaned["kind"] == "expression":
            return {"kind": "expression", "sql": cleaned["sql"].replace("\r\n", "\n")}
        if cleaned["kind"] == "recode":
            return {
                "kind": "recode",
                "column": cleaned["column"],
                "map": dict(read_pairs(cleaned["recoding"])),
                "otherwise": {"keep": KEEP, "value": read_text(cleaned["other_value"])}.get(
                    cleaned["otherwise"]
                ),
            }
        return None


def initial_of(mapping: Mapping | None, suggested: str) -> dict[str, Any]:
    """The form's values for what the mapping is now, or for a suggested column."""
    if mapping is None:
        return {"kind": "copy", "column": suggested, "status": MappingStatus.COMPLETE}
    rule = mapping.rule or {"kind": NO_RULE}
    recoding = "\n".join(
        write_pair(value, None if new is None else _typed(new))
        for value, new in rule.get("map", {}).items()
    )
    other = rule.get("otherwise")
    return {
        "version": str(mapping.version.number),
        "kind": rule["kind"],
        "column": rule.get("column", suggested),
        "recoding": recoding,
        "otherwise": "keep" if other == KEEP else "missing" if other is None else "value",
        "other_value": "" if other in (None, KEEP) else write_text(_typed(other)),
        "sql": rule.get("sql", ""),
        "status": mapping.status,
        "note": mapping.note,
    }


def _typed(value: Any) -> str:
    """A value of a rule as one would type it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
