"""The page of `regression`: one effect by site and region, and the model around it."""

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy, ngettext

from datasets.analyses.forms import NUMBERS, AnalysisForm, several
from datasets.analyses.methods.forests import agreement_of, forest_of
from datasets.analyses.methods.page import MethodPage
from datasets.analyses.models import Analysis
from datasets.analyses.words import called
from datasets.choices import ColumnType
from datasets.engine.methods.regression.parameters import usual_family
from portal.common.forms import NameField
from portal.common.text import listed
from portal.web.templatetags.text import number, percent


class RegressionForm(AnalysisForm):
    """An outcome, what may explain it, and how sites are treated."""

    asking = ("title", "outcome")
    ticking = ("terms", "with_site")
    modelling = ("strategy", "family", "site_effects")
    refining = ("first", "second", "standard_errors")

    def add_variables(self) -> None:
        terms = self.choices(*NUMBERS, ColumnType.CATEGORY)
        self.fields["outcome"] = NameField(
            label=gettext("Outcome"),
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
        self.fields["terms"] = several(terms, gettext("Explained by"))
        self.fields["site_effects"] = forms.BooleanField(
            label=gettext("Each site has its own level (site effects)"),
            initial=True,
            required=False,
        )
        self.fields["with_site"] = several(
            terms,
            gettext("Does its effect differ between sites?"),
            required=False,
        )
        self.fields["with_site"].help_text = gettext("Adds an interaction with site, and its test.")
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
        self.fields["strategy"] = forms.ChoiceField(
            label=gettext("Answer first"),
            help_text=gettext("Both are always computed; this one stands at the top."),
            choices=[
                ("one_stage", gettext("One model over all rows (one stage)")),
                ("two_stage", gettext("A model per site, then pooled (two stages)")),
            ],
            initial="one_stage",
            widget=forms.RadioSelect,
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if bool(cleaned.get("first")) != bool(cleaned.get("second")):
            self.add_error("second", gettext("Choose both variables of the interaction, or none."))
        return cleaned

    @property
    def parameters(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        interactions = [[name, "site"] for name in cleaned["with_site"]]
        if cleaned["first"]:
            interactions.append([cleaned["first"], cleaned["second"]])
        return {
            "outcome": cleaned["outcome"],
            "terms": cleaned["terms"],
            "interactions": interactions,
            "site_effects": cleaned["site_effects"],
            "standard_errors": cleaned["standard_errors"],
            "strategy": cleaned["strategy"],
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
        with_site = [name for name, other in pairs if other == "site"]
        return parameters | {
            "family": family,
            "with_site": with_site,
            "first": first,
            "second": second,
        }

    def field_of(self, path: str) -> str | None:
        return "with_site" if path == "parameters.interactions" else super().field_of(path)


MODELS = {
    "binomial": gettext_lazy("Logistic regression"),
    "gaussian": gettext_lazy("Linear regression"),
}


ESTIMATION = {
    "ml": gettext_lazy("maximum likelihood"),
    "firth": gettext_lazy("Firth’s penalised likelihood"),
    "ols": gettext_lazy("least squares"),
}


ERRORS = {
    "model": gettext_lazy("standard errors from the model"),
    "hc1": gettext_lazy("robust standard errors (HC1)"),
    "hc3": gettext_lazy("robust standard errors (HC3)"),
}


def context(analysis: Analysis, result: dict[str, Any], term: str) -> dict[str, Any]:
    """The effect of one term by site and region, and every table of the model."""
    ratio = result["family"] == "binomial"
    entries = {entry["term"]: entry for entry in result["two_stage"]}
    rows = {row["term"]: row for row in result["coefficients"]}
    terms = [name for name in entries if name in rows] or list(rows)[1:]
    chosen = term if term in terms else next(iter(terms), "")
    entry, row = entries.get(chosen), rows.get(chosen)
    labels = {one["name"]: one["label"] or one["name"] for one in analysis.variables}
    measure = gettext("Odds ratio") if ratio else gettext("Difference")
    forest = forest_of(entry, measure, ratio, result["outcome"]) if entry else None
    return {
        "ratio": ratio,
        "measure": measure,
        "terms": [{"name": name, "label": labels.get(name, name)} for name in terms],
        "term": chosen,
        "label": labels.get(chosen, chosen),
        "entry": entry,
        "row": row,
        "forest": forest,
        "agreement": agreement_of(entry, ratio) if entry and forest else None,
        "method": method_of(analysis, result),
        "figures": max(len(result["two_stage"]), 1),
    }


def method_of(analysis: Analysis, result: dict[str, Any]) -> list[dict[str, str]]:
    """The model in words."""
    parameters = analysis.parameters
    model = (
        gettext("%(model)s, %(estimation)s, a level of its own for each site; %(errors)s")
        if parameters["site_effects"]
        else gettext("%(model)s, %(estimation)s, no site effects; %(errors)s")
    ) % {
        "model": MODELS[result["family"]],
        "estimation": ESTIMATION[result["method"]],
        "errors": ERRORS[parameters["standard_errors"]],
    }
    rows = [
        {"label": gettext("Outcome"), "value": parameters["outcome"]},
        {
            "label": gettext("One stage"),
            "value": model,
        },
        {
            "label": gettext("Two stages"),
            "value": gettext(
                "A model per site, pooled with random effects (REML, Hartung–Knapp interval)"
            ),
        },
        {"label": gettext("Explained by"), "value": ", ".join(parameters["terms"])},
    ]
    if parameters["interactions"]:
        pairs = ", ".join(" × ".join(pair) for pair in parameters["interactions"])
        rows.append({"label": gettext("Interactions"), "value": pairs})
    if result["n"] is not None and result["n_excluded"] is not None:
        whole = result["n"] + result["n_excluded"]
        share = percent(result["n_excluded"] / whole) if whole else "–"
        rows.append(
            {
                "label": gettext("Missing data"),
                "value": ngettext(
                    "Complete cases: %(left_out)s of %(whole)s row left out (%(share)s)",
                    "Complete cases: %(left_out)s of %(whole)s rows left out (%(share)s)",
                    whole,
                )
                % {
                    "left_out": number(result["n_excluded"]),
                    "whole": number(whole),
                    "share": share,
                },
            }
        )
    for one in result["excluded_sites"]:
        rows.append(
            {
                "label": gettext("Without %(site)s") % {"site": one["site"]},
                "value": one["reason"],
            }
        )
    return rows


EXPLAIN = {
    (True, True): gettext_lazy(
        "Explain %(outcome)s by %(terms)s, with one logistic model over all rows that gives each "
        "site a level of its own, and with a model per site whose effects are then pooled."
    ),
    (True, False): gettext_lazy(
        "Explain %(outcome)s by %(terms)s, with one logistic model over all rows, and with a model "
        "per site whose effects are then pooled."
    ),
    (False, True): gettext_lazy(
        "Explain %(outcome)s by %(terms)s, with one linear model over all rows that gives each "
        "site a level of its own, and with a model per site whose effects are then pooled."
    ),
    (False, False): gettext_lazy(
        "Explain %(outcome)s by %(terms)s, with one linear model over all rows, and with a model "
        "per site whose effects are then pooled."
    ),
}


def in_words(parameters: dict[str, Any]) -> str:
    """A question as one would say it."""
    sentences = [
        EXPLAIN[parameters["family"] == "binomial", parameters["site_effects"]]
        % {"outcome": parameters["outcome"], "terms": listed(parameters["terms"])}
    ]
    for first, second in parameters["interactions"]:
        sentences.append(
            gettext("Test whether the effect of %(first)s differs by %(second)s.")
            % {"first": first, "second": called(second)}
        )
    return " ".join(sentences)


PAGE = MethodPage(
    label=gettext_lazy("Regression"),
    introduction=gettext_lazy("What explains an outcome, and is it the same at every site?"),
    form=RegressionForm,
    in_words=in_words,
    context=context,
)
