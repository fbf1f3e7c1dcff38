"""How a file is sent and read."""

from typing import Any

from django import forms
from django.core.files import File
from django.utils.translation import gettext, gettext_lazy

from datasets.choices import ColumnType
from datasets.datasets.forms import DatasetForm
from datasets.engine.reading.readers import ENCODINGS
from datasets.versions.models import Version


class FileField(forms.FileField):
    """A file whose emptiness and kind the action judges, with its stable codes."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_empty_file=True, **kwargs)

    def to_python(self, data: Any) -> File | None:
        return None if data in self.empty_values else data


class UploadForm(forms.Form):
    """One file, and if known what its SHA-256 must be."""

    file = FileField(
        label=gettext_lazy("CSV file"),
        help_text=gettext_lazy(
            "Column names in the first line. Delimiter, encoding and types are proposed "
            "from the file, and you can overrule them."
        ),
        error_messages={"required": gettext_lazy("Choose the file to upload.")},
    )
    sha256 = forms.CharField(
        label="SHA-256",
        required=False,
        max_length=64,
        help_text=gettext_lazy("If you know it, we check that nothing changed on the way."),
    )


class NewDatasetForm(DatasetForm, UploadForm):
    """A dataset and its file in one step."""

    field_order = [
        *("file", "site", "title", "description"),
        *("access", "threshold", "disclosure_rules", "release_policy"),
        *("overlap", "overlap_note", "sha256"),
    ]


DELIMITERS = [
    (",", gettext_lazy("comma ,")),
    (";", gettext_lazy("semicolon ;")),
    ("tab", gettext_lazy("tab")),
    ("|", gettext_lazy("bar |")),
]


DECIMALS = [(".", gettext_lazy("point 1.5")), (",", gettext_lazy("comma 1,5"))]


class ReadOptionsForm(forms.Form):
    """Delimiter, encoding, decimal sign, missing codes, and the type of each known column."""

    delimiter = forms.ChoiceField(label=gettext_lazy("Delimiter"), required=False)
    encoding = forms.ChoiceField(label=gettext_lazy("Encoding"), required=False)
    decimal = forms.ChoiceField(required=False, label=gettext_lazy("Decimal sign"))
    missing = forms.CharField(
        required=False,
        label=gettext_lazy("Missing codes"),
        help_text=gettext_lazy(
            "Values that mean “missing”, separated by spaces, such as: ? NA -9. "
            "Empty fields always do."
        ),
    )

    def __init__(self, data: Any = None, *, version: Version) -> None:
        super().__init__(data, initial=initial_of(version))
        used = version.read_options
        offered: dict[str, Any] = {
            "delimiter": DELIMITERS,
            "encoding": [(name, name) for name in ENCODINGS],
            "decimal": DECIMALS,
        }
        for name, choices in offered.items():
            proposed = dict(choices).get(key_of(used.get(name)), gettext("from the file"))
            field: Any = self.fields[name]
            field.choices = [
                ("", gettext("As proposed: %(proposed)s") % {"proposed": proposed}),
                *choices,
            ]
        self.missing_proposed = version.options.get("missing") is None
        self.columns = list(version.columns.values_list("name", "type"))
        fixed = version.options.get("types") or {}
        for position, (name, type_) in enumerate(self.columns):
            self.fields[f"type-{position}"] = forms.ChoiceField(
                label=name,
                required=False,
                initial=fixed.get(name, ""),
                choices=[
                    ("", gettext("As proposed: %(label)s") % {"label": ColumnType(type_).label}),
                    *ColumnType.choices,
                ],
            )

    @property
    def reading_fields(self) -> list[Any]:
        """How the file is taken apart."""
        return [self[name] for name in self.base_fields]

    @property
    def type_fields(self) -> list[Any]:
        """What each column holds."""
        return [self[f"type-{position}"] for position in range(len(self.columns))]

    def options(self) -> dict[str, Any]:
        """What the person fixed, as the engine's options."""
        chosen = self.cleaned_data
        delimiter = chosen["delimiter"]
        missing = chosen["missing"].split()
        untouched = missing == self.initial["missing"].split()
        return {
            "delimiter": "\t" if delimiter == "tab" else delimiter or None,
            "encoding": chosen["encoding"] or None,
            "decimal": chosen["decimal"] or None,
            "missing": None if self.missing_proposed and untouched else missing,
            "types": {
                name: chosen[f"type-{position}"]
                for position, (name, _) in enumerate(self.columns)
                if chosen[f"type-{position}"]
            },
        }


def initial_of(version: Version) -> dict[str, Any]:
    """What is fixed now, or offered instead; the missing codes as they were used."""
    fixed, used = version.options | offered_by(version), version.read_options
    missing = fixed.get("missing")
    return {
        "delimiter": key_of(fixed.get("delimiter")),
        "encoding": fixed.get("encoding") or "",
        "decimal": fixed.get("decimal") or "",
        "missing": " ".join((used.get("missing") if missing is None else missing) or []),
    }


def offered_by(version: Version) -> dict[str, str]:
    """The options under which a file that could not be read might be."""
    offers = [problem.get("offer") or {} for problem in version.problems]
    return next(filter(None, offers), {})


def key_of(option: str | None) -> str:
    """An option as the form spells it: a tab would be lost in a form's value."""
    return "tab" if option == "\t" else option or ""
