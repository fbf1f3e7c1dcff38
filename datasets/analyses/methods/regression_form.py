"""What people fill in to ask for a regression."""

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext, gettext_lazy

from datasets.analyses.forms import NUMBERS, AnalysisForm, several
from datasets.analyses.models import Analysis
from datasets.choices import ColumnType
from datasets.engine.methods.regression.parameters import usual_family
from portal.common.forms import NameField, as_sent
from portal.common.text import Text


class RegressionForm(AnalysisForm):
    """An exposure and an outcome, what they are adjusted for, and how sites are treated."""

    sentence = gettext_lazy("How does {exposure} go with {outcome}?")
    ticking = "terms"
    needs = ("exposure", "outcome")
    modelling = ("differs",)
    refining = ("family", "site_effects", "first", "second", "standard_errors")

    def add_variables(self) -> None:
        terms = self.choices(*NUMBERS, ColumnType.CATEGORY)
        self.fields["exposure"] = NameField(
            label=gettext("Exposure"),
            widget=forms.Select(attrs={"aria-label": gettext("Exposure")}),
            choices=[("", gettext("Choose a variable")), *terms],
            error_messages={"required": gettext("Choose what the question is about.")},
        )
        self.fields["outcome"] = NameField(
            label=gettext("Outcome"),
            widget=forms.Select(attrs={"aria-label": gettext("Outcome")}),
            choices=[("", gettext("Choose a variable")), *self.choices(*NUMBERS)],
            error_messages={"required": gettext("Choose what is to be explained.")},
        )
        self.fields["family"] = forms.ChoiceField(
            label=gettext("Kind of model"),
            choices=[
                ("", gettext("As the outcome needs: logistic for yes/no, linear for numbers")),
                ("binomial", gettext("Logistic: odds ratios")),
                ("gaussian", gettext("Linear: differences")),
            ],
            required=False,
            widget=forms.RadioSelect,
        )
        self.fields["terms"] = several(terms, gettext("Adjusted for"), required=False)
        self.fields["differs"] = forms.ChoiceField(
            label=gettext("What the answer is"),
            choices=[
                ("", gettext("One answer over the sites: fitted in each, then averaged")),
                ("site", gettext("Does it differ by site? One effect for each, and a test")),
            ],
            required=False,
            widget=forms.RadioSelect,
        )
        self.fields["site_effects"] = forms.BooleanField(
            label=gettext("Each site has its own level (site effects)"),
            initial=True,
            required=False,
        )
        self.fields["with_site"] = several(
            terms,
            gettext("Others whose effect may differ by site"),
            required=False,
        )
        self.fields["with_site"].help_text = gettext(
            "Of those that the question is adjusted for: each adds an interaction with site."
        )
        pair = [("", gettext("None")), *terms]
        self.fields["first"] = NameField(
            label=gettext("First variable of the interaction"), choices=pair, required=False
        )
        self.fields["second"] = NameField(
            label=gettext("Second variable of the interaction"), choices=pair, required=False
        )
        self.fields["standard_errors"] = forms.ChoiceField(
            label=gettext("Standard errors"),
            choices=[
                ("model", gettext("From the model")),
                ("hc1", gettext("Robust (HC1)")),
                ("hc3", gettext("Robust (HC3)")),
            ],
            initial="model",
        )
        ticked = {as_sent(name) for name in self["terms"].value() or ()}
        # All are taken, but only those that the question is adjusted for are shown.
        self.fields["with_site"].widget.choices = [
            one for one in terms if as_sent(one[0]) in ticked
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if bool(cleaned.get("first")) != bool(cleaned.get("second")):
            self.add_error("second", gettext("Choose both variables of the interaction, or none."))
        if cleaned.get("exposure") and cleaned.get("exposure") == cleaned.get("outcome"):
            self.add_error("outcome", gettext("Choose another outcome than the exposure."))
        return cleaned

    @property
    def parameters(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        exposure, fixed = cleaned["exposure"], (cleaned["exposure"], cleaned["outcome"])
        terms = [exposure, *(name for name in cleaned["terms"] if name not in fixed)]
        interactions = [[exposure, "site"]] if cleaned["differs"] else []
        interactions += [
            [name, "site"] for name in cleaned["with_site"] if name in terms and name != exposure
        ]
        if cleaned["first"]:
            interactions.append([cleaned["first"], cleaned["second"]])
        return {
            "outcome": cleaned["outcome"],
            "exposure": exposure,
            "terms": terms,
            "interactions": interactions,
            "site_effects": cleaned["site_effects"],
            "standard_errors": cleaned["standard_errors"],
        } | ({"family": cleaned["family"]} if cleaned["family"] else {})

    @classmethod
    def filled_by(cls, analysis: Analysis) -> dict[str, Any]:
        parameters = analysis.parameters
        types = {one["name"]: one["type"] for one in analysis.variables}
        usual = usual_family(types[parameters["outcome"]])
        # What followed from the outcome follows from another one too.
        family = "" if parameters["family"] == usual else parameters["family"]
        pairs = parameters["interactions"]
        first, second = next((pair for pair in pairs if pair[1] != "site"), ("", ""))
        exposure = parameters["exposure"]
        with_site = [name for name, other in pairs if other == "site"]
        adjusted = [name for name in parameters["terms"] if name != exposure]
        return parameters | {
            "family": family,
            "terms": adjusted,
            "differs": "site" if exposure in with_site else "",
            "with_site": [name for name in with_site if name != exposure],
            "first": first,
            "second": second,
        }

    def asked_in_short(self) -> str:
        names = {one: self.called(self.cleaned_data[one]) for one in ("exposure", "outcome")}
        return str(self.sentence).format(**names)

    @property
    def by_site(self) -> BoundField | None:
        return self["with_site"] if list(self["with_site"].field.widget.choices) else None

    @property
    def fixed(self) -> dict[str, Text]:
        said = {"exposure": gettext("exposure"), "outcome": gettext("outcome")}
        return {str(self[name].value() or ""): text for name, text in said.items()}

    def field_of(self, path: str) -> str | None:
        return "differs" if path == "parameters.interactions" else super().field_of(path)
