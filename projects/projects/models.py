"""A research project that people and hospitals join."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from members.choices import Discipline
from portal.common.countries import SUB_REGIONS
from portal.common.models import TimeStamped, one_of
from projects.choices import JoinPolicy, Stage, Visibility
from projects.projects.visibility import ProjectQuerySet

# A trigger and not an action keeps the search column, so that no way of writing a project (admin,
# bulk update, SQL) can leave it behind. Words of private projects never reach the vocabulary: what
# a typo is corrected to must not tell that they exist. They are inserted in order, so that two
# projects saved at once cannot wait for each other.
KEEP_SEARCH = """
    NEW.search :=
        setweight(to_tsvector('simple', project_words(NEW.title)), 'A') ||
        setweight(to_tsvector('english', project_words(NEW.title)), 'A') ||
        setweight(to_tsvector('simple', project_words(concat_ws(' ', NEW.question,
            array_to_string(NEW.disciplines, ' '), array_to_string(NEW.conditions, ' ')))), 'B') ||
        setweight(to_tsvector('english', project_words(NEW.question)), 'B') ||
        setweight(to_tsvector('simple', project_words(NEW.summary)), 'C') ||
        setweight(to_tsvector('english', project_words(NEW.summary)), 'C');
    IF NEW.visibility <> 'private' THEN
        INSERT INTO projects_searchword (word)
        SELECT DISTINCT found.word
        FROM unnest(tsvector_to_array(to_tsvector('simple', project_words(concat_ws(' ',
            NEW.title, NEW.question, NEW.summary, array_to_string(NEW.disciplines, ' '),
            array_to_string(NEW.conditions, ' ')))))) AS found (word)
        WHERE length(found.word) BETWEEN 4 AND 40
            AND NOT EXISTS (SELECT 1 FROM projects_searchword known WHERE known.word = found.word)
        ORDER BY found.word
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NEW;
"""

# What a project can be narrowed to by, all in one column with one index: filters that exclude each
# other are found to do so without a look at any project. A project's row is written anew when one
# of its sites or openings changes, see `tell_project`.
KEEP_FACETS = """
    NEW.facets := facet_codes(ARRAY['stage:' || NEW.stage]
        || ARRAY(SELECT 'field:' || value FROM unnest(NEW.disciplines) value)
        || ARRAY(SELECT 'region:' || value FROM unnest(NEW.regions) value)
        || ARRAY(SELECT DISTINCT 'country:' || country FROM projects_studysite
            WHERE project_id = NEW.id)
        || ARRAY(SELECT DISTINCT 'need:' || kind FROM projects_opening
            WHERE project_id = NEW.id AND filled_at IS NULL));
    RETURN NEW;
"""
TELL_PROJECT = """
    UPDATE projects_project SET stage = stage WHERE id = COALESCE(NEW.project_id, OLD.project_id);
    RETURN NULL;
"""


def tell_project(*fields: str) -> pgtrigger.Trigger:
    """A trigger that keeps the facets of a row's project when one of these fields changes."""
    return pgtrigger.Trigger(
        name="keep_facets",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Delete | pgtrigger.UpdateOf(*fields),
        func=TELL_PROJECT,
    )


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
    regions = ArrayField(
        models.CharField(max_length=60, choices=[(name, name) for name in SUB_REGIONS]),
        default=list,
        blank=True,
    )
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.PLANNING)
    visibility = models.CharField(max_length=8, choices=Visibility, default=Visibility.LISTED)
    join_policy = models.CharField(max_length=8, choices=JoinPolicy, default=JoinPolicy.MANUAL)
    join_questions = ArrayField(models.CharField(max_length=200), default=list, blank=True, size=5)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    active_at = models.DateTimeField(help_text="When something last happened here.")
    second_person = models.BooleanField(
        default=False,
        db_default=False,
        help_text="A mapping counts once somebody other than who set it has approved it.",
    )
    is_sample = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="It stands on the front page; the demo alone says so.",
    )
    search = SearchVectorField(null=True, editable=False)
    facets = ArrayField(models.IntegerField(), default=list, editable=False)

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
            models.CheckConstraint(
                condition=Q(regions__contained_by=list(SUB_REGIONS)), name="project_regions_valid"
            ),
            models.UniqueConstraint(
                fields=["is_sample"], condition=Q(is_sample=True), name="project_one_sample"
            ),
        ]
        indexes = [
            GinIndex(fields=["search"], name="project_search"),
            GinIndex(fields=["facets"], name="project_facets"),
            models.Index(fields=["title", "id"], name="project_by_title"),
            # Facets beside the order: the newest that match are met without a look at projects.
            models.Index(
                fields=["-active_at", "-id"],
                include=["visibility", "facets"],
                name="project_active",
            ),
            models.Index(fields=["-created_at", "-id"], name="project_newest"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="keep_search",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert
                | pgtrigger.UpdateOf(
                    "title", "question", "summary", "disciplines", "conditions", "visibility"
                ),
                func=KEEP_SEARCH,
            ),
            pgtrigger.Trigger(
                name="keep_facets",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("disciplines", "regions", "stage"),
                func=KEEP_FACETS,
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/projects/{self.slug}/"

    @property
    def stage_number(self) -> int:
        """1 to 5, for the progress bar."""
        return Stage.values.index(self.stage) + 1

    @property
    def field_names(self) -> list[str]:
        """Its disciplines in words."""
        return [str(Discipline(value).label) for value in self.disciplines]
