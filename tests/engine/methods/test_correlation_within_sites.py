"""The answer where several sites bring data: their own correlations, pooled; against R."""

import numpy as np
import pytest

from datasets.engine.methods import METHODS, Caution
from datasets.engine.rows.frame import InputInfo
from tests.engine.methods.cases import (
    blocks_of,
    close,
    codes,
    columns,
    expected,
    run,
    shown,
    variables_of,
)

METHOD = METHODS["correlation"]

R = expected("heart_correlations")
NAMES = R["pearson_pairwise"]["vars"]

HEART = {
    ("age", "trestbps"): (0.272927824777, 0.186182154129, 0.355451452677, 0.00231013380486),
    ("age", "chol"): (0.128384867289, -0.0775554346586, 0.323817641173, 0.115163190754),
    ("age", "thalach"): (-0.342326228176, -0.522588183588, -0.132768157059, 0.0146805065454),
    ("age", "oldpeak"): (0.184336870022, 0.152471030859, 0.215819834108, 0.000368300607244),
    ("age", "ca"): (0.36430518926, 0.0787802302294, 0.59459105751, 0.0396929761315),
    ("thalach", "oldpeak"): (-0.0856601486652, -0.505746007858, 0.367263208142, 0.602573258307),
    ("oldpeak", "ca"): (0.149461527724, -0.999439159884, 0.999692890518, 0.730129490267),
}
"""Of R 4.2 and metafor 3.8: `r` and `n` of `cor.test` at each site with more than three rows that
vary, `z <- escalc("ZCOR", ri = r, ni = n)`, `m <- rma(yi, vi, data = z, test = "knha", control =
list(stepadj = 0.5, threshold = 1e-13, maxiter = 10000))`, then `tanh(c(m$b, m$ci.lb, m$ci.ub))` and
`m$pval`."""

PREDICTION = {
    ("age", "thalach"): (-0.66359261415, 0.0855459846696),
    ("thalach", "oldpeak"): (-0.804783813075, 0.735361465296),
}
"""`tanh(unlist(predict(m)[c("pi.lb", "pi.ub")]))`."""

ADJUSTED = [
    *(0.024256404951, 0.172744786131, 0.0513817729088, 1.22637750486e-06, 0.0833552498761),
    *(0.0649440383718, 0.119148841732, 0.260829492385, 0.0362482360361, 0.240480648849),
    *(0.0444674701886, 0.331864040622, 0.213336922973, 0.0833552498761, 0.147889624673),
    *(0.632701921222, 0.119148841732, 0.0649440383718, 0.730129490267, 0.0513817729088),
    0.435887637889,
]
"""`p.adjust(p, "BH")` of the 21 pairs, each with the p-value of the wider of the intervals of
`rma(test = "knha")` and `rma(test = "z")`; of chol and ca, which one site has, `rma`'s own."""


@pytest.fixture(scope="module")
def heart_table():
    return columns("heart_correlations")


@pytest.fixture(scope="module")
def answer(heart_table):
    return run("correlation", heart_table, variables=NAMES)


def entries(answer):
    return {(one["x"], one["y"]): one for one in answer.result["across_sites"]}


def simpson(sites=3, rows=60):
    """Against each other at every site, together over all rows."""
    rng = np.random.default_rng(3)
    middle = np.repeat(np.arange(sites) * 6.0, rows)
    x = middle + rng.normal(size=middle.size)
    y = 2.5 * middle - 1.5 * x + rng.normal(size=middle.size)
    names = np.repeat([f"Site {k}" for k in range(sites)], rows).astype(object)
    return {"site": names, "x": x, "y": y, "z": rng.normal(size=middle.size)}


def said(table, **parameters):
    found = run("correlation", table, **parameters)
    filled = METHOD.fill(parameters, variables_of(table))
    return METHOD.say(filled, METHOD.result.from_json(found.result), {})


@pytest.mark.parametrize("pair", HEART)
def test_agrees_with_metafor(answer, pair):
    one = entries(answer)[pair]
    estimate, low, high, p_value = HEART[pair]
    close(one["r"], estimate, 1e-9)
    close(np.tanh(one["overall"]["ci"]), [low, high], 1e-9)
    close(one["overall"]["p_value"], p_value, 1e-9)
    if pair in PREDICTION:
        close(one["prediction_interval"], PREDICTION[pair], 1e-9)


def test_the_interval_is_the_wider_of_two(answer):
    """Knapp and Hartung's is narrower where four sites agree by chance."""
    found = entries(answer)
    lucky = found["age", "oldpeak"]
    close(lucky["ci"], np.tanh(lucky["overall"]["ci_normal"]), 1e-12)
    assert lucky["ci"][0] < np.tanh(lucky["overall"]["ci"][0])
    assert lucky["p_value"] != lucky["overall"]["p_value"]
    assert lucky["prediction_interval"][0] < lucky["ci"][0]
    usual = found["age", "thalach"]
    close(usual["ci"], np.tanh(usual["overall"]["ci"]), 1e-12)


def test_every_correlation_counts_as_a_test(answer):
    assert answer.result["tests"] == 21
    close([one["q_value"] for one in answer.result["across_sites"]], ADJUSTED, 1e-8)


def test_the_heat_map_and_its_order_are_of_the_answer(answer):
    result = answer.result
    assert result["answers"] == "across_sites"
    for (x, y), one in entries(answer).items():
        i, j = NAMES.index(x), NAMES.index(y)
        assert result["within_matrix"][i][j] == result["within_matrix"][j][i] == one["r"]
    assert [row[i] for i, row in enumerate(result["within_matrix"])] == [1.0] * 7
    assert sorted(result["within_order"]) == sorted(NAMES)
    assert result["within_order"] != result["order"]


def test_a_pair_of_one_site_is_that_sites_correlation(answer, heart_table):
    one = entries(answer)["chol", "ca"]
    assert [study["site"] for study in one["studies"]] == ["Cleveland"]
    close(one["r"], one["studies"][0]["r"], 1e-12)
    close(one["r"], 0.1190005, 1e-6)


@pytest.mark.parametrize("within_site", [False, True])
def test_pairs_and_matrix_are_over_all_rows_as_asked(heart_table, within_site):
    """`within_site` takes each site's mean off; the answer within sites stays what it is."""
    found = run("correlation", heart_table, variables=["age", "thalach"], within_site=within_site)
    over_all = R["pearson_pairwise"]["r"][NAMES.index("age")][NAMES.index("thalach")]
    r = R["within_site_age_thalach"]["r"] if within_site else over_all
    close(found.result["pairs"][0]["r"], r, 1e-9)
    assert found.result["matrix"][0][1] == found.result["pairs"][0]["r"]
    close(entries(found)["age", "thalach"]["r"], HEART["age", "thalach"][0], 1e-9)


def test_one_site_has_its_own_correlation_alone():
    table = {name: column[:60] for name, column in simpson().items()}
    result = run("correlation", table, variables=["x", "y", "z"]).result
    assert (result["answers"], result["tests"]) == ("pairs", 3)
    assert (result["across_sites"], result["within_matrix"], result["within_order"]) == ([], [], [])
    text = said(table, variables=["x", "y", "z"]).sentence
    assert text.startswith(
        "At Site 0, x and y go in opposite directions, the clearest of 3 pairs (r = -0."
    )
    assert "sites" not in text


def test_two_datasets_of_one_site_are_one_site():
    table = simpson(sites=1)
    part = table | {name: np.full(60, name, dtype=object) for name in ("country", "region")}
    halves = [
        {name: column[place] for name, column in part.items()}
        for place in (slice(0, 25), slice(25, 60))
    ]
    inputs = [
        (InputInfo(k, "Site 0", "AUT", "Western Europe"), blocks_of(half, 100))
        for k, half in enumerate(halves)
    ]
    result = run("correlation", table, inputs, variables=["x", "y"]).result
    assert result["across_sites"] == []
    whole = run("correlation", table, variables=["x", "y"]).result
    close(result["pairs"][0]["r"], whole["pairs"][0]["r"], 1e-12)


@pytest.mark.parametrize("sites", [2, 3, 6])
def test_a_sign_that_the_sites_contradict_is_said_to_be_simpsons(sites):
    table = simpson(sites)
    found = run("correlation", table, variables=["x", "y", "z"])
    one = entries(found)["x", "y"]
    over_all = next(p for p in found.result["pairs"] if (p["x"], p["y"]) == ("x", "y"))
    assert one["r"] < -0.5 < 0.2 < over_all["r"]
    assert [(p["x"], p["y"]) for p in found.result["across_sites"] if p["reversed"]] == [("x", "y")]
    assert codes(found) == {"sign_reversal"} | ({"two_sites"} if sites == 2 else set())
    message = found.warnings[0]["message"]
    assert message.startswith("Simpson’s paradox: the correlation of x and y is -0.")
    text = said(table, variables=["x", "y", "z"]).sentence
    assert text.index(f"Within {sites} sites") < text.index("of the opposite sign: that is Simpson")


def apart():
    """Sites that differ in both variables, which within each have little to do with each other."""
    k = np.arange(20)
    y = [(3 * k + turn) * (k + 2) % 19 for turn in (0, 5, 3)]
    return {
        "site": np.repeat(["Site 0", "Site 1", "Site 2"], 20).astype(object),
        "x": np.concatenate([7 * k % 20 + 15.0 * site for site in range(3)]),
        "y": np.concatenate([one + 14.0 * site for site, one in enumerate(y)]),
    }


def test_a_correlation_that_sites_do_not_show_is_no_paradox():
    """−0.01 within sites (−0.11 to 0.09), and 0.79 over all rows, was said to be Simpson's. Of R
    4.2: `rma(escalc("ZCOR"), test = "knha")`, wider than "z", and `cor.test` over all rows."""
    table = apart()
    found = run("correlation", table, variables=["x", "y"])
    one = entries(found)["x", "y"]
    close([one["r"], *one["ci"]], [-0.199184300245, -0.668294872563, 0.383271999708], 1e-9)
    [over_all] = found.result["pairs"]
    close([over_all["r"], *over_all["ci"]], [0.787989949946, 0.667656765567, 0.868197013372], 1e-9)
    assert not one["reversed"]
    assert found.warnings == []
    text = said(table, variables=["x", "y"]).sentence
    assert "Simpson" not in text
    assert (
        "Over all rows r is 0.79: the correlation is seen over all rows and not within sites, "
        "whose interval holds 0, so it may be of how sites differ alone."
    ) in text
    table["z"] = -table["y"] + np.tile([-1.0, 1.0], 30)
    text = said(table, variables=["x", "y", "z"]).sentence
    assert (
        "For 2 other pairs, the interval over all rows leaves 0 out, and the one within sites does "
        "not: sites may differ, or be too few to tell."
    ) in text


def test_what_was_searched_for_and_does_not_stand_out_is_no_finding():
    """Of six pairs of noise the headline was the luckiest: “a and b go together”."""
    rng = np.random.default_rng(1)
    table = {"site": np.repeat(["Ulm", "Linz", "Graz"], 50).astype(object)}
    table |= {name: rng.normal(size=150) for name in "abcd"}
    found = run("correlation", table, variables=list("abcd"))
    alone = [one for one in found.result["across_sites"] if one["ci"][0] * one["ci"][1] > 0]
    assert alone
    assert min(one["q_value"] for one in alone) > 0.05
    text = said(table, variables=list("abcd")).sentence
    assert text.startswith("Within 3 sites, it is open whether ")
    assert "0 of 6 pairs stand out after allowing for 6 tests." in text
    pair = [alone[0]["x"], alone[0]["y"]]
    assert "it is open" not in said(table, variables=pair).sentence, "it is all that was asked"


def test_of_two_sites_it_is_said_why_the_interval_is_wider():
    found = run("correlation", simpson(2), variables=["x", "y"])
    answer = found.result["answer"]
    assert (answer["k"], answer["df"]) == (2, 1)
    assert found.warnings[-1]["message"] == (
        "Two sites say little of how far sites differ, which makes the interval wider."
    )
    assert "two_sites" not in codes(run("correlation", simpson(3), variables=["x", "y"]))


def test_sites_means_taken_off_leave_no_paradox():
    found = run("correlation", simpson(), variables=["x", "y"], within_site=True)
    assert found.result["pairs"][0]["r"] < -0.5
    assert not found.result["across_sites"][0]["reversed"]
    assert found.warnings == []


def test_many_paradoxes_are_counted():
    table = simpson()
    names = [f"x{k}" for k in range(8)]
    rng = np.random.default_rng(5)
    table |= {name: table["x"] + 0.1 * rng.normal(size=180) for name in names}
    found = run("correlation", table, variables=["y", *names])
    assert len(found.warnings) == 6
    assert found.warnings[-1]["message"] == "The same holds for 3 pairs more."
    # The clearest pair is two of the eight, which are nearly the same everywhere.
    assert "For 8 other pairs, r over all rows has the opposite sign." in (
        said(table, variables=["y", *names]).sentence
    )


def test_the_headline_is_of_a_pair_that_stands_out(heart_table, answer):
    """The largest r within sites, of oldpeak and num, has a q of 0.051."""
    strongest = max(answer.result["across_sites"], key=lambda one: abs(one["r"]))
    assert strongest["q_value"] > 0.05
    text = said(heart_table, variables=NAMES).sentence
    assert text.startswith(
        "Within 4 sites, age and trestbps go together, the clearest of 21 pairs ("
    )
    assert "4 of 21 pairs stand out after allowing for 21 tests." in text


def test_a_weak_correlation_is_not_sold_as_one(heart_table):
    text = said(heart_table, variables=["oldpeak", "ca"]).sentence
    assert "Within 2 of 4 sites, it is open whether oldpeak and ca go together (r = 0.15" in text
    assert "95% CI -1.00 to 1.00" in text


@pytest.mark.parametrize(("sites", "few"), [(2, True), (4, True), (5, False), (6, False)])
def test_few_sites_cannot_tell_whether_they_agree(sites, few):
    text = said(simpson(sites), variables=["x", "y"]).sentence
    assert (f"{sites} sites are too few to tell whether they agree." in text) is few
    assert not few or "differ in how close" not in text


def test_sites_that_differ_are_said_to_from_five_on():
    table = simpson(6)
    mine = table["site"] == "Site 2"
    table["y"] = np.where(mine, table["x"] + table["z"] / 2, table["y"])
    text = said(table, variables=["x", "y"]).sentence
    assert "The sites differ widely (I² 9" in text


@pytest.mark.parametrize("by", [1.0, -0.1, 1 / 3])
def test_a_site_where_one_gives_the_other_is_left_out_and_named(by):
    """Rounding makes its r now 1 and now a little less, whose z of 18 would spoil the rest."""
    table = simpson(4)
    mine = table["site"] == "Site 2"
    table["y"] = np.where(mine, by * table["x"] + 0.7, table["y"])
    found = run("correlation", table, variables=["x", "y"])
    one = entries(found)["x", "y"]
    assert [study["site"] for study in one["studies"]] == ["Site 0", "Site 1", "Site 3"]
    assert -0.95 < one["ci"][0] < one["ci"][1] < -0.5
    messages = [w["message"] for w in found.warnings if w["code"] == "perfect_correlation"]
    assert messages == ["x gives y without error at Site 2, which r within sites leaves out."]


def test_a_site_of_few_rows_cannot_be_had_by_difference():
    """Three rows of a site are left out of the studies: their sum must not tell of them."""
    table = simpson(4)
    gone = (table["site"] == "Site 3") & (np.cumsum(table["site"] == "Site 3") > 3)
    table["x"] = np.where(gone, np.nan, table["x"])
    found = run("correlation", table, variables=["x", "y", "z"])
    assert len(entries(found)["x", "y"]["studies"]) == 3
    kept, suppressed = shown("correlation", found.result, {"variables": ["x", "y", "z"]}, 5)
    assert [(one["x"], one["y"]) for one in kept["across_sites"]] == [("y", "z")]
    assert kept["within_matrix"][0] == [None, None, None]
    assert kept["within_order"] == ["x", "y", "z"]
    assert {one["where"] for one in suppressed} == {"x, y across sites", "x, z across sites"}


def test_a_warning_does_not_tell_of_what_is_withheld():
    table = simpson(4)
    gone = (table["site"] == "Site 3") & (np.cumsum(table["site"] == "Site 3") > 3)
    table["x"] = np.where(gone, np.nan, table["x"])
    parameters = {"variables": ["x", "y"]}
    filled = METHOD.fill(parameters, variables_of(table))
    found = run("correlation", table, **parameters)
    assert codes(found) == {"sign_reversal"}
    answer = METHOD.show(
        METHOD.result.from_json(found.result),
        [Caution.from_json(one) for one in found.warnings],
        filled,
        5,
    )
    assert answer.warnings == ()
    assert METHOD.say(filled, answer.result, {}).sentence == (
        "No pair of these variables has a correlation within sites that may be shown."
    )
