"""What rounding adds to a site's estimates is in its errors, and so in every pool of them."""

import re

import numpy as np
import pytest

from datasets.engine.guard.rules import OPEN, rules_of
from datasets.engine.guard.tables import step_of
from datasets.engine.methods import METHODS, run_local
from datasets.engine.methods.regression import rounded
from datasets.engine.methods.regression.moved import unmoved
from datasets.engine.methods.regression.statistics import Estimates, Study
from datasets.engine.methods.shared import meta
from tests.engine.methods import cases

STANDARD = rules_of("standard", 5)
UNMOVED = unmoved(2)


def told(estimate, se, n):
    """A guarded site's estimate and error as they leave it."""
    ml = Estimates((1,), (float(estimate),), ((float(se) ** 2,),))
    found = rounded.study(Study("Site", n, 0, ml=ml), STANDARD, 0.0, UNMOVED, linear=False).ml
    return found.estimates[0], found.covariance[0][0] ** 0.5


def test_a_pool_with_rounded_sites_covers_the_truth_as_often_as_without():
    """Of four sites two are guarded, and rounded in the coarsest step that their error allows."""
    rng = np.random.default_rng(20)
    errors, sizes = [0.2, 0.204, 0.4, 0.45], [300, 290, 130, 120]
    covered, squares = np.zeros(2), np.zeros(2)
    for _ in range(4000):
        true = rng.uniform(-1, 1)
        b = rng.normal(true, errors)
        pairs = [told(b[k], errors[k], sizes[k]) for k in range(2)]
        exact = list(zip(b[2:], errors[2:], strict=True))
        for k, sites in enumerate((list(zip(b, errors, strict=True)), [*pairs, *exact])):
            pooled = meta.pool(*zip(*sites, strict=True), estimator="FE").overall
            low, high = pooled.ci_normal
            covered[k] += low <= true <= high
            squares[k] += ((pooled.estimate - true) / (high - low)) ** 2
    assert covered[1] >= covered[0] - 4
    assert squares[1] <= squares[0] * 1.01


@pytest.mark.parametrize("n", [12, 30, 100, 303, 100_000])
def test_a_step_hides_one_row_and_is_no_coarser_than_that_asks_for(n):
    for error in np.geomspace(0.001, 10, 57):
        step = step_of(error, n)
        assert step >= 2 * error / n**0.5 * 0.9999
        assert step <= max(error / 2, 5 * error / n**0.5) * 1.0001


def pooled_over_hospitals(method, asked, guarded):
    table = cases.heart()
    inputs = cases.inputs_of(table)
    rules = {k: STANDARD for k, (place, _) in enumerate(inputs) if place.site in guarded}
    chosen = METHODS[method]
    filled = chosen.fill(asked, cases.variables_of(table))
    return run_local(chosen, filled, inputs, rules).result.to_json()


def test_rounding_of_two_hospitals_makes_no_finding_of_what_is_none():
    """In R: `glm(disease ~ age10 + sex + exang, binomial)` per hospital, then
    `rma(b, sei=se, test="knha")`: 0.3943 (-0.0652 to 0.8539), p 0.0719."""
    asked = {
        "exposure": "age10",
        "outcome": "disease",
        "family": "binomial",
        "terms": ["age10", "sex", "exang"],
    }
    answer = pooled_over_hospitals("regression", asked, ["Cleveland", "Hungary"])["answer"]
    assert answer["estimate"] == pytest.approx(0.3943, abs=0.02)
    assert answer["ci"][0] < 0 < answer["ci"][1]
    assert answer["p_value"] == pytest.approx(0.0719, abs=0.015)


def test_a_rounded_correlation_is_pooled_with_its_rounding():
    """Of equally many people a guarded hospital counts a little less than an open one would."""
    asked = {"variables": ["age10", "disease"]}
    exact = pooled_over_hospitals("correlation", asked, [])["across_sites"][0]
    guarded = pooled_over_hospitals("correlation", asked, ["Cleveland"])["across_sites"][0]
    (true, found) = (one["studies"][0] for one in (exact, guarded))
    error = (found["n"] - 3) ** -0.5
    assert found["se"] == pytest.approx((error**2 + step_of(error, found["n"]) ** 2 / 12) ** 0.5)
    assert found["estimate"] == pytest.approx(true["estimate"], abs=error / 4)
    assert guarded["overall"]["se"] > 0
    pair = pooled_over_hospitals("correlation", asked, ["Cleveland"])["pairs"][0]
    z = np.arctanh([*pair["ci"], pair["r"]])
    assert (z[1] - z[0]) / 2 > 1.96 / (pair["n"] - 3) ** 0.5


def test_nothing_predicts_an_effect_elsewhere_where_rounding_may_have_taken_what_sites_differ_by():
    """Of the four sites' exact estimates metafor's τ² is 0.027, and of the rounded ones it is 0:
    the interval of a prediction would be no wider than that of the mean."""
    table = cases.heart()
    question = {
        "outcome": "disease",
        "exposure": "oldpeak",
        "terms": ["oldpeak", "exang", "cp4", "thalach"],
        "interaction_with": "site",
        "family": "binomial",
    }
    method = METHODS["regression"]
    parameters = method.fill(question, cases.variables_of(table))
    guarded = dict.fromkeys(range(4), OPEN) | dict.fromkeys((0, 2), STANDARD)
    told = {
        is_rounded: run_local(method, parameters, cases.inputs_of(table), rules)
        for is_rounded, rules in ((False, dict.fromkeys(range(4), OPEN)), (True, guarded))
    }
    answers = {
        k: method.told(parameters, one, cases.variables_of(table)) for k, one in told.items()
    }
    assert answers[False].result.answer.prediction_interval is not None
    answer = answers[True].result.answer
    assert answer.ci is not None
    assert answer.prediction_interval is None
    said = re.compile(
        r"I² between sites is \d+%, and rounding of the estimates alone could put it anywhere from "
        r"0% to 19%\."
    )
    assert said.search(str(answer.text))
    assert "rounding of the estimates" not in str(answers[False].result.answer.text)
