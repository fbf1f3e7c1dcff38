"""What an exposure goes with, in the words of its kind: a number, a yes/no, or levels compared.

Odds are called odds and nothing is said to cause anything: the data were observed. Each begins the
sentence that tells an answer.
"""

from typing import Any

from datasets.engine.sentences import Sentence, listed

Levels = tuple[str, str] | None
"""A level and the reference it is compared with; none of a number."""


def odds(exposure: str, outcome: str, ratio: str, levels: Levels, step: Sentence) -> Sentence:
    """Of a yes/no outcome; `step` is how much more of a number."""
    said = {"exposure": exposure, "outcome": outcome, "ratio": ratio}
    if levels:
        return Sentence(
            "For %(exposure)s, %(level)s compared with %(reference)s, the odds of %(outcome)s were "
            "%(ratio)s times as high",
            **said,
            level=levels[0],
            reference=levels[1],
        )
    return Sentence(
        "Per %(amount)s of %(exposure)s the odds of %(outcome)s were %(ratio)s times as high",
        **said,
        amount=step,
    )


def higher(exposure: str, outcome: str, change: str, levels: Levels, step: Sentence) -> Sentence:
    """Of an outcome that is a number, where it is higher with the exposure."""
    said = {"exposure": exposure, "outcome": outcome, "change": change}
    if levels:
        return Sentence(
            "For %(exposure)s, %(level)s compared with %(reference)s, %(outcome)s was %(change)s "
            "higher",
            **said,
            level=levels[0],
            reference=levels[1],
        )
    return Sentence(
        "Per %(amount)s of %(exposure)s, %(outcome)s was %(change)s higher", **said, amount=step
    )


def lower(exposure: str, outcome: str, change: str, levels: Levels, step: Sentence) -> Sentence:
    """The same where it is lower."""
    said = {"exposure": exposure, "outcome": outcome, "change": change}
    if levels:
        return Sentence(
            "For %(exposure)s, %(level)s compared with %(reference)s, %(outcome)s was %(change)s "
            "lower",
            **said,
            level=levels[0],
            reference=levels[1],
        )
    return Sentence(
        "Per %(amount)s of %(exposure)s, %(outcome)s was %(change)s lower", **said, amount=step
    )


def neither(exposure: str, outcome: str, change: str, levels: Levels, step: Sentence) -> Sentence:
    """The same where an estimate, rounded before it left its site, is 0."""
    said = {"exposure": exposure, "outcome": outcome, "change": change}
    if levels:
        return Sentence(
            "For %(exposure)s, %(level)s compared with %(reference)s, %(outcome)s hardly differed "
            "(%(change)s, rounded)",
            **said,
            level=levels[0],
            reference=levels[1],
        )
    return Sentence(
        "Per %(amount)s of %(exposure)s, %(outcome)s hardly differed (%(change)s, rounded)",
        **said,
        amount=step,
    )


def of_range(
    exposure: str,
    outcome: str,
    low: Sentence,
    high: Sentence,
    levels: Levels,
    step: Sentence,
    *,
    is_ratio: bool,
    are_two: bool,
) -> Sentence:
    """Of an effect that was asked for at several sites or levels: its lowest and its highest, or
    both where `are_two`."""
    if not is_ratio:
        changes = listed([low, high]) if are_two else _from_to(low, high)
        return _of_differences(exposure, outcome, changes, levels, step)
    said: dict[str, Any] = {"exposure": exposure, "outcome": outcome, "low": low, "high": high}
    if levels:
        said |= {"level": levels[0], "reference": levels[1]}
        if are_two:
            return Sentence(
                "For %(exposure)s, %(level)s compared with %(reference)s, the odds ratio of "
                "%(outcome)s was %(low)s and %(high)s",
                **said,
            )
        return Sentence(
            "For %(exposure)s, %(level)s compared with %(reference)s, the odds ratio of "
            "%(outcome)s ranged from %(low)s to %(high)s",
            **said,
        )
    if are_two:
        return Sentence(
            "The odds ratio of %(outcome)s per %(amount)s of %(exposure)s was %(low)s and %(high)s",
            **said,
            amount=step,
        )
    return Sentence(
        "The odds ratio of %(outcome)s per %(amount)s of %(exposure)s ranged from %(low)s to "
        "%(high)s",
        **said,
        amount=step,
    )


def _of_differences(
    exposure: str, outcome: str, changes: str, levels: Levels, step: Sentence
) -> Sentence:
    said = {"exposure": exposure, "outcome": outcome, "changes": changes}
    if levels:
        return Sentence(
            "For %(exposure)s, %(level)s compared with %(reference)s, %(outcome)s differed by "
            "%(changes)s",
            **said,
            level=levels[0],
            reference=levels[1],
        )
    return Sentence(
        "Per %(amount)s of %(exposure)s, %(outcome)s differed by %(changes)s", **said, amount=step
    )


def _from_to(low: Sentence, high: Sentence) -> Sentence:
    """The lowest of several effects and the highest."""
    return Sentence("%(low)s to %(high)s", low=low, high=high)


def of_each_level(
    exposure: str, outcome: str, reference: Sentence, levels: str, *, is_ratio: bool
) -> Sentence:
    """Of a category: what each of its levels goes with."""
    said = {"exposure": exposure, "outcome": outcome, "reference": reference, "levels": levels}
    if is_ratio:
        return Sentence(
            "The odds ratio of %(outcome)s for %(exposure)s against %(reference)s was %(levels)s",
            **said,
        )
    return Sentence(
        "For %(exposure)s compared with %(reference)s, %(outcome)s differed by %(levels)s", **said
    )


def of_extreme_levels(
    exposure: str,
    outcome: str,
    reference: Sentence,
    low: Sentence,
    high: Sentence,
    *,
    is_ratio: bool,
) -> Sentence:
    """Of a category with many levels: the two that differ most."""
    said = {"exposure": exposure, "outcome": outcome, "reference": reference}
    if is_ratio:
        return Sentence(
            "The odds ratio of %(outcome)s for %(exposure)s against %(reference)s ranged from "
            "%(low)s to %(high)s",
            **said,
            low=low,
            high=high,
        )
    return Sentence(
        "For %(exposure)s compared with %(reference)s, %(outcome)s differed by %(low)s to %(high)s",
        **said,
        low=low,
        high=high,
    )
