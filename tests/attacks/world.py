"""Patients with planted secrets, and an attacker who may ask anything but read no row.

Each world is another one at every run. The attacker sees what any person without row rights sees:
the answer after the site's gate, its ledger and the wall at reading time, its warnings, or the
error. Of a guarded hospital's columns they map those that a rule which loses nothing maps.
"""

import json
import math
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np
from scipy.stats import binom

from datasets.engine.guard.ledger import Comparison
from datasets.engine.guard.query_sets import used_up
from datasets.engine.guard.row_sets import RowSet, behind
from datasets.engine.guard.rules import OPEN, Rules, rules_of
from datasets.engine.mapping.rules import loses_nothing
from datasets.engine.mapping.units import conversion
from datasets.engine.methods import METHODS, ParameterError, run_local
from datasets.engine.methods.contract import Shown
from datasets.engine.methods.regression.readiness import Ready, at_most, ready
from datasets.engine.methods.regression.statistics import SiteCounts
from datasets.engine.rows.frame import Domain, Frame, InputInfo, Together, VariableInfo
from datasets.engine.sentences import Sentence
from tests.engine.guard.asking import too_close

WORLDS = 24
THRESHOLD = 5
WARDS = ("north", "south", "east", "west")

Columns = dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Site:
    """One version of a dataset: its columns, and the rules it keeps to."""

    name: str
    columns: Columns
    rules: Rules
    domains: Mapping[str, Domain] = field(default_factory=dict)


class Refused(Exception):
    """The site lets nobody without row rights do this."""


@dataclass(frozen=True)
class Told:
    """Everything an attacker reads of one answer."""

    result: dict[str, Any]
    texts: tuple[str, ...]

    @property
    def everything(self) -> str:
        return json.dumps(self.result, ensure_ascii=False) + " ".join(self.texts)

    def numbers(self) -> Iterator[float]:
        """Every number in the answer."""
        yield from _numbers(self.result)


@dataclass
class World:
    """A guarded hospital of a few hundred patients; the last one is the victim."""

    rng: np.random.Generator
    rules: Rules = field(default_factory=lambda: rules_of("standard", THRESHOLD))
    keeps_ledger: bool = True
    counts_query_sets: bool = False
    """Whether its ledger counts over how many selections two columns are told, too: a wall before
    whoever averages roundings, without which the others are tried."""
    domains: dict[str, Domain] = field(default_factory=dict)
    gates_open: bool = True
    """Whether what was open when it was asked has a gate for whoever reads no rows now."""
    counts_shown: bool = True
    """Whether a check counts each variable alone, of the version whose profile is shown."""
    shown: dict[str, Site] = field(default_factory=dict)
    released: list[RowSet] = field(default_factory=list)
    versions: list[Site] = field(default_factory=list)
    held: int = 0
    contents: dict[tuple[int, tuple[str, ...]], np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        n = self.n = int(self.rng.integers(200, 320))
        self.columns: Columns = {
            "income": np.round(self.rng.lognormal(10, 0.6, n), 2),
            "age": self.rng.integers(30, 80, n).astype(float),
            "sick": (self.rng.random(n) < 0.4).astype(float),
            "treated": (self.rng.random(n) < 0.5).astype(float),
            "visits": self.rng.integers(0, 2, n).astype(float),
            "ward": texts(self.rng.choice(WARDS, n)),
        }

    @property
    def secret(self) -> float:
        """The victim's income."""
        return float(self.columns["income"][-1])

    def flag(self, rows: int = 1) -> np.ndarray:
        """1 for the victim and `rows` - 1 before, 0 for all others."""
        return (np.arange(self.n) >= self.n - rows).astype(float)

    def guarded(self, **more: np.ndarray) -> Site:
        return Site("Cleveland", self.columns | more, self.rules, self.domains)

    def earlier(self, **more: np.ndarray) -> Site:
        """The version before the victim came."""
        columns = self.columns | more
        columns = {k: v[:-1] for k, v in columns.items()}
        return Site("Cleveland", columns, self.rules, self.domains)

    def own(self, rows: int = 60, **more: np.ndarray | float | str) -> Site:
        """The attacker's own patients, every value known; `more` sets columns."""
        found: Columns = {
            "income": np.round(self.rng.lognormal(10, 0.6, rows), 2),
            "age": self.rng.integers(30, 80, rows).astype(float),
            "sick": (np.arange(rows) % 2).astype(float),
            "treated": (np.arange(rows) % 3 == 0).astype(float),
            "visits": (np.arange(rows) % 2).astype(float),
            "ward": texts([WARDS[k % 4] for k in range(rows)]),
        }
        for name, value in more.items():
            if isinstance(value, str):
                found[name] = texts([value] * rows)
            else:
                found[name] = np.array(value) if np.ndim(value) else np.full(rows, float(value))
        return Site("Own", found, OPEN)

    def ask(self, method: str, sites: Sequence[Site], **parameters: Any) -> Told:
        """The answer as somebody without row rights reads it."""
        chosen, inputs = METHODS[method], inputs_of(sites)
        rules = {k: one.rules for k, one in enumerate(sites)}
        try:
            filled = chosen.fill(parameters, variables_of(sites))

            def hold(info: InputInfo) -> Sequence[tuple[Sentence, Sentence]]:
                return self._close(sites[info.index], chosen, filled)

            answer = run_local(chosen, filled, inputs, rules, hold)
        except ParameterError as error:
            return Told({}, (str(error),))
        return told(Shown(answer.result, answer.warnings, ()))

    def read(self, method: str, sites: Sequence[Site], **parameters: Any) -> Told:
        """An answer of data that were open when it was made, as whoever reads none of their rows
        is told it: by a gate before each of them, and no ledger."""
        rules = rules_of("standard", THRESHOLD) if self.gates_open else OPEN
        shut = World(self.rng, rules, keeps_ledger=False)
        return shut.ask(method, [replace(one, rules=rules) for one in sites], **parameters)

    def check(self, sites: Sequence[Site], **parameters: Any) -> list[Ready | None]:
        """What a regression could use of each site before it is asked, as somebody without row
        rights is told it; None where its rules withhold everything."""
        chosen = METHODS["regression"]
        filled = chosen.fill(parameters, variables_of(sites))
        if self.counts_shown:
            sites = [self.shown.setdefault(one.name, one) for one in sites]
        inputs = inputs_of(sites)
        spec = chosen.plan(filled, [info for info, _ in inputs])
        found: list[Ready | None] = []
        for (info, rows), one in zip(inputs, sites, strict=True):
            read = Together((chosen.asked(rows, filled, one.rules),))
            none = SiteCounts(info.site, 0, 0, (), (), (), ())
            if self.counts_shown:
                counts = at_most(read, filled, info.site, one.rules)
                is_told = counts.complete > 0
            else:
                released = chosen.release(read, spec, info.site, one.rules)
                counts, is_told = released.statistics.of(info.site) or none, not released.whole
            found.append(ready([counts], filled) if is_told else None)
        return found

    def mapped(self, site: Site, **expressions: tuple[str, np.ndarray]) -> Site:
        """The site with variables that the attacker defines by expressions, which give these
        values. Raises Refused, as their site does, where values may be lost or picked out."""
        types = {
            name: "category" if values.dtype == object else "number"
            for name, values in site.columns.items()
        }
        for name, (sql, _) in expressions.items():
            rule = {"kind": "expression", "sql": sql}
            if not site.rules.is_open and not loses_nothing(
                rule, types, VariableInfo(name, "number"), {}
            ):
                raise Refused(sql)
        more = {name: values for name, (_, values) in expressions.items()}
        return Site(site.name, site.columns | more, site.rules, site.domains)

    def converted(self, site: Site, column: str, unit: str, to: str, analyte: str = "") -> Site:
        """The site with a column that the attacker says is in this unit converted to another one,
        as `converted`; the site's own dictionary says of every column that it is in mg/dL.

        Raises Refused, as their site does, where that is not from the column's own unit.
        """
        if not site.rules.is_open and not _is_from_own_unit(column, unit, to, analyte):
            raise Refused(f"{column} in {unit} to {to} {analyte}")
        into = conversion(unit, to, analyte)
        values = site.columns[column] * into.factor + into.offset
        return Site(site.name, {"converted": values}, site.rules, site.domains)

    def _close(self, site: Site, method: Any, parameters: Any) -> list[tuple[Sentence, Sentence]]:
        """As the site's ledger does: the release is entered, unless it is close to another."""
        if not self.keeps_ledger:
            return []
        if site not in self.versions:
            self.versions.append(site)
        number = self.versions.index(site)
        reads = tuple((name, (name,)) for name in site.columns)
        rules = {name: name for name in site.columns}
        rows = method.asked(frames(site), parameters, site.rules)
        groups, threshold = parameters.row_groups, site.rules.threshold
        sets = behind(rows, groups, method.complete, threshold, number, reads, rules)
        comparison = Comparison(self._contents, self._derived)
        is_held = self.counts_query_sets and used_up(sets, self.released, site.rules.query_sets)
        if is_held or too_close(sets, self.released, threshold, comparison):
            self.held += 1
            return [(Sentence("the whole answer"), Sentence("its ledger holds it"))]
        self.released += sets
        return []

    def _derived(self, version: int, name: str) -> np.ndarray:
        return np.array(
            [hash(one) for one in self.versions[version].columns[name].tolist()], dtype=np.int64
        ).view(np.uint64)

    def _contents(self, version: int, columns: tuple[str, ...]) -> np.ndarray:
        found = self.contents.get((version, columns))
        if found is None:
            known = self.versions[version].columns
            rows = zip(*(known[one].tolist() for one in columns), strict=True)
            found = self.contents[version, columns] = np.array([hash(row) for row in rows])
        return found


@cache
def _is_from_own_unit(column: str, unit: str, to: str, analyte: str) -> bool:
    """Whether a conversion loses nothing of a column that is in mg/dL: attacks try thousands of
    conversions in each world, and those of one world are those of the next."""
    rule = {"kind": "unit", "column": column, "from": unit, "to": to, "analyte": analyte}
    info = VariableInfo("converted", "number")
    return loses_nothing(rule, {column: "number"}, info, {column: ("", "mg/dL")})


Found = tuple[float, Sequence[float | None]]
"""The secret and the attacker's guesses at it."""

Attack = Callable[[World], Found]


def hits(
    attack: Attack,
    worlds: int = WORLDS,
    seed: int | None = None,
    **walls: Any,
) -> tuple[int, int]:
    """In how many worlds the secret was recovered exactly or within 1 %, and the seed; they are
    fresh ones without it."""
    seed = secrets.randbits(32) if seed is None else seed
    found = 0
    for k in range(worlds):
        world = World(np.random.default_rng([seed, k]), **walls)
        try:
            secret, guesses = attack(world)
        except Refused:
            continue
        found += any(near(guess, secret) for guess in guesses)
    return found, seed


def by_luck(luck: float, worlds: int = WORLDS) -> int:
    """Hits that blind guesses, each right with this chance, exceed once in a million runs."""
    return int(binom.isf(1e-6, worlds, luck)) if luck else 0


def near(guess: float | None, secret: float) -> bool:
    if guess is None or not math.isfinite(guess):
        return False
    return abs(guess - secret) <= 0.01 * abs(secret)


def told(shown: Shown[Any]) -> Told:
    """What somebody reads of what they are shown."""
    said = [one.message for one in shown.warnings]
    said += [f"{one.where}: {one.reason}" for one in shown.suppressed]
    return Told(json.loads(json.dumps(shown.result.to_json(), allow_nan=False)), tuple(said))


def variables_of(sites: Sequence[Site]) -> dict[str, VariableInfo]:
    return {
        name: VariableInfo(name, "category" if values.dtype == object else "number")
        for one in sites
        for name, values in one.columns.items()
    }


def inputs_of(sites: Sequence[Site]) -> list[tuple[InputInfo, list[Frame]]]:
    return [(InputInfo(k, one.name, "USA", "Americas"), frames(one)) for k, one in enumerate(sites)]


def frames(site: Site) -> list[Frame]:
    """The site's rows, in which what its keeper did not declare is missing."""
    n = len(next(iter(site.columns.values())))
    columns = dict(site.columns)
    for name, domain in site.domains.items():
        if domain.levels is not None:
            known = [one if one in domain.levels else None for one in columns[name]]
            columns[name] = texts(known)
    place = {"site": site.name, "country": "USA", "region": "Americas"}
    return [Frame(columns | {k: texts([v] * n) for k, v in place.items()}, n, site.domains)]


def texts(values: Sequence[str | None]) -> np.ndarray:
    found = np.empty(len(values), dtype=object)
    found[:] = [None if value is None else str(value) for value in values]
    return found


def variable(told: Told, name: str) -> dict[str, Any]:
    """One variable of a description; empty where it is not in the answer."""
    return next((one for one in told.result.get("variables", ()) if one["name"] == name), {})


def group(told: Told, name: str, level: str) -> dict[str, Any]:
    found = variable(told, name).get("groups", ())
    return next((one for one in found if one["level"] == level), {})


def coefficient(told: Told, term: str) -> dict[str, Any]:
    found = told.result.get("coefficients", ())
    return next((one for one in found if one["term"] == term), {})


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _numbers(item)
    elif isinstance(value, list):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)


def rest_of_mean(mean: float | None, n: int | None, own: np.ndarray) -> float | None:
    """What one row more than one's own must be, from the mean of all."""
    if mean is None or n is None or n <= len(own):
        return None
    return (mean * n - float(own.sum())) / (n - len(own))
