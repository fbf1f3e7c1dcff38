"""Which datasets shall be pooled."""

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy, ngettext

from datasets.versions.models import Version
from portal.common.text import counted


class VersionsField(forms.ModelMultipleChoiceField):
    """Versions to tick, each with its site and how many rows it brings."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, version: Any) -> str:
        """The name beside the box."""
        rows = ngettext("%(count)s row", "%(count)s rows", version.rows)
        return gettext("%(site)s: %(version)s, %(rows)s") % {
            "site": version.dataset.site.name,
            "version": version.title,
            "rows": rows % {"count": counted(version.rows)},
        }


class PoolForm(forms.Form):
    """The newest version of each dataset whose rows the person reads."""

    versions = VersionsField(
        Version.objects.none(),
        label=gettext_lazy("Data"),
        error_messages={"required": gettext_lazy("Choose at least one dataset.")},
    )

    def __init__(self, *args: Any, versions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["versions"]
        field.queryset = versions
        field.initial = list(versions)

    @property
    def inputs(self) -> list[dict[str, int]]:
        """As the API takes them."""
        return [
            {"dataset": version.dataset_id, "version": version.number}
            for version in self.cleaned_data["versions"]
        ]
