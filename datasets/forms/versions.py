"""The form that overrules how a file is read."""

from typing import Any

from django import forms

from datasets.engine.readers import ENCODINGS
from datasets.models import ColumnType, Version

DELIMITERS = [
    ("", "As proposed from the file"),
    (",", "Comma ,"),
    (";", "Semicolon ;"),
    ("tab", "Tab"),
    ("|", "Bar |"),
]
DECIMALS = [("", "As proposed from the file"), (".", "Point 1.5"), (",", "Comma 1,5")]


class ReadOptionsForm(forms.Form):
    """Delimiter, encoding, decimal sign, missing codes, and the type of each known column."""

    delimiter = forms.ChoiceField(choices=DELIMITERS, required=False)
    encoding = forms.ChoiceField(required=False)
    decimal = forms.ChoiceField(choices=DECIMALS, required=False, label="Decimal sign")
    missing = forms.CharField(
        required=False,
        label="Missing codes",
        help_text="Values that mean “missing”, separated by spaces, such as: ? NA -9. "
        "Empty fields always do.",
    )
    propose_missing = forms.BooleanField(
        required=False, label="Propose the missing codes from the file"
    )

    def __init__(self, data: Any = None, *, version: Version) -> None:
        super().__init__(data, initial=initial_of(version))
        encodings: Any = self.fields["encoding"]
        encodings.choices = [("", "As proposed from the file"), *((e, e) for e in ENCODINGS)]
        self.columns = list(version.columns.values_list("name", "type"))
        fixed = version.options.get("types") or {}
        for position, (name, type_) in enumerate(self.columns):
            self.fields[f"type-{position}"] = forms.ChoiceField(
                label=name,
                required=False,
                initial=fixed.get(name, ""),
                choices=[("", f"As proposed: {ColumnType(type_).label}"), *ColumnType.choices],
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
        return {
            "delimiter": "\t" if delimiter == "tab" else delimiter or None,
            "encoding": chosen["encoding"] or None,
            "decimal": chosen["decimal"] or None,
            "missing": None if chosen["propose_missing"] else chosen["missing"].split(),
            "types": {
                name: chosen[f"type-{position}"]
                for position, (name, _) in enumerate(self.columns)
                if chosen[f"type-{position}"]
            },
        }


def initial_of(version: Version) -> dict[str, Any]:
    """What is fixed now; the missing codes as they were used."""
    fixed, used = version.options, version.read_options
    delimiter = fixed.get("delimiter") or ""
    missing = fixed.get("missing")
    return {
        "delimiter": "tab" if delimiter == "\t" else delimiter,
        "encoding": fixed.get("encoding") or "",
        "decimal": fixed.get("decimal") or "",
        "missing": " ".join((used.get("missing") if missing is None else missing) or []),
        "propose_missing": missing is None,
    }
