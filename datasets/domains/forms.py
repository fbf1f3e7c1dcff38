"""The form of a dataset's domains: what each column may hold, confirmed in one press."""

import csv
import io
import re
from collections.abc import Container, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext

from datasets.choices import ColumnType
from datasets.domains.models import Domain
from datasets.domains.proposals import Line
from portal.common.canonical import sha256_of
from portal.common.exceptions import Invalid

FIELDS = ("levels", "low", "high", "edges")


def field_of(name: str, line: Line) -> str:
    """What a field of a column is called: the same wherever the column stands in a version."""
    return f"{name}-{sha256_of(line.domain.column)[:16]}"


def sent_of(data: Container[str], lines: Sequence[Line]) -> list[Line]:
    """The lines of which a form had fields."""
    return [line for line in lines if any(field_of(name, line) in data for name in FIELDS)]


class LevelsField(forms.CharField):
    """A level a line, as CSV: its code and, behind a comma, its meaning."""

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, strip=False, **kwargs)

    def clean(self, value: Any) -> list[tuple[str, str]]:
        text = re.sub(r"\r\n?", "\n", super().clean(value) or "")
        try:
            rows = [row for row in csv.reader(io.StringIO(text), strict=True) if any(row)]
        except csv.Error as error:
            message = gettext("A quotation mark is not closed.")
            raise forms.ValidationError(message) from error
        if any(len(row) > 2 for row in rows):
            raise forms.ValidationError(
                gettext("A level or meaning that has a comma stands in quotation marks.")
            )
        return [(row[0], row[1].strip() if len(row) > 1 else "") for row in rows]


def levels_as_text(levels: Sequence[Sequence[str]]) -> str:
    """What `LevelsField` reads back."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for code, meaning in levels:
        writer.writerow([code, meaning] if meaning else [code])
    return text.getvalue()


class EdgesField(forms.CharField):
    """Numbers between spaces."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def clean(self, value: Any) -> list[float]:
        try:
            return [float(one) for one in super().clean(value).split()]
        except ValueError as error:
            message = gettext("Write numbers with spaces between them.")
            raise forms.ValidationError(message) from error


class DomainsForm(forms.Form):
    """The fields of each column; what is proposed stands in those of a column not declared yet."""

    def __init__(self, data: Any = None, *, lines: Sequence[Line]) -> None:
        super().__init__(data)
        self.lines = lines
        for line in lines:
            for name, field in fields_of(line.domain).items():
                self.fields[field_of(name, line)] = field

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Each column with its fields, where it has them."""
        return [
            {
                "line": line,
                **{
                    name: self[field_of(name, line)]
                    for name in FIELDS
                    if field_of(name, line) in self.fields
                },
            }
            for line in self.lines
        ]

    def domains(self) -> list[dict[str, Any]]:
        """What was entered, by column."""
        return [
            {
                "column": line.domain.column,
                **{name: self.cleaned_data.get(field_of(name, line)) for name in FIELDS},
            }
            for line in self.lines
        ]

    def refuse(self, error: Invalid) -> None:
        """Put what the action refused beside the first field of its column."""
        for where, texts in error.errors.items():
            line = self.lines[int(where.rpartition(".")[2])]
            fields = (field_of(name, line) for name in FIELDS)
            field = next((name for name in fields if name in self.fields), None)
            for text in texts:
                self.add_error(field, text)


def fields_of(domain: Domain) -> dict[str, forms.Field]:
    """A category has levels, a number a range and edges, a whole number codes as well."""
    named = {"column": domain.column}
    found: dict[str, forms.Field] = {}
    if domain.type != ColumnType.NUMBER:
        found["levels"] = LevelsField(
            label=gettext("Levels of %(column)s") % named,
            initial=levels_as_text(domain.levels),
            widget=forms.Textarea(attrs={"rows": min(max(len(domain.levels), 2), 8)}),
        )
    if domain.type != ColumnType.CATEGORY:
        found["low"] = forms.FloatField(
            label=gettext("Lowest value of %(column)s") % named,
            required=False,
            initial=as_text(domain.low),
        )
        found["high"] = forms.FloatField(
            label=gettext("Highest value of %(column)s") % named,
            required=False,
            initial=as_text(domain.high),
        )
        found["edges"] = EdgesField(
            label=gettext("Edges of the bins of %(column)s") % named,
            initial=" ".join(as_text(edge) for edge in domain.edges),
        )
    return found


def as_text(number: float | None) -> str:
    """A number as it is typed, to the last digit."""
    return "" if number is None else repr(float(number)).removesuffix(".0")
