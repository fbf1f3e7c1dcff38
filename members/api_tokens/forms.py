"""The form for a new API token."""

from django import forms
from django.utils.translation import gettext_lazy

from members.choices import Scope
from portal.common.text import filled

DAYS = (
    *((days, filled(gettext_lazy("%(days)s days"), days=days)) for days in (7, 30, 90, 180)),
    (365, gettext_lazy("1 year")),
)


class TokenForm(forms.Form):
    """What the token is for, what it may do, how long."""

    name = forms.CharField(
        label=gettext_lazy("What is it for?"),
        max_length=80,
        help_text=gettext_lazy("For example “nightly upload from the ward server”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What may it do?"),
        choices=[
            (value, filled("%(label)s (%(value)s)", label=label, value=value))
            for value, label in Scope.choices
        ],
        initial=[Scope.READ],
        help_text=gettext_lazy(
            "Never more than you may do yourself. Give it as little as the script needs."
        ),
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("How long does it last?"), choices=DAYS, coerce=int, initial=90
    )
