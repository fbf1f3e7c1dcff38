"""The methods an analysis may ask for, by the name the API gives them."""

from datasets.engine.methods import correlation, describe, regression
from datasets.engine.methods.contract import Method, ParameterError, Result
from datasets.engine.methods.run import run_local

METHODS: dict[str, Method] = {
    "describe": describe,
    "correlation": correlation,
    "regression": regression,
}

__all__ = ["METHODS", "Method", "ParameterError", "Result", "run_local"]
