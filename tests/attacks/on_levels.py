"""Attacks on a level of few rows: what rests on it is moved by one of them as by one of few."""

from typing import Any

import numpy as np

from tests.attacks.world import WARDS, Found, World, coefficient, variable

SMALL = "small"


def people_in_a_level(world: World) -> Found:
    """How many, one of four numbers, from the variance of their mean and that of one of them."""
    size = int(world.rng.integers(12, 16))
    ward = world.columns["ward"].copy()
    ward[-size:] = SMALL
    site = world.guarded(ward=ward)
    found = []
    for outcome in ("income", "age"):
        told = world.ask(
            "regression",
            [site],
            outcome=outcome,
            terms=["ward"],
            family="gaussian",
            site_effects=False,
            reference={"ward": SMALL},
        )
        error = coefficient(told, "(Intercept)").get("se")
        if error:
            found.append(told.result["sigma"] ** 2 / error**2)
    return size, [round(float(np.mean(found)))] if found else []


ALIKE = (14, 16)
"""How many people may have a level: counts tell of both that they are about 15."""


def people_by_robust_errors(world: World, errors: str, odd: int = 0) -> Found:
    """Which of two numbers it is, from the errors of what half of the people with the level have,
    and half of the others, in several units: the attacker makes up such rows for both numbers.

    So many people's yes may be an `odd` one, 1.01 and more. Where both numbers have the same errors
    there is no guess.
    """
    size = int(world.rng.choice(ALIKE))
    found = {one: [] for one in ALIKE}
    for unit in world.rng.uniform(1, 10, 8):
        for one, told in found.items():
            flag = world.flag(one)
            flag[world.n - odd :] += np.arange(1, odd + 1) / 100
            outcome = np.concatenate([np.arange(world.n - one) % 2, np.arange(one) % 2])
            told.append(_robust_error(world, errors, flag, outcome * unit))
    other = next(one for one in ALIKE if one != size)
    return size, [size] if found[size] != found[other] else []


def _robust_error(world: World, errors: str, flag: np.ndarray, outcome: np.ndarray) -> float | None:
    told = world.ask(
        "regression",
        [world.guarded(flag=flag, outcome=outcome)],
        outcome="outcome",
        terms=["flag"],
        family="gaussian",
        site_effects=False,
        standard_errors=errors,
    )
    error = coefficient(told, "flag").get("se")
    return error and round(error, 9)


def group_of_the_only_one(world: World) -> Found:
    """In which of four wards the one lay who has a value that all others lack."""
    dose = np.full(world.n, np.nan)
    dose[-1] = 3.0
    told = world.ask("describe", [world.guarded(dose=dose)], variables=["dose"], by="ward")
    groups = variable(told, "dose").get("groups", ())
    other = [one["level"] for one in groups if one["n"] != 0]
    guesses = [WARDS.index(one) + 1.0 for one in other] if len(other) == 1 else []
    return WARDS.index(world.columns["ward"][-1]) + 1.0, guesses


QUESTIONS: dict[str, dict[str, Any]] = {
    "logistic": {
        "method": "regression",
        "tells": "flag",
        "outcome": "sick",
        "terms": ["flag"],
        "family": "binomial",
        "site_effects": False,
    },
    "linear": {
        "method": "regression",
        "tells": "flag",
        "outcome": "sick",
        "terms": ["flag"],
        "family": "gaussian",
        "site_effects": False,
    },
    "pearson": {"method": "correlation", "variables": ["sick", "flag"]},
    "spearman": {
        "method": "correlation",
        "variables": ["sick", "flag"],
        "coefficient": "spearman",
    },
}
"""Of a flag that eighteen rows have, and whether they are sick."""


def tells_apart(world: World, asked: dict[str, Any]) -> bool:
    """Whether an estimate for a few rows is another one when the victim is sick."""
    size = 18
    flag = world.flag(size)
    sick = world.columns["sick"].copy()
    ill = int(world.rng.integers(7, size - 7))
    sick[-size:-1] = world.rng.permutation(np.repeat([1.0, 0.0], [ill, size - 1 - ill]))
    question = {name: value for name, value in asked.items() if name not in ("method", "tells")}
    answers = []
    for victim in (0.0, 1.0):
        sick = sick.copy()
        sick[-1] = victim
        site = world.guarded(flag=flag, sick=sick)
        told = world.ask(asked["method"], [site], **question)
        of_level = coefficient(told, asked.get("tells", ""))
        pairs = [one["r"] for one in told.result.get("pairs", ())]
        # Where rounding is undone and done again, arithmetic leaves the last digits.
        answers.append((round(of_level.get("estimate") or 0.0, 9), pairs))
    return answers[0] != answers[1]
