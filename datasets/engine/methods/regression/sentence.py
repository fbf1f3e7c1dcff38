"""A regression in sentences: its answer, no surer than the numbers are, and nothing else."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from datasets.engine.methods.contract import Figure, Said, Variables
from datasets.engine.methods.regression.adjustment import adjusted
from datasets.engine.methods.regression.agreements import (
    is_too_wide,
    said_of_interaction,
    said_of_levels,
    said_of_sites,
)
from datasets.engine.methods.regression.finding import (
    higher,
    lower,
    neither,
    odds,
    of_each_level,
    of_extreme_levels,
    of_range,
)
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.places import places_of, regions_of
from datasets.engine.methods.regression.reservations import asked_of, is_overfitted, said_first
from datasets.engine.methods.regression.result import Answered, Regression
from datasets.engine.methods.regression.scale import BEYOND, Scale
from datasets.engine.methods.shared.answer import EffectAt
from datasets.engine.methods.shared.labels import level_told
from datasets.engine.methods.shared.words import (
    PEOPLE,
    amount,
    is_named_yes_and_no,
    label_of,
    meaning_of,
    measure_of,
    p_text,
    people_text,
)
from datasets.engine.sentences import Number, Sentence, grouped, listed

MOST_LEVELS = 2
"""Levels that a headline tells; of more it gives the lowest and the highest. The numbers below it
tell all."""


def say(parameters: Parameters, result: Regression, variables: Variables) -> Said:
    """What the exposure has to do with the outcome, with its doubt."""
    if result.refused:
        return Said(Sentence("This answer is withheld. %(reason)s", reason=result.refused))
    answer = result.answer
    if answer is None:
        return Said(Sentence("No answer of this regression may be shown."))
    words = _Words(parameters, result, answer, variables)
    undecided = answer.estimate is None and answer.reason is None
    if answer.by and (answer.interaction_test or undecided):
        return words.of_several()
    if answer.estimate is None or answer.ci is None:
        return words.of_none()
    return words.of_one()


def word(parameters: Parameters, result: Regression, variables: Variables) -> Regression:
    """The result with what its answer says to people: the sentence, the contrast, the unit."""
    if result.answer is None:
        return result
    words = _Words(parameters, result, result.answer, variables)
    answer = replace(
        result.answer,
        text=say(parameters, result, variables).sentence,
        contrast=words.contrast,
        unit=words.unit,
    )
    return replace(result, answer=answer)


class _Words:
    """One answer with the names its readers know."""

    def __init__(
        self, parameters: Parameters, result: Regression, answer: Answered, variables: Variables
    ) -> None:
        self.parameters, self.result, self.answer = parameters, result, answer
        self.variables = variables
        info = variables.get(parameters.exposure)
        self.unit = info.unit if info else ""
        self.measure, self.measured_in = measure_of(parameters.exposure, variables)
        self.is_yes_no = info is not None and info.type == "boolean"
        self.exposure = label_of(parameters.exposure, variables)
        self.outcome = label_of(parameters.outcome, variables)
        self.scale = Scale.of(parameters, variables)
        if self.scale.in_points:
            self.outcome = Sentence("the share with %(outcome)s", outcome=self.outcome)
        self._places = places_of(result, answer)
        self.adjusted = adjusted(parameters, result, variables)
        if self.scale.in_points:
            self.adjusted.append(BEYOND)

    def of_one(self) -> Said:
        """One effect: the finding and what its interval leaves open."""
        answer = self.answer
        assert answer.ci is not None
        finding = self._finding(answer.estimate)
        said = {"finding": finding, "interval": self.scale.span(answer.ci)}
        low, high = answer.ci
        if low is None or high is None:
            headline = Sentence("%(finding)s, though how precisely could not be settled.", **said)
        elif answer.scale != "ratio" and high < 0:
            # “5 lower (−9 to −1)” would deny twice.
            said["interval"] = self.scale.span([-high, -low])
            headline = Sentence("%(finding)s (95%% CI %(interval)s lower).", **said)
        elif low * high > 0:
            headline = Sentence("%(finding)s (95%% CI %(interval)s).", **said)
        else:
            said["interval"] = self.scale.span_of_both(answer.ci)
            headline = Sentence(
                "%(finding)s; anything from %(interval)s fits these data, and so does "
                "no difference.",
                **said,
            )
        numbers = (*self._numbers, *self._people)
        return self._said(headline, self._bold(finding), numbers, said_of_sites(self.result))

    def of_several(self) -> Said:
        """An effect for each site or level: the lowest, the highest, and whether they differ."""
        known = [one for one in self.answer.by if one.estimate is not None]
        if not known:
            return self.of_none()
        if self.answer.is_of_levels:
            return self._of_levels(known)
        ordered = sorted(known, key=lambda one: one.estimate or 0.0)
        finding = self._range(ordered[0], ordered[-1], are_two=len(ordered) == 2)
        numbers = [
            Figure(Sentence("Lowest"), self._at(ordered[0])),
            Figure(Sentence("Highest"), self._at(ordered[-1])),
            *self._numbers,
            *self._people,
        ]
        differing = said_of_interaction(self.result, self.scale, self._level_at, self._at)
        headline = Sentence("%(finding)s.", finding=finding)
        return self._said(headline, self._bold(finding), numbers, differing)

    def of_none(self) -> Said:
        """Nothing could be estimated, or may be shown, and why."""
        if self.answer.estimator == "one_stage":
            sentence = Sentence(
                "What %(exposure)s has to do with %(outcome)s may not be shown: %(reason)s.",
                exposure=self.exposure,
                outcome=self.outcome,
                reason=self.answer.reason or "",
            )
            return Said(sentence, numbers=tuple(self._people))
        sentence = Sentence(
            "There is no answer to what %(exposure)s has to do with %(outcome)s: %(reason)s.",
            exposure=self.exposure,
            outcome=self.outcome,
            reason=self.answer.reason or Sentence("the data do not determine it"),
        )
        return Said(sentence, numbers=(*self._numbers, *self._people))

    def _said(
        self,
        headline: Sentence,
        bold: Sentence | None,
        numbers: Sequence[Figure],
        agreeing: Sequence[Sentence],
    ) -> Said:
        """A finding, with what stands below it: whether its effects agree, whose it is, what it is
        adjusted for."""
        first, further = tuple(said_first(self.result)), (*agreeing, self._places, *self.adjusted)
        return Said(headline, bold, tuple(numbers), first, further)

    def _bold(self, finding: Sentence) -> Sentence | None:
        """What is set in bold: nothing that so few people tell of."""
        return None if is_overfitted(self.result) else finding

    @property
    def contrast(self) -> Sentence:
        """What is compared with what."""
        if self._compared is not None:
            level, reference = map(self._meaning, self._compared)
            return Sentence("%(level)s against %(reference)s", level=level, reference=reference)
        if self.answer.reference is not None:
            return Sentence(
                "each level against %(reference)s", reference=self._meaning(self.answer.reference)
            )
        if self.is_yes_no:
            return Sentence("yes against no")
        return Sentence("per %(amount)s", amount=self._step)

    @property
    def _compared(self) -> tuple[str, str] | None:
        """The level and its reference where there are two; of a yes or no where both have names.

        Those named yes and no again have none: no reader could tell of what they are.
        """
        if self.answer.level is not None and self.answer.reference is not None:
            return self.answer.level, self.answer.reference
        info = self.variables.get(self.parameters.exposure)
        if info is None or not self.is_yes_no or not {"0", "1"} <= dict(info.meanings).keys():
            return None
        return None if is_named_yes_and_no(info) else ("1", "0")

    def _meaning(self, level: str) -> str:
        return meaning_of(self.parameters.exposure, level, self.variables)

    def _finding(self, estimate: float | None) -> Sentence:
        levels, step = self._levels, self._step
        # A unit is told of numbers alone: there the label need not end with it.
        exposure = self.exposure if levels else self.measure
        if self.answer.scale == "ratio":
            return odds(exposure, self.outcome, self.scale.told(estimate), levels, step)
        value = self.scale.shown(estimate) or 0.0
        way = lower if value < 0 else higher if value > 0 else neither
        return way(exposure, self.outcome, self.scale.with_unit(abs(value)), levels, step)

    def _range(self, lowest: EffectAt, highest: EffectAt, *, are_two: bool) -> Sentence:
        if self.answer.is_against_reference:
            return of_extreme_levels(
                self.exposure,
                self.outcome,
                self._level_named(self.answer.reference or ""),
                self._at(lowest),
                self._at(highest),
                is_ratio=self.answer.scale == "ratio",
            )
        if self.answer.scale != "ratio" and lowest.estimate == highest.estimate == 0:
            return self._finding(0.0)
        return of_range(
            self.exposure if self._levels else self.measure,
            self.outcome,
            self._at(lowest),
            self._at(highest),
            self._levels,
            self._step,
            is_ratio=self.answer.scale == "ratio",
            are_two=are_two,
        )

    @property
    def _levels(self) -> tuple[str, str] | None:
        """What is compared, by its names; any label goes with “yes compared with no”."""
        if self._compared is not None:
            level, reference = map(self._meaning, self._compared)
            return level, reference
        return (Sentence("yes"), Sentence("no")) if self.is_yes_no else None

    @property
    def _step(self) -> Sentence:
        return amount(self.answer.step, self.measured_in)

    def _at(self, one: EffectAt, value: Sentence | Number | None = None) -> Sentence:
        """An effect, or what is told of it, and where it was found."""
        value = value or self.scale.told(one.estimate)
        if one.site is not None and one.level is not None:
            level = self._level_named(one.level)
            return Sentence(
                "%(value)s for %(level)s at %(site)s", value=value, level=level, site=one.site
            )
        if one.at is not None and one.level is not None:
            return Sentence(
                "%(value)s for %(level)s (%(place)s)",
                value=value,
                level=self._level_named(one.level),
                place=self._level_at(one.at),
            )
        if one.site is not None:
            return Sentence("%(value)s at %(site)s", value=value, site=one.site)
        return Sentence("%(value)s (%(level)s)", value=value, level=self._level_at(one.level or ""))

    def _of_levels(self, known: Sequence[EffectAt]) -> Said:
        """Each level of a category against its reference, with its interval."""
        answer = self.answer
        reference = self._level_named(answer.reference or "")
        said: dict[str, Any] = {
            "exposure": self.exposure,
            "outcome": self.outcome,
            "reference": reference,
        }
        ordered = sorted(known, key=lambda one: one.estimate or 0.0)
        said["is_ratio"] = answer.scale == "ratio"
        if len(known) > MOST_LEVELS:
            finding = of_extreme_levels(
                **said, low=self._of_level(ordered[0]), high=self._of_level(ordered[-1])
            )
        else:
            levels = listed([self._of_level(one) for one in known])
            finding = of_each_level(**said, levels=levels)
        numbers = [
            Figure(self._level_named(one.level or ""), self._sized(one)) for one in answer.by
        ]
        agreeing = [*said_of_levels(answer, self._level_named), *said_of_sites(self.result)]
        bold = None if any(map(is_too_wide, known)) else self._bold(finding)
        headline = Sentence("%(finding)s.", finding=finding)
        numbers += [*self._numbers, *self._people]
        return self._said(headline, bold, numbers, agreeing)

    def _of_level(self, one: EffectAt) -> Sentence:
        return Sentence(
            "%(size)s for %(level)s",
            size=self._sized(one),
            level=self._level_named(one.level or ""),
        )

    def _level_at(self, level: str) -> Sentence:
        """A level of what the effect is asked to differ by."""
        return self._level_named(level, self.parameters.modifier or "")

    def _level_named(self, level: str, of: str = "") -> Sentence:
        """A level by the meaning somebody gave it, else by the variable and its code or answer, a
        number with its unit."""
        of = of or self.parameters.exposure
        info = self.variables.get(of)
        if info and level in dict(info.meanings) and not is_named_yes_and_no(info):
            return Sentence("%(level)s", level=meaning_of(of, level, self.variables))
        # Beside its unit the label need not end with it.
        name, unit = measure_of(of, self.variables)
        told = level_told(of, level, self.variables, unit)
        return Sentence("%(name)s %(level)s", name=name, level=told)

    def _sized(self, one: EffectAt) -> Sentence:
        """An effect with its interval."""
        value = self.scale.told(one.estimate)
        if one.estimate is None or one.ci is None:
            return Sentence("no estimate")
        return Sentence(
            "%(value)s (95%% CI %(interval)s)", value=value, interval=self.scale.span(one.ci)
        )

    @property
    def _numbers(self) -> list[Figure]:
        """The estimate with its intervals and its p-value, or the test of several."""
        answer, found = self.answer, []
        if answer.estimate is not None and answer.ci is not None:
            label = self._label if not answer.by or answer.interaction_test is None else MEAN
            found.append(Figure(label, self.scale.told(answer.estimate)))
            found.append(Figure(Sentence("95%% confidence"), self.scale.span(answer.ci)))
            if answer.prediction_interval is not None:
                found.append(
                    Figure(
                        Sentence("95%% prediction, true effect elsewhere"),
                        self.scale.span(answer.prediction_interval),
                    )
                )
        test = answer.interaction_test or answer.overall_test
        p_value = test.p_value if test else answer.p_value
        if p_value is not None:
            label = Sentence("Test of difference, p") if test else Sentence("p")
            if answer.overall_test is not None and not answer.interaction_test:
                label = Sentence("All levels together, p")
            found.append(
                Figure(
                    label, Number(p_text(p_value, about=answer.is_of_rounded).removeprefix("= "))
                )
            )
        return found

    @property
    def _label(self) -> Sentence:
        if self._compared is not None and self.answer.scale == "ratio":
            return Sentence("Odds ratio, %(contrast)s", contrast=self.contrast)
        if self._compared is not None:
            return Sentence("Difference, %(contrast)s", contrast=self.contrast)
        if self.answer.reference is not None or self.is_yes_no:
            return Sentence("Odds ratio" if self.answer.scale == "ratio" else "Difference")
        if self.answer.scale == "ratio":
            return Sentence("Odds ratio per %(amount)s", amount=self._step)
        return Sentence("Difference per %(amount)s", amount=self._step)

    @property
    def _people(self) -> list[Figure]:
        n, left_out, about = self.result.n, self.result.n_excluded, self.result.approximate
        people: Sentence | Number = Sentence("not given") if n is None else people_text(n, about)
        if n is not None and left_out:
            every = people_text(n + left_out, about)
            people = Sentence("%(n)s of %(all)s", n=people_text(n, about), all=every)
        return [Figure(PEOPLE, people), Figure(Sentence("Sites"), self._sites)]

    @property
    def _sites(self) -> Sentence | Number:
        asked = asked_of(self.result)
        sites: Sentence | Number = grouped(asked)
        has_none = self.answer.estimate is None and not self.answer.by
        k = self.answer.k if has_none else self.answer.k or len(self.result.sites)
        regions = regions_of(self.result, self.answer)
        if k < asked:
            sites = Sentence("%(n)s of %(all)s", n=grouped(k), all=sites)
        if regions < 2 or not k:
            return sites
        return Sentence.counting(
            "%(sites)s in %(count)s region", "%(sites)s in %(count)s regions", regions, sites=sites
        )


MEAN = Sentence("Mean over sites")
