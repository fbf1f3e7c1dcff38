"""What people fill in to ask for a regression."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext, gettext_lazy

from datasets.analyses.forms import NUMBERS, AnalysisForm, several
from datasets.analyses.methods.variables import ShownVariable
from datasets.analyses.models import Analysis
from datasets.choices import ColumnType
from datasets.engine.methods.regression.parameters import asked_pair, usual_family
from portal.common.forms import NameField, as_sent
from portal.common.text import RowCount, Text


class ReferencesField(forms.MultipleChoiceField):
    """For each category the level that its others are compared with: pairs of both in JSON."""

    def clean(self, value: Any) -> dict[str, str]:
        return dict(json.loads(one) for one in super().clean([one for one in value or () if one]))


@dataclass(frozen=True)
class References:
    """The levels of one category to choose from; each as value, text, and whether it is chosen."""

    id: str
    variable: str
    levels: list[tuple[str, str, bool]]


REFERRED = ("exposure", "differs", "first", "second")
"""Fields of one variable; one that is a category has a level that its others are compared with."""


class RegressionForm(AnalysisForm):
    """An exposure and an outcome, what they are adjusted for, and how sites are treated."""

    sentence = gettext_lazy("How does {exposure} go with {outcome}?")
    further = gettext_lazy("Does it differ by {differs}?")
    ticking = "terms"
    needs = ("exposure", "outcome")
    refining = ("family", "site_effects", "first", "second", "standard_errors")

    def add_variables(self) -> None:
        terms = self.choices(*NUMBERS, ColumnType.CATEGORY)
        self._add_question(terms)
        self._add_model(terms)
        ticked = {as_sent(name) for name in self["terms"].value() or ()}
        # All are taken, but only those that the question is adjusted for are shown.
        self.fields["with_site"].widget.choices = [
            one for one in terms if as_sent(one[0]) in ticked
        ]

    def _add_question(self, terms: list[tuple[str, str]]) -> None:
        """What is asked, of what, and whether it differs by something."""
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
            error_messages={"required": gettext("Choose the outcome.")},
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
        self.fields["differs"] = NameField(
            label=gettext("Does it differ by"),
            widget=forms.Select(attrs={"aria-label": gettext("Does it differ by")}),
            choices=[
                ("", gettext("nothing: one answer over the sites")),
                ("site", gettext("site: one effect for each, and a test")),
                *terms,
            ],
            required=False,
        )
        self.fields["reference"] = ReferencesField(
            label=gettext("Reference levels"),
            choices=[
                (reference_value(info.name, level), level)
                for info in self.pool.variables.values()
                if info.type == ColumnType.CATEGORY
                for level in info.levels or ()
            ],
            required=False,
        )

    def _add_model(self, terms: list[tuple[str, str]]) -> None:
        """How sites are treated, an interaction, and how errors are estimated."""
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
            label=gettext("Second variable of the interaction"),
            choices=pair,
            required=False,
            help_text=gettext("Both are adjusted for as well."),
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

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if bool(cleaned.get("first")) != bool(cleaned.get("second")):
            self.add_error("second", gettext("Choose both variables of the interaction, or none."))
        exposure = cleaned.get("exposure")
        if exposure and exposure == cleaned.get("outcome"):
            self.add_error("outcome", gettext("Choose another outcome than the exposure."))
        if exposure and exposure == cleaned.get("differs"):
            text = gettext("Choose something else than the exposure for it to differ by.")
            self.add_error("differs", text)
        self._check_pair(cleaned)
        return cleaned

    def _check_pair(self, cleaned: dict[str, Any]) -> None:
        """The interaction's variables are two, and neither is explained; else at which it is."""
        first, second, outcome = (cleaned.get(name) for name in ("first", "second", "outcome"))
        for field in ("differs", "first", "second"):
            name = cleaned.get(field)
            if name and name == outcome:
                self.add_error(
                    field, gettext("Choose another variable here: this one is the outcome.")
                )
        if first and first == second:
            text = gettext("Pair %(variable)s with another variable than itself.")
            self.add_error("second", text % {"variable": self.called(first)})

    @property
    def parameters(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        exposure, differs = cleaned["exposure"], cleaned["differs"]
        # What an effect may differ by is adjusted for too, ticked or not.
        adjusted = (*cleaned["terms"], differs, cleaned["first"], cleaned["second"])
        fixed = ("", "site", exposure, cleaned["outcome"])
        terms = [exposure, *(name for name in dict.fromkeys(adjusted) if name not in fixed)]
        # The first of the exposure's is the one that is asked about.
        interactions = [[exposure, differs]] if differs else []
        interactions += [
            [name, "site"] for name in cleaned["with_site"] if name in terms and name != exposure
        ]
        pair = [cleaned["first"], cleaned["second"]]
        if all(pair) and {*pair} != {exposure, differs}:
            interactions.append(pair)
        return {
            "outcome": cleaned["outcome"],
            "exposure": exposure,
            "terms": terms,
            "interactions": interactions,
            "reference": {
                name: level for name, level in cleaned["reference"].items() if name in terms
            },
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
        exposure, pairs = parameters["exposure"], parameters["interactions"]
        asked = _asked(parameters)
        differs = next((name for name in asked if name != exposure), "")
        others = [pair for pair in pairs if pair != asked]
        first, second = next((pair for pair in others if pair[1] != "site"), ("", ""))
        with_site = [name for name, other in others if other == "site"]
        adjusted = [name for name in parameters["terms"] if name != exposure]
        return parameters | {
            "family": family,
            "reference": [reference_value(*pair) for pair in parameters["reference"].items()],
            "terms": adjusted,
            "differs": differs,
            "with_site": with_site,
            "first": first,
            "second": second,
        }

    @property
    def by_site(self) -> BoundField | None:
        return self["with_site"] if list(self["with_site"].field.widget.choices) else None

    def references(self, counts: Mapping[str, Mapping[str, RowCount]]) -> list[References]:
        """The categories of the question whose levels are known, each with its levels and how many
        rows have them."""
        named = (self[name].value() or "" for name in REFERRED)
        asked = {as_sent(name) for name in (*named, *(self["terms"].value() or ()))}
        chosen = {*(self["reference"].value() or ())}
        found: list[References] = []
        for name, info in self.pool.variables.items():
            if as_sent(name) not in asked or info.type != ColumnType.CATEGORY or not info.levels:
                continue
            known = counts.get(name, {})
            first = gettext("%(level)s: the default, first in order of codes") % {
                "level": _counted(ShownVariable(info), min(info.levels), known)
            }
            levels = [
                (value, _counted(ShownVariable(info), level, known), value in chosen)
                for level in info.levels
                for value in [reference_value(name, level)]
            ]
            identity = f"id_reference_{len(found)}"
            found.append(
                References(identity, str(ShownVariable(info)), [("", first, False), *levels])
            )
        return found

    @property
    def fixed(self) -> dict[str, Text]:
        interaction = gettext("in the interaction")
        said = {
            "first": interaction,
            "second": interaction,
            "differs": gettext("may make it differ"),
            "exposure": gettext("exposure"),
            "outcome": gettext("outcome"),
        }
        return {str(self[name].value() or ""): text for name, text in said.items()}

    def field_of(self, path: str) -> str | None:
        by_site = path in ("parameters.interactions", "parameters.interaction_with")
        return "differs" if by_site else super().field_of(path)


def _asked(parameters: dict[str, Any]) -> list[str]:
    """The interaction that the answer is about, if it is about one."""
    with_ = parameters.get("interaction_with")
    return asked_pair(parameters["exposure"], parameters["interactions"], with_) or []


def _counted(shown: ShownVariable, level: str, counts: Mapping[str, RowCount]) -> str:
    """A level with the number of its rows, where that is known."""
    if level not in counts:
        return shown.level(level)
    return f"{shown.level(level)} ({counts[level].short})"


def reference_value(name: str, level: str) -> str:
    """A category and one of its levels as the form names both."""
    return json.dumps([name, level], ensure_ascii=False)
