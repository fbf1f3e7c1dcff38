"""Analyses: ask, read the answer, ask again."""

from typing import Any, ClassVar

from django.db.models import BooleanField, ExpressionWrapper
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import renderers, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from datasets.analyses import actions as analyses
from datasets.analyses.answers import answer_for, hide_differences, kept_back
from datasets.analyses.closed import NOT_MADE, STOPPED
from datasets.analyses.inputs_api import PinnedInputSerializer
from datasets.analyses.lines_api import AnalysisLineSerializer, titled, with_later_runs
from datasets.analyses.methods import METHOD_CHOICES
from datasets.analyses.models import LONGEST_TITLE, Analysis
from datasets.analyses.permissions import require_told
from datasets.analyses.result import sentence_of
from datasets.analyses.runs import other_sites, stands_first
from datasets.analyses.shown import tests_run
from datasets.analyses.standing import is_doubted, standing_of
from datasets.analyses.standing_api import StandingSerializer
from datasets.choices import AnalysisState, JobKind
from datasets.datasets.models import Dataset
from datasets.datasets.visibility import rows_read
from datasets.engine.results import tables
from datasets.variables.api import InsideProjectView
from members.choices import Scope
from portal.common.api.bodies import BodySerializer
from portal.common.api.pages import FilterSerializer, narrowed, ordering
from portal.common.api.renderers import CsvRenderer, csv_answer
from portal.common.api.views import ApiView, reads_data
from portal.jobs.api import JobSerializer
from portal.jobs.models import Job
from projects.projects.permissions import require
from projects.roles import Permission


class AnalysisInputSerializer(BodySerializer):
    """A version of one of the project's datasets."""

    shown_as = PinnedInputSerializer

    dataset = serializers.IntegerField()
    version = serializers.IntegerField()


class AnalysisBodySerializer(BodySerializer):
    """A question: the method, what it is asked of, and its parameters (see the documentation)."""

    title = serializers.CharField(
        max_length=LONGEST_TITLE,
        default="",
        allow_blank=True,
        help_text="Left out or empty, the question in one line.",
    )
    method = serializers.ChoiceField(choices=METHOD_CHOICES)
    inputs = AnalysisInputSerializer(many=True)
    parameters = serializers.DictField(
        error_messages={
            "not_a_dict": gettext_lazy("Give the parameters as an object with named fields.")
        }
    )
    purpose = serializers.CharField(
        max_length=1000,
        required=False,
        allow_blank=True,
        help_text="What for, and why it is safe: for whoever releases the answer.",
    )


class AnalysisWarningSerializer(serializers.Serializer):
    """Something to know before believing a number."""

    code = serializers.CharField()
    message = serializers.CharField()
    about = serializers.CharField(
        required=False, help_text="The coefficient it concerns, where it concerns one alone."
    )


class LookBodySerializer(BodySerializer):
    """Why somebody wants to see an estimate whose checks fail."""

    reason = serializers.CharField(max_length=1000)


class LookSerializer(serializers.Serializer):
    """Somebody who looked at an estimate whose checks fail."""

    created_by = serializers.CharField(source="created_by.name")
    created_at = serializers.DateTimeField()
    reason = serializers.CharField()


class AnalysisSerializer(AnalysisLineSerializer):
    """An analysis with its answer, as the reader may see it.

    `agrees` says of a rerun whether every number is that of the run it is compared with.
    """

    job = serializers.SerializerMethodField()
    guarded_job = serializers.SerializerMethodField(
        help_text="The work that makes what you are told, where that is not made yet, or it failed."
    )
    parameters = serializers.DictField()
    purpose = serializers.CharField()
    release = serializers.SerializerMethodField(
        help_text="Null where nobody decides on the answer."
    )
    inputs = serializers.SerializerMethodField()
    result = serializers.DictField(
        source="answer.result", default=None, allow_null=True, read_only=True
    )
    sentence = serializers.SerializerMethodField(
        help_text="The answer in words, as its page begins; empty while there is none to read."
    )
    warnings = AnalysisWarningSerializer(
        source="answer.warnings", many=True, default=list, read_only=True
    )
    suppressed = serializers.ListField(
        source="answer.suppressed",
        child=serializers.DictField(),
        default=list,
        read_only=True,
    )
    withheld = serializers.SerializerMethodField(
        help_text="What never left its site, by which rule, for which `risk`: where you read rows.",
    )
    provenance = serializers.DictField(
        source="answer.provenance", default=None, allow_null=True, read_only=True
    )
    result_sha256 = serializers.CharField(source="answer.sha256", default="", read_only=True)
    tests_run = serializers.SerializerMethodField(
        help_text="Every test asked for in the project, by any question, whatever came of it."
    )
    stands_first = serializers.SerializerMethodField(
        help_text="On the project's page, instead of the newest answer."
    )
    looks = serializers.SerializerMethodField(
        help_text="Who looked at an estimate that is not `shown`, and why."
    )
    compared_with = serializers.IntegerField(
        source="compared_with_id",
        allow_null=True,
        help_text="The earlier run of the question with the same sites, if there is one.",
    )
    joined = serializers.SerializerMethodField(
        help_text="Sites held from the question's first run, and in this one."
    )
    agrees = serializers.BooleanField(allow_null=True)
    differences = serializers.ListField(allow_null=True)
    reruns = serializers.SerializerMethodField()

    @extend_schema_field(JobSerializer(allow_null=True))
    def get_job(self, analysis: Analysis) -> Any:
        return self._newest(JobKind.ANALYSE, analysis)

    @extend_schema_field(JobSerializer(allow_null=True))
    def get_guarded_job(self, analysis: Any) -> Any:
        if analysis.answer is None or analysis.answer.closed not in (NOT_MADE, STOPPED):
            return None
        return self._newest(JobKind.GUARD, analysis)

    def _newest(self, kind: str, analysis: Analysis) -> Any:
        job = Job.objects.visible_to(self.context["request"].user).latest_of(kind, analysis.pk)
        return job and JobSerializer(job, context=self.context).data

    @extend_schema_field(StandingSerializer(allow_null=True))
    def get_release(self, analysis: Analysis) -> Any:
        request = self.context["request"]
        standing = standing_of(request.user, analysis, exact=reads_data(request))
        return standing and StandingSerializer(standing).data

    def get_tests_run(self, analysis: Analysis) -> int:
        return tests_run(analysis).of

    def get_sentence(self, analysis: Any) -> str:
        return sentence_of(analysis, analysis.answer) if analysis.answer else ""

    @extend_schema_field(LookSerializer(many=True))
    def get_looks(self, analysis: Any) -> Any:
        if analysis.answer is None or not is_doubted(analysis.answer.result):
            return []
        return LookSerializer(analysis.looks.select_related("created_by"), many=True).data

    @extend_schema_field(PinnedInputSerializer(many=True))
    def get_inputs(self, analysis: Analysis) -> Any:
        seen = Dataset.objects.visible_to(self.context["request"].user).values("pk")
        request = self.context["request"]
        reads = rows_read(request.user, "version__dataset__")
        inputs = analysis.inputs.filter(version__dataset__in=seen).select_related("version")
        inputs = inputs.annotate(rows_readable=ExpressionWrapper(reads, BooleanField()))
        context = {"exact": reads_data(request)}
        return PinnedInputSerializer(inputs, many=True, context=context).data

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_withheld(self, analysis: Any) -> list[dict[str, Any]]:
        request = self.context["request"]
        found = analysis.answer or kept_back(request.user, analysis, exact=reads_data(request))
        return found.withheld if found else []

    def get_stands_first(self, analysis: Analysis) -> bool:
        return stands_first(analysis)

    def get_joined(self, analysis: Analysis) -> list[str]:
        if analysis.rerun_of_id is None:
            return []
        sites = other_sites(analysis, [analysis]).get(analysis.pk)
        return sites.joined if sites else []

    def get_reruns(self, analysis: Analysis) -> list[int]:
        return list(analysis.reruns.order_by("id").values_list("pk", flat=True))

    def to_representation(self, analysis: Any) -> dict[str, Any]:
        """The fields of the answer read what this reader may see, never what is kept."""
        request = self.context["request"]
        exact = reads_data(request)
        analysis.answer = answer_for(request.user, analysis, exact=exact)
        hide_differences(request.user, [analysis], exact=exact)
        with_later_runs(request.user, [analysis])
        return super().to_representation(analysis)


class AnalysisFilterSerializer(FilterSerializer):
    """What the list can be narrowed to."""

    method = serializers.ChoiceField(choices=METHOD_CHOICES, required=False)
    state = serializers.ChoiceField(choices=AnalysisState.choices, required=False)
    search = serializers.CharField(required=False)


class Analyses(InsideProjectView):
    """The analyses of a project."""

    scopes = {"POST": Scope.WRITE_DATA}
    needs = {"POST": Permission.ANALYSE}
    ordering_fields = ("created_at", "updated_at", "title")
    ordered_by: ClassVar = {"title": "told_title"}

    @extend_schema(
        parameters=[AnalysisFilterSerializer, ordering(*ordering_fields)],
        responses=AnalysisLineSerializer(many=True),
    )
    def get(self, request: Request, slug: str) -> Response:
        """List a project's analyses, newest first."""
        asked = self.asked(AnalysisFilterSerializer)
        found = Analysis.objects.visible_to(self.user).filter(project=self.project)
        found = narrowed(found, asked, method="method", state="state")
        if "search" in asked:
            found = found.called(asked["search"])
        found = found.with_titles().select_related("project", "created_by").defer(*LARGE)
        return self.page(AnalysisLineSerializer, found, beside=titled)

    @extend_schema(request=AnalysisBodySerializer, responses={202: AnalysisSerializer})
    def post(self, request: Request, slug: str) -> Response:
        """Ask a question of the project's data; the answer comes by polling the job.

        By tokens of `read:data` beside `write:data`, whatever the data.
        """
        question = self.sent(AnalysisBodySerializer, shown=[AnalysisSerializer])
        analysis = analyses.start(
            project=self.project, **question, by=self.user, reads_data=reads_data(request)
        )
        return self.shown(AnalysisSerializer, analysis, status=202)


LARGE = ("spec", "result", "provenance", "warnings", "words", "parameters", "variables")


class AnalysisView(ApiView):
    """A call on one analysis."""

    analysis: Analysis

    def find(self, request: Request, **kwargs: Any) -> None:
        seen = Analysis.objects.visible_to(request.user)
        seen = seen.select_related("project", "created_by", "rerun_of")
        self.analysis = get_object_or_404(seen, pk=kwargs["pk"])

    def judge(self, need: Any) -> None:
        require(self.user, need, self.analysis.project)


class AnalysisDetail(AnalysisView):
    """One analysis."""

    @extend_schema(responses=AnalysisSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Read an analysis: result, warnings, what was withheld, and where it came from."""
        return self.shown(AnalysisSerializer, self.analysis)


class AnalysisRerun(AnalysisView):
    """Running an analysis again."""

    scopes = {"POST": Scope.WRITE_DATA}
    needs = Permission.ANALYSE

    @extend_schema(request=None, responses={202: AnalysisSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Run it again from its provenance.

        The answer is a new analysis; once its job has succeeded, `agrees` says whether every
        number is the same to 1e-8 as in `compared_with`, and `differences` names those that are
        not. One with a site that was held before is compared with none, but those with it.
        """
        again = analyses.rerun(analysis=self.analysis, by=self.user, reads_data=reads_data(request))
        return self.shown(AnalysisSerializer, again, status=202)


class AnalysisLook(AnalysisView):
    """Looking at an estimate whose checks fail."""

    scopes = {"POST": Scope.WRITE_DATA}
    needs = Permission.ANALYSE

    def judge(self, need: Any) -> None:
        super().judge(need)
        require_told(self.user, self.analysis, exact=reads_data(self.request))

    @extend_schema(request=LookBodySerializer, responses={201: AnalysisSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Show an estimate all the same whose checks fail (`shown` is false).

        The page hides it from everybody until somebody looks; name and reason stay there.
        """
        reason = self.sent(LookBodySerializer)["reason"]
        exact = reads_data(request)
        analyses.look(analysis=self.analysis, reason=reason, by=self.user, exact=exact)
        return self.shown(AnalysisSerializer, self.analysis, status=201)


class AnalysisFirst(AnalysisView):
    """Which answer stands on its project's page."""

    scopes = {"PUT": Scope.WRITE, "DELETE": Scope.WRITE}
    needs = Permission.EDIT_PROJECT

    @extend_schema(request=None, responses={200: AnalysisSerializer})
    def put(self, request: Request, pk: int) -> Response:
        """Let this answer stand on the project's page instead of the newest one."""
        analyses.put_first(analysis=self.analysis, by=self.user)
        return self.shown(AnalysisSerializer, self.analysis)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Let the newest answer stand there again."""
        analyses.put_first(analysis=self.analysis, first=False, by=self.user)
        return Response(status=204)


class AnalysisTable(AnalysisView):
    """One table of a result."""

    renderer_classes = [CsvRenderer, renderers.JSONRenderer]

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, pk: int, name: str) -> Response:
        """Download one table of the result as CSV, such as `coefficients` or `two_stage`."""
        shown = answer_for(request.user, self.analysis, exact=reads_data(request))
        found = tables.tables_of(shown.result) if shown else {}
        if name not in found:
            raise Http404
        return csv_answer(f"analysis-{pk}-{name}.csv", tables.to_csv(found[name]))
