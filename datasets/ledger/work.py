"""Enter a question into its dataset's ledger, whatever its gate lets go, or say why it is held."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import transaction

from datasets.datasets.models import Dataset
from datasets.engine.guard import row_sets
from datasets.engine.guard.closeness import REASONS, Closeness, close_to_one
from datasets.engine.guard.ledger import Comparison, fewest_moved
from datasets.engine.guard.query_sets import UsedUp, used_up
from datasets.engine.guard.rules import Rules
from datasets.engine.mapping.derived import derived_by
from datasets.engine.rows.contents import contents_of, contents_within, filled_in
from datasets.engine.rows.frame import VariableInfo
from datasets.engine.rows.table import Table
from datasets.engine.sentences import Sentence, in_turn
from datasets.ledger.earlier import AT_ONCE, Earlier
from datasets.ledger.models import Allowance, RowSet
from datasets.versions import storage
from datasets.versions.models import Version
from members.audit_events import actions as audit_events
from members.models import User

Held = list[dict[str, Any]]
"""Why a question is held, in JSON's own types: `rule`, `text` with `said` (a sentence as the engine
keeps it), `people` in whom it differs, and of the earlier question `analysis`, `version`,
`asked_by` (None where two figures of the same answer differ so), and `beside` the analysis of a
second one where it is the two combined. By `query_sets` it is of no earlier question."""

Titles = Callable[[int], str]
"""What the question of an analysis is called, by its number; a `Sentence` where nobody named it."""


def stands(version: Version, question_sha256: str) -> bool:
    """Whether this question was entered before: it has the same answer, or refusal, without a
    look."""
    return _of_question(RowSet, version, question_sha256).exists()


@transaction.atomic
def let_pass(*, dataset: Dataset, question_sha256: str, by: User) -> Allowance:
    """From now on this question is not held; `by` decided so when they might, whatever they may
    today."""
    allowance, is_new = Allowance.objects.get_or_create(
        dataset=dataset, question_sha256=question_sha256, defaults={"created_by": by}
    )
    if is_new:
        audit_events.record(
            "question.allowed",
            dataset,
            by=by,
            scopes={"project": dataset.project_id, "dataset": dataset.pk},
            after={"question_sha256": question_sha256},
        )
    return allowance


class Entry:
    """A question about to be answered or refused, compared with all before it of the same dataset.

    Files and rows are read when it is made, and again right before the lock where others came
    since. What came while it waited is looked at under the lock.
    """

    def __init__(
        self,
        *,
        version: Version,
        question_sha256: str,
        analysis: int,
        asked_by: User,
        rules: Rules,
        sets: Sequence[row_sets.RowSet],
        titles: Titles,
    ) -> None:
        self._titles = titles
        self._version, self._question = version, question_sha256
        self._analysis, self._asked_by = analysis, asked_by
        self._rules, self._threshold, self._sets = rules, rules.threshold, sets
        self._comparison = Comparison(_contents, _derived)
        self._earlier = Earlier(version.dataset_id, [one.count for one in sets], rules.threshold)
        self._closeness = Closeness(sets, rules.threshold, self._comparison)
        self._look()
        # Under the lock no table is read for it.
        self._held_beside_profile = self._beside_profile()

    def enter(self) -> Held:
        """Why the question is held; an empty list once it stands in the ledger.

        Called in the transaction that keeps the answer: two questions at once wait for each other.
        """
        self._look()
        Dataset.objects.select_for_update(no_key=True).get(pk=self._version.dataset_id)
        if stands(self._version, self._question):
            return []
        if not _of_question(Allowance, self._version, self._question).exists():
            self._look()
            if held := self._why_held():
                return held
        _keep(self._sets, self._version, self._question, self._analysis, self._asked_by)
        return []

    def _look(self) -> None:
        """Compare with what came since it was last done."""
        came = self._earlier.read_on()
        if came is not None:
            self._closeness.look(came, self._earlier.newest_first, self._earlier.rows_of)

    def _why_held(self) -> Held:
        return [*self._too_close(), *self._used_up()]

    def _used_up(self) -> Held:
        earlier = (one for _, one in self._earlier.newest_first)
        most = self._rules.query_sets
        found = used_up(self._sets, earlier, most)
        return [_over_many(found, most)] if found else []

    def _too_close(self) -> Held:
        close = self._closeness.found
        if not close:
            return self._held_beside_profile
        found: dict[tuple[int, ...], dict[str, Any]] = {}
        for start in range(0, len(close), AT_ONCE):
            some = close[start : start + AT_ONCE]
            places = (place for one in some for place in (one.earlier, one.beside))
            earlier = self._earlier.of(place for place in places if place is not None)
            for one in some:
                others = [earlier[at] for at in (one.earlier, one.beside) if at is not None]
                key = tuple(other.analysis for other in others)
                if key not in found:
                    found[key] = self._reason(one.people, *others)
            if len(found) >= REASONS:
                break
        return list(found.values())[:REASONS]

    def _reason(
        self, people: int, earlier: RowSet | None = None, beside: RowSet | None = None
    ) -> dict[str, Any]:
        if earlier is None:
            said = Sentence.counting(
                "Figures of this one answer are about the same but for %(count)s row.",
                "Figures of this one answer are about the same but for %(count)s rows.",
                people,
            )
        elif beside is not None:
            said = Sentence.counting(
                "Two earlier questions added up, or one less the other, differ from it by "
                "%(count)s row: “%(title)s” and “%(other)s”.",
                "Two earlier questions added up, or one less the other, differ from it by "
                "%(count)s rows: “%(title)s” and “%(other)s”.",
                people,
                title=self._titles(earlier.analysis),
                other=self._titles(beside.analysis),
            )
        elif not people:
            said = Sentence(
                "It differs by few rows or by none from an earlier question, “%(title)s” of "
                "version %(version)s, asked by %(name)s; to let it pass would say which.",
                title=self._titles(earlier.analysis),
                version=earlier.version.number,
                name=earlier.asked_by.name,
            )
        else:
            said = Sentence.counting(
                "It differs by %(count)s row from an earlier question: “%(title)s” of "
                "version %(version)s, asked by %(name)s.",
                "It differs by %(count)s rows from an earlier question: “%(title)s” of "
                "version %(version)s, asked by %(name)s.",
                people,
                title=self._titles(earlier.analysis),
                version=earlier.version.number,
                name=earlier.asked_by.name,
            )
        return _of_few(
            said,
            self._threshold,
            people,
            analysis=earlier and earlier.analysis,
            version=earlier and earlier.version.number,
            asked_by=earlier and earlier.asked_by_id,
            beside=beside and beside.analysis,
        )

    def _beside_profile(self) -> Held:
        profile = (((0,), one) for one in _profile_beside(self._version, self._sets))
        near = close_to_one(self._sets, profile, self._threshold, self._comparison)
        people = min((one.people for one in near), default=None)
        return [] if people is None else [_close_to_profile(self._version, self._threshold, people)]


@transaction.atomic
def enter_told(
    *,
    version: Version,
    question_sha256: str,
    analysis: int,
    asked_by: User,
    sets: Sequence[row_sets.RowSet],
) -> None:
    """Keep what an answer rested on that was told before anything held it; once."""
    Dataset.objects.select_for_update(no_key=True).get(pk=version.dataset_id)
    if not stands(version, question_sha256):
        _keep(sets, version, question_sha256, analysis, asked_by)


def _keep(
    sets: Sequence[row_sets.RowSet], version: Version, question: str, analysis: int, asked_by: User
) -> None:
    RowSet.objects.bulk_create(
        RowSet(
            dataset_id=version.dataset_id,
            version=version,
            question_sha256=question,
            analysis=analysis,
            asked_by=asked_by,
            reads=[[name, list(columns)] for name, columns in one.reads],
            rules=[list(pair) for pair in one.rules],
            subtractable=one.subtractable,
            lacking=list(one.lacking),
            is_beside=one.is_beside,
            count=one.count,
            rows_sha256=one.key,
            bitmap=one.to_bytes(),
        )
        for one in sets
    )


@dataclass(frozen=True)
class Judged:
    """Whose profile of a dataset's people see who read no rows: that of `instead`, or the
    version's own where it is None. `moved` says how many rows came and as many went or changed
    since the profile shown before; None for the first, and where none did."""

    instead: Version | None = None
    moved: int | None = None


def judge_profile(version: Version, table_key: str, table_rows: int) -> Judged:
    """Whether a version's profile may be seen, or an earlier one's instead.

    A profile is exact about many counts: of two versions they could be subtracted. `version` has
    no table yet but the one kept under `table_key`.
    """
    earlier = Version.objects.ready().filter(dataset=version.dataset_id, number__lt=version.number)
    last = earlier.select_related("profile_of").order_by("-number").first()
    if last is None:
        return Judged()
    shown = last.profile_of or last
    sizes = (table_rows, shown.rows or 0)
    with storage.local(table_key) as new, storage.local(shown.table_key) as old:
        paths = (new, old)
        names = [Table.open(path).names for path in paths]
        reads = tuple((name, (name,)) for name in sorted(set(names[0]) & set(names[1])))
        ours, theirs = (
            row_sets.RowSet(place, reads, True, np.ones(size, dtype=bool))
            for place, size in enumerate(sizes)
        )
        with contents_within(paths) as contents:
            comparison = Comparison(lambda place, columns: contents(paths[place], columns))
            moved = fewest_moved(comparison.moved(ours, theirs))
    return Judged(None if _is_enough(moved, version.dataset.threshold) else shown, moved)


def threshold_changed(dataset: Dataset, before: Mapping[str, Any]) -> None:
    """A raised threshold hides profiles that tell too much by it."""
    if dataset.threshold > before["threshold"]:
        judge_again(dataset)


def judge_again(dataset: Dataset) -> None:
    """Whose profiles are seen once the threshold is raised: from the first on that tells too much
    beside the one before, the last that does not. No file is read, so whatever came after stays
    hidden until a new version is compared."""
    shown, is_over = None, False
    versions = Version.objects.ready().filter(dataset=dataset).order_by("number")
    for one in versions.only("profile_of", "profile_moved", "dataset"):
        own = one.profile_of_id is None
        if shown is None or (
            own and not is_over and _is_enough(one.profile_moved, dataset.threshold)
        ):
            shown = one
            continue
        is_over |= own
        if one.profile_of_id != shown.pk:
            Version.objects.filter(pk=one.pk).update(profile_of=shown)


def _profile_beside(version: Version, sets: Sequence[row_sets.RowSet]) -> list[row_sets.RowSet]:
    """What the profile told of these sets' columns that is shown instead of the version's own: of
    each about the rows that have a value in it. Few came or went since, or nobody did."""
    shown = version.profile_of
    if shown is None:
        return []
    with storage.local(shown.table_key) as table:
        names = {name for one in sets for name in one.columns} & set(Table.open(table).names)
        filled = {name: filled_in(table, name) for name in sorted(names)}
    return [
        row_sets.RowSet(shown.pk, ((name, (name,)),), False, rows) for name, rows in filled.items()
    ]


def _is_enough(moved: int | None, threshold: int) -> bool:
    return moved is None or moved >= threshold


def _of_question(model: Any, version: Version, question_sha256: str) -> Any:
    return model.objects.filter(dataset=version.dataset_id, question_sha256=question_sha256)


def _contents(version: int, columns: tuple[str, ...]) -> np.ndarray:
    key = Version.objects.values_list("table_key", flat=True).get(pk=version)
    with storage.local(key) as table:
        return contents_of(table, columns)


def _derived(version: int, rule: str) -> np.ndarray:
    key = Version.objects.values_list("table_key", flat=True).get(pk=version)
    kept = json.loads(rule)
    levels = tuple(kept["levels"]) if kept["levels"] else None
    variable = VariableInfo(name="derived", type=kept["type"], levels=levels)
    with storage.local(key) as table:
        return derived_by(table, kept["rule"], variable)


def rule_text(rule: Mapping[str, Any], variable: VariableInfo) -> str:
    """All that decides what a variable's rule gives, as one text."""
    levels = variable.levels and list(variable.levels)
    return json.dumps({"rule": rule, "type": variable.type, "levels": levels}, sort_keys=True)


def _close_to_profile(version: Version, threshold: int, people: int) -> dict[str, Any]:
    shown = version.profile_of
    said = Sentence(
        "It differs by few rows or by none from version %(version)s, whose profile people see who "
        "read no rows; to let it pass would say which.",
        version=shown and shown.number,
    )
    return _of_few(said, threshold, people, version=shown and shown.number)


def _over_many(found: UsedUp, most: int) -> dict[str, Any]:
    first, second = found.columns
    said = Sentence(
        "“%(first)s” and “%(second)s” were told together over %(query_sets)s different selections "
        "of this version’s rows, and this question is about another one: what rounding hides of "
        "the two is told by the average of many.",
        first=first,
        second=second,
        query_sets=found.query_sets,
    )
    asked = Sentence("At most %(most)s pass without a person’s look.", most=most)
    return _kept_reason("query_sets", said, asked)


def _of_few(said: Sentence, threshold: int, people: int, **of: Any) -> dict[str, Any]:
    asked = Sentence("At least %(threshold)s are asked for.", threshold=threshold)
    return _kept_reason("row_sets", said, asked, people=people, **of)


def _kept_reason(rule: str, said: Sentence, asked: Sentence, **of: Any) -> dict[str, Any]:
    said = in_turn(said, asked)
    blank = dict.fromkeys(("people", "analysis", "version", "asked_by", "beside"))
    return {"rule": rule, "text": str(said), "said": said.kept} | blank | of
