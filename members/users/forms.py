"""What the list of people can be narrowed to."""

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from members.choices import Discipline
from portal.common import countries


class PeopleForm(forms.Form):
    """Name or institution, discipline, country; all must fit."""

    q = forms.CharField(label=gettext_lazy("Name or institution"), required=False, max_length=100)
    discipline = forms.ChoiceField(
        label=gettext_lazy("Discipline"),
        required=False,
        choices=[("", gettext_lazy("Any discipline")), *Discipline.choices],
    )
    country = forms.ChoiceField(
        label=gettext_lazy("Country"),
        required=False,
        choices=lambda: [("", gettext("Any country")), *countries.choices()],
    )

    def first_of(self, people: Any, most: int) -> list[int]:
        """Ids of the first `most` who fit, by name; a filter that makes no sense is left out."""
        self.is_valid()
        asked = self.cleaned_data
        # A country has fewer people than a discipline, so these are looked through.
        facets = [f"{name}:{asked[name]}" for name in ("country", "discipline") if asked.get(name)]
        return people.first_named(asked.get("q", ""), most, facets)
