"""The methods an analysis may ask for, by the name the API gives them.

A method is one folder, put together as METHOD in its `__init__`; its parts are in `contract`. What
several share lies in `shared`. Methods use the rooms below them in one order: guard, results,
mapping, reading, profiling, rows.
"""

from typing import Any

from datasets.engine.methods import correlation, describe, regression
from datasets.engine.methods.contract import Answer, Before, Caution, Method, ParameterError
from datasets.engine.methods.run import run_local

METHODS: dict[str, Method[Any, Any, Any, Any]] = {
    "describe": describe.METHOD,
    "correlation": correlation.METHOD,
    "regression": regression.METHOD,
}

__all__ = ["METHODS", "Answer", "Before", "Caution", "Method", "ParameterError", "run_local"]
