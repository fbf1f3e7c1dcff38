"""What a question can use, before it is asked: the rows its run would read, and what they carry.

Each input answers the first round of the run itself, through its own gate, so that what is
promised is what is used. Whoever does not read the rows is told rounded counts; of a guarded
dataset everybody is.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from datasets.analyses.actions import Checked
from datasets.analyses.inputs import input_info, open_rows, release
from datasets.analyses.models import AnalysisInput
from datasets.datasets.models import Dataset
from datasets.datasets.rules import rules_for
from datasets.engine.guard.gate import Released
from datasets.engine.guard.rules import OPEN, Rules, rules_of
from datasets.engine.methods import METHODS, ParameterError
from datasets.engine.methods.regression import readiness as regression
from datasets.engine.methods.regression.statistics import Counts, SiteCounts
from datasets.engine.rows.frame import VariableInfo
from datasets.engine.sentences import in_turn
from portal.common.text import told
from portal.jobs.running import JobFailed

FEWEST_PER_PARAMETER = 10
"""Below so many people with the rarer outcome for each parameter estimates are unsteady."""

MOST_VALUES = 2_000_000
"""Rows times variables that are read while a page waits; a few seconds' work."""


@dataclass(frozen=True)
class SiteReady:
    """One site: of `rows` so many are complete. With `about` counts are rounded.

    `absent` are variables it has no value of. With `withheld` its rules let nothing of this
    question leave; `why` says by which, to whoever may read the rows there.
    """

    site: str
    rows: int
    complete: int | None
    about: bool
    rarer: int | None = None
    absent: tuple[str, ...] = ()
    withheld: bool = False
    why: str = ""

    @property
    def is_used(self) -> bool:
        """Whether any of its rows is in the answer."""
        return bool(self.complete)


@dataclass(frozen=True)
class Detectable:
    """The smallest effect that would be seen: an odds ratio, or SDs of the outcome."""

    value: float
    is_ratio: bool
    between_two: bool


@dataclass(frozen=True)
class Readiness:
    """Every site's part of a question. `complete` and what follows are of regressions alone."""

    sites: list[SiteReady]
    limits: list[dict[str, Any]]
    counted: bool = False
    parameters: int | None = None
    detectable: Detectable | None = None
    problem: str = ""

    @property
    def about(self) -> bool:
        """Whether any count is rounded."""
        return any(one.about for one in self.sites)

    @property
    def rows(self) -> int:
        """Rows of all sites."""
        return sum(one.rows for one in self.sites)

    @property
    def complete(self) -> int:
        """Rows that have a value in every variable."""
        return sum(one.complete or 0 for one in self.sites)

    @property
    def used(self) -> list[SiteReady]:
        """Sites that have some."""
        return [one for one in self.sites if one.is_used]

    @property
    def left_out(self) -> list[SiteReady]:
        """Sites that would drop out."""
        return [one for one in self.sites if self.counted and not one.is_used]

    @property
    def events(self) -> list[dict[str, Any]]:
        """The rarer outcome's rows for each parameter, at each site that is used."""
        return [
            {
                "site": one,
                "rarer": one.rarer,
                "each": one.rarer // self.parameters,
                "is_few": one.rarer < FEWEST_PER_PARAMETER * self.parameters,
            }
            for one in self.used
            if one.rarer is not None and self.parameters
        ]


def readiness(question: Checked, method: str, by: Any, *, exact: bool = True) -> Readiness:
    """What the question can use, as the person may know it; with `exact=False` always rounded."""
    inputs = question.inputs
    read_by = Dataset.objects.rows_readable_by(by) if exact else Dataset.objects.none()
    wanted = [one.version.dataset_id for one in inputs]
    readable = {*read_by.filter(pk__in=wanted).values_list("pk", flat=True)}
    limits = _limits(inputs)
    if method != "regression":
        return Readiness(_uncounted(inputs, readable), limits)
    parameters = question.parameters
    spec = METHODS[method].plan(parameters, [input_info(one) for one in inputs])
    variables = question.variables
    if sum(one.version.rows or 0 for one in inputs) * len(variables) > MOST_VALUES:
        many = gettext("So many rows are counted when the question runs, not before.")
        return Readiness(_uncounted(inputs, readable), limits, problem=many)
    infos = {info.name: info for info in variables}
    try:
        with ExitStack() as tables:
            rows = {one.index: open_rows(one, variables, tables) for one in inputs}
            released = {
                one.index: release(one, inputs, rows, METHODS[method], spec) for one in inputs
            }
    except JobFailed as failure:
        problem = _problem(failure.error["detail"], readable, wanted)
        return Readiness(_uncounted(inputs, readable), limits, problem=problem)
    counts: Counts = sum((one.statistics for one in released.values()), Counts())
    sites, told_of = [], []
    for site, of_site in _by_site(inputs).items():
        rounding = _rounding(of_site, readable)
        held = counts.of(site) or SiteCounts(site, 0, 0, (), (), (), ())
        one = regression.ready(held, parameters, rounding)
        told_of.append(one)
        sites.append(_site(one, of_site, released, rounding, readable, infos))
    try:
        number = regression.parameters_per_site(counts, spec)
    except ParameterError as error:
        said = told(in_turn(*error.errors.values()).kept)
        return Readiness(sites, limits, True, problem=_problem(said, readable, wanted))
    found = size = None
    if regression.asks_for_one_size(counts.sites, parameters):
        found = regression.detectable(told_of, parameters)
    if found is not None:
        is_ratio = parameters.family == "binomial"
        size = Detectable(found, is_ratio, regression.has_two_values(told_of))
    return Readiness(sites, limits, counted=True, parameters=number, detectable=size)


def _by_site(inputs: Sequence[AnalysisInput]) -> dict[str, list[AnalysisInput]]:
    """Inputs of one site are one study."""
    found: dict[str, list[AnalysisInput]] = {}
    for one in inputs:
        found.setdefault(one.site, []).append(one)
    return found


def _rounding(inputs: Sequence[AnalysisInput], readable: set[int]) -> Rules:
    """The strictest rules by which a person is told counts of these inputs."""
    asked = []
    for one in inputs:
        dataset = one.version.dataset
        rules = rules_for(dataset)
        if rules.is_open and dataset.pk not in readable:
            rules = rules_of("standard", dataset.threshold)
        asked.append(rules)
    return max(asked, key=lambda rules: rules.threshold, default=OPEN)


def _uncounted(inputs: Sequence[AnalysisInput], readable: set[int]) -> list[SiteReady]:
    """Where each variable uses the rows that have it, no row is complete or not."""
    return [
        SiteReady(site, _rows(of_site, rules), None, not rules.is_open)
        for site, of_site in _by_site(inputs).items()
        for rules in [_rounding(of_site, readable)]
    ]


def _rows(inputs: Sequence[AnalysisInput], rules: Rules) -> int:
    return rules.rounded(sum(one.version.rows or 0 for one in inputs))


def _site(
    one: regression.Ready,
    inputs: Sequence[AnalysisInput],
    released: Mapping[int, Released[Any]],
    rounding: Rules,
    readable: set[int],
    infos: Mapping[str, VariableInfo],
) -> SiteReady:
    whole = [each for each in inputs if released[each.index].whole]
    reasons = [
        told(note.reason.kept)
        for each in whole
        if each.version.dataset_id in readable
        for note in released[each.index].withheld
        if hasattr(note.reason, "kept")
    ]
    withheld = bool(whole) and not one.complete
    return SiteReady(
        site=one.site,
        rows=_rows(inputs, rounding),
        complete=None if withheld else min(one.complete, _rows(inputs, rounding)),
        about=not rounding.is_open,
        rarer=one.rarer,
        absent=() if withheld else tuple(infos[name].name for name in one.absent if name in infos),
        withheld=withheld,
        why="; ".join(dict.fromkeys(reasons)),
    )


def _problem(said: str, readable: set[int], wanted: Sequence[int]) -> str:
    """Why there is no model, which can tell of every row: only to whoever reads them all."""
    if readable.issuperset(wanted):
        return said
    return gettext("No model can be fitted to these rows as they are.")


def _limits(inputs: Sequence[AnalysisInput]) -> list[dict[str, Any]]:
    """What each dataset's own rules let leave it."""
    return [
        {
            "site": one.site,
            "title": one.version.dataset.title,
            "profile": rules.profile,
            "threshold": rules.threshold,
            "is_open": rules.is_open,
            "name": one.version.dataset.get_disclosure_rules_display(),
        }
        for one in inputs
        for rules in [rules_for(one.version.dataset)]
    ]
