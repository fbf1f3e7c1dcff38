"""What a question could use, over the API: nothing runs, and nothing is registered."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from datasets.analyses import actions as analyses
from datasets.analyses.api import (
    AnalysisBodySerializer,
    AnalysisSerializer,
    AnalysisWarningSerializer,
)
from datasets.analyses.readiness import readiness
from datasets.variables.api import InsideProjectView
from members.choices import Scope
from portal.common.api.views import reads_data
from projects.roles import Permission


class CheckBodySerializer(AnalysisBodySerializer):
    """A question that may still lack its title."""

    title = serializers.CharField(max_length=160, required=False, allow_blank=True)


class SiteReadySerializer(serializers.Serializer):
    """What one site has for a question, before it is asked."""

    site = serializers.CharField()
    rows = serializers.IntegerField()
    complete = serializers.IntegerField(
        allow_null=True,
        help_text="Rows with a value in every variable; null where the site's rules withhold it "
        "all, and where there are so many rows that they are counted only when it runs.",
    )
    approximate = serializers.BooleanField(
        source="about", help_text="Counts are rounded, because of its rules or of who asks."
    )
    at_most = serializers.BooleanField(
        help_text="No more rows than these can be complete: you do not read its rows, and are told "
        "of each variable by itself."
    )
    rarer_outcome = serializers.IntegerField(source="rarer", allow_null=True)
    absent = serializers.ListField(
        child=serializers.CharField(), help_text="Variables that have no value there."
    )
    withheld = serializers.BooleanField(
        help_text="Its rules let nothing of this question leave it."
    )
    reason = serializers.CharField(source="why", help_text="Which rule: where you read rows.")


class DetectableSerializer(serializers.Serializer):
    """The smallest effect found with 80% power in a two-sided test at 5%."""

    value = serializers.FloatField()
    measure = serializers.SerializerMethodField(
        help_text="odds_ratio, or outcome_sd: standard deviations of the outcome."
    )
    between = serializers.SerializerMethodField(
        help_text="exposure_sd: one standard deviation of the exposure, or two_values of it."
    )

    def get_measure(self, found: Any) -> str:
        return "odds_ratio" if found.is_ratio else "outcome_sd"

    def get_between(self, found: Any) -> str:
        return "two_values" if found.between_two else "exposure_sd"


class SiteLimitSerializer(serializers.Serializer):
    """What a dataset's own rules let leave it."""

    site = serializers.CharField()
    dataset = serializers.CharField(source="title")
    profile = serializers.CharField()
    threshold = serializers.IntegerField()


class CostliestSerializer(serializers.Serializer):
    """The variable that costs the most rows, and how many would be complete without it."""

    variable = serializers.CharField()
    complete = serializers.IntegerField()


class ReadinessSerializer(serializers.Serializer):
    """What a question can use: nothing runs, and nothing is registered."""

    rows = serializers.IntegerField()
    complete = serializers.IntegerField(
        help_text="The sum over the sites; a site whose `complete` is null counts as 0."
    )
    approximate = serializers.BooleanField(source="about")
    at_most = serializers.BooleanField(help_text="So it is at some site.")
    parameters_per_site = serializers.IntegerField(source="parameters", allow_null=True)
    detectable = DetectableSerializer(allow_null=True)
    costliest = CostliestSerializer(
        allow_null=True, help_text="Of a regression's terms, the exposure excepted."
    )
    problem = serializers.CharField(
        help_text="Why no model can be fitted, or nothing was counted; else empty."
    )
    warnings = AnalysisWarningSerializer(
        many=True, help_text="Whether people may count twice, by what the datasets declare."
    )
    sites = SiteReadySerializer(many=True)
    limits = SiteLimitSerializer(many=True)


class AnalysisCheck(InsideProjectView):
    """What a question could use."""

    scopes = {"POST": Scope.WRITE_DATA}
    needs = {"POST": Permission.ANALYSE}

    @extend_schema(request=CheckBodySerializer, responses={200: ReadinessSerializer})
    def post(self, request: Request, slug: str) -> Response:
        """Check a question without asking it: complete rows by site, and what they can carry.

        A regression uses these rows; where each variable uses the rows that have it, as in a
        description, a run uses more. Counts are rounded where a dataset's rules, or who asks, want
        it. What the types or the sites rule out is refused here as it is by the POST that asks.
        """
        question = self.sent(CheckBodySerializer, shown=[AnalysisSerializer])
        asked = {name: question[name] for name in ("method", "inputs", "parameters")}
        exact = reads_data(request)
        checked = analyses.check(project=self.project, **asked, by=self.user, reads_data=exact)
        found = readiness(checked, question["method"], self.user, exact=exact)
        return Response(ReadinessSerializer(found).data)
