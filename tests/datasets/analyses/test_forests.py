"""What stands around a forest, and what is said of how its sites agree."""

import pytest

from datasets.analyses.methods.forests import agreement_of, forest_of, sides_of

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
    assert sides_of("stroke", counted=True) == ("Less stroke", "More stroke")


def test_a_site_called_by_its_country_has_that_name_once():
    drawn = forest_of(entry(), "Age", ANSWER, "Difference", "blood pressure")
    assert [row.note for row in drawn.groups[0].rows] == ["", "Hungary"]


@pytest.mark.parametrize(
    ("approximate", "why"),
    [
        (True, "cannot be bounded: some estimates are rounded"),
        (False, "cannot be bounded from so few sites"),
    ],
)
def test_numbers_and_words_say_one_reason_for_having_no_bounds(approximate, why):
    """The sentence said that estimates are rounded, the number below that sites are few."""
    agreement = agreement_of(entry(approximate=approximate), ANSWER)
    assert [one["note"] for one in agreement["stats"][:2]] == [why, why]
    assert ("rounded" in agreement["say"]) is approximate
