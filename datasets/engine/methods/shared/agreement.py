"""Whether sites agree: the one table of what is said of it, for every method.

| Cochran's Q            | I²'s interval, which is that of τ² | sites    | said             |
|------------------------|------------------------------------|----------|------------------|
| any                    | wholly above 50 %                  | any      | `differ_widely`  |
| tells them apart       | reaches across 50 %                | any      | `differ`         |
| tells them apart       | at most 50 %                       | any      | `differ_little`  |
| does not               | at most 50 %, or empty             | 5 and up | `alike`          |
| does not               | reaches across 50 %                | 5 and up | `untold`         |
| does not               | empty, of rounded estimates        | 5 and up | `untold`         |
| does not               | any                                | under 5  | `too_few`        |

I² alone decides nothing: of five sites 51 % may be anything. Few sites can show that they differ,
never that they do not. That sites lie closer together than chance would have them (Q-profile's
interval is empty then) is nothing to say where rounding moved them.
"""

from collections.abc import Sequence
from typing import Any, Literal

from datasets.engine.methods.shared.diagnostics import Diagnostic, Outcome
from datasets.engine.methods.shared.meta import Ends, Heterogeneity
from datasets.engine.methods.shared.words import p_text
from datasets.engine.sentences import Number, Sentence

Agreement = Literal["alike", "too_few", "untold", "differ_little", "differ", "differ_widely"]

ORDER: tuple[Agreement, ...] = (
    *("alike", "too_few", "untold"),
    *("differ_little", "differ", "differ_widely"),
)
"""The gravest last."""

FEWEST_TO_TELL = 5
"""Sites below which how far they lie apart says little, and nothing of their agreement."""

MOST_I2 = 50.0
"""Percent of the spread that may be true differences where sites are taken to agree."""

ALPHA = 0.05


def agreement(
    k: int, i2_ci: Ends | None, q_p_value: float | None, *, is_rounded: bool = False
) -> Agreement:
    """What may be said of `k` sites, by the table above."""
    low, high = i2_ci or (0.0, 0.0)
    if low > MOST_I2:
        return "differ_widely"
    if q_p_value is not None and q_p_value < ALPHA:
        return "differ" if high > MOST_I2 else "differ_little"
    if k < FEWEST_TO_TELL:
        return "too_few"
    if high > MOST_I2 or (i2_ci is None and is_rounded):
        return "untold"
    return "alike"


def agreement_of(k: int, spread: Heterogeneity, *, is_rounded: bool = False) -> Agreement:
    """The same of a pool."""
    return agreement(k, spread.i2_ci, spread.q_p_value, is_rounded=is_rounded)


def check(spreads: Sequence[tuple[Agreement, float]]) -> Diagnostic:
    """The check of the gravest of several pools, each with its I²: it fails where sites differ by
    more than is taken for agreement, and is no verdict where that can't be told."""
    if not spreads:
        return Diagnostic("heterogeneity", None, MOST_I2, "not_applicable")
    found, i2 = max(spreads, key=lambda one: (ORDER.index(one[0]), one[1]))
    outcome: Outcome = "not_applicable"
    if found == "differ_widely" or (found == "differ" and i2 > MOST_I2):
        outcome = "fail"
    elif found in ("alike", "differ_little"):
        outcome = "pass"
    return Diagnostic("heterogeneity", i2, MOST_I2, outcome)


def differing(
    found: Agreement, k: int, spread: Heterogeneity, *, about: Sentence | None = None
) -> list[Sentence]:
    """What an answer says after its estimate where the sites differ; nothing where they may not.

    An answer to several questions says `about` which of them that is.
    """
    said: dict[str, Any] = {
        "p": Number(p_text(spread.q_p_value or 0.0)),
        "share": Number(f"{spread.i2 or 0:.0f}"),
    }
    if about is not None:
        said["about"] = about
    if found == "differ_widely":
        low, high = (Number(f"{end:.0f}") for end in spread.i2_ci or (0.0, 0.0))
        said |= {"low": low, "high": high}
        if about is not None:
            return [
                Sentence(
                    "On %(about)s the sites differ widely (I² %(share)s%%, anything from %(low)s%% "
                    "to %(high)s%% would fit): none of them need be like their mean.",
                    **said,
                )
            ]
        return [
            Sentence(
                "The sites differ widely (I² %(share)s%%, anything from %(low)s%% to %(high)s%% "
                "would fit): none of them need be like their mean.",
                **said,
            )
        ]
    if found == "differ":
        if about is not None:
            return [
                Sentence.counting(
                    "On %(about)s the sites differ (p %(p)s); by how much is uncertain with "
                    "%(count)s site.",
                    "On %(about)s the sites differ (p %(p)s); by how much is uncertain with "
                    "%(count)s sites.",
                    k,
                    **said,
                )
            ]
        return [
            Sentence.counting(
                "The sites differ (p %(p)s); by how much is uncertain with %(count)s site.",
                "The sites differ (p %(p)s); by how much is uncertain with %(count)s sites.",
                k,
                **said,
            )
        ]
    if found == "differ_little" and about is not None:
        return [
            Sentence("On %(about)s the sites differ, but little (p %(p)s, I² %(share)s%%).", **said)
        ]
    if found == "differ_little":
        return [Sentence("The sites differ, but little (p %(p)s, I² %(share)s%%).", **said)]
    return []
