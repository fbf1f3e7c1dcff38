"""The page of `correlation`: a matrix and its pairs."""

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy, ngettext

from datasets.analyses.forms import NUMBERS, AnalysisForm, several
from datasets.analyses.methods.page import MethodPage
from datasets.analyses.models import Analysis
from portal.common.text import listed
from portal.web.templatetags.text import exp


class CorrelationForm(AnalysisForm):
    """Which numbers, and what to do where one is missing."""

    modelling = ("missing", "within_site")

    def add_variables(self) -> None:
        self.fields["variables"] = several(self.choices(*NUMBERS), gettext("Variables"))
        self.fields["missing"] = forms.ChoiceField(
            label=gettext("Missing values"),
            choices=[
                ("pairwise", gettext("Each pair uses all rows that have both")),
                ("listwise", gettext("All pairs use the rows that have everything")),
            ],
            initial="pairwise",
            widget=forms.RadioSelect,
        )
        self.fields["within_site"] = forms.BooleanField(
            label=gettext("Take differences between sites out first"), required=False
        )

    @property
    def parameters(self) -> dict[str, Any]:
        return {
            "variables": self.cleaned_data["variables"],
            "missing": self.cleaned_data["missing"],
            "within_site": self.cleaned_data["within_site"],
        }


def context(analysis: Analysis, result: dict[str, Any], term: str) -> dict[str, Any]:
    """The matrix in the order that puts like beside like, and every pair."""
    names = result["variables"]
    order = [names.index(name) for name in result["order"]]
    matrix = [[result["matrix"][i][j] for j in order] for i in order]
    known = [pair for pair in result["pairs"] if pair["r"] is not None]
    pairs = sorted(known, key=lambda pair: -abs(pair["r"]))
    return {
        "order": result["order"],
        "matrix": matrix,
        "pairs": pairs,
        "across": across(result["across_sites"]),
        "method": [
            {
                "label": gettext("Coefficient"),
                "value": gettext("Pearson’s r, differences between sites taken out")
                if result["within_site"]
                else gettext("Pearson’s r, over all rows"),
            },
            {
                "label": gettext("Missing data"),
                "value": gettext("Listwise complete rows")
                if result["missing"] == "listwise"
                else gettext("Pairwise complete rows"),
            },
            {
                "label": gettext("Many tests"),
                "value": ngettext(
                    "%(count)s pair; q is Benjamini–Hochberg’s adjusted p",
                    "%(count)s pairs; q is Benjamini–Hochberg’s adjusted p",
                    len(known),
                )
                % {"count": len(known)},
            },
            {
                "label": gettext("Across sites"),
                "value": gettext("Fisher’s z per site, pooled (REML, Hartung–Knapp)"),
            },
        ],
    }


def across(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Pooled correlations, back on the scale of r."""
    return [
        {
            "x": one["x"],
            "y": one["y"],
            "k": len(one["studies"]),
            "r": _tanh(one["overall"]["estimate"]),
            "ci": [_tanh(end) for end in one["overall"]["ci"]],
            "i2": one["heterogeneity"]["i2"],
        }
        for one in entries
    ]


def _tanh(z: float) -> float:
    return 1 - 2 / (float(exp(2 * z)) + 1)


def in_words(parameters: dict[str, Any]) -> str:
    """A question as one would say it."""
    sentence = (
        gettext("Correlate %(variables)s within sites, every pair.")
        if parameters["within_site"]
        else gettext("Correlate %(variables)s, every pair.")
    )
    return sentence % {"variables": listed(parameters["variables"])}


PAGE = MethodPage(
    label=gettext_lazy("Correlation"),
    introduction=gettext_lazy("Which variables go together?"),
    form=CorrelationForm,
    in_words=in_words,
    context=context,
)
