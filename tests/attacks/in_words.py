"""Attacks on what is said: warnings, errors, names, and values in them."""

import secrets

import numpy as np

from tests.attacks.world import Found, Told, World


def likely_missing_code(world: World) -> Found:
    """A value far from all others, which a warning points out."""
    code = -float(world.rng.integers(10**6, 10**7))
    income = world.columns["income"].copy()
    income[-3:] = code
    site = world.guarded(income=income)
    guesses: list[float] = []
    for method, asked in _of_every_method("income").items():
        told = world.ask(method, [site, world.own()], **asked)
        for word in " ".join(told.texts).replace(",", "").split():
            try:
                guesses.append(float(word))
            except ValueError:
                continue
        guesses += told.numbers()
    return code, guesses


def telling_names(world: World) -> tuple[str, list[str]]:
    """A rare level's name, in anything that any method answers, warns or fails with."""
    name = f"diagnosis-{secrets.token_hex(6)}"
    ward = world.columns["ward"].copy()
    ward[-2:] = name
    site = world.guarded(ward=ward)
    everything = []
    for sites in ([site], [site, world.own()]):
        for method, asked in _of_every_method("ward").items():
            everything.append(world.ask(method, sites, **asked).everything)
            asked = asked | {"by": "ward"} if method == "describe" else asked
            everything.append(world.ask(method, sites, **asked).everything)
    return name, everything


def telling_errors(world: World) -> list[tuple[str, ...]]:
    """What is said where three patients share an outcome, a treatment, or everybody does."""
    said = []
    for rows in (0, 1, 3, world.n - 1, world.n):
        flag = world.flag(rows)
        asked = {"outcome": "flag", "terms": ["age"], "family": "binomial", "site_effects": False}
        said.append(world.ask("regression", [world.guarded(flag=flag)], **asked).texts)
        asked = {"outcome": "sick", "terms": ["flag"], "family": "binomial", "site_effects": False}
        said.append(world.ask("regression", [world.guarded(flag=flag)], **asked).texts)
    return said


def telling_separation(world: World) -> Told:
    """Thirty share a treatment, and all of them are sick."""
    sick = world.columns["sick"].copy()
    sick[-30:] = 1.0
    return world.ask(
        "regression",
        [
            world.guarded(sick=sick, flag=world.flag(30)),
            world.own(flag=(np.arange(60) % 4 < 2).astype(float)),
        ],
        outcome="sick",
        terms=["flag"],
        family="binomial",
    )


def _of_every_method(name: str) -> dict[str, dict[str, object]]:
    """A question of each method that has this variable in it."""
    others = [one for one in ("age", "treated") if one != name]
    numbers = [name, *others] if name != "ward" else others
    return {
        "describe": {"variables": [name, *others]},
        "correlation": {"variables": numbers},
        "regression": {"outcome": "sick", "terms": [name, *others], "family": "binomial"},
    }
