"""A research project that people and hospitals join."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from members.models import Discipline
from portal.common.models import TimeStamped, one_of
from projects.visibility import ProjectQuerySet


class Stage(models.TextChoices):
    """How far a project has come."""

    PLANNING = "planning", "Planning"
    RECRUITING = "recruiting", "Recruiting"
    HARMONISING = "harmonising", "Harmonising"
    ANALYSING = "analysing", "Analysing"
    REPORTING = "reporting", "Reporting"


class Visibility(models.TextChoices):
    """Who sees a project from outside."""

    PUBLIC = "public", "Public: everyone sees the project, its people and sites"
    LISTED = "listed", "Listed: everyone finds it, members see inside"
    PRIVATE = "private", "Private: only members know of it"


class JoinPolicy(models.TextChoices):
    """How a person becomes a member."""

    MANUAL = "manual", "By request, a lead decides"
    VERIFIED = "verified", "Open to verified accounts"
    CLOSED = "closed", "By invitation"


class Project(TimeStamped):
    """A question that several teams answer together."""

    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=160)
    question = models.CharField(max_length=400)
    summary = models.TextField(max_length=10_000, blank=True)
    disciplines = ArrayField(
        models.CharField(max_length=32, choices=Discipline.choices), default=list, blank=True
    )
    conditions = ArrayField(models.CharField(max_length=80), default=list, blank=True, size=20)
    regions = ArrayField(models.CharField(max_length=60), default=list, blank=True, size=30)
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.PLANNING)
    visibility = models.CharField(max_length=8, choices=Visibility, default=Visibility.LISTED)
    join_policy = models.CharField(max_length=8, choices=JoinPolicy, default=JoinPolicy.MANUAL)
    join_questions = ArrayField(models.CharField(max_length=200), default=list, blank=True, size=5)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    active_at = models.DateTimeField(db_index=True, help_text="When something last happened here.")
    search = SearchVectorField(null=True, editable=False)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            one_of("project", "stage", Stage),
            one_of("project", "visibility", Visibility),
            one_of("project", "join_policy", JoinPolicy),
            models.CheckConstraint(
                condition=Q(disciplines__contained_by=Discipline.values),
                name="project_disciplines_valid",
            ),
        ]
        indexes = [
            GinIndex(fields=["search"], name="project_search"),
            GinIndex(OpClass(Upper(F("title")), "gin_trgm_ops"), name="project_title_trigram"),
            models.Index(fields=["-active_at", "-id"], name="project_active"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/projects/{self.slug}/"

    @property
    def stage_number(self) -> int:
        """1 to 5, for the progress bar."""
        return Stage.values.index(self.stage) + 1
