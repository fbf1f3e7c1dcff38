"""A guarded site's own model in place of its rows: the same sums, nearly the same pooled model."""

from dataclasses import replace

import numpy as np
import pytest

from datasets.engine.guard.rules import rules_of
from datasets.engine.methods import METHODS, run_local
from datasets.engine.methods.regression.basis import Basis
from datasets.engine.methods.regression.design import Blocks, Design
from datasets.engine.methods.regression.distant import said_of_far
from datasets.engine.methods.regression.fits import LeastSquares
from datasets.engine.methods.regression.passes import cross_products, finish, sums_over
from datasets.engine.methods.regression.stand_in import InPlace
from datasets.engine.methods.regression.statistics import StandIn
from datasets.engine.rows.frame import RESERVED_COLUMNS, Frame, InputInfo, VariableInfo
from tests.engine.methods import cases

STANDARD = rules_of("standard", 5)
WARDS = ("east", "north", "west")
PLACE = InputInfo(0, "Cleveland", "USA", "Northern America")
SCALING = {"age": (58.0, 9.0), "dose": (2.5, 1.5)}


def design():
    """Of three wards and two numbers, with one interaction and effects of sites and of age there.

    Pooled means and spreads are those that other sites bring with them.
    """
    return Design.build(
        outcome="y",
        outcome_mean=4.0,
        terms=["age", "dose", "ward"],
        interactions=[("dose", "ward"), ("age", "site")],
        site_effects=True,
        scaling={"age": (41.3, 11.7), "dose": (3.9, 0.8)},
        levels={"ward": WARDS, "site": ("Budapest", "Cleveland")},
    )


def rows(wards):
    rng = np.random.default_rng(5)
    n = 120
    columns = {
        "age": rng.normal(60, 10, n),
        "dose": rng.normal(2, 1, n),
        "ward": rng.choice(np.array(wards, dtype=object), n),
        **{
            name: np.full(n, getattr(PLACE, name), object) for name in ("site", "country", "region")
        },
    }
    columns["y"] = 0.1 * columns["age"] + columns["dose"] + rng.normal(0, 2, n)
    return [Frame(columns, n)]


def own_model(frame, wards):
    """Least squares of y over the site's own columns by numpy, scaled as it is at the site."""
    age, dose = ((frame.columns[name] - m) / sd for name, (m, sd) in SCALING.items())
    own = {(): np.ones(frame.n), ("age",): age, ("dose",): dose}
    reference = WARDS[0] if WARDS[0] in wards else None
    for ward in WARDS[1:]:
        there = (frame.columns["ward"] == ward).astype(float)
        own |= {(ward,): there, (ward, "dose"): there * dose}
    if reference is None:
        # Without the reference level the last ward's columns are what the others leave.
        own.pop((WARDS[-1],))
        own.pop((WARDS[-1], "dose"))
    x = np.column_stack(list(own.values()))
    y = frame.columns["y"]
    beta, squares, _, _ = np.linalg.lstsq(x, y, rcond=None)
    variance = float(squares[0]) / (frame.n - len(beta))
    return list(own), beta, variance * np.linalg.inv(x.T @ x), float(squares[0])


@pytest.mark.parametrize("wards", [WARDS, WARDS[1:]], ids=["all levels", "without the reference"])
def test_unrounded_it_adds_up_to_what_the_rows_do(wards):
    asked = design()
    site = rows(wards)
    blocks = Blocks(site, asked)
    of_rows = cross_products(blocks, len(asked.columns))
    names, beta, covariance, squares = own_model(site[0], wards)
    key = {
        tuple(level if level is not None else name for name, level in asked.columns[i].parts): i
        for i in asked.of_site()
    }
    key |= {(ward, "dose"): key[("dose", ward)] for ward in WARDS[1:]}
    columns = tuple(key[name] for name in names)
    order = np.argsort(columns)
    follows = ()
    if wards != WARDS:
        sums = {(WARDS[-1],): {(): 1, (WARDS[1],): -1}}
        sums[(WARDS[-1], "dose")] = {("dose",): 1, (WARDS[1], "dose"): -1}
        follows = tuple(
            (key[name], tuple(of.get(names[k], 0) for k in order)) for name, of in sums.items()
        )
    one = StandIn(
        site="Cleveland",
        n=site[0].n,
        deviance=squares,
        df_residual=site[0].n - len(names),
        scaling=tuple((name, *at) for name, at in SCALING.items()),
        columns=tuple(columns[k] for k in order),
        average=(1.0, *[0.0] * (len(names) - 1)),
        estimates=tuple(beta[order].tolist()),
        covariance=tuple(map(tuple, covariance[np.ix_(order, order)].tolist())),
        robust=None,
        follows=follows,
    )
    in_place = InPlace(one, asked, PLACE, "gaussian")
    found = in_place.cross_products()
    assert found.n == of_rows.n
    for name in ("cross", "score", "squares"):
        there, wanted = getattr(found, name), getattr(of_rows, name)
        assert np.allclose(there, wanted, rtol=1e-8, atol=1e-8 * np.abs(wanted).max()), name
    fitted = Basis.of(asked, asked.of_site(), of_rows.cross).fitted
    fit = LeastSquares.solve(fitted, of_rows.cross, of_rows.score, "", asked.outcome_mean)
    elsewhere = replace(fit, beta=fit.beta + 0.3)
    (wanted,) = sums_over((elsewhere,), blocks)
    there = in_place.sums_of(elsewhere)
    assert there.deviance == pytest.approx(wanted.deviance)
    assert np.allclose(there.score, wanted.score, atol=1e-6 * np.abs(wanted.score).max())
    assert finish(fit, blocks).deviance == pytest.approx(one.deviance)


def test_unrounded_robust_errors_are_those_of_the_rows():
    """HC1 of the site's own rows, by numpy: all rows have n / (n - p) once, not once each site."""
    asked, site = design(), rows(WARDS)
    blocks = Blocks(site, asked)
    of_rows = cross_products(blocks, len(asked.columns))
    own = asked.of_site()
    x = np.concatenate([block[:, own] for block, _ in blocks])
    y = np.concatenate([one for _, one in blocks])
    inverse = np.linalg.inv(x.T @ x)
    beta = inverse @ x.T @ y
    left = y - x @ beta
    df = len(y) - len(own)
    robust = len(y) / df * inverse @ (x.T * left**2) @ x @ inverse
    one = StandIn(
        site="Cleveland",
        n=len(y),
        deviance=float(left @ left),
        df_residual=df,
        scaling=asked.scaling,
        columns=tuple(own),
        average=(1.0, *[0.0] * (len(own) - 1)),
        estimates=(beta[0] + asked.outcome_mean, *beta[1:].tolist()),
        covariance=tuple(map(tuple, (left @ left / df * inverse).tolist())),
        robust=tuple(map(tuple, robust.tolist())),
        follows=(),
    )
    fit = LeastSquares.solve(own, of_rows.cross, of_rows.score, "hc1", asked.outcome_mean)
    (wanted,) = sums_over((fit,), blocks)
    there = InPlace(one, asked, PLACE, "gaussian").sums_of(fit)
    assert np.allclose(there.sandwich, wanted.sandwich, atol=1e-6 * np.abs(wanted.sandwich).max())


QUESTIONS = [
    {"outcome": "disease", "family": "binomial", "terms": ["age10", "sex", "exang"]},
    {"outcome": "oldpeak", "terms": ["age10", "sex", "exang"]},
    {"outcome": "oldpeak", "terms": ["age10", "sex"], "site_effects": False},
    {"outcome": "oldpeak", "terms": ["age10", "sex"], "standard_errors": "hc3"},
    {
        "outcome": "disease",
        "family": "binomial",
        "terms": ["age10", "sex"],
        "interactions": [["age10", "sex"]],
        "standard_errors": "hc1",
    },
    {"outcome": "oldpeak", "terms": ["age10", "exang"], "interactions": [["exang", "site"]]},
    {"outcome": "thalach", "terms": ["age10", "sex", "pain"]},
    {"outcome": "thalach", "terms": ["age10", "sex", "pain"], "standard_errors": "hc1"},
]


@pytest.mark.parametrize("asked", QUESTIONS)
def test_the_pooled_model_is_near_that_of_the_rows(asked):
    """Two of four hospitals guarded: estimates within half an error of `lm` and `glm` over all
    rows, which the answer without rules agrees with to their digits, and errors within a tenth;
    twice as far of a yes or no, and of what has four values in Hungary, whose tables are told."""
    table = cases.heart()
    inputs = cases.inputs_of(table)
    method = METHODS["regression"]
    filled = method.fill(asked, cases.variables_of(table))
    guarded = ("Cleveland", "Hungary")
    rules = {k: STANDARD for k, (place, _) in enumerate(inputs) if place.site in guarded}
    exact = run_local(method, filled, inputs).result
    found = run_local(method, filled, inputs, rules).result
    near = 0.1 if asked["outcome"] == "thalach" else 0.2
    for told, true in zip(found.coefficients, exact.coefficients, strict=True):
        assert told.term == true.term
        assert told.estimate == pytest.approx(true.estimate, abs=5 * near * true.se)
        assert told.se == pytest.approx(true.se, rel=near)
    assert found.deviance == pytest.approx(exact.deviance, rel=0.05)


def test_robust_errors_move_no_estimate_beside_a_guarded_site():
    """The spread grows with x, and the guarded site's robust errors are no weights of it."""
    rng = np.random.default_rng(11)
    inputs = []
    for k, (site, country) in enumerate((("A", "USA"), ("B", "CHE"))):
        x = rng.normal(0, 1, 200)
        columns = {"x": x, "y": 0.5 * x + rng.normal(0, 1, 200) * np.exp(0.6 * x)}
        place = InputInfo(k, site, country, "Europe")
        columns |= {name: np.full(200, getattr(place, name), object) for name in RESERVED_COLUMNS}
        inputs.append((place, [Frame(columns, 200)]))
    method = METHODS["regression"]
    variables = {name: VariableInfo(name, "number") for name in ("x", "y")}
    found = {}
    for errors in ("model", "hc1"):
        filled = method.fill({"outcome": "y", "terms": ["x"], "standard_errors": errors}, variables)
        found[errors] = run_local(method, filled, inputs, {0: STANDARD}).result.coefficients
        exact = run_local(method, filled, inputs).result.coefficients
        for told, true in zip(found[errors], exact, strict=True):
            assert told.estimate == pytest.approx(true.estimate, abs=true.se / 2)
            assert told.se == pytest.approx(true.se, rel=0.1)
    for plain, robust in zip(found["model"], found["hc1"], strict=True):
        assert robust.estimate == pytest.approx(plain.estimate, rel=1e-9)


def test_a_guarded_site_gives_hc1_in_place_of_hc3():
    """Of a level of few rows HC3 tells how few they are; open sites keep what was asked."""
    inputs = three_sites(slope=0.0, events=0.0, family="gaussian")
    method = METHODS["regression"]
    found = {}
    for errors in ("hc1", "hc3"):
        asked = {"outcome": "y", "terms": ["x"], "standard_errors": errors}
        filled = method.fill(asked, {name: VariableInfo(name, "number") for name in ("x", "y")})
        found[errors] = run_local(method, filled, inputs, {0: STANDARD})
    guarded, *open_ones = found["hc3"].result.by_site
    assert guarded.standard_errors == "hc1"
    assert guarded == found["hc1"].result.by_site[0]
    exact = run_local(method, filled, inputs).result
    for told, true in zip(open_ones, exact.by_site[1:], strict=True):
        assert told.standard_errors == true.standard_errors == "hc3"
        assert told.coefficients[1].se == pytest.approx(true.coefficients[1].se, rel=1e-9)
    assert found["hc3"].result.standard_errors == "hc3"
    said = [one.message for one in found["hc3"].warnings if one.code == "standard_errors"]
    assert [str(one) for one in said] == [
        "A gives robust errors HC1 in place of HC3, which would tell how few of its rows have a "
        "level."
    ]
    assert not any(one.code == "standard_errors" for one in found["hc1"].warnings)
    alone = run_local(method, filled, inputs, dict.fromkeys(range(3), STANDARD))
    assert alone.result.standard_errors == "hc1"
    filled = replace(filled, standard_errors="hc1")
    asked = run_local(method, filled, inputs, dict.fromkeys(range(3), STANDARD))
    assert alone.result.coefficients == asked.result.coefficients, "one name has one number"
    assert any("A, B and C give robust errors HC1" in str(one.message) for one in alone.warnings)


def three_sites(*, slope, events, family):
    """Two sites alike, and one, guarded, with another slope and another share of events."""
    rng = np.random.default_rng(29)
    inputs = []
    for k, (site, country) in enumerate((("A", "USA"), ("B", "CHE"), ("C", "CHE"))):
        x = rng.normal(0, 1, 400)
        other = (events + slope * x) if k == 0 else 0.0
        score = -0.3 + 0.5 * x + other
        y = score + rng.normal(0, 1, 400)
        if family == "binomial":
            y = (rng.random(400) < 1 / (1 + np.exp(-score))).astype(float)
        place = InputInfo(k, site, country, "Europe")
        columns = {"x": x, "y": y}
        columns |= {name: np.full(400, getattr(place, name), object) for name in RESERVED_COLUMNS}
        inputs.append((place, [Frame(columns, 400)]))
    return inputs


@pytest.mark.parametrize(
    ("slope", "events", "site_effects", "family", "far"),
    [
        (0.0, 0.0, True, "binomial", False),
        (1.5, 0.0, True, "binomial", True),
        (0.0, 2.0, False, "binomial", True),
        (0.0, 2.0, True, "binomial", False),
        (1.5, 2.0, False, "gaussian", False),
    ],
)
def test_where_a_stand_in_is_a_poor_one_is_said(slope, events, site_effects, family, far):
    """Against the model over all rows, in its errors; of a linear one it is never poor."""
    inputs = three_sites(slope=slope, events=events, family=family)
    asked = {"outcome": "y", "terms": ["x"], "family": family, "site_effects": site_effects}
    method = METHODS["regression"]
    filled = method.fill(asked, {name: VariableInfo(name, "number") for name in ("x", "y")})
    exact = run_local(method, filled, inputs)
    found = run_local(method, filled, inputs, {0: STANDARD})
    off = max(
        abs(told.estimate - true.estimate) / true.se
        for told, true in zip(found.result.coefficients, exact.result.coefficients, strict=True)
    )
    said = [one for one in found.warnings if one.code.endswith("far_from_site")]
    assert bool(said) is far
    assert (off > 0.5) is far, off
    assert not any(one.code.endswith("far_from_site") for one in exact.warnings)
    if far:
        assert said[0].code == "check_far_from_site", "the answer is the sites' own"
        assert "all rows A is there by its own model, which lies far from it" in said[0].message


def test_two_sites_stand_there_by_their_own_models():
    """It was “A and B is there”."""
    said = said_of_far({"A": 0.2, "B": 0.3})
    assert "A and B are there by their own models, which lie far from it" in said
    assert "by about 0.5 of their" in said
    assert "off by more than their standard errors" in said_of_far({"A": 0.5, "B": 0.47})


@pytest.mark.parametrize("errors", ["model", "hc3"])
@pytest.mark.parametrize("guarded", [0, 1])
def test_beside_a_site_without_events_it_stands_there_as_well(errors, guarded):
    """The job broke: the site's own level is not among what is estimated."""
    inputs = three_sites(slope=0.0, events=0.0, family="binomial")
    (frame,) = inputs[1 - guarded][1]
    frame.columns["y"][:] = 0.0
    method = METHODS["regression"]
    asked = {"outcome": "y", "terms": ["x"], "family": "binomial", "standard_errors": errors}
    filled = method.fill(asked, {name: VariableInfo(name, "number") for name in ("x", "y")})
    exact = run_local(method, filled, inputs).result.coefficients[1]
    found = run_local(method, filled, inputs, {guarded: STANDARD}).result
    assert found.method == "ml"
    assert found.coefficients[1].estimate == pytest.approx(exact.estimate, abs=exact.se / 2)
    assert found.coefficients[1].se == pytest.approx(exact.se, rel=0.1)
