"""Let a question pass whose rows are close to those of an earlier release."""

from django.db import transaction

from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, require
from datasets.ledger.models import Allowance
from members.audit_events import actions as audit_events
from members.models import User


@transaction.atomic
def allow(*, dataset: Dataset, question_sha256: str, by: User) -> Allowance:
    """From now on the ledger does not hold this question of this dataset; nothing runs by itself.

    `question_sha256` is `AnalysisInput.question_sha256` of the part that is held: method,
    parameters, variables, rules and version, whoever asks. Asked again, by anybody, it passes and
    its rows then stand in the ledger. Whatever else holds it is not touched. Allowed twice is
    allowed. Raises `NotAllowed` for whoever may not read the dataset's rows.
    """
    require(by, DatasetPermission.READ_ROWS, dataset)
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
