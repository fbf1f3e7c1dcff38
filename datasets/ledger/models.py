"""The ledger of a dataset: which rows stood behind each question, and what its keeper allowed."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from datasets.datasets.models import Dataset
from datasets.versions.models import Version


class RowSet(models.Model):
    """Rows of one version behind one figure, told or not. It is only ever added, never changed."""

    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="row_sets")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="row_sets")
    question_sha256 = models.CharField(max_length=64)
    analysis = models.PositiveBigIntegerField(
        help_text="The number of the analysis it was first read for."
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    reads = models.JSONField(help_text="The variables, each with the columns its rule reads.")
    rules = models.JSONField(
        default=list, help_text="The variables, each with its rule, type and levels as a text."
    )
    subtractable = models.BooleanField(
        help_text="Whether it is of a model, or left before anything was rounded."
    )
    lacking = models.JSONField(
        default=list, help_text="Variables of which nobody in it has some declared level."
    )
    is_beside = models.BooleanField(
        default=False,
        help_text="Whether no figure is of these rows: they are a figure's, and few more.",
    )
    count = models.PositiveBigIntegerField()
    rows_sha256 = models.CharField(max_length=64, help_text="The same for the same rows.")
    bitmap = models.BinaryField(help_text="A bit for each row of the version's table, compressed.")
    created_at = models.DateTimeField(auto_now_add=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(question_sha256__regex=r"^[0-9a-f]{64}$"), name="row_set_question_valid"
            ),
            models.CheckConstraint(condition=Q(count__gt=0), name="row_set_has_rows"),
        ]
        indexes = [
            models.Index(fields=["dataset", "question_sha256"], name="row_set_question"),
            models.Index(fields=["dataset", "count"], name="row_set_count"),
            models.Index(fields=["version", "rows_sha256"], name="row_set_rows"),
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.count}"


class Allowance(models.Model):
    """A question that a dataset's keeper let pass though its rows are close to earlier ones."""

    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="allowances")
    question_sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint("dataset", "question_sha256", name="allowance_once"),
            models.CheckConstraint(
                condition=Q(question_sha256__regex=r"^[0-9a-f]{64}$"),
                name="allowance_question_valid",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question_sha256[:12]} of {self.dataset}"
