"""The page of each method: its form, its words and its figures; offered in this order."""

from datasets.analyses.methods import correlation, describe, regression
from datasets.analyses.methods.page import MethodPage
from datasets.engine.methods import METHODS

PAGES: dict[str, MethodPage] = {
    "regression": regression.PAGE,
    "describe": describe.PAGE,
    "correlation": correlation.PAGE,
}

METHOD_CHOICES = [(name, PAGES[name].label) for name in METHODS]
"""What an analysis' method may be, in the engine's order: for serializers and OpenAPI."""

__all__ = ["METHOD_CHOICES", "PAGES", "MethodPage"]
