"""Correlations in one sentence: the clearest pair, and how many stand out."""

from datasets.engine.methods.contract import Figure, Said, Variables
from datasets.engine.methods.correlation.parameters import Parameters
from datasets.engine.methods.correlation.result import Correlations
from datasets.engine.methods.shared.words import label_of, number, span

LARGE_I2 = 50.0


def say(parameters: Parameters, result: Correlations, variables: Variables) -> Said:
    """The pair with the largest |r|, and how many pass Benjamini and Hochberg's 5 %."""
    pairs = [(pair, pair.r) for pair in result.pairs if pair.r is not None]
    if not pairs:
        return Said("No pair of these variables has a correlation that may be shown.")
    top, r = max(pairs, key=lambda pair: abs(pair[1]))
    x, y = label_of(top.x, variables), label_of(top.y, variables)
    found = sum(1 for pair, _ in pairs if pair.q_value is not None and pair.q_value <= 0.05)
    bounds = f"95 % CI {span(top.ci)}, " if top.ci else ""
    finding = f"{y} {'rises' if r > 0 else 'falls'} with {x}"
    where = "Within sites" if result.within_site else "Over all rows"
    sentence = (
        f"{where} {finding} most clearly (r = {number(r)}, {bounds}n = {top.n:,}); "
        f"{found} of {len(pairs)} pairs stand out after allowing for {len(pairs)} tests"
    )
    both = {top.x, top.y}
    across = next((one for one in result.across_sites if {one.x, one.y} == both), None)
    if across is not None and (across.heterogeneity.i2 or 0) >= LARGE_I2:
        i2 = across.heterogeneity.i2
        sentence += f"; the sites differ in how close the two are (I² {i2:.0f}%)"
    numbers = (
        Figure("Largest r", number(r)),
        Figure("Pairs", str(len(pairs))),
        Figure("Adjusted p ≤ 0.05", str(found)),
    )
    return Said(f"{sentence}; none of this says what causes what.", finding, numbers)
