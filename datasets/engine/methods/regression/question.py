"""What a regression asks, in one line."""

from datasets.engine.methods.contract import Variables
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.shared.words import label_of
from datasets.engine.sentences import Sentence


def ask(parameters: Parameters, variables: Variables) -> Sentence:
    """Which exposure and which outcome, and what may make that differ."""
    question = Sentence(
        "How does %(exposure)s go with %(outcome)s?",
        exposure=label_of(parameters.exposure, variables),
        outcome=label_of(parameters.outcome, variables),
    )
    if parameters.modifier is None:
        return question
    return Sentence(
        "%(question)s Does it differ by %(other)s?",
        question=question,
        other=label_of(parameters.modifier, variables),
    )
