"""A regression in sentences: its answer, no surer than the numbers are, and nothing else."""

import math
from collections.abc import Sequence
from dataclasses import replace

from datasets.engine.methods.contract import Figure, Said, Variables
from datasets.engine.methods.regression.design import SITE
from datasets.engine.methods.regression.finding import higher, lower, odds
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.reservations import said_first
from datasets.engine.methods.regression.result import Answered, OverallTest, Regression
from datasets.engine.methods.shared.answer import EffectAt, OpenEnds
from datasets.engine.methods.shared.words import (
    amount,
    label_of,
    meaning_of,
    measured,
    number,
    p_text,
    span,
)
from datasets.engine.sentences import Number, Sentence, grouped, in_turn, listed

ALPHA = 0.05

LARGEST_LOG = 200
"""Beyond this a ratio is no longer a number anybody could read."""

MOST_NAMED = 6
"""Covariates that a sentence names; of more it gives the number."""


def say(parameters: Parameters, result: Regression, variables: Variables) -> Said:
    """What the exposure has to do with the outcome, with its doubt."""
    if result.refused:
        return Said(Sentence("This answer is withheld. %(reason)s", reason=result.refused))
    answer = result.answer
    if answer is None:
        return Said(Sentence("No answer of this regression may be shown."))
    words = _Words(parameters, result, answer, variables)
    if answer.by and (answer.interaction_test or answer.overall_test):
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
        self.is_yes_no = info is not None and info.type == "boolean"
        self.exposure = label_of(parameters.exposure, variables)
        self.outcome = label_of(parameters.outcome, variables)

    def of_one(self) -> Said:
        """One effect: the finding, what its interval leaves open, what it is adjusted for."""
        answer = self.answer
        assert answer.ci is not None
        finding = self._finding(answer.estimate)
        said = {"places": self._places, "finding": finding, "interval": self._span(answer.ci)}
        low, high = answer.ci
        if low is None or high is None:
            sentence = Sentence(
                "%(places)s, %(finding)s, though how precisely could not be settled.", **said
            )
        elif low * high > 0:
            sentence = Sentence("%(places)s, %(finding)s (95 %% CI %(interval)s).", **said)
        else:
            sentence = Sentence(
                "%(places)s, %(finding)s; anything from %(interval)s fits these data, no "
                "difference among them.",
                **said,
            )
        whole = in_turn(*said_first(self.result), sentence, *self._adjusted)
        return Said(whole, finding, (*self._numbers, *self._people))

    def of_several(self) -> Said:
        """An effect for each site or level: the lowest, the highest, and whether they differ."""
        known = [one for one in self.answer.by if one.estimate is not None]
        if not known:
            return self.of_none()
        ordered = sorted(known, key=lambda one: one.estimate or 0.0)
        finding = self._range(ordered[0], ordered[-1])
        sentence = Sentence("%(places)s, %(finding)s.", places=self._places, finding=finding)
        numbers = [
            Figure(Sentence("Lowest"), self._at(ordered[0])),
            Figure(Sentence("Highest"), self._at(ordered[-1])),
            *self._numbers,
            *self._people,
        ]
        said = in_turn(*said_first(self.result), sentence, *self._verdict(), *self._adjusted)
        return Said(said, finding, tuple(numbers))

    def of_none(self) -> Said:
        """Nothing could be estimated, and why."""
        return Said(
            Sentence(
                "%(places)s, what %(exposure)s has to do with %(outcome)s has no estimate: "
                "%(reason)s.",
                places=self._places,
                exposure=self.exposure,
                outcome=self.outcome,
                reason=self.answer.reason or Sentence("the data do not determine it"),
            ),
            numbers=tuple(self._people),
        )

    @property
    def contrast(self) -> Sentence:
        """What is compared with what."""
        if self.answer.level is not None and self.answer.reference is not None:
            return Sentence(
                "%(level)s against %(reference)s",
                level=self._meaning(self.answer.level),
                reference=self._meaning(self.answer.reference),
            )
        if self.answer.reference is not None:
            return Sentence(
                "each level against %(reference)s", reference=self._meaning(self.answer.reference)
            )
        if self.is_yes_no:
            return Sentence("yes against no")
        return Sentence("per %(amount)s", amount=amount(self.answer.step, self.unit))

    def _meaning(self, level: str) -> str:
        return meaning_of(self.parameters.exposure, level, self.variables)

    def _finding(self, estimate: float | None) -> Sentence:
        answer, unit = self.answer, self.unit
        value = self._on_scale(estimate)
        levels = None
        if answer.level is not None and answer.reference is not None:
            levels = (self._meaning(answer.level), self._meaning(answer.reference))
        step = None if self.is_yes_no else amount(answer.step, unit)
        if answer.scale == "ratio":
            return odds(self.exposure, self.outcome, value, levels, step)
        info = self.variables.get(self.parameters.outcome)
        change = measured(abs(value or 0.0), info.unit if info else "")
        if (value or 0.0) < 0:
            return lower(self.exposure, self.outcome, change, levels, step)
        return higher(self.exposure, self.outcome, change, levels, step)

    def _range(self, lowest: EffectAt, highest: EffectAt) -> Sentence:
        said = {
            "measure": self._measure,
            "exposure": self.exposure,
            "outcome": self.outcome,
            "low": self._at(lowest),
            "high": self._at(highest),
        }
        return Sentence(
            "the %(measure)s of %(outcome)s for %(exposure)s ran from %(low)s to %(high)s", **said
        )

    def _at(self, one: EffectAt) -> Sentence:
        """An effect and where it was found."""
        value = number(self._on_scale(one.estimate))
        if one.site is not None:
            return Sentence("%(value)s at %(site)s", value=value, site=one.site)
        other = self.parameters.modifier or self.parameters.exposure
        return Sentence(
            "%(value)s (%(name)s %(level)s)",
            value=value,
            name=label_of(other, self.variables),
            level=meaning_of(other, one.level or "", self.variables),
        )

    def _verdict(self) -> list[Sentence]:
        """Whether the effects differ, by one test or by two that may not agree."""
        test = self.answer.interaction_test
        if test is None:
            return self._of_levels(self.answer.overall_test)
        beside = self.answer.checked_another_way
        p = Number(p_text(test.p_value))
        if beside is not None and beside.agrees is False and beside.p_value is not None:
            return [
                Sentence(
                    "Whether they truly differ is uncertain: p %(p)s here, p %(other)s in one "
                    "model over all rows.",
                    p=p,
                    other=Number(p_text(beside.p_value)),
                )
            ]
        if test.p_value < ALPHA:
            return [Sentence("They differ more than chance would make them (p %(p)s).", p=p)]
        return [Sentence("Chance alone may make them as different as this (p %(p)s).", p=p)]

    def _of_levels(self, test: OverallTest | None) -> list[Sentence]:
        reference = self._meaning(self.answer.reference or "")
        said = [Sentence("Each level is compared with %(reference)s.", reference=reference)]
        if test is not None:
            p = Number(p_text(test.p_value))
            said.append(Sentence("All levels together: p %(p)s.", p=p))
        return said

    @property
    def _adjusted(self) -> list[Sentence]:
        """What stands beside the exposure in the models; nothing that was left out of them."""
        # A term left out of the model has a reason in place of each of its coefficients.
        aliased = {
            name
            for name in self.parameters.terms
            if (rows := [r for r in self.result.coefficients if r.term == name])
            and all(row.reason for row in rows)
        }
        others = [
            label_of(name, self.variables)
            for name in self.parameters.terms
            if name != self.parameters.exposure and name not in aliased
        ]
        if len(self.result.sites) > 1 and self.parameters.exposure not in (SITE,):
            others.append(Sentence("site"))
        if not others:
            return []
        if len(others) > MOST_NAMED:
            return [
                Sentence.counting(
                    "Adjusted for %(count)s other variable.",
                    "Adjusted for %(count)s other variables.",
                    len(others),
                )
            ]
        return [Sentence("Adjusted for %(names)s.", names=listed(others))]

    @property
    def _measure(self) -> Sentence:
        if self.answer.scale == "ratio":
            if self.answer.reference is None and not self.is_yes_no:
                return Sentence(
                    "odds ratio per %(amount)s", amount=amount(self.answer.step, self.unit)
                )
            return Sentence("odds ratio")
        if self.answer.reference is None and not self.is_yes_no:
            return Sentence("difference per %(amount)s", amount=amount(self.answer.step, self.unit))
        return Sentence("difference")

    @property
    def _numbers(self) -> list[Figure]:
        """The estimate with its intervals and its p-value, or the test of several."""
        answer, found = self.answer, []
        if answer.estimate is not None and answer.ci is not None:
            label = self._label if not answer.by or answer.interaction_test is None else MEAN
            found.append(Figure(label, number(self._on_scale(answer.estimate))))
            found.append(Figure(Sentence("95%% confidence"), self._span(answer.ci)))
            if answer.prediction_interval is not None:
                found.append(
                    Figure(
                        Sentence("95%% prediction, elsewhere"),
                        self._span(answer.prediction_interval),
                    )
                )
        test = answer.interaction_test or answer.overall_test
        p_value = test.p_value if test else answer.p_value
        if p_value is not None:
            label = Sentence("Test of difference, p") if test else Sentence("p")
            found.append(Figure(label, Number(p_text(p_value).removeprefix("= "))))
        return found

    @property
    def _label(self) -> Sentence:
        if self.answer.reference is not None or self.is_yes_no:
            return Sentence("Odds ratio" if self.answer.scale == "ratio" else "Difference")
        step = amount(self.answer.step, self.unit)
        if self.answer.scale == "ratio":
            return Sentence("Odds ratio per %(amount)s", amount=step)
        return Sentence("Difference per %(amount)s", amount=step)

    @property
    def _people(self) -> list[Figure]:
        n, left_out = self.result.n, self.result.n_excluded
        people: Sentence | Number = Sentence("not given") if n is None else grouped(n)
        if n is not None and left_out:
            people = Sentence("%(n)s of %(all)s", n=grouped(n), all=grouped(n + left_out))
        return [Figure(Sentence("People"), people), Figure(Sentence("Sites"), self._sites)]

    @property
    def _sites(self) -> Sentence | Number:
        sites, regions = grouped(len(self.result.sites)), self._regions
        if regions < 2:
            return sites
        return Sentence.counting(
            "%(sites)s in %(count)s region", "%(sites)s in %(count)s regions", regions, sites=sites
        )

    @property
    def _places(self) -> Sentence:
        sites, by = self.result.sites, self.answer.by
        k = min(self.answer.k or len(sites), len(sites))
        if k == 1:
            alone = by[0].site if by else None
            return Sentence("At %(site)s", site=sites[0] if alone is None else alone)
        several = Sentence.counting("%(count)s site", "%(count)s sites", len(sites))
        if k < len(sites):
            several = Sentence("%(k)s of %(sites)s", k=k, sites=several)
        if self._regions > 1:
            several = Sentence(
                "%(sites)s in %(regions)s",
                sites=several,
                regions=Sentence.counting("%(count)s region", "%(count)s regions", self._regions),
            )
        return Sentence("Pooled over %(sites)s", sites=several)

    @property
    def _regions(self) -> int:
        telling = {one.site for one in self.answer.by if one.site is not None}
        return len(
            {one.region for one in self.result.by_site if not telling or one.site in telling}
        )

    def _on_scale(self, value: float | None) -> float | None:
        if value is None or self.answer.scale == "difference":
            return value
        return math.exp(value) if abs(value) < LARGEST_LOG else None

    def _span(self, ends: OpenEnds | Sequence[float | None]) -> Sentence:
        return span([self._on_scale(end) for end in ends])


MEAN = Sentence("Mean over sites")
