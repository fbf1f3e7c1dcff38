"""A correlation of one pair answers one question, and every correlation says what was checked.

Reference numbers are R 4.2.2's and metafor 3.8's, from tests/data/cases/heart_four_sites/data.csv:
`rma(yi, vi, data = escalc("ZCOR", ri, ni), test = "knha")` over the sites, and `cor.test`.
"""

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
    assert answer.text.startswith("Within 4 sites, maximum heart rate falls with age most clearly")


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
    checks = {
        one["name"]: one for one in run("correlation", heart(), **PAIR).result["diagnostics"]
    }
    close(checks["smallest_pair"]["value"], 865 / 920)
    assert checks["sites"]["outcome"] == "pass"
    assert checks["definiteness"]["outcome"] == "pass"
    assert checks["heterogeneity"]["outcome"] == "not_applicable", "four sites tell too little"
    [known] = run("describe", heart(), variables=["age", "ca"]).result["diagnostics"]
    close(known["value"], 309 / 920)
    assert known["outcome"] == "fail"
