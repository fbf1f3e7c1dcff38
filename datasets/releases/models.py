"""One dataset's share of an output, and what became of it."""

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from datasets.analyses.models import Analysis
from datasets.choices import ReleaseDecision, ReleaseOutcome, ReleasePolicy
from datasets.datasets.models import Dataset
from datasets.releases.visibility import ReleaseQuerySet
from portal.common.models import Decision, FullMinute, TimeStamped, one_of, paired

NOTHING_DECIDED = Q(decision="", decided_at=None)


DECIDED = {
    ReleaseDecision.RELEASE: gettext_lazy("Released"),
    ReleaseDecision.IN_PART: gettext_lazy("Released in part"),
    ReleaseDecision.WITHHOLD: gettext_lazy("Withheld"),
}
"""Decisions once they are taken."""


SHOWN = ("analysis__project", "analysis__created_by", "dataset__project", "dataset__site")
"""What looking at a release always needs."""


class Release(TimeStamped, Decision):
    """Whether an answer may leave as far as one guarded dataset is in it.

    `outcome` is where it stands, `decision` what a person decided, with the words for whoever
    asked. Rules that let nothing of the dataset through refuse it without anybody.
    """

    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="releases")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="releases")
    outcome = models.CharField(max_length=8, choices=ReleaseOutcome, default=ReleaseOutcome.HELD)
    policy = models.CharField(
        max_length=11, choices=ReleasePolicy, help_text="The dataset's when the answer came."
    )
    contributes = models.BooleanField(
        default=True, help_text="Whether anything of the dataset is in the answer."
    )
    held = models.JSONField(
        default=list, blank=True, help_text="Rules that held it before it was added: rule, text."
    )
    rules = models.JSONField(
        default=dict,
        blank=True,
        help_text="What its gate kept to, or would, in the output that is decided on.",
    )
    decision = models.CharField(max_length=8, choices=ReleaseDecision, blank=True)
    # It is made when the answer comes.
    created_at = FullMinute(auto_now_add=True, editable=False)
    updated_at = FullMinute(auto_now=True, editable=False, db_index=True)
    reason = models.TextField(max_length=2000, blank=True, validators=[MaxLengthValidator(2000)])
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("analysis", "dataset", name="release_once_per_dataset"),
            one_of("release", "outcome", ReleaseOutcome),
            one_of("release", "policy", ReleasePolicy),
            models.CheckConstraint(
                condition=Q(decision__in=["", *ReleaseDecision.values]),
                name="release_decision_valid",
            ),
            paired("release", "decided_at", "decided_by"),
            paired("release", "confirmed_at", "confirmed_by"),
            models.CheckConstraint(
                condition=NOTHING_DECIDED | (~Q(decision="") & Q(decided_at__isnull=False)),
                name="release_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(decision=ReleaseDecision.WITHHOLD) | Q(outcome=ReleaseOutcome.REFUSED),
                name="release_withheld_is_refused",
            ),
        ]
        indexes = [
            models.Index(fields=["dataset", "outcome", "created_at"], name="release_queue"),
        ]

    def __str__(self) -> str:
        # The trail keeps this, and is read in every language.
        return f"{self.analysis} ({self.dataset})"

    def get_absolute_url(self) -> str:
        return f"/releases/{self.pk}/"

    @property
    def decided_as(self) -> str:
        """What was decided, in a word: what is to be, while a second person has to confirm it."""
        if self.outcome == ReleaseOutcome.HELD:
            return self.get_decision_display()
        return str(DECIDED[ReleaseDecision(self.decision)]) if self.decision else ""

    @property
    def waits_for_second(self) -> bool:
        """Whether one person decided and another has to confirm it."""
        return self.outcome == ReleaseOutcome.HELD and bool(self.decision)

    @property
    def kept_out(self) -> tuple[int | None, ...]:
        """Who may not take the next decision, whatever else they may: where a second person takes
        it, who decided first and who asked."""
        return (self.decided_by_id, self.analysis.created_by_id) if self.waits_for_second else ()

    @property
    def scopes(self) -> dict[str, int]:
        """In whose audit trails it is told what became of it."""
        return {"project": self.analysis.project_id, "dataset": self.dataset_id}


class ReleaseMessage(models.Model):
    """What somebody of the data wants to know before deciding, or what whoever asked answers."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="messages")
    text = models.TextField(max_length=2000, validators=[MaxLengthValidator(2000)])
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.by} on {self.release}"
