"""Units as people write them, wherever columns and variables are told of."""

from datasets.engine.methods.shared.words import unit_text
from datasets.engine.sentences import Sentence
from portal.common.text import told


def unit_told(unit: str) -> str:
    """A unit as people write it, empty for a pure number."""
    said = unit_text(unit)
    return told(said.kept) if isinstance(said, Sentence) else said
