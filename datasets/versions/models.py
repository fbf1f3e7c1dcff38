"""An immutable version of a dataset: the bytes as they came, and the table made of them."""

from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext

from datasets.choices import READY_STATES, UNFINISHED, JobKind, VersionState
from datasets.datasets.models import Dataset
from datasets.engine.guard.disclosure import in_fives
from datasets.versions.visibility import VersionQuerySet
from portal.common.models import TimeStamped, one_of
from portal.common.text import RowCount
from portal.jobs.models import Job


class Version(TimeStamped):
    """Number n of a dataset."""

    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=20, choices=VersionState, default=VersionState.RECEIVED)
    filename = models.CharField(max_length=255)
    original_key = models.CharField(
        max_length=120, db_index=True, help_text="Shared by versions that read the same file."
    )
    bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    options = models.JSONField(
        default=dict, blank=True, help_text="What the uploader fixed; empty means proposed."
    )
    read_options = models.JSONField(
        default=dict, blank=True, help_text="How the file was read in the end."
    )
    rows = models.BigIntegerField(null=True, blank=True)
    column_count = models.PositiveIntegerField(null=True, blank=True)
    table_key = models.CharField(max_length=120, blank=True)
    table_sha256 = models.CharField(max_length=64, blank=True)
    table_bytes = models.BigIntegerField(null=True, blank=True)
    problems = models.JSONField(default=list, blank=True)
    profile_of = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Whose profile those see who read no rows, where too few rows came and went.",
    )
    profile_moved = models.PositiveBigIntegerField(
        null=True,
        blank=True,
        help_text="How many rows came and as many went since the profile shown before it.",
    )
    published_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    objects = VersionQuerySet.as_manager()

    class Meta:
        constraints = [
            one_of("version", "state", VersionState),
            models.UniqueConstraint("dataset", "number", name="version_number_once"),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="version_sha256_valid"
            ),
            models.CheckConstraint(
                condition=(
                    Q(state__in=sorted(READY_STATES))
                    & Q(table_sha256__regex=r"^[0-9a-f]{64}$")
                    & ~Q(table_key="")
                    & Q(rows__isnull=False, column_count__isnull=False, published_at__isnull=False)
                )
                | (
                    ~Q(state__in=sorted(READY_STATES))
                    & Q(table_sha256="", table_key="", rows=None, published_at=None)
                ),
                name="version_table_iff_ready",
            ),
        ]
        indexes = [models.Index(fields=["dataset", "-number"], name="version_newest")]

    def __str__(self) -> str:
        return f"{self.dataset}, version {self.number}"

    @property
    def title(self) -> str:
        """How pages call it."""
        return gettext("%(title)s, version %(number)s") % {
            "title": self.dataset.title,
            "number": self.number,
        }

    def get_absolute_url(self) -> str:
        return f"/datasets/{self.dataset_id}/versions/{self.number}/"

    def rows_for(self, *, reads: bool) -> RowCount:
        """How many rows it has: as they are for whoever may read them, else in fives."""
        if reads:
            return RowCount(self.rows or 0)
        return RowCount(in_fives(self.rows or 0, self.dataset.threshold), about=True)

    @property
    def is_ready(self) -> bool:
        return self.state in READY_STATES

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED

    def latest_job(self) -> Job | None:
        """The job that reads the file, or read it last."""
        return Job.objects.latest_of(JobKind.INGEST, self.pk)


def newest_of_each(versions: Iterable[Version]) -> list[Version]:
    """Of each dataset the version with the highest number."""
    newest: dict[int, Version] = {}
    for version in versions:
        kept = newest.get(version.dataset_id)
        if kept is None or version.number > kept.number:
            newest[version.dataset_id] = version
    return list(newest.values())
