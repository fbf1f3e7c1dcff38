"""How one dataset's columns become a shared variable."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from datasets.choices import MappingStatus
from datasets.datasets.models import Dataset
from datasets.mappings.visibility import MappingQuerySet
from datasets.variables.models import SharedVariable
from datasets.versions.models import Version
from portal.common.models import TimeStamped, one_of
from projects.models import Project


class Mapping(TimeStamped):
    """The rule for one variable and one dataset, checked against one version of it."""

    variable = models.ForeignKey(SharedVariable, on_delete=models.CASCADE, related_name="mappings")
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="mappings")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="mappings")
    status = models.CharField(
        max_length=12, choices=MappingStatus, default=MappingStatus.UNDETERMINED
    )
    rule = models.JSONField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    preview = models.JSONField(
        null=True,
        blank=True,
        help_text="Profiles of the columns read and of the variable made of them; counts lost.",
    )
    revision = models.PositiveIntegerField(default=1)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_without_values = models.BooleanField(
        default=False, help_text="Whoever approved the rule was not shown the values it speaks of."
    )

    status_seen: str
    """The status as one person sees it, which depends on what they see of other sites: given by
    `levels.with_status_seen`, never kept."""

    objects = MappingQuerySet.as_manager()

    class Meta:
        ordering = ["dataset_id"]
        constraints = [
            one_of("mapping", "status", MappingStatus),
            models.UniqueConstraint("variable", "dataset", name="mapping_once_per_dataset"),
            models.CheckConstraint(
                condition=Q(
                    approved_by__isnull=True,
                    approved_at__isnull=True,
                    approved_without_values=False,
                )
                | (Q(approved_at__isnull=False) & ~Q(approved_by=F("changed_by"))),
                name="mapping_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(rule__isnull=False, status__in=("complete", "partial"))
                | Q(rule__isnull=True, status__in=("impossible", "undetermined")),
                name="mapping_rule_iff_possible",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variable} from {self.dataset}"

    @property
    def is_possible(self) -> bool:
        """Whether there is a rule an analysis can use."""
        return self.rule is not None

    def waits(self, project: Project) -> bool:
        """Whether a second person has to approve the rule before analyses take it."""
        return project.second_person and self.is_possible and self.approved_at is None


class MappingRevision(models.Model):
    """What a mapping was at one time, so that a change can be taken back."""

    mapping = models.ForeignKey(Mapping, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=12, choices=MappingStatus)
    rule = models.JSONField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    batch = models.UUIDField(null=True, blank=True, help_text="What was changed in one step.")
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["number"]
        constraints = [
            one_of("mapping_revision", "status", MappingStatus),
            models.UniqueConstraint("mapping", "number", name="mapping_revision_number_once"),
        ]
        indexes = [
            models.Index(
                fields=["batch"],
                name="mapping_revision_batch",
                condition=Q(batch__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Revision {self.number} of {self.mapping}"
