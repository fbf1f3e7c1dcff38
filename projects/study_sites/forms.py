"""A place where a project collects data."""

from django import forms

from portal.common.countries import choices


class StudySiteForm(forms.Form):
    """A site's name in the project, its institution and its country."""

    name = forms.CharField(
        label="Name in this project",
        max_length=120,
        help_text="Short, as it shall stand in tables: Budapest.",
    )
    institution = forms.CharField(
        max_length=200, help_text="The hospital, university or institute."
    )
    country = forms.ChoiceField(choices=lambda: [("", "Choose a country"), *choices()])
