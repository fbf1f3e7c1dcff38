"""Let a question pass whose rows are close to those of an earlier question."""

from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, require
from datasets.ledger.models import Allowance
from datasets.ledger.work import let_pass
from members.models import User


def allow(*, dataset: Dataset, question_sha256: str, by: User) -> Allowance:
    """From now on the ledger does not hold this question of this dataset; nothing runs by itself.

    `question_sha256` is `AnalysisInput.question_sha256` of the part that is held: method,
    parameters, variables, rules and version, whoever asks. Asked again, by anybody, it passes and
    its rows then stand in the ledger. Whatever else holds it is not touched. Allowed twice is
    allowed. Raises `NotAllowed` for whoever may not read the dataset's rows.
    """
    require(by, DatasetPermission.READ_ROWS, dataset)
    return let_pass(dataset=dataset, question_sha256=question_sha256, by=by)
