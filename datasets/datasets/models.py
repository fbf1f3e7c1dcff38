"""A dataset that one site brings to a project."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy

from datasets.choices import THRESHOLDS, Access, DisclosureRules, Overlap, ReleasePolicy
from datasets.datasets.visibility import WORDS, DatasetQuerySet
from portal.common.models import TimeStamped, one_of
from portal.common.text import RowCount
from projects.models import Project, StudySite


class Dataset(TimeStamped):
    """A title, a site and an access level; the bytes are in its versions."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="datasets")
    site = models.ForeignKey(StudySite, on_delete=models.PROTECT, related_name="datasets")
    title = models.CharField(max_length=160)
    description = models.TextField(
        max_length=10_000, blank=True, validators=[MaxLengthValidator(10_000)]
    )
    access = models.CharField(max_length=12, choices=Access, default=Access.PROJECT)
    threshold = models.PositiveSmallIntegerField(
        gettext_lazy("smallest count shown"),
        choices=[(count, str(count)) for count in THRESHOLDS],
        default=5,
        help_text="Counts below this are withheld from whoever may not read the rows.",
    )
    disclosure_rules = models.CharField(
        max_length=9, choices=DisclosureRules, default=DisclosureRules.STANDARD
    )
    overlap = models.CharField(max_length=10, choices=Overlap, default=Overlap.NOT_STATED)
    overlap_note = models.CharField(max_length=300, blank=True)
    release_policy = models.CharField(
        max_length=11, choices=ReleasePolicy, default=ReleasePolicy.PERSON
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    objects = DatasetQuerySet.as_manager()
    latest: list[Any]
    """Kept by `with_latest_version`."""
    rows_readable: bool
    """Kept by `with_row_right`."""

    class Meta:
        constraints = [
            one_of("dataset", "access", Access),
            one_of("dataset", "disclosure_rules", DisclosureRules),
            one_of("dataset", "overlap", Overlap),
            one_of("dataset", "release_policy", ReleasePolicy),
            models.CheckConstraint(
                condition=models.Q(threshold__in=THRESHOLDS), name="dataset_threshold_valid"
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="dataset_newest"),
            models.Index(fields=["title", "id"], name="dataset_by_title"),
            GinIndex(OpClass(Upper(WORDS), "gin_trgm_ops"), name="dataset_words_trigram"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/datasets/{self.pk}/"

    @property
    def latest_version(self) -> Any | None:
        """The newest version of those that the person may see, if there is one."""
        return self.latest[0] if self.latest else None

    @property
    def size(self) -> RowCount | None:
        """Its rows as the person of `with_row_right` may know them; None before it is read."""
        newest = self.latest_version
        if newest is None or newest.rows is None:
            return None
        rows: RowCount = newest.rows_for(reads=self.rows_readable)
        return rows
