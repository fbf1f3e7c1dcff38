"""Kinds of statistics ("statbarns") and risks of disclosure, under the names that SACRO publishes.

Only the names are theirs (each is defined at https://www.w3id.org/statbarnsdc#NAME): the words are
ours.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from typing import Any

from datasets.engine.sentences import Sentence


class Term(StrEnum):
    """A name of the vocabulary."""

    @property
    def words(self) -> Sentence:
        """The same in plain words, for the middle of a sentence."""
        return WORDS[self]


class Statbarn(Term):
    """A kind of statistics, which all bring the same risks."""

    CALCULATED_RATIOS = "CalculatedRatios"
    CLUSTERS = "Clusters"
    CORRELATION_COEFFICIENTS = "CorrelationCoefficients"
    ENDPOINTS = "Endpoints"
    FREQUENCIES = "Frequencies"
    GINI_COEFFICIENT = "GiniCoefficient"
    HAZARD_SURVIVAL_TABLES = "HazardSurvivalTables"
    LINEAR_AGGREGATIONS = "LinearAggregations"
    LINKED_MULTILEVEL_TABLES = "LinkedMultilevelTables"
    MODE = "Mode"
    NON_LINEAR_CONCENTRATION_RATIOS = "NonLinearConcentrationRatios"
    POSITION = "Position"
    SHAPE = "Shape"
    STATISTICAL_HYPOTHESIS_TESTS = "StatisticalHypothesisTests"


class Risk(Term):
    """A way in which a statistic can tell of a person."""

    AUXILIARY_INFORMATION = "AuxiliaryInformation"
    CLASS_DISCLOSURE = "ClassDisclosure"
    DIFFERENCING = "Differencing"
    DOMINANCE = "Dominance"
    IMPLICIT_TABLES = "ImplicitTables"
    LOW_COUNT = "LowCount"
    LOW_DOF = "LowDOF"


HELD_FOR = Risk.DIFFERENCING
"""What a ledger of released rows holds a question for."""

WORDS: Mapping[Term, Sentence] = {
    Statbarn.CALCULATED_RATIOS: Sentence("ratios of odds, risks or hazards"),
    Statbarn.CLUSTERS: Sentence("groups found by a cluster analysis"),
    Statbarn.CORRELATION_COEFFICIENTS: Sentence("correlations and coefficients of models"),
    Statbarn.ENDPOINTS: Sentence("least and greatest values"),
    Statbarn.FREQUENCIES: Sentence("counts and shares"),
    Statbarn.GINI_COEFFICIENT: Sentence("Gini coefficients"),
    Statbarn.HAZARD_SURVIVAL_TABLES: Sentence("survival tables"),
    Statbarn.LINEAR_AGGREGATIONS: Sentence("sums and means"),
    Statbarn.LINKED_MULTILEVEL_TABLES: Sentence("linked tables"),
    Statbarn.MODE: Sentence("most frequent values"),
    Statbarn.NON_LINEAR_CONCENTRATION_RATIOS: Sentence("measures of concentration"),
    Statbarn.POSITION: Sentence("medians and other quantiles"),
    Statbarn.SHAPE: Sentence("spreads"),
    Statbarn.STATISTICAL_HYPOTHESIS_TESTS: Sentence("tests and confidence intervals"),
    Risk.AUXILIARY_INFORMATION: Sentence("who knows one value of a person learns another"),
    Risk.CLASS_DISCLOSURE: Sentence("all people of a group share a value"),
    Risk.DIFFERENCING: Sentence("the difference of two answers is about few people"),
    Risk.DOMINANCE: Sentence("a few people make up most of a figure"),
    Risk.IMPLICIT_TABLES: Sentence("small counts can be worked out from a figure"),
    Risk.LOW_COUNT: Sentence("few people stand behind a figure"),
    Risk.LOW_DOF: Sentence("a model says almost as much as its rows"),
}


Declared = Mapping[str, Statbarn]
"""Of which kind a result's statistics are, by the name of the field that has them."""


def statbarns_in(result: Any, declared: Declared) -> list[Statbarn]:
    """The kinds of statistics that a result has, in the order they are declared in."""
    found = set(_fields_with_something(result))
    return list(dict.fromkeys(kind for name, kind in declared.items() if name in found))


def _fields_with_something(value: Any) -> Iterator[str]:
    if isinstance(value, tuple):
        for item in value:
            yield from _fields_with_something(item)
    elif is_dataclass(value):
        for one in fields(value):
            item = getattr(value, one.name)
            if item is not None and item != ():
                yield one.name
                yield from _fields_with_something(item)
