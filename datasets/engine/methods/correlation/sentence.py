"""Correlations in sentences: the clearest pair, and how many stand out."""

from datasets.engine.methods.contract import Figure, Said, Variables
from datasets.engine.methods.correlation.parameters import Parameters
from datasets.engine.methods.correlation.result import Correlations, Pair
from datasets.engine.methods.shared.words import label_of, number, span
from datasets.engine.sentences import Number, Sentence, grouped, in_turn

LARGE_I2 = 50.0


def say(parameters: Parameters, result: Correlations, variables: Variables) -> Said:
    """The pair with the largest |r|, and how many pass Benjamini and Hochberg's 5 %."""
    pairs = [(pair, pair.r) for pair in result.pairs if pair.r is not None]
    if not pairs:
        return Said(Sentence("No pair of these variables has a correlation that may be shown."))
    top, r = max(pairs, key=lambda pair: abs(pair[1]))
    names = {"x": label_of(top.x, variables), "y": label_of(top.y, variables)}
    finding = (
        Sentence("%(y)s rises with %(x)s", **names)
        if r > 0
        else Sentence("%(y)s falls with %(x)s", **names)
    )
    found = sum(1 for pair, _ in pairs if pair.q_value is not None and pair.q_value <= 0.05)
    said = [_clearest(finding, _size(top, r), result.within_site), _standing_out(found, len(pairs))]
    both = {top.x, top.y}
    across = next((one for one in result.across_sites if {one.x, one.y} == both), None)
    if across is not None and (across.heterogeneity.i2 or 0) >= LARGE_I2:
        said.append(
            Sentence(
                "The sites differ in how close the two are (I² %(share)s%%).",
                share=Number(f"{across.heterogeneity.i2:.0f}"),
            )
        )
    said.append(Sentence("None of this says what causes what."))
    numbers = (
        Figure(Sentence("Largest r"), number(r)),
        Figure(Sentence("Pairs"), grouped(len(pairs))),
        Figure(Sentence("Adjusted p ≤ 0.05"), grouped(found)),
    )
    return Said(in_turn(*said), finding, numbers)


def _size(top: Pair, r: float) -> Sentence:
    n = grouped(top.n or 0)
    if not top.ci:
        return Sentence("r = %(r)s, n = %(n)s", r=number(r), n=n)
    return Sentence(
        "r = %(r)s, 95 %% CI %(interval)s, n = %(n)s", r=number(r), interval=span(top.ci), n=n
    )


def _clearest(finding: Sentence, size: Sentence, within_site: bool) -> Sentence:
    if within_site:
        return Sentence(
            "Within sites, %(finding)s most clearly (%(size)s).", finding=finding, size=size
        )
    return Sentence(
        "Over all rows, %(finding)s most clearly (%(size)s).", finding=finding, size=size
    )


def _standing_out(found: int, tests: int) -> Sentence:
    if tests == 1:
        return (
            Sentence("This one pair stands out.")
            if found
            else Sentence("This one pair does not stand out.")
        )
    return Sentence.counting(
        "%(count)s of %(tests)s pairs stands out after allowing for %(tests)s tests.",
        "%(count)s of %(tests)s pairs stand out after allowing for %(tests)s tests.",
        found,
        tests=tests,
    )
