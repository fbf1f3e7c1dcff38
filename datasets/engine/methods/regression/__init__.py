"""`regression`: linear and logistic, pooled over sites in one stage and in two.

Agrees with R's `lm`, `glm`, `sandwich` (HC1, HC3), `brglm2` and `logistf` for Firth's estimates,
and metafor's `rma` (REML, Knapp-Hartung) for the second stage.
"""

from datasets.engine.guard.vocabulary import Statbarn
from datasets.engine.methods.contract import Method
from datasets.engine.methods.regression.estimate import estimate, plan
from datasets.engine.methods.regression.gate import REVEALS, gate, name_withheld
from datasets.engine.methods.regression.guard import guard
from datasets.engine.methods.regression.parameters import Parameters, fill
from datasets.engine.methods.regression.pooled import pooled
from datasets.engine.methods.regression.question import ask
from datasets.engine.methods.regression.readiness import BEFORE, refuses
from datasets.engine.methods.regression.result import Regression
from datasets.engine.methods.regression.sentence import say, word
from datasets.engine.methods.regression.spec import Spec
from datasets.engine.methods.regression.statistics import Statistics
from datasets.engine.methods.regression.summarise import summarise

FIRST = frozenset(
    {"few_people", "few_events", "one_site", "between_sites", "one_model", "not_in_pool"}
    | {"rows_lost", "little_weight"}
)
"""Cautions that an answer's sentence begins with."""

STATBARNS = {
    "estimate": Statbarn.CORRELATION_COEFFICIENTS,
    "exp_estimate": Statbarn.CALCULATED_RATIOS,
    "ci": Statbarn.STATISTICAL_HYPOTHESIS_TESTS,
    "p_value": Statbarn.STATISTICAL_HYPOTHESIS_TESTS,
    "n": Statbarn.FREQUENCIES,
}
"""The kinds of statistics in a result, by their fields."""

METHOD: Method[Parameters, Spec, Statistics, Regression] = Method(
    parameters=Parameters,
    spec=Spec,
    statistics=Statistics,
    result=Regression,
    fill=fill,
    ask=ask,
    plan=plan,
    summarise=summarise,
    gate=gate,
    reveals=REVEALS,
    statbarns=STATBARNS,
    name_withheld=name_withheld,
    estimate=estimate,
    guard=guard,
    say=say,
    pooled=pooled,
    refuses=refuses,
    before=BEFORE,
    word=word,
    said_first=FIRST,
    rounds=True,
    complete=True,
    withheld=frozenset({"suspicious_value", "no_site_estimate"}),
    withheld_with_others=frozenset(
        FIRST
        | {"sign_reversal", "narrow_interval", "separation", "ill_conditioned"}
        | {"far_from_site", "check_far_from_site", "two_sites"}
        | {"firth_for_all_sites"}
    ),
)
