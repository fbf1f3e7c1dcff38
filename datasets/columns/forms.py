"""The form of the data dictionary: a label and a unit per column."""

from typing import Any

from django import forms
from django.utils.translation import gettext

from datasets.versions.models import Version


class DictionaryForm(forms.Form):
    """Two fields per column, in file order."""

    def __init__(self, data: Any = None, *, version: Version) -> None:
        super().__init__(data)
        self.columns = list(version.columns.all())
        for column in self.columns:
            self.fields[f"label-{column.position}"] = forms.CharField(
                label=gettext("What %(column)s means") % {"column": column.name},
                max_length=200,
                required=False,
                initial=column.label,
            )
            self.fields[f"unit-{column.position}"] = forms.CharField(
                label=gettext("Unit of %(column)s") % {"column": column.name},
                max_length=40,
                required=False,
                initial=column.unit,
            )

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Each column with its two fields."""
        return [
            {
                "column": column,
                "label": self[f"label-{column.position}"],
                "unit": self[f"unit-{column.position}"],
            }
            for column in self.columns
        ]

    def changes(self) -> list[dict[str, str]]:
        """What was entered, by column."""
        return [
            {
                "name": column.name,
                "label": self.cleaned_data[f"label-{column.position}"],
                "unit": self.cleaned_data[f"unit-{column.position}"],
            }
            for column in self.columns
        ]
