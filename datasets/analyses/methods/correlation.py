"""The page of `correlation`: the strongest pairs, a matrix, and every pair in numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy, ngettext

from datasets.analyses.forms import NUMBERS, AnalysisForm, several
from datasets.analyses.methods.agreement import found_in, verdict_of
from datasets.analyses.methods.intervals import intervals_of
from datasets.analyses.methods.page import MethodPage, Notes
from datasets.analyses.methods.variables import ShownVariable, variables_of
from datasets.analyses.models import Analysis
from datasets.engine.methods.correlation.result import Correlations
from datasets.engine.methods.correlation.sentence import clearest
from datasets.engine.methods.correlation.words import decimals
from portal.common.text import listed
from portal.web.templatetags.text import pvalue

POOLED = 2
"""Sites from which on there is a pool."""

STRONGEST = 10
"""Pairs shown before the table of all is opened."""

MOST_PAIRS = 300
"""Pairs that table holds; the CSV holds all."""

MOST_IN_MATRIX = 30
"""Variables a heat map can be read with."""

DIFFER = ("differ", "differ_little", "differ_widely")
"""What is found of sites that differ by more than chance would have them."""

MOST_NAMED = 3
"""Pairs that a sentence names whose sites differ."""

UNANSWERED: dict[str, Any] = {"r": None, "ci": None, "prediction": None, "digits": 2, "i2": None}
"""What a pair has that no site tells of by itself: r over all rows alone stands in its row."""


class CorrelationForm(AnalysisForm):
    """Which numbers, and what to do where one is missing."""

    modelling = ("coefficient", "missing", "within_site")

    def add_variables(self) -> None:
        self.fields["variables"] = several(self.choices(*NUMBERS), gettext("Variables"))
        self.fields["coefficient"] = forms.ChoiceField(
            label=gettext("Coefficient"),
            choices=[
                ("pearson", gettext("Pearson’s: how near to a straight line")),
                ("spearman", gettext("Spearman’s: of ranks within each site")),
            ],
            initial="pearson",
            required=False,
            widget=forms.RadioSelect,
        )
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
            label=gettext("Take each site’s means off before r over all rows"),
            help_text=gettext(
                "Several sites are always answered within sites; r over all rows stands beside it."
            ),
            required=False,
        )

    @property
    def parameters(self) -> dict[str, Any]:
        return {
            "variables": self.cleaned_data["variables"],
            "coefficient": self.cleaned_data["coefficient"] or "pearson",
            "missing": self.cleaned_data["missing"],
            "within_site": self.cleaned_data["within_site"],
        }


def context(analysis: Analysis, result: dict[str, Any], term: str, notes: Notes) -> dict[str, Any]:
    """The pairs, strongest first, and the matrix in the order that puts like beside like."""
    variables = variables_of(analysis)
    within = result["answers"] == "across_sites"
    pairs = pairs_of(result, variables, within)
    names = result["variables"]
    matrix = result["within_matrix"] if within else result["matrix"]
    shown = readable(result["within_order"] if within else result["order"], pairs)
    places = [names.index(name) for name in shown]
    return {
        "among": among(result),
        "within": within,
        "beside": beside(result["within_site"]),
        "has_beside": any(one["r"] is not None for one in result["pairs"]),
        "order": [variables[name] for name in shown],
        "matrix": [[matrix[i][j] for j in places] for i in places],
        "left_out": len(names) - len(shown),
        "silent": silent_of(names, pairs, variables),
        "pairs": pairs[:MOST_PAIRS],
        "strongest": [one for one in pairs[:STRONGEST] if one["r"] is not None],
        "found": len(pairs),
        "agreement": agreement_in_words(result["across_sites"], variables) if within else "",
        "method": method_of(result, within),
    }


def among(result: dict[str, Any]) -> str:
    """Of whom the answer is: no question leaves out anybody who has the values it asks of."""
    if not result["sites"]:
        return ""
    told = (
        gettext(
            "Among all rows of %(sites)s with a value in every variable of the question; no other "
            "filter."
        )
        if result["missing"] == "listwise"
        else gettext("Each pair among all rows of %(sites)s with a value in both; no other filter.")
    )
    return told % {"sites": listed(result["sites"])}


def pairs_of(
    result: dict[str, Any], variables: dict[str, ShownVariable], within: bool
) -> list[dict[str, Any]]:
    """Every pair that has a correlation, strongest first, with r over all rows beside the answer.

    Last come those that only all rows together tell of.
    """
    entries = {(one["x"], one["y"]): one for one in result["across_sites"]}
    found = []
    for pair in result["pairs"]:
        one = entries.get((pair["x"], pair["y"])) if within else pair
        if pair["r"] is None and (one is None or one["r"] is None):
            continue
        found.append(
            {
                "x": variables[pair["x"]],
                "y": variables[pair["y"]],
                "over_all": pair["r"],
                "over_all_digits": decimals(pair["r"] or 0.0),
                **(_answer(one) if one else UNANSWERED),
            }
        )
    return sorted(found, key=lambda one: -abs(one["r"] or 0))


def _answer(one: dict[str, Any]) -> dict[str, Any]:
    """One pair's answer: `one` is an entry within sites, or a pair over all rows."""
    studies, spread = one.get("studies"), one.get("heterogeneity")
    return {
        "r": one["r"],
        "ci": one["ci"],
        "prediction": one.get("prediction_interval"),
        "digits": decimals(one["r"], one["ci"]),
        "n": one["n"],
        "approximate": one.get("approximate", False),
        "sites": len(studies) if studies else None,
        "i2": spread["i2"] if spread else None,
        "p_value": one["p_value"],
        "q_value": one["q_value"],
        "reversed": one.get("reversed", False),
    }


def silent_of(
    names: Sequence[str], pairs: Sequence[dict[str, Any]], variables: dict[str, ShownVariable]
) -> list[str]:
    """The variables of which no pair has a correlation, where others do."""
    heard = {one[side].info.name for one in pairs for side in ("x", "y")}
    return [variables[name].within for name in names if name not in heard] if heard else []


def readable(order: Sequence[str], pairs: Sequence[dict[str, Any]]) -> list[str]:
    """The variables of the strongest pairs, as many as a heat map can hold, in their order."""
    if len(order) <= MOST_IN_MATRIX:
        return list(order)
    strongest = dict.fromkeys(
        variable.info.name for one in pairs for variable in (one["x"], one["y"])
    )
    kept = set(list(strongest)[:MOST_IN_MATRIX])
    return [name for name in order if name in kept]


def beside(within_site: bool) -> str:
    """What stands beside the answer within sites."""
    if within_site:
        return gettext("Over all rows, sites’ means off")
    return gettext("Over all rows")


def agreement_in_words(
    entries: Sequence[dict[str, Any]], variables: Mapping[str, ShownVariable]
) -> str:
    """Whether sites agree, and on which pairs they do not: fewer than five can only tell that."""
    found = [found_in(one) for one in entries]
    most = max((len(one["studies"]) for one in entries), default=0)
    differing = [one for one, said in zip(entries, found, strict=True) if said in DIFFER]
    if differing and len(entries) == 1:
        return verdict_of(entries[0]) + "."
    if differing:
        said = {
            "differ": len(differing),
            "count": len(entries),
            "pairs": listed([_called(one, variables) for one in differing[:MOST_NAMED]]),
        }
        if len(differing) > MOST_NAMED:
            return (
                gettext(
                    "Not everywhere: in %(differ)s of %(count)s pairs the sites differ (p < 0.05), "
                    "among them %(pairs)s; by how much is uncertain where they are fewer than five."
                )
                % said
            )
        return (
            ngettext(
                "Not everywhere: in %(differ)s of %(count)s pair the sites differ (p < 0.05): "
                "%(pairs)s. By how much is uncertain where they are fewer than five.",
                "Not everywhere: in %(differ)s of %(count)s pairs the sites differ (p < 0.05): "
                "%(pairs)s. By how much is uncertain where they are fewer than five.",
                len(entries),
            )
            % said
        )
    if set(found) <= {"too_few"}:
        return ngettext(
            "Too few to tell: no pair has more than %(count)s site, and fewer than five say little "
            "of agreement.",
            "Too few to tell: no pair has more than %(count)s sites, and fewer than five say "
            "little of agreement.",
            most,
        ) % {"count": most}
    if set(found) <= {"alike", "too_few"}:
        return gettext("Mostly: in every pair the spread between sites is modest (I² below 50%).")
    return gettext(
        "It can’t be told: in no pair do the sites differ by more than chance would have them, but "
        "in some I² may be above 50%."
    )


def _called(one: dict[str, Any], variables: Mapping[str, ShownVariable]) -> str:
    """A pair, and how surely its sites differ."""
    return gettext("%(first)s with %(second)s (%(p)s)") % {
        "first": variables[one["x"]].within,
        "second": variables[one["y"]].within,
        "p": pvalue(one["heterogeneity"]["q_p_value"]),
    }


def method_of(result: dict[str, Any], within: bool) -> list[dict[str, str]]:
    """The method in words."""
    if result["coefficient"] == "spearman":
        intervals = _intervals(result) if within else []
        return [*_ranked(within), *intervals, *_rows_and_tests(result)]
    over_all = (
        gettext("Pearson’s r over all rows, each site’s means taken off")
        if result["within_site"]
        else gettext("Pearson’s r over all rows, Fisher’s interval")
    )
    rows = [{"label": gettext("Coefficient"), "value": over_all}]
    if within:
        rows = [
            {
                "label": gettext("Coefficient"),
                "value": gettext(
                    "Pearson’s r at each site, pooled as Fisher’s z with random effects (REML); "
                    "the wider of the Hartung–Knapp and the plain interval"
                ),
            },
            *_intervals(result),
            {"label": gettext("Beside it"), "value": over_all},
        ]
    return [*rows, *_rows_and_tests(result)]


def _intervals(result: dict[str, Any]) -> list[dict[str, str]]:
    """Which interval the one pair that was asked about has; of many each has its own."""
    if len(result["across_sites"]) != 1:
        return []
    one = result["across_sites"][0]
    if len(one["studies"]) < POOLED:
        return []
    return intervals_of([("", one["overall"], one["heterogeneity"])])


def _ranked(within: bool) -> list[dict[str, str]]:
    """What Spearman's coefficient is of, and what its interval takes for granted."""
    value = (
        gettext(
            "Spearman’s r of ranks at each site, pooled as Fisher’s z with random effects (REML); "
            "the wider of the Hartung–Knapp and the plain interval"
        )
        if within
        else gettext("Spearman’s r of ranks, Fisher’s interval")
    )
    return [
        {"label": gettext("Coefficient"), "value": value},
        {
            "label": gettext("Its variance"),
            "value": gettext(
                "(1 + r²/2) / (n − 3) on the z scale (Bonett and Wright), which holds for numbers "
                "with few ties and r under about 0.95"
            ),
        },
    ]


def _rows_and_tests(result: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {
            "label": gettext("Missing data"),
            "value": gettext("Listwise complete rows")
            if result["missing"] == "listwise"
            else gettext("Pairwise complete rows"),
        },
        {
            "label": gettext("Many tests"),
            "value": ngettext(
                "%(count)s correlation was tested; q is its p-value, adjusted for that "
                "(Benjamini–Hochberg)",
                "%(count)s correlations were tested; q is a p-value adjusted for all of them "
                "(Benjamini–Hochberg)",
                result["tests"],
            )
            % {"count": result["tests"]},
        },
    ]


def in_words(parameters: dict[str, Any]) -> str:
    """A question as one would say it."""
    if parameters["coefficient"] == "spearman":
        sentence = gettext(
            "Correlate the ranks of %(variables)s (Spearman), every pair: within each site, pooled "
            "over the sites."
        )
        return sentence % {"variables": listed(parameters["variables"])}
    sentence = (
        gettext(
            "Correlate %(variables)s, every pair: within each site, pooled over the sites. Beside "
            "it stands r over all rows, with each site’s means taken off."
        )
        if parameters["within_site"]
        else gettext(
            "Correlate %(variables)s, every pair: within each site, pooled over the sites. Beside "
            "it stands r over all rows."
        )
    )
    return sentence % {"variables": listed(parameters["variables"])}


def answer_of(result: dict[str, Any]) -> dict[str, Any] | None:
    """What its sentence is about: the one pair that was asked, or of several the clearest."""
    one = clearest(Correlations.from_json(result))
    if one is None:
        return None
    return {"scale": "correlation", "estimate": one.r, "ci": one.ci}


PAGE = MethodPage(
    label=gettext_lazy("Correlation"),
    introduction=gettext_lazy("Which variables go together?"),
    form=CorrelationForm,
    in_words=in_words,
    context=context,
    answer_of=answer_of,
)
