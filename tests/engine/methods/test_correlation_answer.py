"""A correlation of one pair answers one question, and every correlation says what was checked.

Reference numbers are R 4.2.2's and metafor 3.8's, from tests/data/cases/heart_four_sites/data.csv:
`rma(yi, vi, data = escalc("ZCOR", ri, ni), test = "knha")` over the sites, and `cor.test`.
"""

import re

import numpy as np

from datasets.engine.methods import METHODS, run_local
from datasets.engine.rows.frame import VariableInfo
from tests.engine.methods.cases import close, column, heart, inputs_of, run, shown, variables_of

PAIR = {"variables": ["age", "thalach"]}


def test_one_pair_is_pooled_within_sites_with_all_rows_beside():
    answer = run("correlation", heart(), **PAIR).result["answer"]
    assert (answer["exposure"], answer["outcome"]) == ("age", "thalach")
    assert (answer["scale"], answer["estimator"], answer["k"]) == ("correlation", "REML", 4)
    close(answer["estimate"], -0.3423262408557, 1e-6)
    close(answer["ci"], [-0.5225881925325, -0.1327681731894], 1e-6)
    close(answer["prediction_interval"], [-0.6635924546985, 0.08554567332401], 1e-5)
    close(answer["p_value"], 0.01468050454838, 1e-6)
    assert (answer["n"], answer["n_excluded"]) == (865, 55)
    assert column(answer["by"], "site") == ["VA Long Beach", "Switzerland", "Cleveland", "Hungary"]
    close(
        column(answer["by"], "estimate"),
        [-0.1741247481135, -0.2864070979779, -0.3938058059868, -0.4594201301662],
        1e-10,
    )
    beside = answer["checked_another_way"]
    assert (beside["estimator"], beside["agrees"]) == ("over_all_rows", True)
    close(beside["estimate"], -0.3657782096053, 1e-10)
    close(beside["ci"], [-0.4221431986663, -0.3065959574793], 1e-10)


def test_it_does_not_depend_on_the_order_of_inputs():
    table = heart()
    sites = ["Cleveland", "Hungary", "Switzerland", "VA Long Beach"]
    first, second = (
        run("correlation", table, inputs_of(table, sites=order), **PAIR).result["answer"]
        for order in (sites, sites[::-1])
    )
    assert column(first["by"], "site") == column(second["by"], "site")
    close(second["estimate"], first["estimate"], 1e-12)
    close(second["ci"], first["ci"], 1e-12)


def test_of_several_pairs_none_was_asked_about():
    found = run("correlation", heart(), variables=["age", "thalach", "oldpeak"]).result
    assert found["answer"] is None


def test_one_site_answers_over_its_rows():
    table = heart()
    table = {name: values[table["site"] == "Hungary"] for name, values in table.items()}
    answer = run("correlation", table, **PAIR).result["answer"]
    assert (answer["estimator"], answer["k"], answer["by"]) == ("Pearson", 1, [])
    close(answer["estimate"], -0.4594201301662, 1e-10)
    assert answer["checked_another_way"] is None


def test_it_carries_its_words():
    table = heart()
    method = METHODS["correlation"]
    filled = method.fill(PAIR, variables_of(table))
    infos = {
        "age": VariableInfo("age", "number", "Age", unit="a"),
        "thalach": VariableInfo("thalach", "number", "Maximum heart rate", unit="/min"),
    }
    answer = method.told(filled, run_local(method, filled, inputs_of(table)), infos).result.answer
    assert answer.contrast == "maximum heart rate with age"
    assert answer.text.startswith(
        "Within 4 sites, age and maximum heart rate go in opposite directions (r = -0."
    )


def test_a_withheld_site_takes_the_answer_with_it():
    table = heart()
    few = np.flatnonzero(table["site"] == "Switzerland")[8:]
    kept = np.setdiff1d(np.arange(len(table["site"])), few)
    result = run("correlation", {name: v[kept] for name, v in table.items()}, **PAIR).result
    assert result["answer"]["k"] == 4
    seen, suppressed = shown("correlation", result, PAIR, 10)
    assert suppressed
    assert seen["answer"]["estimate"] is None
    assert seen["answer"]["by"] == []
    assert seen["answer"]["n"] is None
    assert seen["answer"]["n_excluded"] is None
    assert seen["answer"]["reason"]


def test_checks_of_correlations_and_descriptions():
    checks = {one["name"]: one for one in run("correlation", heart(), **PAIR).result["diagnostics"]}
    close(checks["smallest_pair"]["value"], 865 / 920)
    assert checks["sites"]["outcome"] == "pass"
    assert checks["definiteness"]["outcome"] == "pass"
    assert checks["heterogeneity"]["outcome"] == "fail", "few as they are, Q tells them apart"
    few = run("correlation", heart(), variables=["age", "trestbps"]).result["diagnostics"]
    outcomes = {one["name"]: one["outcome"] for one in few}
    assert outcomes["heterogeneity"] == "not_applicable", "four sites tell too little"
    [known] = run("describe", heart(), variables=["age", "ca"]).result["diagnostics"]
    close(known["value"], 309 / 920)
    assert known["outcome"] == "fail"


SPEARMAN = PAIR | {"coefficient": "spearman"}


def test_ranks_are_correlated_within_sites_and_pooled():
    """r by `cor(x, y, method = "spearman")` at each site, pooled by `rma(atanh(r), (1 + r^2 / 2) /
    (n - 3), test = "knha")`: Bonett and Wright's variance."""
    found = run("correlation", heart(), **SPEARMAN).result
    [pair] = found["across_sites"]
    at = {"Cleveland": -0.3916331730589, "Hungary": -0.4228452744491}
    at |= {"Switzerland": -0.2660282954353, "VA Long Beach": -0.1334838290025}
    assert set(column(pair["studies"], "site")) == set(at)
    close(column(pair["studies"], "r"), [at[one["site"]] for one in pair["studies"]], 1e-10)
    answer = found["answer"]
    close(answer["estimate"], -0.3167807339676, 1e-10)
    close(answer["ci"], [-0.5061954526582, -0.09821056139789], 1e-9)
    close(answer["p_value"], 0.01990772783297, 1e-9)
    assert found["pairs"][0]["r"] is None, "one site's ranks say nothing beside another's"
    assert answer["checked_another_way"] is None


def test_ranks_of_one_site_are_those_of_cor_test():
    """cor.test(age, thalach, method = "spearman", exact = FALSE) in Hungary."""
    table = heart()
    table = {name: values[table["site"] == "Hungary"] for name, values in table.items()}
    answer = run("correlation", table, **SPEARMAN).result["answer"]
    assert (answer["estimator"], answer["n"]) == ("Spearman", 293)
    close(answer["estimate"], -0.4228452744491, 1e-10)
    close(answer["p_value"], 3.884567702185e-14, 1e-6)


def test_ranks_are_those_of_the_rows_that_have_both():
    """A monotone change of a variable changes no rank; missing rows of a third change no pair."""
    table = heart()
    curved = table | {"age": np.exp(table["age"] / 5)}
    straight = run("correlation", table, **SPEARMAN).result["answer"]
    bent = run("correlation", curved, **SPEARMAN).result["answer"]
    close(bent["estimate"], straight["estimate"], 1e-12)
    beside = run(
        "correlation", table, variables=["age", "thalach", "ca"], coefficient="spearman"
    ).result
    close(beside["across_sites"][0]["r"], straight["estimate"], 1e-12)


def four_correlations():
    """Sites whose correlations are -0.34, -0.30, 0.17 and 0.18 to every digit."""
    rng = np.random.default_rng(11)
    parts = []
    for k, (r, n) in enumerate(((-0.34, 200), (-0.30, 150), (0.17, 180), (0.18, 160))):
        x, e = (one - one.mean() for one in rng.normal(size=(2, n)))
        e -= (e @ x) / (x @ x) * x
        y = r * x / np.sqrt(x @ x) + np.sqrt(1 - r**2) * e / np.sqrt(e @ e)
        parts.append({"x": x, "y": y, "site": np.full(n, f"s{k}", dtype=object)})
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def test_few_sites_that_differ_are_said_to_differ_with_their_signs():
    """R: `rma(yi, vi, data = escalc("ZCOR", ri = r, ni = n), test = "knha")`."""
    table = four_correlations()
    method = METHODS["correlation"]
    filled = method.fill({"variables": ["x", "y"]}, variables_of(table))
    found = run("correlation", table, variables=["x", "y"]).result
    spread = found["across_sites"][0]["heterogeneity"]
    close(spread["q"], 44.523732644578)
    close(spread["q_p_value"], 1.1680869115181e-09, 1e-5)
    close(spread["i2"], 93.164647947658, 1e-5)
    close(found["answer"]["estimate"], -0.077569506477835, 1e-5)
    said = method.say(filled, method.result.from_json(found), {}).sentence
    assert "too few" not in said
    assert (
        "The sites differ widely (I² 93%, anything from 79% to 100% would fit): none of them need "
        "be like their mean. They point in opposite directions: r is -0.34 at s0 and -0.30 at s1, "
        "but 0.18 at s3 and 0.17 at s2."
    ) in said
    check = next(one for one in found["diagnostics"] if one["name"] == "heterogeneity")
    assert check["outcome"] == "fail"


def test_few_sites_that_q_does_not_tell_apart_stay_too_few_to_tell():
    table = heart()
    method = METHODS["correlation"]
    asked = {"variables": ["age", "trestbps"]}
    found = run("correlation", table, **asked).result
    assert found["across_sites"][0]["heterogeneity"]["q_p_value"] > 0.05
    filled = method.fill(asked, variables_of(table))
    said = method.say(filled, method.result.from_json(found), {}).sentence
    assert "4 sites are too few to tell whether they agree." in said


def test_of_several_pairs_it_is_said_which_one_the_sites_agree_or_differ_on():
    """“The sites differ” stood behind the number of pairs that stand out."""
    table, method = heart(), METHODS["correlation"]
    asked = {"variables": ["age", "trestbps", "thalach"]}
    found = run("correlation", table, **asked).result
    filled = method.fill(asked, variables_of(table))
    said = method.say(filled, method.result.from_json(found), {}).sentence
    assert "On age and thalach the sites differ (p = 0.011)" in said
    calm = found | {"across_sites": [one for one in found["across_sites"] if one["x"] != "age"]}
    said = method.say(filled, method.result.from_json(calm), {}).sentence
    assert re.search(r"On trestbps and thalach the|whether they agree on trestbps and thal", said)
