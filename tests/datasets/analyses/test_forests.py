"""What stands around a forest, and what is said of how its sites agree."""

from types import SimpleNamespace

import pytest

from datasets.analyses.methods.agreement import agreement_of
from datasets.analyses.methods.correlation import agreement_in_words
from datasets.analyses.methods.events import Events, among, events_of
from datasets.analyses.methods.forests import forest_of, sides_of, sides_of_odds
from datasets.analyses.methods.levels import heading_of, of_term
from datasets.analyses.methods.regression import measure_of
from datasets.analyses.methods.variables import ShownVariable
from datasets.engine.methods.shared import meta
from datasets.engine.rows.frame import VariableInfo

ANSWER = {
    "estimate": 0.1,
    "ci": [-0.2, 0.4],
    "prediction_interval": None,
    "interaction_test": None,
    "contrast": "",
    "scale": "difference",
    "step": 1.0,
}
LOOSE = {"tau2": 0.0, "tau2_ci": None, "i2": 0.0, "i2_ci": None, "q": 0.1, "q_df": 1}


def entry(*, approximate=False):
    studies = [
        {
            "label": name,
            "site": name,
            "country": "HUN",
            "region": "Eastern Europe",
            "n": 20,
            "estimate": 0.1,
            "se": 0.25,
            "ci": [-0.4, 0.6],
            "weight": 50.0,
            "method": "ols",
            "approximate": approximate,
        }
        for name in ("Hungary", "Szeged")
    ]
    return {
        "k": 2,
        "overall": {"estimator": "REML"},
        "heterogeneity": LOOSE | {"q_p_value": 0.75},
        "studies": studies,
        "regions": [],
        "between_regions": None,
        "leave_one_out": [],
        "egger": None,
    }


def test_a_measured_outcome_is_lower_or_higher():
    """Of blood pressure there was “less” and “more”."""
    assert sides_of("blood pressure", counted=False) == (
        "Lower blood pressure",
        "Higher blood pressure",
    )
    assert sides_of("highest heart rate", counted=False) == (
        "Highest heart rate: lower",
        "Highest heart rate: higher",
    ), "nobody reads “Lower highest heart rate”"
    assert sides_of("stroke", counted=True) == ("Less stroke", "More stroke")
    assert sides_of_odds() == ("Lower odds", "Higher odds"), "odds are no risks"


def test_a_site_called_by_its_country_has_that_name_once():
    drawn = forest_of(entry(), "Age", ANSWER, "Difference", "blood pressure")
    assert [row.note for row in drawn.groups[0].rows] == ["", "Hungary"]
    light = entry()
    light["studies"] = [one | {"weight": 3.0} for one in light["studies"]]
    drawn = forest_of(light, "Age", ANSWER, "Difference", "blood pressure")
    assert [one.note for one in drawn.groups[0].rows] == ["hardly counts", "Hungary, hardly counts"]


@pytest.mark.parametrize(
    ("approximate", "why"),
    [
        (True, "no range: some estimates are rounded"),
        (False, "no range from so few sites"),
    ],
)
def test_numbers_and_words_say_one_reason_for_having_no_bounds(approximate, why):
    """The sentence said that estimates are rounded, the number below that sites are few."""
    agreement = agreement_of(entry(approximate=approximate), ANSWER)
    assert [one["note"] for one in agreement["stats"][:2]] == [why, why]
    assert ("rounded" in agreement["say"]) is approximate


def test_the_bounds_of_a_measure_of_spread_say_what_they_are():
    of_sites = entry()
    of_sites["heterogeneity"] |= {"i2_ci": [14.0, 98.0], "tau2_ci": [0.0012, 0.36]}
    notes = [one["note"] for one in agreement_of(of_sites, ANSWER)["stats"][:2]]
    assert notes == ["95% CI 14–98%", "95% CI 0.0012–0.36"]


def test_of_one_correlation_it_is_said_that_its_sites_differ():
    """Its page broke: the pool of a correlation does not count its sites."""
    of_pair = {name: value for name, value in entry().items() if name != "k"}
    of_pair["heterogeneity"] |= {"i2_ci": [0.0, 90.0], "q_p_value": 0.01}
    said = agreement_in_words([of_pair], {})
    assert said.startswith("They differ (p = 0.010); by how much is uncertain with")


def test_of_several_correlations_it_is_said_on_which_the_sites_differ():
    """“In 2 of 6 pairs the sites differ” left everybody guessing which."""
    labels = {
        name: ShownVariable(VariableInfo(name, "number", label=name.title())) for name in "abcd"
    }
    apart = LOOSE | {"i2_ci": [0.0, 90.0], "q_p_value": 0.01}
    alike = LOOSE | {"q_p_value": 0.75}
    of = [entry() | {"x": "a", "y": y, "heterogeneity": apart} for y in "bcd"]
    beside = entry() | {"x": "b", "y": "c", "heterogeneity": alike}
    assert agreement_in_words([of[0], beside], labels) == (
        "Not everywhere: in 1 of 2 pairs the sites differ (p < 0.05): A with B (p = 0.010). By how "
        "much is uncertain where they are fewer than five."
    )
    said = agreement_in_words([*of, of[0]], labels)
    assert "among them A with B (p = 0.010), A with C (p = 0.010), and A with D" in said


def test_one_level_of_several_has_the_intervals_that_an_answer_would_have():
    """Where the plain interval is the wider one, the prediction interval beside it was narrower."""
    found = [0.1, 0.12, 0.11, 0.09]
    pooled = meta.pool(found, [0.3] * 4)
    ci, _, prediction = pooled.cautious
    studies = [
        study | {"site": f"S{k}", "label": f"S{k}", "estimate": estimate}
        for k, (study, estimate) in enumerate(zip(entry()["studies"] * 2, found, strict=True))
    ]
    of_level = entry() | {
        "k": 4,
        "studies": studies,
        "overall": pooled.overall.to_json(),
        "heterogeneity": pooled.heterogeneity.to_json(),
    }
    forest = forest_of(of_level, "dose", ANSWER | {"estimate": None}, "Difference", "pain")
    assert (forest.overall.lower, forest.overall.upper) == pytest.approx(ci)
    assert forest.prediction == pytest.approx(prediction)
    assert pooled.overall.prediction_interval[1] < prediction[1]


@pytest.mark.parametrize(
    ("ends", "told"), [([None, 0.6], "open to 0.60"), ([-0.4, None], "−0.40 to open")]
)
def test_an_open_end_of_a_sites_interval_is_called_so(ends, told):
    of_sites = entry()
    of_sites["studies"][0]["ci"] = ends
    forest = forest_of(of_sites, "dose", ANSWER, "Difference", "pain")
    drawn = forest.drawn_groups[0]["rows"][0]
    assert drawn.interval == told
    assert 'class="interval"' in drawn.drawing


@pytest.mark.parametrize("approximate", [True, False])
def test_what_rounding_leaves_open_of_the_spread_is_said_where_it_is_told(approximate):
    of_sites = entry(approximate=approximate)
    for study, estimate in zip(of_sites["studies"], (0.7, 0.1), strict=True):
        study["estimate"] = estimate
    of_sites["heterogeneity"] |= {"i2": 5.0, "i2_ci": [48.0, 99.0]}
    said = agreement_of(of_sites, ANSWER)["say"]
    assert ("Rounding of the estimates alone could put I² anywhere from " in said) is approximate
    assert "the two are found in different ways" in said, "5% is not from 48% to 99%"


def cells_of(forest):
    return [row.cells[0] for group in forest.groups for row in group.rows]


def test_of_a_yes_no_outcome_each_site_says_how_many_have_it():
    """A forest of odds ratios told rows alone: nobody saw which site has few events."""
    events = Events({"Hungary": 7, "Szeged": 4}, "pain", "yes")
    asked = (ANSWER | {"scale": "ratio"}, "Odds ratio", "pain")
    exact = forest_of(entry(), "Age", *asked, events=events)
    assert exact.heads == ("Events / rows",)
    assert cells_of(exact) == ["7 / 20", "4 / 20"]
    assert exact.overall.cells == ("11 / 40",)
    assert exact.about == "Events are rows in which pain is yes."
    # What left a site rounded is told as about so many, and so is a sum of it.
    rounded = forest_of(entry(approximate=True), "Age", *asked, events=events)
    assert cells_of(rounded) == ["≈5 / ≈20", "≈5 / ≈20"]
    assert rounded.overall.cells == ("≈10 / ≈40",)
    # Of one site they are not told: then none of them are, or the others' would give it back.
    unknown = forest_of(entry(), "Age", *asked, events=Events({"Hungary": 7}, "pain", "yes"))
    assert (unknown.heads, cells_of(unknown)) == (("Rows",), ["20", "20"])


def test_events_are_told_to_whoever_is_told_counts_and_to_nobody_else():
    """A site where nobody has it has none; who may not read the rows is told no counts at all."""
    told = [("Oslo", "sick", "0", 9), ("Oslo", "sick", "1", 5), ("Hue", "sick", "0", 8)]
    told += [("Oslo", "smoker", "1", 3)]
    keys = ("site", "variable", "level", "n")
    result = {
        "outcome": "sick",
        "family": "binomial",
        "sites": ["Oslo"],
        "counts": [dict(zip(keys, one, strict=True)) for one in told],
    }
    variables = {"sick": ShownVariable(VariableInfo("sick", "boolean", label="Sick"))}
    found = events_of(result, variables)
    assert found.at == {"Oslo": 5, "Hue": 0}
    assert found.about == "Events are rows in which sick is yes."
    assert events_of(result | {"counts": []}, variables) is None
    alone = result | {"counts": result["counts"][:2]}
    assert among(alone, variables).endswith(" no other filter. In 5 of them sick is yes.")
    assert among(alone | {"counts": []}, variables).endswith(" no other filter.")


def test_two_sites_of_a_region_are_said_to_be_few_only_where_there_are_others():
    """Of two sites in all it said “not pooled” above a line that pools them."""
    spread = LOOSE | {"q_p_value": 0.75}
    region = {"k": 2, "n": 40, "weight": 100.0, "overall": None, "heterogeneity": spread}
    of_two = entry() | {"regions": [region | {"region": "Eastern Europe"}]}
    forest = forest_of(of_two, "Age", ANSWER, "Difference", "pain")
    assert forest.overall.label == "All sites"
    assert [group.pooled for group in forest.groups] == [None]
    elsewhere = of_two["studies"][0] | {
        "site": "Oslo",
        "label": "Oslo",
        "region": "Northern Europe",
    }
    of_three = of_two | {"k": 3, "studies": [*of_two["studies"], elsewhere]}
    forest = forest_of(of_three, "Age", ANSWER, "Difference", "pain")
    assert [group.pooled and group.pooled.label for group in forest.groups] == [
        "Two sites: no regional estimate",
        None,
    ]


def test_each_level_of_a_region_is_told_against_its_reference():
    """A place is no variable that somebody brought: it has no codes of its own."""
    analysis = SimpleNamespace(parameters={"exposure": "region"})
    answer = {"reference": "Eastern Europe", "level": None, "contrast": "each level against it"}
    heading = "Region, against Eastern Europe: effect by region and site"
    assert heading_of(analysis, answer, {}) == heading
    told = of_term("region[Western Europe]", analysis, answer, {})
    assert told["contrast"] == "Western Europe against Eastern Europe"
    assert of_term("age", analysis, answer | {"reference": None}, {})["contrast"] == (
        "each level against it"
    )


def test_a_difference_of_percentages_is_headed_as_points():
    hba1c = ShownVariable(VariableInfo("hba1c", "number", label="HbA1c", unit="%"))
    result = {"family": "gaussian", "outcome": "hba1c"}
    assert measure_of(result, {"hba1c": hba1c}) == "Difference (percentage points)"
