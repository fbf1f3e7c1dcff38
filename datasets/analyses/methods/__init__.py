"""The page of each method: its form, its words and its figures; offered in this order."""

from datasets.analyses.methods import correlation, describe, regression
from datasets.analyses.methods.page import MethodPage

PAGES: dict[str, MethodPage] = {
    "regression": regression.PAGE,
    "describe": describe.PAGE,
    "correlation": correlation.PAGE,
}

__all__ = ["PAGES", "MethodPage"]
