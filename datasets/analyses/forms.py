"""A question of a project's data, as people put it together."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from django import forms
from django.forms.boundfield import BoundField, BoundWidget
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy, ngettext

from datasets.analyses.models import Analysis
from datasets.choices import ColumnType
from datasets.engine.rows.frame import VariableInfo
from datasets.pools.pool import Pool
from datasets.versions.models import Version, newest_of_each
from portal.common.forms import NamesField
from portal.common.text import counted


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
    """A variable to tick: what it is, where it is missing, and a box per field that takes it."""

    info: VariableInfo
    kind: str
    missing: str
    boxes: list[BoundWidget]


class AnalysisForm(forms.Form):
    """What every question has; each method adds its own fields and says where they stand."""

    asking: ClassVar[Sequence[str]] = ("title",)
    ticking: ClassVar[Sequence[str]] = ("variables",)
    modelling: ClassVar[Sequence[str]] = ()
    refining: ClassVar[Sequence[str]] = ()
    title = forms.CharField(
        label=gettext_lazy("Question"),
        max_length=160,
        help_text=gettext_lazy("One line, as it will stand above the result."),
        error_messages={"required": gettext_lazy("Write the question in one line.")},
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
        self.pool = pool
        self.fields["inputs"] = InputsField(versions)
        self.add_variables()
        self.order_fields([*(n for n in self.fields if n not in ("inputs",)), "inputs"])

    def add_variables(self) -> None:
        """Add the fields whose choices are the variables on offer."""
        raise NotImplementedError

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters as the API takes them."""
        raise NotImplementedError

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

    def asked(self) -> Iterator[BoundField]:
        """The fields that say what is asked."""
        return (self[name] for name in self.asking)

    def ticked(self) -> list[BoundField]:
        """The fields that take variables, a column each of one table."""
        return [self[name] for name in self.ticking]

    def offers(self) -> Iterator[Offer]:
        """The rows of that table: all its fields offer the same variables."""
        for boxes in zip(*self.ticked(), strict=True):
            info = self.pool.variables[boxes[0].data["value"]]
            kind = str(ColumnType(info.type).label)
            yield Offer(info, kind, self._missing(info), list(boxes))

    def modelled(self) -> Iterator[BoundField]:
        """The fields that say how it is computed."""
        return (self[name] for name in self.modelling)

    def refined(self) -> Iterator[BoundField]:
        """The fields that few change."""
        return (self[name] for name in self.refining)

    def is_refined(self) -> bool:
        """Whether one of those was changed, filled in or is wrong."""
        if not self.is_bound:
            usual = {name: self.fields[name].initial or "" for name in self.refining}
            return any(self.initial.get(name, usual[name]) != usual[name] for name in usual)
        changed = {*self.errors, *self.changed_data}
        return not changed.isdisjoint(self.refining)

    def _label(self, info: VariableInfo) -> str:
        label = info.name
        if info.label:
            label = gettext("%(name)s: %(label)s") % {"name": info.name, "label": info.label}
        words = [str(ColumnType(info.type).label), self._missing(info)]
        return f"{label} ({', '.join(filter(None, words))})"

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
    """Parameters whose lists are in one order: that of the boxes on a page says nothing."""
    return {
        name: sorted(value) if isinstance(value, list) else value
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
    source = ngettext(
        "version %(number)s, %(site)s, %(country)s; %(rows)s row",
        "version %(number)s, %(site)s, %(country)s; %(rows)s rows",
        version.rows or 0,
    ) % {
        "number": version.number,
        "site": site.name,
        "country": site.country_name,
        "rows": counted(version.rows or 0),
    }
    return format_html(
        '<span>{} <span class="detail">{}</span></span>', version.dataset.title, source
    )
