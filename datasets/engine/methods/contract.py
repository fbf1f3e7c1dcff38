"""What every method answers to, and the plain-JSON values that pass between its rounds."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from datasets.engine.rows.frame import InputInfo, Rows, VariableInfo

Parameters = dict[str, Any]
Spec = dict[str, Any]
"""What a site is asked in one round; it always has the key `round`. JSON-safe.

`memory` holds what earlier rounds found and is read by `estimate` alone: sites never need it.
"""

Statistics = dict[str, Any]
"""All that leaves a site in one round. JSON-safe."""

Warning = dict[str, str]


class ParameterError(ValueError):
    """The question can't be answered as asked; `errors` has one message per parameter."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        super().__init__("; ".join(f"{name}: {text}" for name, text in self.errors.items()))


@dataclass(frozen=True)
class Result:
    """A finished answer: JSON-safe numbers, warnings in plain words, and what was withheld."""

    result: dict[str, Any]
    warnings: list[Warning] = field(default_factory=list)
    suppressed: list[dict[str, str]] = field(default_factory=list)


class Method(Protocol):
    """One analysis as sums: asked per site with `summarise`, added, then estimated."""

    def fill(self, parameters: Any, variables: Mapping[str, VariableInfo]) -> Parameters: ...

    def plan(self, parameters: Parameters, inputs: Sequence[InputInfo]) -> Spec: ...

    def summarise(self, rows: Rows, spec: Spec) -> Statistics: ...

    def combine(self, *statistics: Statistics) -> Statistics: ...

    def estimate(self, statistics: Statistics, spec: Spec) -> Result | Spec: ...


def warning(code: str, message: str) -> Warning:
    return {"code": code, "message": message}


def inputs_json(inputs: Sequence[InputInfo]) -> list[dict[str, Any]]:
    """The inputs in their order, as every spec carries them."""
    ordered = sorted(inputs, key=lambda one: one.index)
    return [
        {"index": i.index, "site": i.site, "country": i.country, "region": i.region}
        for i in ordered
    ]


def site_order(spec: Spec) -> list[str]:
    """Sites in order of appearance in `inputs`; two datasets of one site count once."""
    return list(dict.fromkeys(one["site"] for one in spec["inputs"]))


def json_safe(value: Any) -> Any:
    """The same value in JSON's own types: numpy gone, NaN and infinities turned into null."""
    if isinstance(value, dict):
        return {str(key): json_safe(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_safe(item) for item in value]
    if isinstance(value, np.ndarray):
        return json_safe(value.tolist())
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return value
