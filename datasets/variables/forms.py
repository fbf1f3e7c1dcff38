"""What defines a shared variable, as people type it."""

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from datasets.choices import ColumnType
from datasets.variables.models import SharedVariable
from datasets.variables.pairs import read_pairs, write_pair


class SharedVariableForm(forms.Form):
    """Name, type, unit, codes and topic."""

    name = forms.RegexField(
        r"^[A-Za-z][A-Za-z0-9_]*$",
        label=gettext_lazy("Name"),
        max_length=63,
        help_text=gettext_lazy(
            "A letter, then letters, digits and _. Analyses and scripts use it."
        ),
        error_messages={
            "invalid": gettext_lazy("Start with a letter; then letters, digits and _ only.")
        },
    )
    label = forms.CharField(
        label=gettext_lazy("Label"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("What it means, as a table’s heading."),
    )
    type = forms.ChoiceField(
        label=gettext_lazy("Type"), choices=ColumnType.choices, initial=ColumnType.NUMBER
    )
    unit = forms.CharField(
        label=gettext_lazy("Unit (UCUM)"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("mm[Hg], mmol/L, a"),
    )
    topic = forms.CharField(
        label=gettext_lazy("Topic"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("Groups variables on the page: Blood pressure."),
    )
    wave = forms.CharField(
        label=gettext_lazy("Wave"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("When it was measured, of one measured several times: baseline."),
    )
    codes = forms.CharField(
        label=gettext_lazy("Codes"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4, "class": "mono"}),
        help_text=gettext_lazy(
            "For categories and yes/no: one per line, code = meaning. A code with = or spaces "
            "at its ends stands in double quotes."
        ),
    )

    def clean_codes(self) -> dict[str, str]:
        """Lines of `code = meaning` as an object."""
        codes: dict[str, str] = {}
        for code, meaning in read_pairs(self.cleaned_data["codes"]):
            if not code:
                line = write_pair(code, meaning)
                raise forms.ValidationError(
                    gettext("“%(line)s” has no code before the =.") % {"line": line[:60]}
                )
            if code in codes:
                raise forms.ValidationError(
                    gettext("The code “%(code)s” is there twice.") % {"code": code[:60]}
                )
            codes[code] = meaning or ""
        return codes

    @classmethod
    def of(cls, variable: SharedVariable, data: Any = None) -> "SharedVariableForm":
        """The form filled with what the variable is."""
        codes = "\n".join(
            write_pair(code, meaning or None) for code, meaning in variable.codes.items()
        )
        fields = ("name", "label", "type", "unit", "topic", "wave")
        initial = {name: getattr(variable, name) for name in fields} | {"codes": codes}
        return cls(data, initial=initial, prefix="variable")


class RepeatForm(forms.Form):
    """Which wave, and how its columns are called."""

    wave = forms.CharField(
        label=gettext_lazy("Wave"),
        max_length=60,
        help_text=gettext_lazy("When it was measured: 6 months."),
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=63,
        help_text=gettext_lazy("Analyses and scripts use it: sbp_6m."),
    )
    old = forms.CharField(
        label=gettext_lazy("Column names end in"), max_length=60, strip=False, required=False
    )
    new = forms.CharField(
        label=gettext_lazy("In this wave they end in"), max_length=60, strip=False, required=False
    )
