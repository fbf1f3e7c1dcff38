"""The rounds of an analysis of few rows, in the memory of one worker."""

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from datasets.analyses.behind import Kept, kept_of
from datasets.analyses.inputs import at_site, inputs_of, not_estimable, release, variable_infos
from datasets.analyses.models import Analysis, AnalysisInput, AnalysisPart
from datasets.engine.methods import METHODS, ParameterError
from datasets.engine.rows.frame import Rows
from portal.jobs.running import Context, JobFailed


class InMemory:
    """The rounds of an analysis of few rows, computed one after the other in one process.

    The last round is kept, and any in which a ledger is entered. Whoever takes over after a crash
    begins at the last that was.
    """

    def __init__(self, analysis: Analysis, rows: Mapping[int, Rows], context: Context) -> None:
        self._analysis, self._rows, self._context = analysis, rows, context
        self._inputs = inputs_of(analysis.pk)
        self._kept: dict[int, Kept] = {}
        self._parts: list[AnalysisPart] = []
        self._spec: Any = None

    def answered(self, spec: Any) -> list[Any]:
        """Every input's answer to a round, in their order."""
        kept = {one.index: self._kept_of(one, spec) for one in self._inputs}
        # Whoever looks into several ledgers does so in one order: two analyses wait, and none for
        # ever.
        entering = sorted(
            (one for one in self._inputs if kept[one.index].entry),
            key=lambda one: one.version.dataset_id,
        )
        with self._context.fenced() if entering else nullcontext():
            for one in entering:
                kept[one.index].enter()
            self._spec = spec
            self._parts = [
                AnalysisPart(input=one, round=spec.round, **kept[one.index].fields())
                for one in self._inputs
            ]
            if entering:
                self.keep()
        self._kept = kept
        return [part.statistics for part in self._parts]

    def keep(self) -> None:
        """The round as it is, for whoever looks at it or takes over."""
        Analysis.objects.filter(pk=self._analysis.pk).update(spec=self._spec.to_json())
        AnalysisPart.objects.bulk_create(
            self._parts,
            update_conflicts=True,
            unique_fields=["input", "round"],
            update_fields=["statistics", "held"],
        )

    def _kept_of(self, one: AnalysisInput, spec: Any) -> Kept:
        self._context.stop_if_asked()
        analysis = self._analysis
        try:
            released = release(one, self._inputs, self._rows, METHODS[analysis.method], spec)
        except ParameterError as error:
            failed = not_estimable(error, variable_infos(analysis))
            raise JobFailed(**at_site(one, failed.error)) from error
        before = self._kept.get(one.index)
        rows = self._rows[one.index]
        return kept_of(one, analysis, spec, released, rows, self._context, before)
