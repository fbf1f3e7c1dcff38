"""Work under way: how far it is, and how to stop or repeat it."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portal.common.api.fields import AddressField, ToTheMinute
from portal.common.api.views import ApiView, reads_data
from portal.jobs import actions as jobs
from portal.jobs.choices import JobState
from portal.jobs.handlers import HANDLERS
from portal.jobs.models import Job
from portal.jobs.permissions import JobPermission, require


class JobErrorSerializer(serializers.Serializer):
    """Why a job failed, and where in the file, if it was one."""

    code = serializers.CharField()
    detail = serializers.CharField()
    row = serializers.IntegerField(allow_null=True)
    column = serializers.CharField(allow_null=True)


class JobSerializer(serializers.Serializer):
    """A job as the caller may see it; `progress` goes from 0 to 1."""

    id = serializers.IntegerField()
    url = AddressField("api-job", "pk")
    kind = serializers.ChoiceField(choices=[(kind, one.title) for kind, one in HANDLERS.items()])
    state = serializers.ChoiceField(choices=JobState.choices)
    progress = serializers.FloatField()
    message = serializers.CharField()
    error = serializers.SerializerMethodField()
    attempt = serializers.IntegerField()
    created_at = ToTheMinute()
    started_at = ToTheMinute(allow_null=True)
    finished_at = ToTheMinute(allow_null=True)

    @extend_schema_field(JobErrorSerializer(allow_null=True))
    def get_error(self, job: Job) -> Any:
        request = self.context["request"]
        error = HANDLERS[job.kind].error_for(request.user, job, exact=reads_data(request))
        return error and JobErrorSerializer(error).data


class JobView(ApiView):
    """A call about one job."""

    job: Job

    def find(self, request: Request, **kwargs: Any) -> None:
        visible = Job.objects.visible_to(request.user)
        self.job = get_object_or_404(visible, pk=kwargs["pk"])

    def judge(self, need: Any) -> None:
        require(self.user, need, self.job)


class JobDetail(JobView):
    """One job; poll this while you wait."""

    @extend_schema(responses=JobSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Look how far a job is."""
        return self.shown(JobSerializer, self.job)


class JobCancel(JobView):
    """Stop a job."""

    scopes = {"POST": "write:data"}
    needs = JobPermission.STEER

    @extend_schema(request=None, responses={202: JobSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Cancel a job: at once while it waits, soon while it runs."""
        return self.shown(JobSerializer, jobs.cancel(job=self.job, by=self.user), status=202)


class JobRetry(JobView):
    """Repeat a job."""

    scopes = {"POST": "write:data"}
    needs = JobPermission.STEER

    @extend_schema(request=None, responses={202: JobSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Queue a failed or cancelled job once more."""
        return self.shown(JobSerializer, jobs.retry(job=self.job, by=self.user), status=202)
