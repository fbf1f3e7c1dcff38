"""What can be wrong with a mapping rule: a stable code and a sentence."""

from datasets.engine.rows.echo import echo
from datasets.engine.sentences import Sentence


class RuleError(ValueError):
    """A mapping rule that cannot be applied; `code` is stable, `detail` is for people."""

    def __init__(self, code: str, detail: Sentence) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def no_column(name: str) -> Sentence:
    """A rule names a column that is not there."""
    return Sentence("There is no column called “%(name)s”.", name=echo(name))
