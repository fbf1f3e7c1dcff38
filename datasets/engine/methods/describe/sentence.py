"""A description in one sentence: how much there is, and what is missing most."""

from datasets.engine.methods.contract import Figure, Said, Variables
from datasets.engine.methods.describe.parameters import Parameters
from datasets.engine.methods.describe.result import Description
from datasets.engine.methods.shared.words import label_of


def say(parameters: Parameters, result: Description, variables: Variables) -> Said:
    """Rows, variables and groups, and the variable that is missing most often."""
    if result.refused:
        return Said(f"This answer is withheld: {result.refused}")
    rows = result.rows or 0
    emphasis = f"{rows:,} rows"
    sentence = f"{emphasis} hold {len(result.variables)} variables"
    if result.by:
        sentence += f" in {len(result.groups)} groups by {label_of(result.by, variables)}"
    missing = [
        (one.overall.missing, label_of(one.name, variables))
        for one in result.variables
        if one.overall.missing
    ]
    if missing and rows:
        most, name = max(missing)
        sentence += f"; {name} is missing most often ({100 * most / rows:.0f}% of rows)"
    numbers = (Figure("Rows", f"{rows:,}"), Figure("Variables", str(len(result.variables))))
    return Said(f"{sentence}.", emphasis, numbers)
