"""What a description asks, in one line."""

from datasets.engine.methods.contract import Variables
from datasets.engine.methods.describe.parameters import Parameters
from datasets.engine.methods.shared.words import label_of
from datasets.engine.sentences import Sentence, listed


def ask(parameters: Parameters, variables: Variables) -> Sentence:
    """Which values, and by which groups: sites go without saying."""
    names = listed([label_of(name, variables) for name in parameters.variables])
    if parameters.by in (None, "site"):
        return Sentence("How are the values of %(variables)s spread?", variables=names)
    return Sentence(
        "How are the values of %(variables)s spread by %(group)s?",
        variables=names,
        group=label_of(parameters.by, variables),
    )
