"""A question of a project's data, as people put it together."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, cast

from django import forms
from django.forms.boundfield import BoundField, BoundWidget
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy, ngettext

from datasets.analyses.models import LONGEST_TITLE, Analysis
from datasets.choices import ColumnType
from datasets.columns.units import unit_told
from datasets.engine.methods.shared.words import label_of
from datasets.engine.rows.frame import VariableInfo
from datasets.pools.pool import Pool
from datasets.versions.models import Version, newest_of_each
from portal.common.countries import with_country
from portal.common.forms import NameField, NamesField
from portal.common.text import RowCount, Text


class LookForm(forms.Form):
    """Why somebody wants to see an estimate whose checks fail."""

    reason = forms.CharField(
        label=gettext_lazy("Why do you want to look anyway?"),
        help_text=gettext_lazy("Your name and these words stay on the answer."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Say why: your words stay with the answer.")},
    )


class SearchForm(forms.Form):
    """What a list of questions can be narrowed to."""

    q = forms.CharField(label=gettext_lazy("Question"), required=False, max_length=100)

    @property
    def words(self) -> str:
        """What was entered; nothing where it does not fit."""
        return str(self.cleaned_data.get("q", "")) if self.is_valid() else ""


class InputsField(forms.MultipleChoiceField):
    """Which datasets, each in one version: choices are `dataset:version`."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, versions: Sequence[Version], **kwargs: Any) -> None:
        super().__init__(
            label=gettext("Data"),
            choices=[(input_value(version), _input_label(version)) for version in versions],
            initial=[input_value(version) for version in newest_of_each(versions)],
            error_messages={"required": gettext("Choose at least one dataset.")},
            **kwargs,
        )

    def clean(self, value: Any) -> list[dict[str, int]]:
        """The inputs as the API takes them, in the order of the page."""
        chosen = set(super().clean(value))
        offered = cast(Iterable[tuple[str, str]], self.choices)
        pairs = [str(choice).split(":") for choice, _ in offered if choice in chosen]
        if len({dataset for dataset, _ in pairs}) < len(pairs):
            raise forms.ValidationError(gettext("Choose one version of each dataset."))
        return [{"dataset": int(dataset), "version": int(number)} for dataset, number in pairs]


@dataclass(frozen=True)
class Offer:
    """A variable to tick: what it is, where it is missing, its box, and what else it is."""

    info: VariableInfo
    kind: str
    missing: str
    box: BoundWidget
    fixed: Text

    @property
    def ticked(self) -> bool:
        """Whether its box is ticked."""
        return not self.fixed and bool(self.box.data["selected"])


class AnalysisForm(forms.Form):
    """What every question has; each method adds its own fields and says where they stand."""

    sentence: ClassVar[Text] = ""
    further: ClassVar[Text] = ""
    ticking: ClassVar[str] = "variables"
    needs: ClassVar[Sequence[str]] = ("variables",)
    modelling: ClassVar[Sequence[str]] = ()
    refining: ClassVar[Sequence[str]] = ()
    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=LONGEST_TITLE,
        required=False,
        help_text=gettext_lazy("As it will stand above the result; left empty, the question."),
    )

    purpose = forms.CharField(
        label=gettext_lazy("What for, and why it is safe"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Read by whoever releases the answer, where somebody has to."),
    )

    def __init__(self, *args: Any, versions: Sequence[Version], pool: Pool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pool, self.versions = pool, versions
        self.fields["inputs"] = InputsField(versions)
        self.add_variables()
        for field in self.fields.values():
            if isinstance(field, NameField | NamesField):
                field.error_messages["invalid_choice"] = gettext(
                    "A variable that stood here is not in the chosen data: choose another, or "
                    "other data."
                )
        self.order_fields([*(n for n in self.fields if n not in ("inputs",)), "inputs"])

    def add_variables(self) -> None:
        """Add the fields whose choices are the variables on offer."""
        raise NotImplementedError

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters as the API takes them."""
        raise NotImplementedError

    @property
    def fixed(self) -> dict[str, Text]:
        """Variables that stand in the question already, and as what."""
        return {}

    @property
    def lines(self) -> list[list[BoundField | str]]:
        """The question in sentences, with a field where one is to be chosen."""
        split = [re.split(r"\{(\w+)\}", str(one)) for one in (self.sentence, self.further) if one]
        return [
            [self[one] if place % 2 else one.strip() for place, one in enumerate(parts)]
            for parts in split
        ]

    def called(self, name: str) -> str:
        """A variable as a sentence calls it."""
        return str(label_of(name, self.pool.variables))

    @classmethod
    def filled_by(cls, analysis: Analysis) -> dict[str, Any]:
        """What to fill its fields with to ask the same once more."""
        return analysis.parameters

    def asks(self, parameters: dict[str, Any]) -> bool:
        """Whether what it was sent asks just this; what it leaves open is as it was."""
        return self.is_valid() and unordered(parameters | self.parameters) == unordered(parameters)

    def choices(self, *types: str) -> list[tuple[str, str]]:
        """Variables of these types, each with its type and how many datasets have it."""
        return [
            (name, self._label(info))
            for name, info in self.pool.variables.items()
            if info.type in types
        ]

    @property
    def ticked(self) -> BoundField:
        """The field that takes variables, ticked in one table."""
        return self[self.ticking]

    @cached_property
    def offers(self) -> list[Offer]:
        """The rows of that table, those that stand in the question first, then the ticked ones."""
        fixed, found = self.fixed, []
        for box in self.ticked:
            info = self.pool.variables[box.data["value"]]
            kind = unit_told(info.unit) or str(ColumnType(info.type).label)
            found.append(Offer(info, kind, self._missing(info), box, fixed.get(info.name, "")))
        return sorted(found, key=lambda one: (not one.fixed, not one.ticked))

    def chosen(self) -> int:
        """How many are ticked."""
        return sum(one.ticked for one in self.offers)

    def modelled(self) -> Iterator[BoundField]:
        """The fields that say how it is computed."""
        return (self[name] for name in self.modelling)

    def refined(self) -> Iterator[BoundField]:
        """The fields that few change."""
        return (self[name] for name in self.refining)

    @property
    def by_site(self) -> BoundField | None:
        """The field for further variables whose effect differs by site, where there are any."""
        return None

    def references(self, counts: Mapping[str, Mapping[str, RowCount]]) -> Sequence[Any]:
        """Categories whose reference level is to be chosen, where the method has any; `counts` has
        how many rows each of a category's levels has, where that is known."""
        return ()

    def is_refined(self) -> bool:
        """Whether one of those was changed, filled in or is wrong."""
        if not self.is_bound:
            asked = {name: self.fields[name] for name in self.refining if name in self.initial}
            return any(
                field.has_changed(field.initial, self.initial[name])
                for name, field in asked.items()
            )
        changed = {*self.errors, *self.changed_data}
        return not changed.isdisjoint(self.refining)

    @cached_property
    def _labels(self) -> Counter[str]:
        """How many variables have each label."""
        return Counter(info.label for info in self.pool.variables.values() if info.label)

    def _label(self, info: VariableInfo) -> str:
        label, missing = info.label or info.name, self._missing(info)
        if self._labels[info.label] > 1:
            label = gettext("%(label)s (%(name)s)") % {"label": label, "name": info.name}
        if not missing:
            return label
        return gettext("%(variable)s, %(missing)s") % {"variable": label, "missing": missing}

    def _missing(self, info: VariableInfo) -> str:
        """In how many datasets a variable is, unless it is in all."""
        sites, everywhere = self.pool.sites_with(info.name), len(self.pool.rules)
        if sites == everywhere:
            return ""
        return ngettext(
            "in %(sites)s of %(count)s dataset", "in %(sites)s of %(count)s datasets", everywhere
        ) % {"sites": sites, "count": everywhere}

    def field_of(self, path: str) -> str | None:
        """The form's field for a field of the API's message, such as `parameters.terms`."""
        name = path.removeprefix("parameters.").split(".")[0]
        return name if name in self.fields else None


NUMBERS = (ColumnType.NUMBER, ColumnType.INTEGER, ColumnType.BOOLEAN)


def unordered(parameters: dict[str, Any]) -> dict[str, Any]:
    """Parameters whose lists are in one order, and the pairs in them: that of the boxes on a page
    says nothing."""
    return {
        name: sorted(sorted(one) if isinstance(one, list) else one for one in value)
        if isinstance(value, list)
        else value
        for name, value in parameters.items()
    }


def input_value(version: Version) -> str:
    """A version as the form names it."""
    return f"{version.dataset_id}:{version.number}"


def several(choices: Iterable[tuple[str, str]], label: str, required: bool = True) -> NamesField:
    """Tick boxes, at least one unless it is not required."""
    return NamesField(
        label=label,
        choices=list(choices),
        required=required,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext("Choose at least one.")},
    )


def _input_label(version: Version) -> SafeString:
    site = version.dataset.site
    rows = version.rows_for(reads=version.dataset.rows_readable)
    source = ngettext(
        "version %(number)s, %(place)s; %(rows)s row",
        "version %(number)s, %(place)s; %(rows)s rows",
        rows.quantity,
    ) % {
        "number": version.number,
        "place": with_country(site.name, site.country),
        "rows": str(rows),
    }
    return format_html(
        '<span>{} <span class="detail">{}</span></span>', version.dataset.title, source
    )
