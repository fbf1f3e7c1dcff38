"""`describe`: each variable in numbers, over all rows and per site, region, country or category."""

from datasets.engine.guard.vocabulary import Statbarn
from datasets.engine.methods.contract import Method
from datasets.engine.methods.describe.estimate import estimate, plan
from datasets.engine.methods.describe.gate import REVEALS, gate
from datasets.engine.methods.describe.guard import guard
from datasets.engine.methods.describe.parameters import Parameters, fill
from datasets.engine.methods.describe.pooled import pooled
from datasets.engine.methods.describe.question import ask
from datasets.engine.methods.describe.result import Description
from datasets.engine.methods.describe.sentence import say
from datasets.engine.methods.describe.statistics import Spec, Statistics, summarise

STATBARNS = {
    "rows": Statbarn.FREQUENCIES,
    "n": Statbarn.FREQUENCIES,
    "counts": Statbarn.FREQUENCIES,
    "mean": Statbarn.LINEAR_AGGREGATIONS,
    "quantiles": Statbarn.POSITION,
    "sd": Statbarn.SHAPE,
    "min": Statbarn.ENDPOINTS,
    "max": Statbarn.ENDPOINTS,
}
"""The kinds of statistics in a result, by their fields."""

METHOD: Method[Parameters, Spec, Statistics, Description] = Method(
    parameters=Parameters,
    spec=Spec,
    statistics=Statistics,
    result=Description,
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
    pooled=pooled,
    withheld=frozenset({"suspicious_value"}),
    rounds=True,
)
