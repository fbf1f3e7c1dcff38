"""A place where a project collects data."""

from django import forms
from django.utils.translation import gettext, gettext_lazy

from portal.common.countries import choices


class StudySiteForm(forms.Form):
    """A site's name in the project, its institution and its country."""

    name = forms.CharField(
        label=gettext_lazy("Name in this project"),
        max_length=120,
        help_text=gettext_lazy("Short, as it shall stand in tables: Budapest."),
    )
    institution = forms.CharField(
        label=gettext_lazy("Institution"),
        max_length=200,
        help_text=gettext_lazy("The hospital, university or institute."),
    )
    country = forms.ChoiceField(
        label=gettext_lazy("Country"),
        choices=lambda: [("", gettext("Choose a country")), *choices()],
    )
