"""What correlations ask, in one line."""

from datasets.engine.methods.contract import Variables
from datasets.engine.methods.correlation.parameters import Parameters
from datasets.engine.methods.shared.words import label_of
from datasets.engine.sentences import Sentence, listed


def ask(parameters: Parameters, variables: Variables) -> Sentence:
    """Which variables are set side by side."""
    names = listed([label_of(name, variables) for name in parameters.variables])
    return Sentence("Which of %(variables)s go together?", variables=names)
