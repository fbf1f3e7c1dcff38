"""An analysis over several datasets, and the parts its workers compute."""

from typing import Any

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils import translation

from datasets.analyses.visibility import AnalysisQuerySet, DraftQuerySet
from datasets.choices import AnalysisState
from datasets.versions.models import Version
from portal.common.canonical import sha256_of, with_digits
from portal.common.models import TimeStamped, one_of
from projects.models import Project

LONGEST_TITLE = 160


class Analysis(TimeStamped):
    """A method, its parameters, its pinned inputs and the answer."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="analyses")
    title = models.CharField(
        max_length=LONGEST_TITLE, blank=True, help_text="Left empty, it is called what it asks."
    )
    made_titles = models.JSONField(
        default=dict,
        blank=True,
        help_text="What it asks, by language, without a title: lists search and sort by that.",
    )
    # No choices: the engine's registry says which there are, and a new one needs no migration.
    method = models.CharField(max_length=40)
    parameters = models.JSONField(default=dict)
    variables = models.JSONField(
        default=list, help_text="Name, type, label and levels of each variable used."
    )
    tests = models.PositiveIntegerField(
        default=0, help_text="How many tests it asks for: chance is found among many."
    )
    purpose = models.TextField(
        max_length=1000,
        blank=True,
        validators=[MaxLengthValidator(1000)],
        help_text="What for, and why it is safe: for whoever releases the answer.",
    )
    state = models.CharField(max_length=10, choices=AnalysisState, default=AnalysisState.QUEUED)
    spec = models.JSONField(
        default=dict, help_text="What the current round asks of sites, and what rounds found."
    )
    result = models.JSONField(null=True, blank=True)
    warnings = models.JSONField(default=list, blank=True)
    words = models.JSONField(
        default=dict, blank=True, help_text="The result's and warnings' sentences, by their text."
    )
    provenance = models.JSONField(null=True, blank=True)
    result_sha256 = models.CharField(max_length=64, blank=True)
    rerun_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reruns"
    )
    compared_with = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The earlier run of the same question with the same sites, if there is one.",
    )
    differences = models.JSONField(
        null=True, blank=True, help_text="Paths that differ from the run it is compared with."
    )
    finished_at = models.DateTimeField(null=True, blank=True)
    stands_first = models.BooleanField(
        default=False, help_text="On the project's page, instead of the newest answer."
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    objects = AnalysisQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "analyses"
        constraints = [
            models.CheckConstraint(
                condition=Q(method__regex=r"^[a-z][a-z0-9_]*$"), name="analysis_method_valid"
            ),
            one_of("analysis", "state", AnalysisState),
            models.CheckConstraint(
                condition=(
                    Q(state=AnalysisState.SUCCEEDED)
                    & Q(result__isnull=False, provenance__isnull=False, finished_at__isnull=False)
                    & Q(result_sha256__regex=r"^[0-9a-f]{64}$")
                )
                | (~Q(state=AnalysisState.SUCCEEDED) & Q(result__isnull=True, result_sha256="")),
                name="analysis_result_iff_succeeded",
            ),
            models.UniqueConstraint(
                "project", condition=Q(stands_first=True), name="analysis_one_stands_first"
            ),
            models.CheckConstraint(
                condition=Q(stands_first=False)
                | Q(state=AnalysisState.SUCCEEDED, rerun_of__isnull=True),
                name="analysis_standing_first_has_an_answer",
            ),
        ]
        indexes = [models.Index(fields=["project", "-created_at"], name="analysis_newest")]

    def __str__(self) -> str:
        # The trail keeps this, and is read in every language.
        return self.title or str(self.made_titles.get(settings.LANGUAGE_CODE, ""))

    def get_absolute_url(self) -> str:
        return f"/analyses/{self.pk}/"

    @property
    def found_nothing(self) -> bool:
        """Whether its rows cannot answer it: its result is the sentence that says why."""
        return self.result is not None and set(self.result) == {"refused"}

    @property
    def agrees(self) -> bool | None:
        """Whether it found every number again of the run it is compared with; None without one."""
        return None if self.differences is None else not self.differences


class QuestionHash(models.CharField):
    """Names what is asked of an input's version: the same for everybody who asks the same. Kept, so
    that what was decided on a question is found by it."""

    def pre_save(self, model_instance: Any, add: bool) -> str:
        """What is kept, and what the instance has from now on."""
        named: str = model_instance.named()
        setattr(model_instance, self.attname, named)
        return named


class AnalysisInput(models.Model):
    """One dataset version of an analysis, in the order the user gave, as it was at the start."""

    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="inputs")
    index = models.PositiveIntegerField()
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="analysis_inputs")
    site = models.CharField(max_length=120)
    country = models.CharField(max_length=3)
    region = models.CharField(max_length=60)
    rules = models.JSONField(help_text="The mapping rules by variable.")
    domains = models.JSONField(
        default=dict, blank=True, help_text="What its columns and variables may hold, if guarded."
    )
    is_entered = models.BooleanField(
        default=False,
        help_text="Whether its answer, if its data were open then, was looked at for their ledger.",
    )
    question_sha256 = QuestionHash(max_length=64, editable=False, db_index=True)

    class Meta:
        ordering = ["index"]
        constraints = [
            models.UniqueConstraint("analysis", "index", name="analysis_input_index_once"),
            models.UniqueConstraint("analysis", "version", name="analysis_input_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.version} in {self.analysis}"

    def named(self) -> str:
        """Its `question_sha256`: of method, parameters and variables, and what the version is read
        by."""
        asked = self.analysis
        variables = [[one["name"], one["type"], one["levels"]] for one in asked.variables]
        question = [asked.method, asked.parameters, variables, self.rules, self.version_id]
        if self.domains:
            question.append(self.domains)
        return sha256_of(with_digits(question))


class AnalysisPart(models.Model):
    """What one input released in one round: sums behind its gate, never rows."""

    input = models.ForeignKey(AnalysisInput, on_delete=models.CASCADE, related_name="parts")
    round = models.PositiveIntegerField()
    statistics = models.JSONField(null=True, blank=True)
    held = models.JSONField(
        default=list, blank=True, help_text="Why nothing of it leaves before a person decides."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint("input", "round", name="analysis_part_once_per_round")
        ]

    def __str__(self) -> str:
        return f"Round {self.round} of {self.input}"


class GuardedAnswer(models.Model):
    """An answer of open data as whoever does not read their rows is told it: the same question,
    with a gate before every input (ADR 33).

    Without a `result` nothing of it may be told them.
    """

    analysis = models.OneToOneField(
        Analysis, on_delete=models.CASCADE, related_name="guarded_answer"
    )
    result = models.JSONField(null=True, blank=True)
    warnings = models.JSONField(default=list, blank=True)
    words = models.JSONField(default=dict, blank=True)
    provenance = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return f"{self.analysis}, guarded"


class Look(models.Model):
    """Somebody wanted to see an estimate whose checks fail: their name and reason stay with it."""

    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="looks")
    reason = models.TextField(max_length=1000, validators=[MaxLengthValidator(1000)])
    created_at = models.DateTimeField(auto_now_add=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="look_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.created_by} at {self.analysis}"


class Draft(TimeStamped):
    """A question somebody is putting together: what its form holds, until it is registered.

    Once it is, the draft leads to its `analysis`: going back to the form asks nothing twice.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="drafts")
    title = models.CharField(max_length=LONGEST_TITLE, blank=True)
    made_titles = models.JSONField(
        default=dict, blank=True, help_text="What it asks, by language, without a title."
    )
    method = models.CharField(max_length=40)
    answers = models.JSONField(default=dict, help_text="Lists of values, by the form's field.")
    sheet = models.CharField(
        max_length=64, blank=True, help_text="The page it began on: what that sends is one draft."
    )
    like = models.ForeignKey(
        Analysis,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The earlier question that it is a copy of.",
    )
    analysis = models.ForeignKey(
        Analysis, on_delete=models.CASCADE, null=True, blank=True, related_name="drafts"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )

    objects = DraftQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(method__regex=r"^[a-z][a-z0-9_]*$"), name="draft_method_valid"
            ),
            models.UniqueConstraint(
                fields=["created_by", "sheet"], condition=~Q(sheet=""), name="draft_once_per_sheet"
            ),
        ]
        indexes = [models.Index(fields=["created_by", "project", "-updated_at"], name="draft_own")]

    def __str__(self) -> str:
        return self.title

    @property
    def told_title(self) -> str:
        """What its author is told it is called."""
        return self.title or str(self.made_titles.get(translation.get_language(), ""))

    def get_absolute_url(self) -> str:
        return f"/projects/{self.project.slug}/analyses/new/?draft={self.pk}"
