"""Who sees which analyses, and which answers are not for everybody yet."""

from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, NullIf
from django.utils import translation

from datasets.choices import GUARDED_ACCESS
from datasets.datasets.visibility import (
    ACCESS_LEVELS,
    ROW_ROLES,
    projects_of,
    rows_read,
    seen_outside,
)

LANGUAGES = [language for language, _ in settings.LANGUAGES]


class AnalysisQuerySet(models.QuerySet[Any]):
    """Analyses: members see all; outside a public project, those whose inputs all are seen and
    released."""

    def visible_to(self, user: Any) -> "AnalysisQuerySet":
        outside = (*seen_outside(user), *GUARDED_ACCESS)
        hidden = [level for level in ACCESS_LEVELS if level not in outside]
        return self.filter(
            Q(project__in=projects_of(user))
            | (
                Q(project__visibility="public")
                & ~Q(inputs__version__dataset__access__in=hidden)
                & ~Exists(self.unreleased_inputs(user))
            )
        )

    def answered_to(self, user: Any) -> "AnalysisQuerySet":
        """Those of which no site keeps the answer back from the person."""
        return self.filter(~Exists(self.unreleased_inputs(user)))

    def called(self, words: str) -> "AnalysisQuerySet":
        """Those with these words in their title, or in what they are called in any language."""
        made = (Q(**{f"made_titles__{language}__icontains": words}) for language in LANGUAGES)
        return self.filter(reduce(or_, made, Q(title__icontains=words)))

    def with_titles(self) -> "AnalysisQuerySet":
        """With `told_title`, what the reader is told each is called, to sort by."""
        languages = (translation.get_language() or settings.LANGUAGE_CODE, settings.LANGUAGE_CODE)
        made = [KeyTextTransform(language, "made_titles") for language in languages]
        given = NullIf("title", Value(""))
        told = Coalesce(given, *made, Value(""), output_field=models.TextField())
        return self.annotate(told_title=told)

    def unreleased_inputs(self, user: Any) -> models.QuerySet[Any]:
        """Guarded inputs of the outer query's analysis that keep its answer from the person.

        Nobody is kept from what rests on rows they may read. What has no share to decide on is
        closed: a dataset that closes gives each of its earlier answers one.
        """
        inputs = self.model._meta.get_field("inputs").related_model._default_manager
        releases = self.model._meta.get_field("releases").related_model._default_manager
        of_input = releases.filter(
            analysis=OuterRef("analysis"), dataset=OuterRef("version__dataset")
        )
        return inputs.filter(
            ~Exists(of_input.let_go()),
            ~rows_read(user, "version__dataset__"),
            analysis=OuterRef("pk"),
            version__dataset__access__in=GUARDED_ACCESS,
        )


class DraftQuerySet(models.QuerySet[Any]):
    """Drafts: nobody but their author sees them, while still a member who may ask."""

    def visible_to(self, user: Any) -> "DraftQuerySet":
        if not user.is_authenticated:
            return self.none()
        return self.filter(created_by=user.pk, project__in=projects_of(user, ROW_ROLES))

    def open(self) -> "DraftQuerySet":
        """Those that are not registered yet."""
        return self.filter(analysis=None)
