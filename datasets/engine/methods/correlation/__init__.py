"""`correlation`: Pearson's r of every pair, within sites and pooled over them, and over all rows.

Agrees with R's `cor`, `cor.test`, `p.adjust(, "BH")`, `hclust(, "average")`, metafor's ZCOR.
"""

from datasets.engine.guard.vocabulary import Statbarn
from datasets.engine.methods.contract import Method
from datasets.engine.methods.correlation.estimate import estimate, plan
from datasets.engine.methods.correlation.gate import REVEALS, gate
from datasets.engine.methods.correlation.guard import guard
from datasets.engine.methods.correlation.parameters import Parameters, fill
from datasets.engine.methods.correlation.question import ask
from datasets.engine.methods.correlation.result import Correlations
from datasets.engine.methods.correlation.sentence import say, word
from datasets.engine.methods.correlation.statistics import Spec, Statistics, summarise

STATBARNS = {
    "r": Statbarn.CORRELATION_COEFFICIENTS,
    "ci": Statbarn.STATISTICAL_HYPOTHESIS_TESTS,
    "p_value": Statbarn.STATISTICAL_HYPOTHESIS_TESTS,
    "n": Statbarn.FREQUENCIES,
}
"""The kinds of statistics in a result, by their fields."""

METHOD: Method[Parameters, Spec, Statistics, Correlations] = Method(
    parameters=Parameters,
    spec=Spec,
    statistics=Statistics,
    result=Correlations,
    fill=fill,
    ask=ask,
    plan=plan,
    summarise=summarise,
    gate=gate,
    reveals=REVEALS,
    statbarns=STATBARNS,
    estimate=estimate,
    guard=guard,
    say=say,
    word=word,
    rounds=True,
    withheld=frozenset({"suspicious_value", "perfect_correlation"}),
    withheld_with_others=frozenset({"sign_reversal", "two_sites"}),
)
