"""A guarded site in a model over all sites: its own model, rounded at its gate, in place of rows.

Sums over rows would be exact in every answer, and rows of one's own beside them would move any
rounding of the whole until the sums are known. So none of a guarded site's leave. Its likelihood is
taken to be what its own model says: that of estimates with their covariance (of a linear model with
rounded figures it is that likelihood, of a logistic one its best quadratic). Nothing can then be
learnt from a pool that the site's own model does not tell.

Estimates are of numbers about where the site itself has them: nobody else's rows move them.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from datasets.engine.guard.merged import merged
from datasets.engine.guard.rules import Rules
from datasets.engine.methods.contract import places_of
from datasets.engine.methods.regression import rounded
from datasets.engine.methods.regression.basis import Basis
from datasets.engine.methods.regression.crossed_counts import CrossedCounts
from datasets.engine.methods.regression.design import Blocks, Design, Part
from datasets.engine.methods.regression.errors import errors_at
from datasets.engine.methods.regression.exchanged import exchanged
from datasets.engine.methods.regression.fits import (
    Firth,
    FirthSums,
    Fit,
    FitSums,
    LeastSquares,
    LeastSquaresSums,
    Newton,
    NewtonSums,
)
from datasets.engine.methods.regression.lines import Lines, lines_of, wanted
from datasets.engine.methods.regression.margins import margins_of
from datasets.engine.methods.regression.moved import Moved, OfSum, moved, spread_of
from datasets.engine.methods.regression.parameters import Parameters, StandardErrors
from datasets.engine.methods.regression.passes import cross_products, finish
from datasets.engine.methods.regression.spec import FirstPassSpec, PassSpec
from datasets.engine.methods.regression.statistics import CrossProducts, Estimates, StandIn, Study
from datasets.engine.methods.regression.study import covariance_of, robust_of
from datasets.engine.rows.complete import complete_rows
from datasets.engine.rows.frame import RESERVED_COLUMNS, InputInfo, Rows

STILL = 1e-9
"""Change of a likelihood that is as good as none."""


class OwnModel:
    """A guarded site's model of its complete rows, and how far single ones move it.

    Everything is computed where the site itself has its numbers, so that nothing of it depends on
    anybody else's.
    """

    def __init__(
        self, rows: Rows, spec: FirstPassSpec | PassSpec, rules: Rules, largest: float
    ) -> None:
        """`largest` is the most of the squares that a linear model leaves that is one row's."""
        told = merged(rows, wanted(spec.parameters), rules)
        lines = lines_of(told, spec.parameters, rules)
        numbers = numbers_of(rows, spec.parameters, lines)
        design = own_design(spec.design, numbers, spec.parameters.family)
        errors = errors_at(spec.parameters.standard_errors, is_guarded=True)
        parameters = replace(spec.parameters, standard_errors=errors)
        if isinstance(spec, PassSpec):
            # Open fits of the pool are of another scale, and none of a guarded site's concern.
            spec = replace(spec, fits=())
        self.spec: FirstPassSpec | PassSpec = replace(spec, design=design, parameters=parameters)
        self._rules, self._largest, self._lines = rules, largest, lines
        self._site = next(str(frame.columns["site"][0]) for frame in rows if frame.n)
        self._blocks = Blocks(rows, design)
        self._sums = cross_products(self._blocks, len(design.columns))
        self._basis = Basis.of(design, design.of_site(), self._sums.cross)
        fitted = self._basis.fitted
        self._of_terms = np.linalg.inv(self._sums.cross[np.ix_(fitted, fitted)])
        self._fit = self._fitted(parameters)
        self.exists = not self._fit.problem and bool(self._fit.deviance)
        self._spread = spread_of(self._blocks)
        if told is not rows:
            few = spread_of(Blocks(told, design))
            self._spread = replace(few, far=self._spread.far)
        self._margins = margins_of(lines, design, fitted)
        if self.exists:
            counted = CrossedCounts(rows, told, design, fitted, lines, rules)
            self._tables = exchanged(counted, self._blocks, design, self._fit, rules)

    def _fitted(self, parameters: Parameters) -> LeastSquares | Newton:
        """Its rules let no model leave whose outcome is separated."""
        robust = robust_of(parameters.standard_errors)
        fitted, sums = self._basis.fitted, self._sums
        if parameters.family == "gaussian":
            mean = self.spec.design.outcome_mean
            solved = LeastSquares.solve(fitted, sums.cross, sums.score, robust, mean)
            return finish(solved, self._blocks)
        start = Newton.start(fitted, sums.cross, sums.score - sums.cross[0] / 2)
        fit = finish(start, self._blocks)
        asks = robust and not fit.problem
        return finish(replace(fit, robust=robust), self._blocks) if asks else fit

    def study(self, exact: Study) -> Study:
        """What a page says of the site's model, rounded."""
        basis = self._basis
        moved = replace(
            self._moved(basis.columns, basis.to_raw, self._fit),
            sums=tuple(self._of_sum(basis.sum_of(one)) for one in self.spec.contrasts),
        )
        parameters = self.spec.parameters
        linear = parameters.family == "gaussian" and parameters.standard_errors == "model"
        return rounded.study(exact, self._rules, self._largest, moved, linear=linear)

    def _of_sum(self, one: np.ndarray | None) -> OfSum:
        if one is None:
            return OfSum()
        times = math.sqrt(float(one @ self._of_terms @ one))
        robust = self._fit.sandwich is not None
        tables = self._tables.of_sums(one[np.newaxis], robust=robust)
        return OfSum(times, *(float(of_sum[0]) for of_sum in tables))

    def stand_in(self) -> StandIn | None:
        """What stands for the rows in a model over all sites; None where no error is known."""
        fit, design = self._fit, self.spec.design
        fitted, errors = self._basis.fitted, self.spec.parameters.standard_errors
        average = _average(design, fitted, self._lines)
        n = self._lines.told
        df = n - len(fitted)
        # What stands for the likelihood has the model's errors, whatever is told of robust ones.
        deviance = rounded.deviance_of(fit.deviance, df, self._largest, self._tables.of_deviance)
        residual = None
        if isinstance(fit, LeastSquares):
            residual = rounded.Residual.of(fit.deviance, fit.n - len(fitted), deviance, df)
        plain = replace(fit, sandwich=None, alone=None)
        found = self._rounded(plain, average, "model", n, residual)
        if deviance is None or not np.diag(found.covariance).all():
            return None
        robust = None if errors == "model" else self._rounded(fit, average, errors, n).covariance
        return StandIn(
            site=self._site,
            n=n,
            deviance=deviance,
            df_residual=df,
            scaling=design.scaling,
            columns=fitted,
            average=tuple(average.tolist()),
            estimates=found.estimates,
            covariance=found.covariance,
            robust=robust,
            follows=_follows(self._basis, design.of_site(), self._sums.cross),
        )

    def _rounded(
        self,
        fit: LeastSquares | Newton,
        average: np.ndarray,
        errors: StandardErrors,
        n: int,
        residual: rounded.Residual | None = None,
    ) -> Estimates:
        there = np.eye(len(average))
        there[0] = average
        estimates = fit.beta.copy()
        estimates[0] += self.spec.design.outcome_mean
        estimates, covariance = there @ estimates, covariance_of(fit, there, errors)
        columns = self._basis.fitted
        return rounded.estimates(
            Estimates(columns, tuple(estimates.tolist()), tuple(map(tuple, covariance.tolist()))),
            n,
            rounded.share(self._largest, fit.deviance),
            self._moved(columns, there, fit),
            residual,
        )

    def _moved(
        self, columns: tuple[int, ...], back: np.ndarray, fit: LeastSquares | Newton
    ) -> Moved:
        about_rows = (self._of_terms, self._spread, self._margins, self._tables)
        return moved(self._blocks, fit, columns, back, *about_rows, self._rules)


def _average(design: Design, columns: tuple[int, ...], lines: Lines) -> np.ndarray:
    """About the site's average row: its levels as often as they are told, numbers where they are 0.

    The intercept is told there: at the reference levels it would hang together with them so
    closely that rounding each left little of what is known of the site as a whole.
    """
    return np.array([_share(design.columns[i].parts, lines) for i in columns])


def _share(parts: Sequence[Part], lines: Lines) -> float:
    """How many rows have these levels, as if none had anything to do with another."""
    return math.prod(
        0.0 if level is None else lines.of[name].share_of(level) for name, level in parts
    )


def numbers_of(rows: Rows, parameters: Parameters, lines: Lines) -> dict[str, tuple[float, float]]:
    """About where each number is over the complete rows, and how far it spreads; one of few values
    by their counts as these are told."""
    names = wanted(parameters)
    values = {
        name: [np.repeat(line.values, line.likely)]
        for name, line in lines.of.items()
        if not isinstance(next(iter(line.values), ""), str)
    }
    for frame in rows:
        place = complete_rows(frame, names)
        for name in names:
            column = frame.columns.get(name)
            if column is not None and column.dtype != object and name not in lines.of:
                values.setdefault(name, []).append(column[place])
    numbers = {name: np.concatenate(found) for name, found in values.items()}
    return {name: rounded.where(found) for name, found in numbers.items() if found.size}


def own_design(design: Design, numbers: Mapping[str, tuple[float, float]], family: str) -> Design:
    """The design with numbers about where the site has them.

    Scales are powers of 10: a rounded slope is then the same number as in units of the data.
    """
    scaling = tuple(
        (name, numbers[name][0], 10.0 ** round(math.log10(numbers[name][1] or 1.0)))
        for name, _mean, _sd in design.scaling
    )
    mean = numbers[design.outcome][0] if family == "gaussian" else 0.0
    return replace(design, scaling=scaling, outcome_mean=mean)


def _follows(
    basis: Basis, own: list[int], cross: np.ndarray
) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """Each column of the site that is a sum of fitted ones, and how often each of these is in it.

    The rules let no model leave in which numbers follow from one another. What is left are levels
    that the site lacks, which are whole sums.
    """
    fitted = list(basis.fitted)
    left_out = [column for column in own if column not in fitted]
    carried = np.linalg.solve(cross[np.ix_(fitted, fitted)], cross[np.ix_(fitted, left_out)])
    return tuple(
        (column, tuple(int(one) for one in np.round(carried[:, k]).tolist()))
        for k, column in enumerate(left_out)
    )


class InPlace:
    """What a stand-in adds to the sums that sites add up over their rows."""

    def __init__(self, one: StandIn, design: Design, place: InputInfo, family: str) -> None:
        self._n, self._deviance = one.n, one.deviance
        self._linear = family == "gaussian"
        self._outcome_mean = design.outcome_mean
        there = replace(design, scaling=one.scaling)
        columns = design.of_site()
        moved = np.linalg.solve(there.to_raw(columns), design.to_raw(columns))
        own = moved @ _own_columns(design, place)
        at = {column: k for k, column in enumerate(columns)}
        self._of_columns = own[[at[column] for column in one.columns]]
        for column, sums in one.follows:
            self._of_columns = self._of_columns + np.outer(sums, own[at[column]])
        self._of_columns[0] = np.array(one.average) @ self._of_columns
        self._estimates = np.array(one.estimates)
        self._estimates[0] -= design.outcome_mean
        self._covariance = rounded.positive(np.array(one.covariance))
        robust = one.covariance if one.robust is None else one.robust
        self._robust = rounded.positive(np.array(robust))
        self._without_own_df = one.df_residual / one.n
        variance = one.deviance / one.df_residual if self._linear else 1.0
        self._information = variance * np.linalg.inv(self._covariance)

    def cross_products(self) -> CrossProducts:
        """As the site's rows would have had them."""
        bend, score = self._information, self._information @ self._estimates
        squares = float(self._estimates @ score)
        if self._linear:
            cross, along = self._across(bend), self._of_columns.T @ score
            return CrossProducts(self._n, cross, along, self._deviance + squares)
        # A first step from 0 takes a quarter of X'X for the information.
        cross = self._across(4 * bend)
        return CrossProducts(self._n, cross, self._of_columns.T @ score + cross[0] / 2, 0.0)

    def _across(self, bend: np.ndarray) -> np.ndarray:
        return np.asarray(self._of_columns.T @ bend @ self._of_columns)

    def error_in(self, fit: Newton | Firth) -> float:
        """About how far a logistic fit is from that of the rows, in errors of its coefficients.

        The likelihood's third derivative, which the stand-in lacks, is at most its second times how
        far a row's log odds move (Bach 2010). That is taken to be what they move on average.
        """
        of_fit = self._of_columns[:, list(fit.columns)]
        off = self._estimates - of_fit @ fit.beta
        score = of_fit[:, list(fit.free)].T @ self._information @ off
        # A row counts in the information as its variance, and in the intercept's with nothing else.
        moved = math.sqrt(float(off @ self._information @ off) / float(self._information[0, 0]))
        return moved / 2 * math.sqrt(float(score @ fit.inverse @ score))

    def sums_of(self, fit: Fit) -> FitSums:
        """As the site's rows would have answered a fit."""
        of_fit = self._of_columns[:, list(fit.columns)]
        off = self._estimates - of_fit @ fit.beta
        score = of_fit.T @ self._information @ off
        information = of_fit.T @ self._information @ of_fit
        lost = float(off @ self._information @ off)
        deviance = self._deviance + lost
        if isinstance(fit, Firth):
            return FirthSums.of_quadratic(self._n, deviance, score, information)
        sandwich = alone = None
        if fit.robust and fit.inverse is not None:
            bend = self._information
            # HC1 has n / (n - p) once for all rows; beside HC3 the site keeps its own.
            own = self._without_own_df if fit.robust == "hc1" else 1.0
            middle = own * bend @ self._robust @ bend + lost / self._n * bend
            influence = fit.inverse @ of_fit[:, list(fit.free)].T
            sandwich = influence @ middle @ influence.T
            alone = np.zeros_like(sandwich) if fit.robust == "hc3" else None
        if isinstance(fit, LeastSquares):
            white = fit.whitener
            whitened = None if white is None else white.T @ information @ white
            return LeastSquaresSums(self._n, deviance, score, sandwich, alone, whitened)
        sums = NewtonSums(self._n, deviance, score, information, sandwich, alone)
        asked = fit.probe if fit.probe is not None else fit.face
        if asked is None:
            return sums
        # A likelihood with a summit has one along every direction that changes it.
        still = float(asked @ information @ asked) <= STILL * float(np.trace(information))
        moves = np.array([0, self._n if still else 0])
        return replace(sums, rows=self._n, moves=moves, cross=4 * information)


def in_place_of(
    stand_ins: Sequence[StandIn], design: Design, family: str, inputs: Sequence[InputInfo]
) -> dict[str, InPlace]:
    """What each adds to a question's sums, by its site."""
    places = places_of(inputs)
    return {one.site: InPlace(one, design, places[one.site], family) for one in stand_ins}


def _own_columns(design: Design, place: InputInfo) -> np.ndarray:
    """Each of the site's own columns as a sum of the design's: of those of the site's place too."""
    here = {name: getattr(place, name) for name in RESERVED_COLUMNS}
    own = {design.columns[i].parts: k for k, i in enumerate(design.of_site())}
    found = np.zeros((len(own), len(design.columns)))
    for k, column in enumerate(design.columns):
        kept = tuple(part for part in column.parts if part[0] not in here)
        if all(here[name] == level for name, level in column.parts if name in here):
            found[own[kept], k] = 1.0
    return found
