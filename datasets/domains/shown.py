"""What of a dataset's domains one person is shown."""

from typing import Any

from datasets.choices import GUARDED_ACCESS
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, can
from datasets.domains.proposals import Line, lines_of
from datasets.domains.questions import lacks_domains


def lines_for(user: Any, dataset: Dataset, *, exact: bool = True) -> list[Line]:
    """What is declared; for whoever may declare, with proposals for the other columns.

    With `exact=False` for nobody, since proposals come from the data.
    """
    if exact and can(user, DatasetPermission.DECLARE, dataset):
        return lines_of(dataset)
    return [Line(one, True) for one in dataset.domains.all()]


def declaring(user: Any, dataset: Dataset) -> str:
    """Whether the domains of a guarded dataset, which the person declares, are done or lacking."""
    if dataset.access not in GUARDED_ACCESS or not can(user, DatasetPermission.DECLARE, dataset):
        return ""
    return "lacking" if lacks_domains(dataset) else "done"
