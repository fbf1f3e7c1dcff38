"""A description in sentences: how much there is, and what is missing most."""

from datasets.engine.methods.contract import Figure, Said, Variables
from datasets.engine.methods.describe.parameters import Parameters
from datasets.engine.methods.describe.result import Description
from datasets.engine.methods.shared.words import ROWS, label_of, people_text, rows
from datasets.engine.sentences import Number, Sentence, grouped


def say(parameters: Parameters, result: Description, variables: Variables) -> Said:
    """Rows, variables and groups, and the variable that is missing most often."""
    if result.refused:
        return Said(Sentence("This answer is withheld. %(reason)s", reason=result.refused))
    n, count = result.rows or 0, len(result.variables)
    further = []
    missing = [
        (one.overall.missing, label_of(one.name, variables))
        for one in result.variables
        if one.overall.missing
    ]
    if missing and n:
        most, name = max(missing)
        further.append(_missing(name, 100 * most / n))
    numbers = (
        Figure(ROWS, people_text(n, result.approximate)),
        Figure(Sentence("Variables"), grouped(count)),
    )
    return Said(
        _size(result, variables, n),
        rows(n, result.approximate),
        numbers,
        further=tuple(further),
    )


def _missing(name: str, percent: float) -> Sentence:
    if percent < 0.5:
        return Sentence("Missing most often is %(name)s (under 1%% of rows).", name=name)
    share = Number(f"{percent:.0f}")
    return Sentence("Missing most often is %(name)s (%(share)s%% of rows).", name=name, share=share)


def _size(result: Description, variables: Variables, n: int) -> Sentence:
    count = len(result.variables)
    held = Sentence.counting("%(count)s variable", "%(count)s variables", count)
    if not result.by:
        return Sentence.counting(
            "%(count)s row holds %(variables)s.",
            "%(count)s rows hold %(variables)s.",
            n,
            count=people_text(n, result.approximate),
            variables=held,
        )
    return Sentence.counting(
        "%(count)s row holds %(variables)s in %(groups)s by %(name)s.",
        "%(count)s rows hold %(variables)s in %(groups)s by %(name)s.",
        n,
        count=people_text(n, result.approximate),
        variables=held,
        groups=Sentence.counting("%(count)s group", "%(count)s groups", len(result.groups)),
        name=label_of(result.by, variables),
    )
