"""What each round asks of one input, answered where its rows are."""

from datasets.engine.methods.regression.counting import count_rows
from datasets.engine.methods.regression.design import Blocks
from datasets.engine.methods.regression.passes import cross_products, sums_over
from datasets.engine.methods.regression.spec import CountsSpec, FirstPassSpec, PassSpec, Spec
from datasets.engine.methods.regression.statistics import (
    FirstPass,
    Pass,
    Statistics,
    Study,
)
from datasets.engine.methods.regression.study import fit_study
from datasets.engine.rows.frame import Rows


def summarise(rows: Rows, spec: Spec) -> Statistics:
    """Counts, cross-products or sums at fits; `rows` are all rows of one input."""
    if isinstance(spec, CountsSpec):
        return count_rows(rows, spec)
    return _first_pass(rows, spec) if isinstance(spec, FirstPassSpec) else _pass(rows, spec)


def _first_pass(rows: Rows, spec: FirstPassSpec) -> FirstPass:
    blocks = Blocks(rows, spec.design)
    sums = cross_products(blocks, len(spec.design.columns))
    if not spec.studies:
        return FirstPass(sums, ())
    return FirstPass(sums, _study(rows, blocks, spec, penalised=False))


def _pass(rows: Rows, spec: PassSpec) -> Pass:
    blocks = Blocks(rows, spec.design)
    fits = sums_over(spec.fits, blocks) if spec.fits else ()
    if not spec.studies:
        return Pass(fits, ())
    return Pass(fits, _study(rows, blocks, spec, penalised=True))


def _study(
    rows: Rows, blocks: Blocks, spec: FirstPassSpec | PassSpec, *, penalised: bool
) -> tuple[Study, ...]:
    """The input's own model; none without a complete row."""
    site = next((str(frame.columns["site"][0]) for frame in rows if frame.n), None)
    sums = cross_products(blocks, len(spec.design.columns))
    if site is None or not sums.n:
        return ()
    study = Study(site, sums.n, blocks.rows - sums.n)
    return (fit_study(study, blocks, spec, sums, penalised=penalised),)
