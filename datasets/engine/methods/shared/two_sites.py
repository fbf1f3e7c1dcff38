"""Why an interval over two sites is wider than the plain one."""

from collections.abc import Sequence

from datasets.engine.methods.contract import Caution
from datasets.engine.sentences import Sentence

OF_TWO = 1
"""Degrees of freedom of what is pooled over two sites."""


def cautions(dfs: Sequence[int | None]) -> list[Caution]:
    """What is said where intervals of an answer, by t with these degrees of freedom or by the
    normal, are over two sites."""
    if OF_TWO not in dfs:
        return []
    message = (
        Sentence("Two sites say little of how far sites differ, which makes the interval wider.")
        if len(dfs) == 1
        else Sentence(
            "Two sites say little of how far sites differ, which makes intervals over two sites "
            "wider."
        )
    )
    return [Caution("two_sites", message)]
