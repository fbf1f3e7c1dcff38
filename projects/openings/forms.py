"""What a project looks for."""

from django import forms
from django.utils.translation import gettext_lazy

from members.choices import Discipline
from projects.choices import OpeningKind


class OpeningForm(forms.Form):
    """One gap: its kind, a few words, and the discipline that could fill it."""

    kind = forms.ChoiceField(label=gettext_lazy("Looking for"), choices=OpeningKind.choices)
    detail = forms.CharField(
        label=gettext_lazy("In a few words"),
        max_length=120,
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("Survival analysis")}),
    )
    discipline = forms.ChoiceField(
        label=gettext_lazy("Field"),
        required=False,
        choices=[("", gettext_lazy("Any")), *Discipline.choices],
    )
