"""A file of several sites' harmonised rows, and the recipe that makes it again."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from datasets.choices import JobKind
from datasets.pools.visibility import PooledTableQuerySet
from datasets.versions.models import Version
from portal.common.models import TimeStamped
from portal.jobs.models import Job
from projects.models import Project


class PooledTable(TimeStamped):
    """The rows of pinned versions as shared variables, in one table; it never changes."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="pooled_tables")
    recipe = models.JSONField(
        help_text="Versions with hashes, rules, variables: all that the bytes follow from."
    )
    recipe_sha256 = models.CharField(max_length=64)
    rows = models.BigIntegerField(null=True, blank=True)
    table_key = models.CharField(max_length=120, blank=True)
    table_sha256 = models.CharField(max_length=64, blank=True)
    table_bytes = models.BigIntegerField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    objects = PooledTableQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(rows__isnull=False, table_bytes__isnull=False)
                & Q(table_sha256__regex=r"^[0-9a-f]{64}$")
                & ~Q(table_key="")
                | Q(rows=None, table_bytes=None, table_sha256="", table_key=""),
                name="pooled_table_whole_or_not",
            ),
        ]
        indexes = [models.Index(fields=["project", "-created_at"], name="pooled_table_newest")]

    def __str__(self) -> str:
        return f"{self.project} {self.pk}"

    def get_absolute_url(self) -> str:
        return f"/pooled-tables/{self.pk}/"

    @property
    def is_ready(self) -> bool:
        """Whether its bytes can be had."""
        return bool(self.table_key)

    def latest_job(self) -> Job | None:
        """The job that makes it, or made it last."""
        return Job.objects.latest_of(JobKind.POOL, self.pk)


class PooledInput(models.Model):
    """One version in a pooled table; the rest of it stands in the recipe, at the same place."""

    table = models.ForeignKey(PooledTable, on_delete=models.CASCADE, related_name="inputs")
    index = models.PositiveIntegerField()
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="pooled_inputs")

    class Meta:
        ordering = ["index"]
        constraints = [
            models.UniqueConstraint("table", "index", name="pooled_input_index_once"),
            models.UniqueConstraint("table", "version", name="pooled_input_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.version} in {self.table}"
