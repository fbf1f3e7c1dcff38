"""What a project looks for."""

from django import forms

from members.choices import Discipline
from projects.choices import OpeningKind


class OpeningForm(forms.Form):
    """One gap: its kind, a few words, and the discipline that could fill it."""

    kind = forms.ChoiceField(label="Looking for", choices=OpeningKind.choices)
    detail = forms.CharField(
        label="In a few words",
        max_length=120,
        widget=forms.TextInput(attrs={"placeholder": "Survival analysis"}),
    )
    discipline = forms.ChoiceField(
        label="Field", required=False, choices=[("", "Any"), *Discipline.choices]
    )
