"""Shares and datasets that nobody else changes until the transaction ends."""

from collections.abc import Iterable

from django.db import models

from datasets.analyses.models import Analysis
from datasets.analyses.runs import runs_of
from datasets.datasets.models import Dataset
from datasets.releases.models import SHOWN, Release
from portal.common.transitions import locked


def shares_of(analysis: Analysis) -> models.QuerySet[Release]:
    """Its shares, with what looking at them needs."""
    return analysis.releases.select_related(*SHOWN)


def locked_shares(analysis: Analysis) -> list[Release]:
    """Its shares: who decides meanwhile waits, and nobody's word is written over."""
    return list(shares_of(analysis).order_by("pk").select_for_update(of=("self",), no_key=True))


def locked_share(release: Release) -> Release:
    """A share that nobody else changes until the transaction ends, nor those of its dataset in the
    other runs of the question: one word may be enough for all of them. A run that ends meanwhile
    brings its own share before, or finds what was decided.

    Always in one order, so that two who decide at the same time do not wait for each other.
    """
    locked_datasets([release.dataset_id])
    runs = runs_of(release.analysis).values("pk")
    shares = Release.objects.filter(analysis__in=runs, dataset=release.dataset_id)
    list(shares.order_by("pk").select_for_update().values_list("pk"))
    return locked(Release.objects.select_related(*SHOWN), release.pk)


def locked_datasets(numbers: Iterable[int]) -> dict[int, Dataset]:
    """Datasets that nobody closes or opens until the transaction ends, by their number."""
    found = Dataset.objects.filter(pk__in=numbers).select_related("project", "site", "created_by")
    return {
        one.pk: one for one in found.order_by("pk").select_for_update(of=("self",), no_key=True)
    }
