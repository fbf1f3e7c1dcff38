"""The cases with R's answers, read into blocks as a site's reader would give them."""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from datasets.engine.methods import METHODS, run_local
from datasets.engine.rows.frame import Frame, InputInfo, VariableInfo

CASES = Path(__file__).parents[2] / "data" / "cases"

REGIONS = {
    "Cleveland": ("USA", "Northern America"),
    "VA Long Beach": ("USA", "Northern America"),
    "Hungary": ("HUN", "Eastern Europe"),
    "Switzerland": ("CHE", "Western Europe"),
}
HEART_TERMS = ["age10", "sex", "trestbps", "thalach", "exang", "oldpeak", "cp4"]

QUESTIONS = [
    ("describe", {"variables": ["age", "chol", "pain", "sex"], "by": "site"}),
    ("describe", {"variables": ["age", "oldpeak"], "by": "pain"}),
    ("correlation", {"variables": ["age", "chol", "sex", "thalach"]}),
    ("regression", {"outcome": "thalach", "terms": ["age10", "sex"]}),
    ("regression", {"outcome": "sex", "terms": ["age10", "thalach"], "family": "binomial"}),
]
"""Of every method a question or more of the heart data, for what holds for each of them."""

Columns = dict[str, np.ndarray]
Inputs = list[tuple[InputInfo, list[Frame]]]


def expected(case: str) -> dict[str, Any]:
    """What R answers."""
    return json.loads((CASES / case / "expected.json").read_text())


def columns(case: str, file: str = "data.csv") -> Columns:
    """A case's table: numbers as float64, text as objects."""
    with (CASES / case / file).open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    return {
        name: _objects([row[name] for row in rows])
        if name in ("site", "country")
        else np.array([float(row[name]) if row[name] not in ("", "NA") else np.nan for row in rows])
        for name in rows[0]
    }


def heart() -> Columns:
    """The heart data with the variables the models use."""
    table = columns("heart_four_sites")
    return table | {
        "age10": table["age"] / 10,
        "cp4": (table["cp"] == 4).astype(float),
        "pain": _objects([f"{value:g}" for value in table["cp"]]),
    }


def variables_of(table: Columns) -> dict[str, VariableInfo]:
    return {
        name: VariableInfo(name, "category" if column.dtype == object else "number")
        for name, column in table.items()
        if name not in ("site", "country", "region")
    }


def inputs_of(table: Columns, block: int = 100, sites: Sequence[str] | None = None) -> Inputs:
    """One input per site, in order of appearance, in blocks of that many rows."""
    found = []
    for index, site in enumerate(sites or dict.fromkeys(table["site"])):
        place = table["site"] == site
        n = int(place.sum())
        country, region = REGIONS.get(site, ("AUT", "Western Europe"))
        part = {name: column[place] for name, column in table.items()}
        part |= {"country": _objects([country] * n), "region": _objects([region] * n)}
        found.append((InputInfo(index, site, country, region), blocks_of(part, block)))
    return found


def blocks_of(part: Columns, block: int) -> list[Frame]:
    n = len(part["site"])
    return [
        Frame(
            {name: column[start : start + block] for name, column in part.items()},
            min(block, n - start),
        )
        for start in range(0, n, block)
    ]


@dataclass(frozen=True)
class Answered:
    """An answer as the API gives it."""

    result: dict[str, Any]
    warnings: list[dict[str, str]]


def run(method: str, table: Columns, inputs: Inputs | None = None, **parameters: Any) -> Answered:
    """The whole analysis; whatever it answers must be JSON without NaN, and read back the same."""
    chosen = METHODS[method]
    filled = chosen.fill(parameters, variables_of(table))
    answer = run_local(chosen, filled, inputs_of(table) if inputs is None else inputs)
    result = json.loads(json.dumps(answer.result.to_json(), allow_nan=False))
    assert chosen.result.from_json(result).to_json() == result
    return Answered(result, [one.to_json() for one in answer.warnings])


def shown(
    method: str, result: dict[str, Any], parameters: dict[str, Any], threshold: int
) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """A result as people without row access see it, and what was withheld."""
    chosen = METHODS[method]
    filled = chosen.parameters.from_json({"family": "gaussian"} | parameters)
    answer = chosen.show(chosen.result.from_json(result), [], filled, threshold)
    saved = json.loads(json.dumps(answer.result.to_json(), allow_nan=False))
    return saved, [one.to_json() for one in answer.suppressed]


def close(value: Any, reference: Any, tolerance: float = 1e-6) -> None:
    """Every number within `tolerance`, relative; R's answers have twelve digits."""
    np.testing.assert_allclose(
        np.array(value, dtype=float), np.array(reference, dtype=float), rtol=tolerance, atol=1e-12
    )


def column(rows: list[dict[str, Any]], name: str) -> list[Any]:
    return [row[name] for row in rows]


def codes(answer: Answered) -> set[str]:
    return {one["code"] for one in answer.warnings}


def _objects(values: Sequence[str | None]) -> np.ndarray:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found
