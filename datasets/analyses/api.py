"""Analyses: ask, read the answer, ask again."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import renderers, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from datasets.analyses import actions as analyses
from datasets.analyses.models import Analysis
from datasets.analyses.shown import answer_for
from datasets.choices import AnalysisState, Method
from datasets.datasets.models import Dataset
from datasets.engine.results import tables
from datasets.variables.api import InsideProjectView
from members.choices import Scope
from portal.common.api.views import ApiView
from portal.jobs import api as jobs_api


class AnalysisInputSerializer(serializers.Serializer):
    """A version of one of the project's datasets."""

    dataset = serializers.IntegerField()
    version = serializers.IntegerField()


class AnalysisBodySerializer(serializers.Serializer):
    """A question: the method, what it is asked of, and its parameters (see the documentation)."""

    title = serializers.CharField(max_length=160)
    method = serializers.ChoiceField(choices=Method.choices)
    inputs = AnalysisInputSerializer(many=True)
    parameters = serializers.DictField()


class AnalysisWarningSerializer(serializers.Serializer):
    """Something to know before believing a number."""

    code = serializers.CharField()
    message = serializers.CharField()


class AnalysisListedSerializer(serializers.Serializer):
    """An analysis as lists show it."""

    id = serializers.IntegerField()
    url = serializers.URLField()
    project = serializers.CharField()
    title = serializers.CharField()
    method = serializers.ChoiceField(choices=Method.choices)
    state = serializers.ChoiceField(choices=AnalysisState.choices)
    rerun_of = serializers.IntegerField(allow_null=True)
    created_by = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class AnalysisSerializer(AnalysisListedSerializer):
    """An analysis with its answer. `agrees` says of a rerun whether every number is the same."""

    job = jobs_api.JobSerializer(allow_null=True)
    parameters = serializers.DictField()
    inputs = serializers.ListField(child=serializers.DictField())
    result = serializers.DictField(allow_null=True)
    warnings = AnalysisWarningSerializer(many=True)
    suppressed = serializers.ListField(child=serializers.DictField())
    provenance = serializers.DictField(allow_null=True)
    result_sha256 = serializers.CharField(allow_blank=True)
    agrees = serializers.BooleanField(allow_null=True)
    differences = serializers.ListField(allow_null=True)
    reruns = serializers.ListField(child=serializers.IntegerField())


class AnalysisPageSerializer(serializers.Serializer):
    """One page of analyses."""

    results = AnalysisListedSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class AnalysisFilterSerializer(serializers.Serializer):
    """What the list can be narrowed to."""

    method = serializers.ChoiceField(choices=Method.choices, required=False)
    state = serializers.ChoiceField(choices=AnalysisState.choices, required=False)
    search = serializers.CharField(required=False)
    updated_since = serializers.DateTimeField(required=False)


def serialize_listed(analysis: Analysis, request: Request) -> dict[str, Any]:
    return {
        "id": analysis.pk,
        "url": reverse("api-analysis", args=[analysis.pk], request=request),
        "project": analysis.project.slug,
        "title": analysis.title,
        "method": analysis.method,
        "state": analysis.state,
        "rerun_of": analysis.rerun_of_id,
        "created_by": analysis.created_by.name,
        "created_at": analysis.created_at,
        "updated_at": analysis.updated_at,
        "finished_at": analysis.finished_at,
    }


def serialize(analysis: Analysis, request: Request) -> dict[str, Any]:
    """All of an analysis, as this reader may see it."""
    shown = answer_for(request.user, analysis)
    visible = set(
        Dataset.objects.visible_to(request.user)
        .filter(project=analysis.project_id)
        .values_list("pk", flat=True)
    )
    inputs = analysis.inputs.select_related("version")
    job = analyses.job_of(analysis)
    return serialize_listed(analysis, request) | {
        "job": job and jobs_api.serialize(job, request),
        "parameters": analysis.parameters,
        "inputs": [
            {
                "dataset": one.version.dataset_id,
                "version": one.version.number,
                "site": one.site,
                "country": one.country,
                "region": one.region,
                "sha256": one.version.sha256,
                "rules": one.rules,
            }
            for one in inputs
            if one.version.dataset_id in visible
        ],
        "result": shown and shown.result,
        "warnings": shown.warnings if shown else [],
        "suppressed": shown.suppressed if shown else [],
        "provenance": shown and shown.provenance,
        "result_sha256": shown.sha256 if shown else "",
        "agrees": analysis.agrees,
        "differences": analysis.differences,
        "reruns": list(analysis.reruns.order_by("id").values_list("pk", flat=True)),
    }


class Analyses(InsideProjectView):
    """The analyses of a project."""

    scopes = {"POST": Scope.WRITE_DATA}
    ordering_fields = ("created_at", "updated_at", "title")

    @extend_schema(
        parameters=[
            AnalysisFilterSerializer,
            OpenApiParameter("ordering", enum=[s + f for f in ordering_fields for s in ("", "-")]),
        ],
        responses=AnalysisPageSerializer,
    )
    def get(self, request: Request, slug: str) -> Response:
        """List a project's analyses, newest first."""
        filters = AnalysisFilterSerializer(data=request.query_params)
        filters.is_valid(raise_exception=True)
        asked = filters.validated_data
        found = Analysis.objects.visible_to(self.user).filter(project=self.project)
        for field in ("method", "state"):
            if field in asked:
                found = found.filter(**{field: asked[field]})
        if "search" in asked:
            found = found.filter(title__icontains=asked["search"])
        if "updated_since" in asked:
            found = found.filter(updated_at__gte=asked["updated_since"])
        found = found.select_related("project", "created_by").defer(
            "spec", "result", "provenance", "warnings", "parameters", "variables"
        )
        return self.page(found, lambda one: serialize_listed(one, request))

    @extend_schema(request=AnalysisBodySerializer, responses={202: AnalysisSerializer})
    def post(self, request: Request, slug: str) -> Response:
        """Ask a question of the project's data; the answer comes by polling the job."""
        body = AnalysisBodySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        analysis = analyses.start(project=self.project, **body.validated_data, by=self.user)
        return Response(serialize(analysis, request), status=202)


class AnalysisView(ApiView):
    """A call on one analysis."""

    analysis: Analysis

    def find(self, request: Request, **kwargs: Any) -> None:
        seen = Analysis.objects.visible_to(request.user).select_related("project", "created_by")
        self.analysis = get_object_or_404(seen, pk=kwargs["pk"])


class AnalysisDetail(AnalysisView):
    """One analysis."""

    @extend_schema(responses=AnalysisSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Read an analysis: result, warnings, what was withheld, and where it came from."""
        return Response(serialize(self.analysis, request))


class AnalysisRerun(AnalysisView):
    """Running an analysis again."""

    scopes = {"POST": Scope.WRITE_DATA}

    @extend_schema(request=None, responses={202: AnalysisSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Run it again from its provenance.

        The answer is a new analysis; once its job has succeeded, `agrees` says whether every
        number is the same to 1e-8 and `differences` names those that are not.
        """
        again = analyses.rerun(analysis=self.analysis, by=self.user)
        return Response(serialize(again, request), status=202)


class CsvRenderer(renderers.JSONRenderer):
    """Text as it is; problems stay JSON."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        return data if isinstance(data, str) else super().render(data, *args, **kwargs)


class AnalysisTable(AnalysisView):
    """One table of a result."""

    renderer_classes = [CsvRenderer, renderers.JSONRenderer]

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, pk: int, name: str) -> Response:
        """Download one table of the result as CSV, such as `coefficients` or `two_stage`."""
        shown = answer_for(request.user, self.analysis)
        found = tables.tables_of(shown.result) if shown else {}
        if name not in found:
            raise Http404
        filename = f"analysis-{pk}-{name}.csv"
        return Response(
            tables.to_csv(found[name]),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{filename}"'},
        )
