"""Enter a release into its dataset's ledger, or say why it is held."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from datasets.datasets.models import Dataset
from datasets.engine.guard import ledger as engine
from datasets.engine.rows.contents import contents_of
from datasets.engine.rows.table import Table
from datasets.engine.sentences import Sentence
from datasets.ledger.models import Allowance, RowSet
from datasets.versions import storage
from datasets.versions.models import Version
from members.models import User

MOST_REASONS = 5

Held = list[dict[str, Any]]
"""Why a release is held, in JSON's own types: `rule`, `text` with `said` (a sentence as the engine
keeps it), `people` in whom it differs, and of the earlier release `analysis`, `version`, `asked_by`
(None where two figures of the same answer differ so)."""


class Entry:
    """A release that is about to be made, compared with all before it of the same dataset.

    Files are read when it is made. `enter` looks again under a lock, at what came since.
    """

    def __init__(
        self,
        *,
        version: Version,
        question_sha256: str,
        analysis: int,
        asked_by: User,
        threshold: int,
        sets: Sequence[engine.RowSet],
    ) -> None:
        self._version, self._question = version, question_sha256
        self._analysis, self._asked_by = analysis, asked_by
        self._threshold, self._sets = threshold, sets
        self._comparison = engine.Comparison(_contents)
        self._why_held()

    def enter(self) -> Held:
        """Why the release is held; an empty list once it stands in the ledger.

        Called in the transaction that keeps the release: two questions at once wait for each other.
        """
        Dataset.objects.select_for_update(no_key=True).get(pk=self._version.dataset_id)
        if self._of_question(RowSet).exists():
            return []
        if not self._of_question(Allowance).exists():
            held = self._why_held()
            if held:
                return held
        RowSet.objects.bulk_create(
            RowSet(
                dataset_id=self._version.dataset_id,
                version=self._version,
                question_sha256=self._question,
                analysis=self._analysis,
                asked_by=self._asked_by,
                reads=[[name, list(columns)] for name, columns in one.reads],
                exact=one.exact,
                count=one.count,
                bitmap=one.to_bytes(),
            )
            for one in self._sets
        )
        return []

    def _of_question(self, model: Any) -> Any:
        return model.objects.filter(
            dataset=self._version.dataset_id, question_sha256=self._question
        )

    def _why_held(self) -> Held:
        if self._of_question(RowSet).exists():
            return []
        earlier = list(
            RowSet.objects.filter(dataset=self._version.dataset_id)
            .select_related("version", "asked_by")
            .order_by("id")
        )
        close = engine.too_close(self._sets, _read(earlier), self._threshold, self._comparison)
        found: dict[int | None, dict[str, Any]] = {}
        for one in close:
            other = None if one.earlier is None else earlier[one.earlier]
            number = None if other is None else other.analysis
            found.setdefault(number, _reason(one.people, other))
        return list(found.values())[:MOST_REASONS]


def profile_shown_instead(version: Version, table_key: str, table_rows: int) -> Version | None:
    """The earlier version whose profile whoever reads no rows goes on to see; None for its own.

    A profile is exact about many counts: of two versions they could be subtracted. `version` has
    no table yet but the one kept under `table_key`.
    """
    earlier = Version.objects.ready().filter(dataset=version.dataset_id, number__lt=version.number)
    last = earlier.select_related("profile_of").order_by("-number").first()
    if last is None:
        return None
    shown = last.profile_of or last
    keys = (table_key, shown.table_key)
    sizes = (table_rows, shown.rows or 0)
    names = []
    for key in keys:
        with storage.local(key) as table:
            names.append(Table.open(table).names)
    reads = tuple((name, (name,)) for name in sorted(set(names[0]) & set(names[1])))

    def contents(place: int, columns: tuple[str, ...]) -> np.ndarray:
        with storage.local(keys[place]) as table:
            return contents_of(table, columns)

    ours, theirs = (
        engine.RowSet(place, reads, True, np.ones(size, dtype=bool))
        for place, size in enumerate(sizes)
    )
    moved = engine.Comparison(contents).moved(ours, theirs)
    return None if engine.shows_enough_new(moved, version.dataset.threshold) else shown


def _read(kept: Iterable[RowSet]) -> list[engine.RowSet]:
    """As the engine compares them; those of the same rows share one bitmap."""
    masks: dict[tuple[int, bytes], np.ndarray] = {}
    found = []
    for one in kept:
        bitmap = bytes(one.bitmap)
        reads = tuple((name, tuple(columns)) for name, columns in one.reads)
        key = (one.version_id, bitmap)
        if key not in masks:
            masks[key] = engine.rows_of(bitmap, one.version.rows or 0)
        found.append(engine.RowSet(one.version_id, reads, one.exact, masks[key]))
    return found


def _contents(version: int, columns: tuple[str, ...]) -> np.ndarray:
    key = Version.objects.values_list("table_key", flat=True).get(pk=version)
    with storage.local(key) as table:
        return contents_of(table, columns)


def _reason(people: int, earlier: RowSet | None) -> dict[str, Any]:
    if earlier is None:
        said = Sentence.counting(
            "Figures of this one answer rest on sets of rows that differ by %(count)s row.",
            "Figures of this one answer rest on sets of rows that differ by %(count)s rows.",
            people,
        )
    else:
        said = Sentence.counting(
            "It differs by %(count)s row from an earlier release: analysis %(analysis)s of version "
            "%(version)s, asked by %(name)s.",
            "It differs by %(count)s rows from an earlier release: analysis %(analysis)s of "
            "version %(version)s, asked by %(name)s.",
            people,
            analysis=earlier.analysis,
            version=earlier.version.number,
            name=earlier.asked_by.name,
        )
    return {
        "rule": "row_sets",
        "text": str(said),
        "said": said.kept,
        "people": people,
        "analysis": earlier and earlier.analysis,
        "version": earlier and earlier.version.number,
        "asked_by": earlier and earlier.asked_by_id,
    }
