"""Whether a rule that can single out a row was set by somebody who reads the rows."""

from collections.abc import Iterable

from datasets.datasets.models import Dataset
from datasets.datasets.rules import rules_for
from datasets.mappings.models import Mapping, MappingRevision
from members.models import User


def unapproved(mappings: Iterable[Mapping]) -> set[int]:
    """Ids of those of guarded datasets that nobody who reads the rows has set as they are.

    Rights are looked at now: a rule from before its dataset was guarded, or of somebody who has
    left, is approved by saving it again.
    """
    guarded = {
        one.pk: one
        for one in mappings
        if one.rule is not None and not rules_for(one.dataset).is_open
    }
    revisions = MappingRevision.objects.filter(mapping__in=guarded).select_related("changed_by")
    setters: dict[User, set[int]] = {}
    for revision in revisions:
        if revision.rule == guarded[revision.mapping_id].rule:
            setters.setdefault(revision.changed_by, set()).add(revision.mapping_id)
    waiting = set(guarded)
    for person, theirs in setters.items():
        datasets = {guarded[pk].dataset_id for pk in theirs}
        readable = set(
            Dataset.objects.rows_readable_by(person)
            .filter(pk__in=datasets)
            .values_list("pk", flat=True)
        )
        waiting -= {pk for pk in theirs if guarded[pk].dataset_id in readable}
    return waiting
