"""What an analysis was asked of, as the API tells it."""

from typing import Any

from rest_framework import serializers

from datasets.analyses.answers import kinds_of
from datasets.analyses.models import AnalysisInput
from datasets.versions.shown import keyed


class PinnedInputSerializer(serializers.Serializer):
    """An input as it was when the analysis began."""

    dataset = serializers.IntegerField(source="version.dataset_id")
    version = serializers.IntegerField(source="version.number")
    site = serializers.CharField()
    country = serializers.CharField()
    region = serializers.CharField()
    sha256 = serializers.SerializerMethodField()
    rules = serializers.SerializerMethodField()

    def get_sha256(self, one: AnalysisInput) -> str:
        """Of the file; another hash for whoever may not read its rows."""
        sha256 = one.version.sha256
        return sha256 if self._reads(one) else keyed(sha256, one.version.dataset_id)

    def get_rules(self, one: AnalysisInput) -> dict[str, Any]:
        """By variable; for whoever may not read its rows each one's kind and a hash."""
        rules: dict[str, Any] = one.rules
        return rules if self._reads(one) else kinds_of(rules, one.version.dataset_id)

    def _reads(self, one: AnalysisInput) -> bool:
        return bool(self.context["exact"] and one.rows_readable)  # type: ignore[attr-defined]
