"""A grant and what it is for."""

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from portal.common import currencies
from projects.grants.models import DIGITS, Grant


def amount_field(label: Any, **options: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, **DIGITS, min_value=0, localize=True, **options)


def day_field(label: Any) -> forms.DateField:
    day = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=day)


class GrantForm(forms.Form):
    """Who pays how much, and when."""

    source = forms.CharField(
        label=gettext_lazy("Source"),
        max_length=120,
        help_text=gettext_lazy("Who pays: a foundation, a ministry, a company."),
    )
    grant_number = forms.CharField(label=gettext_lazy("Grant number"), max_length=80)
    amount = amount_field(gettext_lazy("Amount"))
    currency = forms.ChoiceField(
        label=gettext_lazy("Currency"),
        choices=lambda: [("", gettext("Choose a currency")), *currencies.choices()],
    )
    starts = day_field(gettext_lazy("First day"))
    ends = day_field(gettext_lazy("Last day"))


class AimForm(forms.Form):
    """One thing a grant is for; a row without a name is none."""

    aim = forms.CharField(label=gettext_lazy("What for"), max_length=200, required=False)
    pledged = amount_field(gettext_lazy("Pledged"), required=False)
    spent = amount_field(gettext_lazy("Spent"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        pledged, spent = cleaned.get("pledged"), cleaned.get("spent")
        if not cleaned.get("aim") and (pledged or spent):
            self.add_error("aim", gettext("Say what this money is for."))
        return cleaned


def as_typed(grant: Grant) -> dict[str, Any]:
    """What the form of a grant begins with."""
    fields = {name: getattr(grant, name) for name in GrantForm.base_fields}
    return fields | {"amount": currencies.in_decimals(grant.amount, grant.currency)}


def aims_as_typed(grant: Grant) -> list[dict[str, Any]]:
    """What the rows of its aims begin with."""
    return [
        {
            "aim": one.aim,
            "pledged": currencies.in_decimals(one.pledged, grant.currency),
            "spent": currencies.in_decimals(one.spent, grant.currency),
        }
        for one in grant.aims.all()
    ]


AimForms = forms.formset_factory(AimForm, extra=2)


def aims_in(sheet: Any) -> list[dict[str, Any]]:
    """What the rows of a valid sheet say."""
    return [
        {"aim": row["aim"], "pledged": row["pledged"] or 0, "spent": row["spent"] or 0}
        for row in sheet.cleaned_data
        if row.get("aim")
    ]
