"""Analyses as lists of the API show them."""

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from datasets.analyses.methods import METHOD_CHOICES
from datasets.analyses.models import Analysis
from datasets.analyses.runs import fuller_runs
from datasets.analyses.titles import title_of, titles_of
from datasets.choices import AnalysisState
from portal.common.api.fields import AddressField


def titled(analyses: list[Analysis]) -> dict[str, Any]:
    """What a page of them is called."""
    return {"titles": titles_of(analyses)}


def with_later_runs(user: Any, analyses: Iterable[Any]) -> None:
    """Lay beside each the later run that has more sites, as far as the person may see it."""
    found = list(analyses)
    later = fuller_runs(user, found)
    for one in found:
        one.later_run = later.get(one.pk)


class LaterRunSerializer(serializers.Serializer):
    """A later run of the question, and the sites in it that were held from this one."""

    id = serializers.IntegerField(source="pk")
    url = AddressField("api-analysis", "pk")
    joined = serializers.ListField(child=serializers.CharField())


class LinesSerializer(serializers.ListSerializer):
    """Several at the cost of one."""

    def to_representation(self, data: Any) -> list[Any]:
        with_later_runs(self.context["request"].user, data)
        return super().to_representation(data)


class AnalysisLineSerializer(serializers.Serializer):
    """An analysis as lists show it."""

    id = serializers.IntegerField()
    url = AddressField("api-analysis", "pk")
    project = serializers.CharField(source="project.slug")
    title = serializers.SerializerMethodField(
        help_text="As somebody called it, else the question in one line, in your language."
    )
    method = serializers.ChoiceField(choices=METHOD_CHOICES)
    state = serializers.ChoiceField(choices=AnalysisState.choices)
    rerun_of = serializers.IntegerField(source="rerun_of_id", allow_null=True)
    created_by = serializers.CharField(source="created_by.name")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    later_run = LaterRunSerializer(
        allow_null=True, help_text="Null where none has more of what was held from this one."
    )

    class Meta:
        list_serializer_class = LinesSerializer

    def get_title(self, analysis: Analysis) -> str:
        titles = self.context.get("titles")
        return titles[analysis.pk] if titles else title_of(analysis)
